"""What a person sees of an error that was not foreseen."""

import streamlit as st

from dashboard.shell import log_redaction
from dashboard.shell.language import _, plain, say
from db.errors import StorageError


def show_error(error: Exception) -> bool:
    """What a person sees of an error that was not foreseen: that it happened, and a number to report it by."""
    number = log_redaction.log_error(error)
    if isinstance(error, StorageError):  # the database is busy, full, or out of reach: that is known, and said
        st.error(say(error, plain))
        return True
    st.error(
        _("Something went wrong here, and nothing was changed. Tell the administrator error {number}.", number=number)
    )
    return True
