"""Takes the pictures of the README from the demo, in a browser: `make docs` (needs Chromium)."""

import contextlib
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from dashboard.commands.demo import VAR

FOLDER = Path(__file__).parent / "pictures"
PORT = 8787
MOMENT = "2026-11-20T17:20"  # a Friday before the evening meeting
CHROMIUM = "/usr/bin/chromium"
PICTURES = {  # name → who, where, and how large
    "sign-in-phone": (None, "/account/sign-in?lang=zh", 390, 844),
    "morning-meeting": ("head-2", "/morning_meeting?lang=zh", 1400, 900),
    "evening-meeting": ("head-2", "/evening_meeting?lang=zh", 1400, 800),
    "weekly-meeting": ("head-2", "/weekly_meeting?lang=en", 1400, 1500),
    "manager-profile": ("head-2", "/manager_profile?lang=zh", 1400, 1300),
    "branch-comparison": ("region-1", "/branch_comparison?lang=zh", 1400, 1100),
    "my-day-phone": ("100010", "/my_day?lang=zh", 390, 844),
    "wall": ("screen-2", "/wall?lang=zh&tv=1", 1920, 1080),
    "monthly-meeting": ("head-2", "/monthly_meeting?lang=zh", 1400, 1100),
    "plans": ("head-2", "/plans?lang=zh&month=2026-12-01", 1400, 1500),
    "working-days": ("admin", "/working_days?lang=zh", 1400, 1100),
    "definitions": ("region-1", "/definitions?lang=en", 1400, 1500),
    "pipeline": ("head-2", "/pipeline?lang=zh", 1400, 1100),
    "outbox-phone": ("100010", "/outbox?lang=zh", 390, 844),
    "customers": ("region-1", "/customers?lang=zh", 1400, 900),
    "audit-trail": ("auditor", "/audit_trail?lang=zh", 1400, 900),
}


def ready(page: Page) -> None:
    """Until the page has said all it has to say."""
    if page.locator("[data-testid=stApp]").count() == 0:  # one of the plain pages
        page.wait_for_load_state("networkidle")
        return
    page.wait_for_selector("[data-testid=stApp][data-test-connection-state=CONNECTED]")
    page.wait_for_selector("h1")
    page.wait_for_selector("[data-test-script-state=notRunning]")
    page.wait_for_function(
        "() => !document.querySelector('[data-testid=stSkeleton]') && document.fonts.status === 'loaded'"
    )
    page.wait_for_timeout(1500)


def begin(page: Page) -> None:
    """Begins the meeting and goes on to who is behind."""
    page.locator(".st-key-begin button").click()
    ready(page)
    page.get_by_test_id("stButtonGroup").get_by_text("今日重点").click()
    ready(page)


def end(page: Page) -> None:
    page.locator(".st-key-end-meeting button").click()
    ready(page)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    (VAR / "demo.day").unlink(missing_ok=True)  # so that the demo is made anew: a meeting is held for the pictures
    server = subprocess.Popen(
        [sys.executable, "-m", "dashboard", "demo", "--port", str(PORT)], env=os.environ | {"CHENXI_NOW": MOMENT}
    )
    try:
        for _second in range(120):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{PORT}/_stcore/health")
                break
            time.sleep(1)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            for name, (who, path, width, height) in PICTURES.items():
                page = browser.new_page(viewport={"width": width, "height": height}, locale="zh-CN")
                page.goto(f"http://localhost:{PORT}/account/sign-in")
                if who is not None:
                    page.locator(f"button[value='{who}']").evaluate("button => button.click()")
                    page.wait_for_url(lambda url: "/account/" not in url)
                page.goto(f"http://localhost:{PORT}{path}")
                if who is not None:
                    ready(page)
                page.screenshot(path=FOLDER / f"{name}.png")
                if name == "morning-meeting":  # and the same meeting as it runs
                    begin(page)
                    page.screenshot(path=FOLDER / "meeting-in-progress.png")
                    end(page)
                page.close()
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
