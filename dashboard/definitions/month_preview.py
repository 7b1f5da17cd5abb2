"""What a change of the definitions would do to this month: each manager before and after, reckoned as the reports will
be."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboard.penetration import tables as penetration_tables
from dashboard.shell import clock, links
from dashboard.shell.language import _, ngettext
from dashboard.standing import bank_rules, gather, standing
from dashboard.widgets import cards, formats, grids
from dashboard.widgets.cards import Card
from dashboard.workdays import calendar_view
from db.access import Viewer
from db.customers import stock
from db.log import activity
from metrics import periods
from metrics.catalog import CATALOG, MEASURES
from metrics.comparison import preview
from metrics.definitions import Definitions, in_force
from metrics.penetration import penetration
from metrics.penetration.stock import first_days
from metrics.periods import Period
from metrics.plans.summary import summary

LABELS = {one.name: one.label for one in CATALOG}


@dataclass(frozen=True)
class Preview:
    """`table` and `total` are preview.compared, one row a manager and one in all; `stocks` the penetrations that
    differ."""

    table: pl.DataFrame
    total: pl.DataFrame
    stocks: list[dict]


def show(viewer: Viewer, one: Definitions, today: date) -> None:
    """This month from the version's first day on, or as if it had held all month: the page says which."""
    month = periods.month(today)
    st.subheader(_("What this would do to {month}", month=formats.month(today)))
    calendar_view.note(viewer, month)
    whole = as_if_throughout(one, month, today)
    found = previewed(viewer, one, whole, today)
    names = preview.differing_figures(pl.concat([found.table.select(found.total.columns), found.total]))
    if not names and not found.stocks:
        st.info(_("No number of this month changes."))
        return
    differing = found.table.filter("differs")
    same = found.table.height - differing.height
    others = ngettext("{number} manager does not change.", "{number} managers do not change.", same)
    cards.row([Card(_("Managers whose numbers change"), f"{differing.height}", others), *map(stock_card, found.stocks)])
    if names:
        total = found.total.row(0, named=True) | {"manager_name": _("Together"), "staff_no": ""}
        grids.show(standing.with_names(viewer, differing), [manager(), *map(column, names)], total)


def as_if_throughout(one: Definitions, month: Period, today: date) -> bool:
    """Whether to show the month as if the version had held in all of it; what begins on a day to come has no activity
    yet."""
    day = one.from_day
    if day == month.first:
        return False
    if day not in month:
        st.caption(_("Takes effect after this month: shown as if it had been in force all month."))
        return True
    ways = {False: _("from {day} on", day=formats.short_day(day)), True: _("as if in force all month")}
    chosen = st.segmented_control(
        _("Calculated"), list(ways), default=day > today, format_func=ways.get, key=f"reckoned {day}", required=True
    )
    if day > today:
        st.caption(_("Takes effect later: consultations logged so far keep counting as they do now."))
    return day > today if chosen is None else chosen


def previewed(viewer: Viewer, one: Definitions, whole: bool, today: date) -> Preview:
    asked = (one, whole, today, clock.done_through(today))
    return viewer.cached("definitions preview", *asked, read=lambda: compute(viewer, one, whole, today))


def compute(viewer: Viewer, one: Definitions, whole: bool, today: date) -> Preview:
    """Reads the month once, and makes the same summary of it twice."""
    month, through, held = periods.month(today), clock.done_through(today), bank_rules.versions(viewer)
    then = preview.throughout(held, one, month) if whole else [*held, one]
    now, log = gather.frames(viewer, month, through=through), activity.read_stated(viewer, month).collect()
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
    held = penetration_tables.frames(viewer, today)
    before = stock.reduced(viewer, periods.month(today).first - timedelta(1), first_days)
    steps = pl.concat([before, first_days(log)])
    return penetration.penetration(penetration.cells(replace(held, steps=steps), today, rules).table)


def manager() -> grids.Column:
    def cell(row: dict) -> str:
        return Markup("{} {}").format(
            links.manager(row.get("manager"), row["manager_name"]), grids.small(row["staff_no"])
        )

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
    before, after = (
        Markup("{}{}").format(write(row[f"{name}_{side}"]), few(row.get(f"{name}_few_{side}")))
        for side in ("before", "after")
    )
    if before == after:
        return grids.small(after)
    change = row[f"{name}_change"]
    by = " " + grids.small(f"({difference(change)})") if change else ""
    return Markup("{} → <b>{}</b>{}").format(before, after, by)


def few(cases: bool | None) -> Markup | str:
    return " " + grids.small(_("few cases")) if cases else ""


def statuses(before: str, after: str) -> Markup:
    return grids.pill(after) if before == after else grids.pill(before) + " → " + grids.pill(after)


def stock_card(row: dict) -> Card:
    about = _("before {share}", share=formats.share(row["before"]))
    if row["change"] is not None:
        about += f" · {formats.points(row['change'])}"
    return Card(_(LABELS[row["name"]]), formats.share(row["after"]), about)
