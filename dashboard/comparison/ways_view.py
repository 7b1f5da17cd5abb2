"""Conversion by channel and by method."""

import streamlit as st

from dashboard.comparison import cells, gather
from dashboard.comparison.gather import Compared
from dashboard.shell.language import _, word
from dashboard.standing.summary_table import HEADINGS
from dashboard.widgets import grids
from metrics.catalog import CONTACTS, COUNTS, DEAL_AMOUNT, RATES
from metrics.metric import Ratio


def show(asked: Compared) -> None:
    for way in ("channel", "method"):
        of_way(asked, way)
    cells.about_colours(
        _(
            "Applications and deals stand under the way by which their opportunity was first consulted; a coloured rate"
            " leads to the consultations of that way."
        )
    )


def of_way(asked: Compared, way: str) -> None:
    heading = _(HEADINGS[way])
    columns = [grids.Column(heading, lambda row: row["label"] if "label" in row else word(row[way]), left=True)]
    columns += [grids.metric(one) for one in (CONTACTS, *COUNTS, DEAL_AMOUNT)]
    columns += [rate(asked, one, way) for one in RATES]
    st.subheader(heading)
    grids.show(gather.by_way(asked, way), columns, asked.found.total | {"label": _("Together")})


def rate(asked: Compared, one: Ratio, way: str) -> grids.Column:
    def href(row: dict) -> str | None:
        return cells.rows_behind(asked, {}, asked.found.period, CONTACTS, way=row[way])

    return cells.rate(asked, one, asked.found.rules.small_sample, href)
