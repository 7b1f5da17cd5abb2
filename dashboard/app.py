"""The shell every page runs in: who looks, in which language, where they may go. Streamlit's entry script."""

import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import streamlit as st
from markupsafe import Markup

from dashboard.monitoring import meters
from dashboard.shell import session
from dashboard.shell.language import LANGUAGES, _, language
from dashboard.shell.navigation import BY_NAME, GROUPS, PAGES, Page, allowed, first
from dashboard.shell.page_end import PageEnd
from dashboard.shell.run_slots import SLOTS
from dashboard.shell.waking import WATCHER
from dashboard.widgets import drafts, notices
from dashboard.widgets.components import scripts
from db.access import Viewer
from db.accounts import sign_in
from db.engine import Version
from db.store import parts

ICON = "🌅"
ME = Markup('<a class="cx-me" href="{}" target="_self">{}</a>')
FEW = 5  # pages that need no headings in the navigation


def streamlit_page(page: Page) -> st.Page:
    seen = "visible" if page.listed else "hidden"
    return st.Page(page.path, title=_(page.title), url_path=page.name, visibility=seen)


def start(own: st.Page) -> st.Page:
    """Where no page is named: leads to one's own. None of PAGES is the default itself, because Streamlit serves the
    default under no name, and says “Page not found” to a link that names it."""
    return st.Page(lambda: st.switch_page(own), title=_("Chenxi"), url_path="start", default=True, visibility="hidden")


def not_yours(own: st.Page) -> None:
    """A page that the role has no right to; and the way to one's own."""
    st.title(_("Chenxi"))
    st.info(_("You have no right to this page."))
    st.page_link(own)


def menu(viewer: Viewer) -> None:
    """Language, who looks, and the way out."""
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", key="menu"):
        st.html(ME.format("/account/me", session.label(viewer)))
        if st.button(_("Sign out"), type="tertiary"):
            sign_in.end(viewer)
            st.rerun()
        other = next(one for one in LANGUAGES if one != language())
        if st.button(LANGUAGES[other], type="tertiary"):
            session.set_link(lang=other)
            st.rerun()


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
    st.html(ME.format("", _("Sign in again")))
    scripts.run("again")


def dress(viewer: Viewer | None) -> bool:
    """Title, styles and our own script of the language; gives whether the page is on a wall, with nothing to click."""
    here = Path(__file__).parent
    st.set_page_config(page_title=_("Chenxi"), page_icon=ICON, layout="wide")
    st.html(here / "styles.css")
    st.html(here / "phone.css")
    bare = bool(session.link("tv"))
    if bare or (viewer is not None and viewer.role == "screen"):
        st.html(here / "tv.css")
    if bare:
        st.html(here / "bare.css")
    scripts.run({"zh": "zh-CN", "en": "en"}[language()])
    scripts.run("chrome")
    return bare


def turn_away() -> None:
    """Whoever is not signed in, or not any more; the address stays what it was."""
    drafts.rescue(session.sign_in_id())
    here = [st.Page(signed_out, title=_("Chenxi"), url_path=page.name) for page in PAGES]
    beginning = st.Page(signed_out, title=_("Chenxi"), url_path="start", default=True)
    st.navigation([beginning, *here], position="hidden").run()


def show(viewer: Viewer, version: Version, bare: bool) -> None:
    """The page that is asked for, as whoever opens it, and what may run it again."""
    held = session.roles()
    groups = {group: [streamlit_page(one) for one in pages] for group, pages in allowed(held).items()}
    pages = [one for some in groups.values() for one in some]
    own = next(one for one in pages if one.url_path == first(viewer.role).name)
    others = [page for page in PAGES if not held.keys() & {*page.roles}]
    closed = [
        st.Page(partial(not_yours, own), title=_("Chenxi"), url_path=one.name, visibility="hidden") for one in others
    ]
    if sum(one.visibility == "visible" for one in pages) > FEW:
        navigation = {"": [start(own), *closed]} | {_(GROUPS[group]): some for group, some in groups.items()}
    else:
        navigation = [start(own), *closed, *pages]
    chosen = st.navigation(navigation, position="hidden" if bare else "top")
    if not bare:
        menu(viewer)
    refreshes = BY_NAME[chosen.url_path].refreshes if chosen in pages else "sign_out"
    notices.kept()
    viewer = session.look_as(chosen.url_path, held)
    with parts.collected() as shown:
        try:
            with meters.run(chosen.url_path), notices.refusals(), suppress(PageEnd):
                chosen.run()
        finally:
            WATCHER.shows(version if refreshes == "changes" else None, shown.places)
            WATCHER.ends_with(None if refreshes == "nothing" else viewer)
    session.let_files_go()


session.start()
with SLOTS.taken(), session.store().moment() as version:  # one page, one version, whoever writes meanwhile
    looking = session.arrive()
    bare = dress(looking)
    if looking is None:
        turn_away()
    else:
        show(looking, version, bare)
