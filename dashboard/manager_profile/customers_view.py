"""Their customers: how many they won, what these hold, and how far their territories are covered."""

import streamlit as st

from dashboard.penetration import board as penetration_board
from dashboard.shell.language import _
from dashboard.standing.book import Book


def show(book: Book) -> None:
    """Penetration of their territories, in their shares, and products per customer; a row a territory of theirs."""
    st.subheader(_("Customers and territories"))
    penetration_board.of_manager(book)
