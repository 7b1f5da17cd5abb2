"""Cells of the comparison: each that is red or blue leads to the rows behind it."""

from collections.abc import Callable
from datetime import date

import streamlit as st
from markupsafe import Markup

from dashboard.comparison.gather import Compared
from dashboard.shell import links, session
from dashboard.shell.language import _, language
from dashboard.widgets import formats, grids
from metrics.diagnosis.funnel_plot import ENOUGH_UNITS
from metrics.metric import Ratio, Total
from metrics.periods import Period
from metrics.statuses import FAINT, STATUSES

CELL = Markup('<a class="cx-cell cx-heat cx-{}" href="{}" target="_self" title="{}">{} {}</a>')
STATUS = Markup('<a class="cx-status cx-{}" href="{}" target="_self">{} {}</a>')
LOG, WEEK = "activity_log", "weekly_meeting"
KIND = {  # of the rows a total counts
    "consultations": "consultation",
    "contacts": "consultation",
    "applications": "application",
    "deals": "deal",
    "deal_amount": "deal",
}


def unit(asked: Compared) -> grids.Column:
    """The row's branch, that leads to its managers, or its manager, that leads to them."""
    if asked.key == "manager":
        return grids.manager()
    return grids.link("branch_name", _("Branch"), lambda row: session.href(branch=row["branch"]))


def name_of(asked: Compared, row: dict) -> str:
    """The same name, outside a table."""
    if asked.key == "manager":
        return links.manager(row["manager"], row["manager_name"], row.get("branch"))
    return links.NAME.format(session.href(branch=row["branch"]), f"{row['branch_name']} ›")


def rows_behind(asked: Compared, row: dict, span: Period, total: Total | str, **more: object) -> str | None:
    """The link to the entries that a number of the row counts, as far as they are known; None for whoever may not open
    the log. Without a unit in the row they are those of all."""
    if not session.may_open(LOG):
        return None
    last = min(span.last, asked.found.on)
    name = total if isinstance(total, str) else total.name
    places = {"branch": asked.book.part.branch, "manager": None} | {
        level: row[level] for level in ("branch", "manager") if row.get(level) is not None
    }
    link = {"since": min(span.first, last), "until": last, "kind": KIND.get(name), "way": None, "product": None}
    return session.href(LOG, **places | link | more)


def marked(text: str, place: str | None, href: str | None, about: str = "") -> str:
    """A number that is coloured, with a sign, where it is beyond chance (statuses.PLACES), and leads to its rows."""
    if place is None or STATUSES[place].tone == FAINT:
        return text
    status = STATUSES[place]
    about = about or _(status.label)
    if href is None:
        return Markup('<span class="cx-cell cx-heat cx-{}" title="{}">{} {}</span>').format(
            status.tone, about, text, status.icon
        )
    return CELL.format(status.tone, href, about, text, status.icon)


def status(code: str | None, href: str | None) -> str:
    """A status as a pill that leads to the rows behind it, where it is a colour."""
    if code is None:
        return formats.NOTHING
    one = STATUSES[code]
    if href is None or one.tone == FAINT:
        return grids.pill(code)
    return STATUS.format(one.tone, href, one.icon, _(one.label))


def rate(asked: Compared, one: Ratio, few: int, href: Callable[[dict], str | None]) -> grids.Column:
    """A rate with its limits, coloured where `<rate>_place` says so."""
    plain = grids.metric(one, few)

    def cell(row: dict) -> str:
        place = row.get(f"{one.name}_place")
        if place is None or STATUSES[place].tone == FAINT:
            return plain.cell(row)
        low, high = row[f"{one.name}_low"], row[f"{one.name}_high"]
        number = marked(formats.FORMAT[one.unit](row[one.name]), place, href(row))
        return Markup("{} {}").format(number, grids.small(formats.interval(low, high, one.unit)))

    return grids.Column(_(one.label), cell, formats.formula(one))


def about_colours(*before: str) -> None:
    """Below a section, after what it says of itself: which limits a coloured cell is beyond."""
    said = _(
        "▲ and ▼ lie beyond the 95 % limits of chance around all together, ▲▲ and ▼▼ beyond 99.8 %; from {least} units on"
        " the limits are widened by how much such units differ anyway.",
        least=ENOUGH_UNITS,
    )
    st.caption(("" if language() == "zh" else " ").join([*before, said]))


def span_label(period: Period, through: date) -> str:
    """The days a section is about, up to the last one that is known."""
    last = min(period.last, through)
    return f"{formats.short_day(period.first)} – {formats.short_day(max(last, period.first))}"
