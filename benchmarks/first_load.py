"""`python -m benchmarks.first_load`: a page opened on a phone for the first time, and again, over a link as a phone has
it. A browser's own throttle does not slow sockets: the link is a process between the two."""

import tempfile
import time
from datetime import date
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.figures import Figure, within
from benchmarks.shaped import link
from dashboard.shell.settings import settings
from dashboard.shell.store import open_store
from dashboard.web.assets import packing
from db.simulate.simulate import simulate
from tests.support.browsing import CHROMIUM, SETTLED, Visitor
from tests.support.servers import serving

BITS, DELAY = 1_600_000, 0.075  # a second, each way; half of 150 ms there and back
FIRST, AGAIN, MOST = 8.0, 1.5, 1.1  # seconds, seconds, MB
PAGES = {"my_day": "100001", "morning_meeting": "head-1", "customers": "100001"}
PHONE = {"is_mobile": True, "device_scale_factor": 3}


def measure() -> list[Figure]:
    """Figures of each page: signed in, nothing of the server's in the browser yet; and opened again in the same browser."""
    packing.pack(packing.folder(settings().packed))
    with tempfile.TemporaryDirectory(prefix="chenxi-first-load-") as folder, sync_playwright() as started:
        url = f"sqlite:///{folder}/demo.db"
        simulate(store := open_store(url, new=True), today=date(2026, 11, 20), now_hour=16.5)
        store.close()
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        with serving(url, Path(folder)) as address:
            Visitor(browser, address).open("my_day", as_="100001")  # what is computed once a day is no part of the load
            return [one for page, login in PAGES.items() for one in page_figures(browser, address, page, login)]


def page_figures(browser: Browser, address: str, page: str, login: str) -> list[Figure]:
    with link(address, BITS, DELAY) as (slow, down):
        visitor = Visitor(browser, slow, 390, 844, **PHONE)
        visitor.sign_in(login)
        before = down.carried
        first = opened(visitor, page)
        carried = (down.carried - before) / 1e6
        again = opened(visitor, page)
        visitor.leave()
    name = f"{page} on a phone, 1.6 Mbps and 150 ms"
    weight = Figure(f"{name}: first load, bytes", f"{carried:.2f} MB", target=f"≤ {MOST} MB", held=carried <= MOST)
    return [within(f"{name}: first load", first, FIRST), weight, within(f"{name}: again", again, AGAIN)]


def opened(visitor: Visitor, page: str) -> float:
    """Seconds until the page says all it has to say."""
    started = time.perf_counter()
    visitor.page.goto(visitor.link(page), wait_until="commit")
    visitor.page.wait_for_function(SETTLED)
    return time.perf_counter() - started


if __name__ == "__main__":
    for figure in measure():
        print(f"{figure.what}: {figure.ours} ({figure.target})", flush=True)
