"""Promises of the morning, and how often the day kept them."""

import streamlit as st
from markupsafe import Markup

from dashboard.comparison import cells, gather
from dashboard.comparison.gather import Compared
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.widgets import formats, grids
from metrics.catalog import CONSULTATIONS

EVENING = "evening_meeting"


def show(asked: Compared) -> None:
    table = gather.promises_kept(asked)
    if not table["to"].sum() + table["weeks_to"].sum():
        st.info(_("Nothing was promised in the days of this period that are over."))
        return
    few = asked.found.rules.small_sample

    def share(row: dict) -> str:
        if row["rate"] is None or row["to"] < few:
            return Markup("{} {}").format(formats.share(row["rate"]), grids.small(_("few cases") if row["to"] else ""))
        limits = formats.interval(row.get("kept_share_low"), row.get("kept_share_high"))
        return Markup("{} {}").format(formats.share(row["rate"]), grids.small(limits))

    def weeks(row: dict) -> str:
        said = _("{kept} of {days}", kept=formats.count(row["weeks_of"]), days=formats.count(row["weeks_to"]))
        if not row["weeks_to"]:
            return formats.NOTHING
        limits = formats.interval(row.get("weeks_share_low"), row.get("weeks_share_high"))
        return Markup("{} {}").format(said, grids.small(_("few cases") if row["weeks_to"] < few else limits))

    def place(row: dict) -> str:
        return cells.status(row["place"], href(asked, row))

    columns = [
        cells.unit(asked),
        grids.Column(_("Beside the others"), place, left=True),
        grids.Column(
            _("Promises kept"), share, _("days on which every promised count was reached ÷ days with a promise")
        ),
        grids.number("of", _("Days kept")),
        grids.number("to", _("Days with a promise"), help=_("managers' days")),
        *([grids.number("streak", _("Days kept in a row"))] if asked.key == "manager" else []),
        grids.Column(
            _("Weeks kept"), weeks, _("weeks in which every promised count was reached, of those with a promise")
        ),
        grids.number("apart", _("Promised late"), help=_("made or changed when half of the day was over: not counted")),
    ]
    names = ("of", "to", "apart", "weeks_of", "weeks_to")
    together = {name: table[name].sum() for name in names} | {"streak": None}
    together |= {"rate": table["centre"][0], "place": None}
    rows = asked.in_order(table).sort("place", "rate", nulls_last=True)
    grids.show(rows, columns, together | {f"{asked.key}_name": _("Together")}, dense=True)
    cells.about_colours()


def href(asked: Compared, row: dict) -> str | None:
    """A branch's last evening, a manager's rows."""
    if asked.key == "manager":
        return cells.rows_behind(asked, row, asked.found.period, CONSULTATIONS)
    if not session.may_open(EVENING):
        return None
    return session.href(
        EVENING, branch=row.get("branch"), day=min(asked.found.through, asked.found.period.last), manager=None
    )
