"""What a change of the definitions would do to this month: each manager before and after, reckoned as the reports will be."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl
import streamlit as st

from dashboard import calendars, cards, clock, formats, grids, report, standings
from dashboard.cards import Card
from dashboard.words import _
from db import activity, territories
from db.access import Viewer
from metrics import penetration, periods, preview
from metrics.catalog import CATALOG, MEASURES
from metrics.definitions import Definitions, in_force
from metrics.frames import ACTIVITY
from metrics.periods import Period
from metrics.summary import summary

LABELS = {one.name: one.label for one in CATALOG}


@dataclass(frozen=True)
class Preview:
    """`table` and `total` are preview.compared, one row a manager and one in all; `stocks` the penetrations that differ."""

    table: pl.DataFrame
    total: pl.DataFrame
    stocks: list[dict]


def show(viewer: Viewer, one: Definitions, today: date) -> None:
    """This month from the version's first day on, or as if it had held all month: the page says which."""
    month = periods.month(today)
    st.subheader(_("What this would do to {month}", month=formats.month(today)))
    calendars.note(viewer, month)
    whole = as_if_throughout(one, month, today)
    found = reckoned(viewer, one, whole, today)
    names = preview.shown(pl.concat([found.table.select(found.total.columns), found.total]))
    if not names and not found.stocks:
        st.info(_("No number of this month changes."))
        return
    differing = found.table.filter("differs")
    others = _("{number} managers do not change.", number=found.table.height - differing.height)
    cards.row([Card(_("Managers whose numbers change"), f"{differing.height}", others), *map(stock, found.stocks)])
    if names:
        total = found.total.row(0, named=True) | {"manager_name": _("Together"), "staff_no": ""}
        grids.show(standings.with_names(viewer, differing), [manager(), *map(column, names)], total)


def as_if_throughout(one: Definitions, month: Period, today: date) -> bool:
    """Whether to show the month as if the version had held in all of it; what begins on a day to come has no activity yet."""
    day = one.from_day
    if day == month.first:
        return False
    if day not in month:
        st.caption(_("It begins after this month: shown as if it had held all month."))
        return True
    ways = {False: _("from {day} on", day=formats.short_day(day)), True: _("as if it had held all month")}
    chosen = st.segmented_control(
        _("Reckoned"), list(ways), default=day > today, format_func=ways.get, key=f"reckoned {day}", required=True
    )
    if day > today:
        st.caption(_("It begins on a day to come: consultations logged so far stay as they are counted."))
    return day > today if chosen is None else chosen


def reckoned(viewer: Viewer, one: Definitions, whole: bool, today: date) -> Preview:
    key = ("preview", viewer.role, viewer.region, one, whole, today, clock.done_through(today))
    return viewer.store.remembered(key, lambda: reckon(viewer, one, whole, today))


def reckon(viewer: Viewer, one: Definitions, whole: bool, today: date) -> Preview:
    """Reads the month once, and makes the same summary of it twice."""
    month, through, held = periods.month(today), clock.done_through(today), report.versions(viewer)
    then = preview.throughout(held, one, month) if whole else [*held, one]
    now, log = report.frames(viewer, month), activity.read_stated(viewer, month).collect()
    sides = [(log, held), (preview.remarked(log, then), then)]
    rules = tuple(in_force(versions, month.last, viewer.region) for _log, versions in sides)

    def compared(by: list[str]) -> pl.DataFrame:
        made = [
            summary(replace(now, activity=part.lazy()), month, through, one, by)
            for (part, _versions), one in zip(sides, rules, strict=True)
        ]
        return preview.compared(*made, rules, by)

    shares = [to_date(viewer, part, in_force(versions, today, viewer.region), today) for part, versions in sides]
    return Preview(compared(["manager"]), compared([]), preview.stocks(*shares))


def to_date(viewer: Viewer, log: pl.DataFrame, rules: Definitions, today: date) -> pl.DataFrame:
    """Penetration of all the viewer sees together, as it stands today: the months before as they are counted, and this
    month's rows."""
    before = activity.read(viewer, Period(standings.BEGINNING, periods.month(today).first - timedelta(1)))
    here = log.lazy().filter(pl.col("day") <= today).select(ACTIVITY.names())
    return penetration.penetration(pl.concat([before, here]), territories.registers(viewer), today, rules)


def manager() -> grids.Column:
    def cell(row: dict) -> str:
        return f"{grids.escape(row['manager_name'])} <small>{grids.escape(row['staff_no'])}</small>"

    return grids.Column(_("Manager"), cell, left=True)


def column(name: str) -> grids.Column:
    """A figure before → after, with the difference."""
    if name in preview.STATUSES:
        measure = name.removesuffix("_status")
        heading = _("{measure}: status", measure=_(MEASURES[measure].label))
        return grids.Column(heading, lambda row: statuses(row[f"{name}_before"], row[f"{name}_after"]), left=True)
    if name == preview.ATTAINMENT:
        label = _("{measure}: attainment", measure=_(MEASURES["consultations"].label))
        return grids.Column(label, lambda row: number(row, name, formats.share, formats.points))
    if name in preview.RATES:
        return grids.Column(_(LABELS[name]), lambda row: number(row, name, formats.share, formats.points))
    return grids.Column(_(LABELS[name]), lambda row: number(row, name, formats.count, "{:+,.0f}".format))


def number(row: dict, name: str, write: Callable, difference: Callable) -> str:
    before, after = (write(row[f"{name}_{side}"]) + few(row.get(f"{name}_few_{side}")) for side in ("before", "after"))
    if before == after:
        return f"<small>{after}</small>"
    change = row[f"{name}_change"]
    said = f" <small>({difference(change)})</small>" if change else ""
    return f"{before} → <b>{after}</b>{said}"


def few(cases: bool | None) -> str:
    return f" <small>{grids.escape(_('few cases'))}</small>" if cases else ""


def statuses(before: str, after: str) -> str:
    return grids.pill(after) if before == after else f"{grids.pill(before)} → {grids.pill(after)}"


def stock(row: dict) -> Card:
    about = _("before {share}", share=formats.share(row["before"]))
    if row["change"] is not None:
        about += f" · {formats.points(row['change'])}"
    return Card(_(LABELS[row["name"]]), formats.share(row["after"]), about)
