"""The state of a browser session: what its link says, who looks, in which language. The only place that keeps state."""

from collections.abc import Callable
from datetime import date
from urllib.parse import urlencode

import polars as pl
import streamlit as st

from dashboard import clock, words
from dashboard.settings import settings
from dashboard.stores import shared
from dashboard.words import LANGUAGES, word
from db import one_customer, people, sign_in
from db.access import Viewer

LINK = ("lang", "tv", "region", "branch", "day", "month", "year", "measure", "manager", "list", "product", "tier")


def start() -> None:
    """Takes over what the link says, keeps it over page switches, and writes it back, so that a link always shows what
    its reader would see. To be called first in every run."""
    kept = st.session_state.setdefault("link", {})
    kept |= {name: value for name, value in st.query_params.items() if name in LINK and value}
    publish()
    listen()


def listen() -> None:
    """Speaks the reader's language from here on: in every run, also of a part of a page that runs by itself."""
    words.speak(link("lang") or browser_language())


def publish() -> None:
    if dict(st.query_params) != st.session_state.link:
        st.query_params.from_dict(st.session_state.link)


def browser_language() -> str:
    """The language chosen on the sign-in page, else the browser's."""
    chosen = st.context.cookies.get("chenxi_lang")
    if chosen in LANGUAGES:
        return chosen
    locale = st.context.locale or "zh"
    return "en" if locale.lower().startswith("en") else "zh"


def link(name: str) -> str | None:
    """What the link says of a filter."""
    return st.session_state.link.get(name)


def set_link(**values: object) -> None:
    """Changes filters, in this session and in its link; None takes one out."""
    for name, value in values.items():
        if value is None:
            st.session_state.link.pop(name, None)
        else:
            st.session_state.link[name] = str(value)
    publish()


def href(**values: object) -> str:
    """A link to this page with these filters changed."""
    return "?" + urlencode(st.session_state.link | {name: str(value) for name, value in values.items()})


def linked(name: str) -> Callable[[], None]:
    """For a widget with the key `link <name>`: writes what was chosen into the link."""

    def chosen() -> None:
        set_link(**{name: st.session_state[f"link {name}"]})

    return chosen


def state() -> dict:
    """A place for what must outlive a rerun: an open form's key, a table under edit."""
    return st.session_state.setdefault("kept", {})


def store():
    return shared(settings().database_url)


def arrive() -> Viewer | None:
    """Who is looking, asked anew in every run: whoever is in the session that the gate has passed on; None when it has
    ended. Anything done on the page keeps the session; a page that runs again by itself does not."""
    session = sign_in_id()
    one_customer.carry_out_due(store(), clock.today())
    found = None if session is None else sign_in.viewer(store(), session, clock.today())
    if found is not None and not state().pop("by itself", False):
        sign_in.stay(found)
    state()["viewer"] = found
    return found


def viewer() -> Viewer:
    """Who is looking, for a page: it is only reached by somebody."""
    return state()["viewer"]


def sign_in_id() -> int | None:
    """The session the gate has passed on, ended or not."""
    passed = st.user.get("sign_in")
    return int(passed) if passed else None


def goes_on(viewer: Viewer) -> None:
    """For a part of a page that runs by itself: somebody is typing into it, and his session goes on; when it has ended,
    the whole page finds out."""
    listen()
    if not sign_in.lasts(viewer):
        st.rerun()
    sign_in.stay(viewer)


def run_again() -> None:
    """Runs the page again although nobody has done anything."""
    state()["by itself"] = True
    st.rerun()


def label(viewer: Viewer) -> str:
    """Who and where the viewer is, in a few words."""
    if viewer.role == "manager":
        return people.names(viewer).filter(pl.col("manager") == viewer.manager)["manager_name"].item()
    places = people.branches(viewer)
    named = {"regional": "region_name", "branch_head": "branch_name", "screen": "branch_name"}.get(viewer.role)
    return places[named][0] if named and places.height else word(viewer.role)


def today() -> date:
    return clock.today()
