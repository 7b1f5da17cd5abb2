"""A meeting on its page: begun, run, and its minutes once it is over."""

import streamlit as st

from dashboard.meetings import minutes_view
from dashboard.meetings.content.asked import Asked
from dashboard.meetings.own import link
from dashboard.meetings.run_mode import run
from dashboard.meetings.run_mode.run import Extras


def show(asked: Asked, extras: Extras | None = None) -> None:
    """While it runs there is nothing else on the page; before and after it the page goes on below."""
    link.to_own_meeting()
    if run.show(asked, extras):
        st.stop()
    minutes_view.show(asked)
