"""Number cards: a label, a value, and a line that says what it stands against."""

from dataclasses import dataclass

import streamlit as st
from markupsafe import Markup

from metrics.statuses import STATUSES

CARD = Markup(
    '<div class="cx-card" title="{}"><div class="l">{}</div><div class="v{}">{}</div><div class="s">{}</div></div>'
)
FOLD = Markup('<label class="cx-fold"><input type="checkbox"><span>{}</span></label>')


@dataclass(frozen=True)
class Card:
    """`about` is shown below the value, `help` when pointing at it; `status` colours the value (a code of
    metrics.statuses)."""

    label: str
    value: str
    about: str = ""
    help: str = ""
    status: str = ""


def row(cards: list[Card], folded: str = "") -> None:
    """Shows cards beside one another."""
    st.html(row_html(cards, folded))


def row_html(cards: list[Card], folded: str = "") -> Markup:
    """Cards beside one another. With `folded`, a phone shows that one line instead, until it is tapped."""
    fold = FOLD.format(folded) if folded else ""
    return Markup('{}<div class="cx-cards">{}</div>').format(fold, Markup().join(map(html, cards)))


def html(card: Card) -> Markup:
    tone = f" cx-{STATUSES[card.status].tone}" if card.status else ""
    return CARD.format(card.help, card.label, tone, card.value, card.about)
