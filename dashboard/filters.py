"""Filters that live in the link. Each gives a value the page can use at once, whatever the link says."""

from collections.abc import Collection
from datetime import date, timedelta

import polars as pl
import streamlit as st

from dashboard import clock, formats, session
from dashboard.words import _, language, word
from db import customers, people
from db.access import Viewer
from db.codes import TIERS
from metrics import periods
from metrics.catalog import MEASURES
from metrics.definitions import Definitions
from metrics.periods import Period

MONTHS_BACK = 14
EARLIEST = date(2000, 1, 1)


def choose(name: str, label: str, options: list, show, default=None):
    """A select box whose choice is a code in the link."""
    said = session.link(name)
    spelt = [str(option) for option in options]
    place = spelt.index(said) if said in spelt else options.index(default) if default in options else 0
    key = f"link {name}"
    if st.session_state.get(key) not in options:
        st.session_state.pop(key, None)
    return st.selectbox(label, options, place, show, key=key, on_change=session.linked(name), placeholder=_("Choose"))


def branch(viewer: Viewer) -> int | None:
    """A branch of the viewer's; no widget where he has only one. None when there is none."""
    table = people.branches(viewer)
    if table.height <= 1:
        return table["branch"][0] if table.height else None
    names = dict(table.select("branch", "branch_name").iter_rows())
    return choose("branch", _("Branch"), list(names), names.get)


def on_day() -> date:
    """A business day, today unless the link says another; never a later one."""
    today = clock.today()
    chosen = st.date_input(
        _("Day"),
        max(EARLIEST, min(parse_day(session.link("day")) or today, today)),
        EARLIEST,
        today,
        key="link day",
        on_change=session.linked("day"),
    )
    return chosen or today


def days(last: date) -> tuple[date, date]:
    """A first and a last day, the week up to `last` unless others are chosen."""
    chosen = st.date_input(_("Days"), (last - timedelta(6), last), EARLIEST, last, key="days")
    return (chosen[0], chosen[-1]) if chosen else (last, last)


def month(ahead: int = 0) -> Period:
    """A calendar month, this one unless the link says another; also some of those to come."""
    this = periods.month(clock.today()).first
    months = [this]
    for _ahead in range(ahead):
        months.insert(0, periods.following(periods.month(months[0])).first)
    for _back in range(MONTHS_BACK):
        months.append(periods.previous(periods.month(months[-1])).first)
    said = parse_day(f"{session.link('month')}")
    if said and said.replace(day=1) not in months and EARLIEST <= said <= this:
        months.append(said.replace(day=1))
    return periods.month(choose("month", _("Month"), months, formats.month, this))


def product(viewer: Viewer) -> int | None:
    """One product, or None for all of them."""
    named = dict(customers.products(viewer).select("product", f"product_{language()}").iter_rows())
    return choose("product", _("Product"), [None, *named], {None: _("all"), **named}.get)


def tier(rules: Definitions) -> str:
    """Which tier of the plans; no widget where the region uses one only."""
    if not rules.three_tiers:
        return "target"
    return choose("tier", _("Tier"), list(TIERS), word)


def region(viewer: Viewer) -> int | None:
    """One of the viewer's regions; no widget where he has only one, None where there is none."""
    names = dict(people.branches(viewer).select("region", "region_name").unique(maintain_order=True).iter_rows())
    if len(names) <= 1:
        return next(iter(names), None)
    return choose("region", _("Region"), list(names), names.get)


def measure() -> str:
    """Which of the planned measures is compared."""
    names = {name: _(metric.label) for name, metric in MEASURES.items()}
    said = session.link("measure")
    key = "link measure"
    chosen = st.segmented_control(
        _("Measure"),
        list(names),
        default=said if said in names else "deals",
        format_func=names.get,
        key=key,
        on_change=session.linked("measure"),
        required=True,
    )
    return chosen or "deals"


def any_branch(viewer: Viewer, region: int | None = None) -> int | None:
    """One of the viewer's branches (of a region), or None for all of them; no widget where he has only one."""
    inside = [] if region is None else [pl.col("region") == region]
    places = people.branches(viewer).filter(*inside)
    if people.branches(viewer).height <= 1:
        return branch(viewer)
    names = {None: _("all"), **dict(places.select("branch", "branch_name").iter_rows())}
    return choose("branch", _("Branch"), list(names), names.get)


def manager(viewer: Viewer, managers: Collection[int]) -> int | None:
    """One of these managers, or None for all of them; no widget for a manager himself."""
    if viewer.manager is not None:
        return None
    named = dict(people.names(viewer).select("manager", "manager_name").iter_rows())
    names = {None: _("all"), **{one: name for one, name in named.items() if one in managers}}
    return choose("manager", _("Manager"), list(names), names.get)


def name_of(viewer: Viewer, branch: int) -> str:
    return people.branches(viewer).filter(pl.col("branch") == branch)["branch_name"][0]


def parse_day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def bar():
    """Where the filters of a page stand: in one line on a desk, below each other on a phone."""
    return st.container(horizontal=True, vertical_alignment="bottom", key="filters")
