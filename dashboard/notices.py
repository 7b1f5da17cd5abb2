"""What a page says to whoever looks: a refusal, a thing done."""

import streamlit as st

from dashboard.words import plain, say
from db.errors import StorageError


def refused(error: StorageError) -> None:
    st.error(say(error, plain))


def done(message: str) -> None:
    """A message whose stored text went through words.plain."""
    st.toast(message, icon="✅")
