"""Eight weeks as pictures."""

import streamlit as st

from dashboard.shell.language import _
from dashboard.standing.book import Book
from dashboard.standing.standing import Standing
from dashboard.widgets import charts
from metrics.catalog import COUNTS


def pictures(book: Book, eight: Standing) -> None:
    """All weeks from consultation to deal, and one after another."""
    left, right = st.columns(2)
    with left:
        st.subheader(_("Eight weeks, from consultation to deal"))
        charts.show(charts.funnel(eight.total), _("Funnel"))
    with right:
        st.subheader(_("Week by week"))
        charts.show(charts.trend(book.period(eight.period, ["week"]).table, COUNTS), _("Trend"))
