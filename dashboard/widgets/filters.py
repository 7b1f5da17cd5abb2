"""Filters that live in the link. Each gives a value the page can use at once, whatever the link says."""

from collections.abc import Collection
from datetime import date, timedelta

import polars as pl
import streamlit as st

from dashboard.shell import clock, session
from dashboard.shell.language import _, language, word
from dashboard.widgets import formats
from db.access import Viewer
from db.codes import TIERS
from db.log import product_list
from db.people import people
from metrics import periods
from metrics.catalog import MEASURES
from metrics.definitions import Definitions
from metrics.periods import Period

MONTHS_BACK = 14
EARLIEST = date(2000, 1, 1)
LONGEST_ID = 9  # digits, which every database takes for a number


def choose(name: str, label: str, options: list, show, default=None):
    """A select box whose choice is a code in the link; where a page has changed the link, the box follows it."""
    said = session.link(name)
    spelt = [str(option) for option in options]
    place = spelt.index(said) if said in spelt else options.index(default) if default in options else 0
    key = f"link {name}"
    if st.session_state.get(key) not in options:
        st.session_state.pop(key, None)
    elif key in st.session_state and said in spelt and str(st.session_state[key]) != said:
        st.session_state[key], place = options[place], 0
    return st.selectbox(label, options, place, show, key=key, on_change=session.linked(name), placeholder=_("Choose"))


def branch(viewer: Viewer) -> int | None:
    """A branch of the viewer's; no widget where they have only one. None when there is none."""
    table = people.branches(viewer)
    if table.height <= 1:
        return table["branch"][0] if table.height else None
    names = dict(table.select("branch", "branch_name").iter_rows())
    return choose("branch", _("Branch"), list(names), names.get)


def on_day(usual: date | None = None, last: date | None = None, name: str = "day", label: str = "") -> date:
    """A business day, the usual one (today) unless the link says another under `name`; never a later one than the last
    (today)."""
    usual, last, key = usual or clock.today(), last or clock.today(), f"link {name}"
    st.session_state[key] = max(EARLIEST, min(parse_day(session.link(name)) or usual, last))
    chosen = st.date_input(
        label or _("Day"), min_value=EARLIEST, max_value=last, key=key, on_change=session.linked(name)
    )
    return chosen or usual


def through() -> date:
    """The last day that is looked at: the link's, else the one its reader came from, else today."""
    return on_day(parse_day(session.link("day")), name="through", label=_("Up to"))


def days(last: date, usual: tuple[date, date] | None = None) -> tuple[date, date]:
    """A first and a last day, the usual ones or the week up to `last` unless others are chosen."""
    stretch = usual or (last - timedelta(6), last)
    chosen = st.date_input(_("Days"), stretch, EARLIEST, last, key="days")
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
    named = dict(product_list.read(viewer).select("product", f"product_{language()}").iter_rows())
    return choose("product", _("Product"), [None, *named], {None: _("all"), **named}.get)


def tier(rules: Definitions) -> str:
    """Which tier of the plans; no widget where the region uses one only."""
    if not rules.three_tiers:
        return "target"
    return choose("tier", _("Tier"), list(TIERS), word)


def region(viewer: Viewer) -> int | None:
    """One of the viewer's regions; no widget where they have only one, None where there is none."""
    names = dict(people.branches(viewer).select("region", "region_name").unique(maintain_order=True).iter_rows())
    if len(names) <= 1:
        return next(iter(names), None)
    return choose("region", _("Region"), list(names), names.get)


def measure() -> str:
    """Which of the planned measures is compared."""
    return segments("measure", _("Measure"), {name: _(one.label) for name, one in MEASURES.items()}, usual="deals")


def segments(name: str, label: str, options: dict[str, str], usual: str | None = None, hidden: bool = False) -> str:
    """One of a few things, code → words, all in view: the usual one (the first) unless the link says another. A `hidden`
    label is read aloud only."""
    said, usual = session.link(name), usual or next(iter(options))
    chosen = st.segmented_control(
        label,
        list(options),
        default=said if said in options else usual,
        format_func=options.get,
        key=f"link {name}",
        on_change=session.linked(name),
        required=True,
        label_visibility="collapsed" if hidden else "visible",
    )
    return chosen or usual


def linked_stretch(names: tuple[str, str], usual: Period, last: date) -> Period:
    """The period that the link says, or the usual one; without a widget."""
    first, until = (parse_day(session.link(name)) for name in names)
    if first is not None and until is not None and EARLIEST <= first <= until <= last:
        return Period(first, until)
    return Period(usual.first, min(usual.last, last))


def stretch(label: str, names: tuple[str, str], usual: Period, last: date) -> Period:
    """A period of days that the link keeps under two names: the usual one unless another is chosen."""
    chosen_days = linked_stretch(names, usual, last)
    shown = (chosen_days.first, chosen_days.last)
    key = f"stretch {names[0]}"

    def chosen() -> None:
        days = st.session_state[key]
        if len(days) == 2:
            session.set_link(**dict(zip(names, days, strict=True)))

    if len(st.session_state.get(key, ())) != 1:  # half chosen: the last day is still to come
        st.session_state[key] = shown
    st.date_input(label, min_value=EARLIEST, max_value=last, key=key, on_change=chosen)
    return Period(*shown)


def any_branch(viewer: Viewer, region: int | None = None) -> int | None:
    """One of the viewer's branches (of a region), or None for all of them; no widget where they have only one."""
    inside = [] if region is None else [pl.col("region") == region]
    places = people.branches(viewer).filter(*inside)
    if people.branches(viewer).height <= 1:
        return branch(viewer)
    names = {None: _("all"), **dict(places.select("branch", "branch_name").iter_rows())}
    return choose("branch", _("Branch"), list(names), names.get)


def manager(viewer: Viewer, managers: Collection[int]) -> int | None:
    """One of these managers, or None for all of them; no widget for a manager."""
    if viewer.manager is not None:
        return None
    named = dict(people.names(viewer).select("manager", "manager_name").iter_rows())
    names = {None: _("all"), **{one: name for one, name in named.items() if one in managers}}
    return choose("manager", _("Manager"), list(names), names.get)


def name_of(viewer: Viewer, branch: int) -> str:
    return people.branches(viewer).filter(pl.col("branch") == branch)["branch_name"][0]


def identity(name: str) -> int | None:
    """The id the link names; None where it names none."""
    said = session.link(name) or ""
    return int(said) if said.isascii() and said.isdigit() and len(said) <= LONGEST_ID else None


def parse_day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def bar():
    """Where the filters of a page stand: in one line on a desk, below each other on a phone."""
    return st.container(horizontal=True, vertical_alignment="bottom", key="filters")
