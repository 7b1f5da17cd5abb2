"""The shell every page runs in: who looks, in which language, where he may go. Streamlit's entry script."""

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import streamlit as st

from dashboard import enter, session
from dashboard.settings import settings
from dashboard.words import LANGUAGES, _, language

ICON = "🌅"
PAGES = {
    "my_day": ("My day", ("manager", "operator")),
    "morning_meeting": ("Morning meeting", ("branch_head", "regional", "operator")),
    "evening_meeting": ("Evening meeting", ("branch_head", "regional", "operator")),
    "weekly_meeting": ("Weekly meeting", ("branch_head", "regional", "operator")),
    "branch_comparison": ("Branches", ("regional", "operator")),
}
FIRST = {"manager": "my_day", "branch_head": "morning_meeting"}


def page(name: str) -> st.Page:
    return st.Page(ROOT / "pages" / f"{name}.py", title=_(PAGES[name][0]), url_path=name)


def start(own: st.Page) -> st.Page:
    """Where no page is named: leads to one's own. No page of PAGES is the default itself, because Streamlit serves the
    default under no name, and says “Page not found” to a link that names it."""
    return st.Page(lambda: st.switch_page(own), title=_("Chenxi"), url_path="start", default=True, visibility="hidden")


@st.fragment(run_every=1)
def watch(version: int) -> None:
    """Runs the page again when anybody has written anything."""
    if session.store().counter() != version:
        st.rerun()


def menu() -> None:
    """Language, and in the demo who looks."""
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", key="menu"):
        viewer = session.identity() if settings().demo else None
        if viewer is not None:
            st.caption(enter.label(viewer))
            if st.button(_("Leave"), type="tertiary"):
                session.set_link(**{"as": None, "branch": None, "manager": None})
                st.rerun()
        other = next(one for one in LANGUAGES if one != language())
        if st.button(LANGUAGES[other], type="tertiary"):
            session.set_link(lang=other)
            st.rerun()


session.start()
st.set_page_config(page_title=_("Chenxi"), page_icon=ICON, layout="wide")
st.html(Path(__file__).parent / "styles.css")
if session.link("tv"):
    st.html(Path(__file__).parent / "tv.css")
code = {"zh": "zh-CN", "en": "en"}[language()]
st.html(f"<script>document.documentElement.lang = '{code}'</script>", unsafe_allow_javascript=True)

looking = session.viewer()
if looking is None:
    st.navigation([st.Page(enter.page, title=_("Chenxi"))], position="hidden").run()
else:
    allowed = {name: page(name) for name, (_title, roles) in PAGES.items() if looking.role in roles}
    first = allowed[FIRST.get(looking.role, "branch_comparison")]
    chosen = st.navigation([start(first), *allowed.values()], position="hidden" if session.link("tv") else "top")
    if not session.link("tv"):
        menu()
    version = session.store().counter()
    chosen.run()
    if chosen.url_path != "my_day":  # nobody is interrupted while typing
        watch(version)
