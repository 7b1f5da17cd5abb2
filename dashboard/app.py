"""The shell every page runs in: who looks, in which language, where he may go. Streamlit's entry script."""

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from html import escape

import streamlit as st

from dashboard import drafts, notices, session
from dashboard.words import LANGUAGES, _, language
from db import sign_in
from db.access import Viewer
from db.errors import StorageError

ICON = "🌅"
MEETINGS = ("branch_head", "regional", "screen", "auditor")
PAGES = {
    "my_day": ("My day", ("manager",)),
    "morning_meeting": ("Morning meeting", MEETINGS),
    "evening_meeting": ("Evening meeting", MEETINGS),
    "weekly_meeting": ("Weekly meeting", MEETINGS),
    "plans": ("Plans", ("branch_head", "regional", "auditor")),
    "pipeline": ("Pipeline", ("manager", "branch_head", "regional", "auditor")),
    "branch_comparison": ("Branches", ("regional", "auditor")),
    "customers": ("Customers", ("manager", "branch_head", "regional", "auditor")),
    "activity_log": ("Activity log", ("manager", "branch_head", "regional", "auditor")),
    "definitions": ("Definitions", ("manager", "branch_head", "regional", "auditor", "administrator")),
    "working_days": ("Working days", ("manager", "branch_head", "regional", "administrator", "auditor")),
    "data_import": ("Import", ("manager", "branch_head", "regional", "administrator")),
    "accounts": ("Accounts", ("administrator",)),
    "audit_trail": ("Audit trail", ("auditor", "administrator")),
}
FIRST = {
    "manager": "my_day",
    "branch_head": "morning_meeting",
    "screen": "morning_meeting",
    "regional": "branch_comparison",
    "administrator": "accounts",
    "auditor": "audit_trail",
}
# Nobody is interrupted there by what others write.
TYPED_INTO = (
    "plans",
    "pipeline",
    "customers",
    "activity_log",
    "definitions",
    "working_days",
    "data_import",
    "accounts",
    "audit_trail",
)
# What stands half typed in a field of this page arrives with the next click: the end of a session waits for it.
HALF_TYPED = "my_day"


def page(name: str) -> st.Page:
    return st.Page(ROOT / "pages" / f"{name}.py", title=_(PAGES[name][0]), url_path=name)


def start(own: st.Page) -> st.Page:
    """Where no page is named: leads to one's own. No page of PAGES is the default itself, because Streamlit serves the
    default under no name, and says “Page not found” to a link that names it."""
    return st.Page(lambda: st.switch_page(own), title=_("Chenxi"), url_path="start", default=True, visibility="hidden")


def watch(viewer: Viewer, version: int | None) -> None:
    """Runs the page again when anybody has written anything, and when the session has ended."""
    if not sign_in.lasts(viewer) or (version is not None and session.store().counter() != version):
        session.run_again()


def menu(viewer: Viewer) -> None:
    """Language, who looks, and the way out."""
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", key="menu"):
        st.html(f'<a class="cx-me" href="/account/me" target="_self">{escape(session.label(viewer))}</a>')
        if st.button(_("Sign out"), type="tertiary"):
            sign_in.end(viewer)
            st.rerun()
        other = next(one for one in LANGUAGES if one != language())
        if st.button(LANGUAGES[other], type="tertiary"):
            session.set_link(lang=other)
            st.rerun()


def script(name: str) -> None:
    """Runs one of our own scripts; the content-security policy allows no other."""
    st.html(f'<script src="/account/files/{name}.js"></script>', unsafe_allow_javascript=True)


def signed_out() -> None:
    """The session has ended, here or elsewhere: to the sign-in page, and from there back here."""
    st.title(_("Chenxi"))
    login = sign_in.login_of(session.store(), session.sign_in_id())
    if login is not None:  # signed in still, but posted nowhere: to sign in again would lead here again
        st.write(_("You work in no branch today: ask the administrator."))
        if st.button(_("Sign out")):
            sign_in.end(Viewer(session.store(), login, "nobody", sign_in=session.sign_in_id()))
            st.rerun()
        return
    st.write(_("You are signed out."))
    st.html(f'<a class="cx-me" href="" target="_self">{escape(_("Sign in again"))}</a>')
    script("again")


session.start()
st.set_page_config(page_title=_("Chenxi"), page_icon=ICON, layout="wide")
st.html(Path(__file__).parent / "styles.css")
looking = session.arrive()
bare = bool(session.link("tv"))  # nothing to click
if bare or (looking is not None and looking.role == "screen"):
    st.html(Path(__file__).parent / "tv.css")
if bare:
    st.html(Path(__file__).parent / "bare.css")
script({"zh": "zh-CN", "en": "en"}[language()])

if looking is None:
    drafts.rescue(session.sign_in_id())
    here = [st.Page(signed_out, title=_("Chenxi"), url_path=name) for name in PAGES]  # the address stays what it was
    st.navigation(
        [st.Page(signed_out, title=_("Chenxi"), url_path="start", default=True), *here], position="hidden"
    ).run()
else:
    allowed = {name: page(name) for name, (_title, roles) in PAGES.items() if looking.role in roles}
    chosen = st.navigation(
        [start(allowed[FIRST[looking.role]]), *allowed.values()], position="hidden" if bare else "top"
    )
    if not bare:
        menu(looking)
    version = None if chosen.url_path in TYPED_INTO else session.store().counter()
    try:
        chosen.run()
    except StorageError as error:
        notices.refused(error)
    if chosen.url_path != HALF_TYPED:
        often = 0.5 if version is not None else 2  # seconds; a session that has ended can wait, numbers cannot
        st.fragment(watch, run_every=often)(looking, version)
