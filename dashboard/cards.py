"""Number cards: a label, a value, and a line that says what it stands against."""

from dataclasses import dataclass
from html import escape

import streamlit as st


@dataclass(frozen=True)
class Card:
    """`about` is shown below the value, `help` when pointing at it; `status` colours the value (grids.STATUS)."""

    label: str
    value: str
    about: str = ""
    help: str = ""
    status: str = ""


def row(cards: list[Card]) -> None:
    st.html('<div class="cx-cards">' + "".join(html(card) for card in cards) + "</div>")


def html(card: Card) -> str:
    tone = f" cx-{card.status}" if card.status else ""
    return (
        f'<div class="cx-card" title="{escape(card.help)}"><div class="l">{escape(card.label)}</div>'
        f'<div class="v{tone}">{escape(card.value)}</div><div class="s">{escape(card.about)}</div></div>'
    )
