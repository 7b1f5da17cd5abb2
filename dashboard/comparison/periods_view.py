"""Any two periods side by side: what has changed for more than chance."""

import streamlit as st
from markupsafe import Markup

from dashboard.comparison import cells, gather
from dashboard.comparison.gather import BESIDE, Compared
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.widgets import filters, formats, grids
from metrics.catalog import DEAL_AMOUNT
from metrics.metric import Ratio
from metrics.periods import Period
from metrics.statuses import AS_BEFORE, STATUSES

THE_FIRST, THE_OTHER = ("since", "until"), ("earlier_since", "earlier_until")  # what the link keeps them under


def chosen(asked: Compared) -> tuple[Period, Period]:
    """The two periods as the link has them, also where this section is not in view."""
    first = filters.linked_stretch(THE_FIRST, usual(asked), session.today())
    return first, filters.linked_stretch(THE_OTHER, gather.earlier(asked, first), session.today())


def usual(asked: Compared) -> Period:
    return asked.found.period.until(asked.found.through) or asked.found.period


def show(asked: Compared) -> None:
    with st.container(horizontal=True, key="divide"):
        first = filters.stretch(_("Period"), THE_FIRST, usual(asked), session.today())
        second = filters.stretch(_("Beside"), THE_OTHER, gather.earlier(asked, first), session.today())
    table, together = gather.two_periods(asked, first, second)
    columns = [cells.unit(asked), *(beside(asked, one, first) for one in BESIDE), amount()]
    grids.show(
        asked.in_order(table), columns, together.row(0, named=True) | {f"{asked.key}_name": _("Together")}, dense=True
    )
    st.caption(
        _(
            "The first period, and in small type the one beside it: {second}. Marked where the difference is more than"
            " chance and the days' own scatter make; of amounts that is not known.",
            second=cells.span_label(second, second.last),
        )
    )


def beside(asked: Compared, one: Ratio, first: Period) -> grids.Column:
    write = formats.FORMAT[one.unit]

    def cell(row: dict) -> str:
        now, before = write(row[one.name]), grids.small(write(row[f"{one.name}_before"]))
        code = row[f"{one.name}_changed"]
        if code is None or code == AS_BEFORE.code:
            return Markup("{} {}").format(now, before)
        change, href = STATUSES[code], cells.rows_behind(asked, row, first, one.of)
        return Markup("{} {}").format(turned(now, change, href), before)

    return grids.Column(_(one.label), cell, formats.formula(one))


def turned(now: str, change, href: str | None) -> str:
    """Changed for more than chance: an arrow without a colour."""
    if href is None:
        return Markup('<b title="{}">{} {}</b>').format(_(change.label), now, change.icon)
    return Markup('<a class="cx-cell cx-heat" href="{}" target="_self" title="{}">{} {}</a>').format(
        href, _(change.label), now, change.icon
    )


def amount() -> grids.Column:
    name = DEAL_AMOUNT.name

    def cell(row: dict) -> str:
        now, before = formats.amount(row[name]), formats.amount(row[f"{name}_before"])
        return Markup("{} {}").format(now, grids.small(before))

    return grids.Column(_(DEAL_AMOUNT.label), cell)
