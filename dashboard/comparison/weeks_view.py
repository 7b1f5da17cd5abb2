"""Branch by week: activity a manager and working day, coloured where it differs from that week's of all together."""

import streamlit as st

from dashboard.comparison import cells, gather
from dashboard.comparison.gather import Compared
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.widgets import formats, grids
from metrics import periods
from metrics.catalog import PER_DAY
from metrics.metric import Ratio

OF_MEASURE = {one.of.name: one for one in PER_DAY}


def show(asked: Compared) -> None:
    one = OF_MEASURE.get(asked.measure, OF_MEASURE["deals"])
    table, together = gather.week_by_week(asked, one)
    weeks = sorted(together["week"])
    if not weeks:
        st.info(_("No working day has passed here yet."))
        return
    known = {(row[asked.key], row["week"]): row for row in table.to_dicts()}
    of_all = {row["week"]: row for row in together.to_dicts()}
    columns = [cells.unit(asked)] + [week(asked, one, monday, known, of_all) for monday in weeks]
    grids.show(asked.in_order(asked.units()), columns, {f"{asked.key}_name": _("Together")}, dense=True)
    cells.about_colours(
        _("{rate} of each week, beside that week's of all together; the last may still be running.", rate=_(one.label))
    )


def week(asked: Compared, one: Ratio, monday, known: dict, of_all: dict) -> grids.Column:
    span = periods.week(monday)

    def cell(row: dict) -> str:
        found = known.get((row.get(asked.key), monday))
        if asked.key not in row:
            return formats.number(of_all[monday][one.name])
        if found is None:
            return formats.NOTHING
        about = f"{formats.count(found[one.of.name])} ÷ {found['manager_days']:g}"
        return cells.marked(formats.number(found[one.name]), found["place"], href(asked, row, span, one), about)

    return grids.Column(formats.short_day(monday), cell, f"{formats.formula(one)}")


def href(asked: Compared, row: dict, span: periods.Period, one: Ratio) -> str | None:
    """A branch's week in its weekly meeting, a manager's in the log."""
    if asked.key == "manager":
        return cells.rows_behind(asked, row, span, one.of)
    if not session.may_open(cells.WEEK):
        return None
    return session.href(cells.WEEK, branch=row["branch"], day=min(span.last, asked.found.on), manager=None)
