"""The sections of the comparison, of which one is in view: only that is computed."""

from collections.abc import Callable

import polars as pl
import streamlit as st

from dashboard.comparison import (
    activity_view,
    behind,
    cells,
    interviews_view,
    mix_view,
    periods_view,
    promises_view,
    rates_view,
    ways_view,
    weeks_view,
)
from dashboard.comparison.gather import Compared
from dashboard.diagnosis import board, reasons
from dashboard.penetration import board as penetration_board
from dashboard.shell.language import _
from dashboard.standing import boards
from dashboard.widgets import filters, grids
from db.access import may


def show(asked: Compared) -> None:
    """The one that the link names, the table of the plan unless it names another."""
    labels = {
        "plan": _("Against the plan"),
        "rates": _("Rates"),
        "activity": _("Activity"),
        "weeks": _("Week by week"),
        "penetration": _("Penetration"),
        "mix": _("Product mix"),
        "ways": _("Channels and methods"),
        "periods": _("Two periods"),
        "promises": _("Promises kept"),
    }
    if may(asked.book.viewer, "count_interviews"):
        labels["interviews"] = _("Performance interviews")
    with st.container(key="sections"):
        chosen = filters.segments("section", _("Section"), labels, hidden=True)
    SECTIONS[chosen](asked)


def plan(asked: Compared) -> None:
    """The table of the plan; a status that is a colour leads to its rows, and a reason stands there for whoever has no
    line above."""

    def status(row: dict) -> str:
        return cells.status(row["status"], cells.rows_behind(asked, row, asked.found.period, asked.measure))

    late = asked.found.ranked(asked.measure).filter(pl.col("status").is_in(reasons.BEHIND)).height
    more = board.column(asked.book, asked.found, asked.measure, asked.key) if late > behind.SHOWN else []
    column = grids.Column(_("Status"), status, left=True)
    drill = asked.key == "branch"
    st.html(boards.html(asked.book, asked.found, asked.measure, drill=drill, more=more, status=column))
    boards.by_product(asked.book, asked.found, asked.measure)


def penetration(asked: Compared) -> None:
    """Of the branches, or of their territories or products; of one branch by manager and territory."""
    on, branch = min(asked.found.period.last, asked.book.on), asked.book.part.branch
    parts = {"places": _("By branch") if branch is None else _("By manager and territory")}
    parts |= {"territory": _("By territory")} if branch is None else {}
    chosen = filters.segments("split", _("Split"), parts | {"product": _("By product")}, hidden=True)
    draw = {"territory": penetration_board.of_territories, "product": penetration_board.of_products}
    draw.get(chosen, penetration_board.of_branches)(asked.book.viewer, on, branch)


SECTIONS: dict[str, Callable[[Compared], None]] = {
    "plan": plan,
    "rates": rates_view.show,
    "activity": activity_view.show,
    "weeks": weeks_view.show,
    "penetration": penetration,
    "mix": mix_view.show,
    "ways": ways_view.show,
    "periods": periods_view.show,
    "promises": promises_view.show,
    "interviews": interviews_view.show,
}
