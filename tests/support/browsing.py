"""A real browser on the real server."""

from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from tests.support.windows import Windows

# Debian's two; without a window to draw it takes two thirds of the work.
CHROMIUM = next(filter(Path.exists, map(Path, ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium"))), None)
PATIENCE = 60_000  # ms: what is waited for comes sooner, but on a busy machine
SETTLED = """() => {
    const app = document.querySelector('[data-testid=stApp]');
    return app && app.dataset.testConnectionState === 'CONNECTED' && app.dataset.testScriptState === 'notRunning'
        && !document.querySelector('[data-testid=stSkeleton]') && document.fonts.status === 'loaded'
        && document.querySelector('h1');
}"""
BROKEN = "[data-testid=stException], [data-testid=stAlertContentError], [data-testid=stErrorElement]"

expect.set_options(timeout=PATIENCE)


class Visitor:
    """One person's browser window. `outside` are the requests that left the server, `dialogs` what popped up, `blocked`
    what the content-security policy kept from happening."""

    def __init__(
        self, windows: Windows | Browser, address: str, width: int = 1400, height: int = 900, **options
    ) -> None:
        """In a context lent by the windows, or in one of a browser, of their own."""
        self.address = address
        self.windows = windows if isinstance(windows, Windows) else None
        self.options = {"locale": "zh-CN"} | options
        size = {"width": width, "height": height}
        if self.windows is None or options.get("is_mobile"):
            self.options["viewport"] = size
        if self.windows is None:
            self.context = windows.new_context(**self.options)
        else:
            self.context = self.windows.lend(address, self.options)
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = self.context.new_page()
        self.page.set_viewport_size(size)
        self.outside: list[str] = []
        self.dialogs: list[str] = []
        self.blocked: list[str] = []
        self.signed_in_as: str | None = None
        self.context.on("request", self.note)
        self.context.on("console", self.hear)
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))

    def leave(self) -> None:
        """Closes every page of theirs."""
        self.context.remove_listener("request", self.note)
        self.context.remove_listener("console", self.hear)
        if self.windows is None:
            self.context.close()
        else:
            self.windows.give_back(self.address, self.options, self.context)

    def note(self, request: Request) -> None:
        url = request.url
        if not url.startswith((self.address, "data:", "blob:", self.address.replace("http", "ws"))):
            self.outside.append(url)

    def hear(self, message: ConsoleMessage) -> None:
        said = message.text
        if "Content Security Policy" in said or "Content-Security-Policy" in said:
            self.blocked.append(said)

    def sign_in(self, login: str) -> None:
        """As the button on the demo's sign-in page does it."""
        form = {"person": login, "next": "/"}
        answer = self.context.request.post(
            f"{self.address}/account/sign-in", form=form, headers={"Origin": self.address}, max_redirects=0
        )
        assert answer.status == 303, answer.text()
        self.signed_in_as = login

    def link(self, page: str = "", **link: str) -> str:
        return f"{self.address}/{page}?{urlencode({name.rstrip('_'): one for name, one in link.items()})}"

    def open(self, page: str = "", as_: str | None = None, **link: str) -> Page:
        """Opens a link; as somebody, who signs in first unless they have."""
        if as_ not in (None, self.signed_in_as):
            self.sign_in(as_)
        self.page.goto(self.link(page, **link))
        return self.settled()

    def turn_to(self, group: str, page: str) -> Page:
        """By the navigation on top: the group of pages opened, then the page."""
        self.page.get_by_test_id("stTopNavSection").filter(has_text=group).click()
        self.page.get_by_role("menuitem", name=page).click()
        return self.settled()

    def settled(self) -> Page:
        self.page.wait_for_function(SETTLED, timeout=PATIENCE)
        self.page.wait_for_timeout(300)
        self.page.wait_for_function(SETTLED, timeout=PATIENCE)
        return self.page

    def healthy(self) -> Page:
        assert self.page.locator(BROKEN).count() == 0, self.page.locator(BROKEN).first.inner_text()
        assert self.page.locator("[role=dialog]").count() == 0, self.page.locator("[role=dialog]").inner_text()
        expect(self.page.locator("h1").first).not_to_be_empty()
        assert (self.outside, self.dialogs, self.blocked) == ([], [], [])
        return self.page

    def overflow(self) -> int:
        """Pixels by which the page is wider than the window."""
        return self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
