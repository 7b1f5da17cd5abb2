"""One Chromium a worker whose windows find what it has compiled of the pages' scripts, and nothing else of those before."""

from playwright.sync_api import Browser, BrowserContext

# A page in a test lives for seconds: what the optimizing compiler would do for it costs more than it saves.
FLAGS = ["--no-sandbox", "--process-per-site", "--js-flags=--no-opt"]
STORED = "local_storage,indexeddb,service_workers,cache_storage,file_systems"
MOST = 3  # contexts kept for the next; each holds a process


class Windows:
    """Contexts that are lent to one person after another."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self._free: list[tuple[object, BrowserContext]] = []

    def lend(self, address: str, options: dict) -> BrowserContext:
        """A context without anything stored. A plain page of the server stays open in it: it holds the process that has
        compiled the scripts."""
        asked = (address, sorted(options.items(), key=str))
        for place, (offered, context) in enumerate(self._free):
            if offered == asked:
                del self._free[place]
                return context
        context = self.browser.new_context(**options)
        context.new_page().goto(f"{address}/_stcore/health")
        return context

    def give_back(self, address: str, options: dict, context: BrowserContext) -> None:
        """Leaves no page, no cookie, nothing stored."""
        holds, *others = context.pages
        for page in others:
            page.close()
        context.clear_cookies()
        devtools = context.new_cdp_session(holds)
        devtools.send("Storage.clearDataForOrigin", {"origin": address, "storageTypes": STORED})
        devtools.detach()
        self._free.append(((address, sorted(options.items(), key=str)), context))
        while len(self._free) > MOST:
            self._free.pop(0)[1].close()
