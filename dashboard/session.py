"""The state of a browser session: what its link says, who looks, in which language. The only place that keeps state."""

from collections.abc import Callable
from datetime import date
from urllib.parse import urlencode

import polars as pl
import streamlit as st

from dashboard import clock, words
from dashboard.settings import settings
from dashboard.stores import operator, shared
from db import people
from db.access import Viewer
from metrics.periods import day

LINK = ("as", "lang", "tv", "branch", "day", "month", "measure", "manager")


def start() -> None:
    """Takes over what the link says, keeps it over page switches, and writes it back, so that a link always shows what
    its reader would see. To be called first in every run."""
    kept = st.session_state.setdefault("link", {})
    kept |= {name: value for name, value in st.query_params.items() if name in LINK and value}
    publish()
    words.speak(kept.get("lang") or browser_language())


def publish() -> None:
    if dict(st.query_params) != st.session_state.link:
        st.query_params.from_dict(st.session_state.link)


def browser_language() -> str:
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


def everything() -> Viewer:
    return operator(store())


def identity() -> Viewer | None:
    """Who the link says is looking, in the demo; None when it names nobody who is there."""
    kind, _, number = (link("as") or "").partition("-")
    if kind == "region":
        regions = people.branches(everything())["region"].unique().to_list()
        return Viewer(store(), f"region {number}", "regional", int(number)) if number in map(str, regions) else None
    if kind == "head":
        found = people.branches(everything()).filter(pl.col("branch").cast(pl.String) == number)
        if found.height:
            region, branch = found.select("region", "branch").row(0)
            return Viewer(store(), f"head of {branch}", "branch_head", region, branch)
    if kind == "manager":
        found = people.managers(everything(), day(clock.today())).filter(pl.col("staff_no") == number)
        if found.height:
            region, branch, manager = found.select("region", "branch", "manager").row(-1)
            return Viewer(store(), number, "manager", region, branch, manager)
    return None


def viewer() -> Viewer:
    """Who is looking: in the demo whoever the link says, else the holder of the database, who serves to himself alone."""
    return identity() if settings().demo else everything()


def today() -> date:
    return clock.today()
