"""Activity a manager and working day, so that large and small branches compare, and the funnel behind it."""

from dashboard.comparison import cells, gather
from dashboard.comparison.gather import Compared
from dashboard.shell.language import _
from dashboard.widgets import formats, grids
from metrics.catalog import COUNTS, FUNNEL_RATIOS, MANAGER_DAYS, PER_DAY, RATES
from metrics.metric import Ratio


def show(asked: Compared) -> None:
    table, together = gather.activity_of(asked)
    few = asked.found.rules.small_sample
    columns = [cells.unit(asked), *(a_day(asked, one) for one in PER_DAY)]
    columns += [grids.number(MANAGER_DAYS.name, _(MANAGER_DAYS.label), formats.number_short, _(MANAGER_DAYS.formula))]
    columns += [grids.metric(one) for one in COUNTS]
    columns += [rate(asked, one) if one in RATES else grids.metric(one, few) for one in FUNNEL_RATIOS]
    grids.show(
        asked.in_order(table), columns, asked.found.total | together | {f"{asked.key}_name": _("Together")}, dense=True
    )
    cells.about_colours()


def a_day(asked: Compared, one: Ratio) -> grids.Column:
    def cell(row: dict) -> str:
        href = cells.rows_behind(asked, row, asked.found.period, one.of) if asked.key in row else None
        return cells.marked(formats.number(row[one.name]), row.get(f"{one.name}_place"), href)

    return grids.Column(_(one.label), cell, formats.formula(one))


def rate(asked: Compared, one: Ratio) -> grids.Column:
    few = asked.found.rules.small_sample
    return cells.rate(asked, one, few, lambda row: cells.rows_behind(asked, row, asked.found.period, one.of))
