"""Looking at pages as a person would: signed in, by link, reading cards and tables off the screen."""

import re
import tomllib
from datetime import timedelta
from functools import cache
from html import unescape
from pathlib import Path

from streamlit import config
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboard.shell.language import speak
from dashboard.shell.settings import settings
from dashboard.shell.store import shared
from dashboard.web import server
from db.accounts import sign_in
from db.accounts.throttling import Browser
from db.engine import Store

ROOT = Path(__file__).parents[2]
DESK = Browser("10.1.2.3", None, idle=timedelta(minutes=30), longest=timedelta(hours=12))
MEETINGS = ("morning_meeting", "evening_meeting", "weekly_meeting", "wall", "monthly_meeting", "quarterly_meeting")
BRANCH = (
    "visiting_day",
    "shelf",
    "agenda",
    "manager_profile",
    "plans",
    "pipeline",
    "dormant",
    "customers",
    "customer",
    "activity_log",
    "definitions",
    "working_days",
    "territories",
)
SEEN_BY = {
    "manager": (
        "my_day",
        "our_meeting",
        "pipeline",
        "dormant",
        "customers",
        "customer",
        "activity_log",
        "shelf",
        "visiting_day",
        "manager_profile",
        "definitions",
        "working_days",
        "territories",
        "data_import",
    ),
    "branch_head": (*MEETINGS, *BRANCH, "data_import", "messages"),
    "regional": (*MEETINGS, *BRANCH, "branch_comparison", "data_import"),
    "screen": MEETINGS,
    "administrator": (
        "customers",
        "customer",
        "definitions",
        "working_days",
        "territories",
        "data_import",
        "accounts",
        "messages",
        "retention",
        "audit_trail",
    ),
    "auditor": (*MEETINGS, *BRANCH, "branch_comparison", "messages", "audit_trail"),
}
PAGES = sorted({page for pages in SEEN_BY.values() for page in pages})
AS = {
    "manager": "100001",
    "branch_head": "head-1",
    "regional": "region-1",
    "screen": "screen-1",
    "administrator": "admin",
    "auditor": "auditor",
}

for option, setting in tomllib.loads(server.CONFIG.read_text())["runner"].items():
    config.set_option(f"runner.{option}", setting)  # a page runs here as it runs in the server


def signed_in(store: Store, login: str) -> int:
    """A new session of an account."""
    return sign_in.find(store, sign_in.start(store, login, DESK).token)


def look(page: str | None = None, as_: str | None = None, **link: str) -> AppTest:
    """What opens a link, through the entry script, for whoever has just signed in; without a page, the first of theirs.
    Nobody has signed in unless told."""
    return visit(None if as_ is None else signed_in(shared(settings().database_url), as_), page, **link)


def visit(session: int | str | None, page: str | None = None, **link: str) -> AppTest:
    """The same in a session that is there already: a new browser tab."""
    speak(link.get("lang", "zh"))  # AppTest spells options in this thread
    app = AppTest.from_file(ROOT / "dashboard" / "app.py", default_timeout=60)
    app._bidi_component_manager = components()
    app.user = {} if session is None else {"sign_in": str(session)}
    for name, value in link.items():
        app.query_params[name.rstrip("_")] = value
    app._page_hash = calc_hash(page) if page else ""  # switch_page needs a run before it; a link does not
    return app.run()


@cache
def components() -> BidiComponentManager:
    """Streamlit looks through all installed packages for components: once is enough, and nine tenths of a run."""
    manager = BidiComponentManager()
    manager.discover_and_register_components(start_file_watching=False)
    return manager


def healthy(app: AppTest) -> AppTest:
    assert not app.exception, app.exception[0].value
    assert not app.error, app.error[0].value
    assert app.title and app.title[0].value
    return app


def unfold(app: AppTest, name: str) -> AppTest:
    """The page with the expander of this key opened."""
    app.session_state[name] = True
    return healthy(app.run())


def every_tab(app: AppTest, name: str) -> AppTest:
    """The page with each tab of this row opened once, the first one last: all of them are built."""
    for label in reversed([one.label for one in app.tabs]):
        app.session_state[name] = label
        healthy(app.run())
    return app


def unfolded(app: AppTest) -> AppTest:
    """The page with all that is folded away on it built, what lies in that too."""
    for name in folds(app, "tab_container"):
        every_tab(app, name)
    opened: set[str] = set()
    while more := folds(app, "expander", "popover") - opened:
        for name in more:
            app.session_state[name] = True
        healthy(app.run())
        opened |= more
    return app


def folds(app: AppTest, *kinds: str) -> set[str]:
    """The keys of what opens on a tap; of expanders that are sent whole there is none."""
    found = [re.fullmatch(r"\$\$ID-[0-9a-f]+-(.+)", one.proto.id) for kind in kinds for one in app.get(kind)]
    return {one[1] for one in found if one is not None}


def weight(app: AppTest) -> int:
    """Bytes of what a page sends to the browser."""
    return sum(one.proto.ByteSize() for one in app._tree if getattr(one, "proto", None) is not None)


def bodies(app: AppTest) -> list[str]:
    return [one.proto.body for one in app.get("html")]


def plain(html: str) -> str:
    return unescape(re.sub("<[^>]*>", "", html)).strip()


def every_card(app: AppTest) -> list[tuple[str, str, str]]:
    """Label, value and what stands below it, as they stand on the page."""
    pattern = r'class="l">(.*?)</div><div class="v[^"]*">(.*?)</div><div class="s">(.*?)</div>'
    return [tuple(map(plain, card)) for body in bodies(app) for card in re.findall(pattern, body)]


def cards(app: AppTest) -> dict[str, tuple[str, str]]:
    """label → value and what stands below it; of two with one label the last."""
    return {label: (value, about) for label, value, about in every_card(app)}


def tables(app: AppTest) -> list[list[list[str]]]:
    """Each table as rows of cells, headings first."""
    return [
        [[plain(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line)] for line in body.split("<tr")[1:]]
        for body in bodies(app)
        if "<table" in body
    ]


def entries(app: AppTest) -> list[str]:
    """The day's entries, a line each."""
    return [plain(body) for body in bodies(app) if 'class="cx-entry"' in body]


def links(app: AppTest) -> dict[str, str]:
    """name → where it leads, of all names that are links."""
    found = re.findall(r'<a class="cx-name" href="([^"]*)"[^>]*>(.*?)</a>', "".join(bodies(app)))
    return {unescape(name): unescape(href) for href, name in found}


def everything_said(app: AppTest) -> str:
    kinds = (app.title, app.subheader, app.caption, app.info, app.warning, app.text, app.markdown)
    return "\n".join([*(str(one.value) for kind in kinds for one in kind), *map(plain, bodies(app))])
