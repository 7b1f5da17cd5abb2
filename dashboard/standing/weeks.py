"""Eight weeks as pictures, and of each manager."""

import streamlit as st

from dashboard.shell.language import _
from dashboard.standing import standing
from dashboard.standing.book import Book
from dashboard.standing.standing import Standing
from dashboard.widgets import charts, grids
from metrics.catalog import CONVERSION_RATE, COUNTS, FUNNEL_RATIOS


def pictures(book: Book, eight: Standing) -> None:
    """All weeks from consultation to deal, and one after another."""
    left, right = st.columns(2)
    with left:
        st.subheader(_("Eight weeks, from consultation to deal"))
        charts.show(charts.funnel(eight.total), _("Funnel"))
    with right:
        st.subheader(_("Week by week"))
        charts.show(charts.trend(book.period(eight.period, ["week"]).table, COUNTS), _("Trend"))


def of_each(book: Book, eight: Standing) -> None:
    """Each manager's funnel over the weeks, and their conversion rate with its limits."""
    st.subheader(_("Activity and conversion in eight weeks"))
    people = standing.with_names(book.viewer, eight.table)
    numbers = [grids.metric(one, eight.rules.small_sample) for one in (*COUNTS, *FUNNEL_RATIOS)]
    trend = grids.spark(book.by_week(eight.period), "manager", "consultations", _("Consultations by week"))
    total = eight.total | {"manager_name": _("Together"), "manager": None}
    grids.show(people, [grids.manager(), *numbers, trend], total)
    st.subheader(title := _("Conversion rate with its limits"))
    charts.show(charts.intervals(people, CONVERSION_RATE, "manager_name", eight.total), title)
