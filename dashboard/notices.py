"""What a page says to whoever looks: a refusal, a thing done."""

import streamlit as st

from dashboard import changes
from dashboard.words import plain, say
from db.errors import Changed, StorageError


def refused(error: StorageError) -> None:
    """The refusal, and what somebody else did meanwhile where that is the reason."""
    lines = changes.lines(error.changes) if isinstance(error, Changed) else []
    st.error("\n".join([say(error, plain), *(f"- {plain(line)}" for line in lines)]))


def done(message: str) -> None:
    """A message whose stored text went through words.plain."""
    st.toast(message, icon="✅")
