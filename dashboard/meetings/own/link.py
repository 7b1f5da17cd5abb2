"""The way to the page on which managers see their branch's meeting."""

import streamlit as st
from markupsafe import Markup

from dashboard.shell import session
from dashboard.shell.language import _

PAGE = "our_meeting"
LINK = Markup('<a class="cx-more" href="{}" target="_self">{} ›</a>')


def to_own_meeting() -> None:
    """For who is a manager: also while they stand in for their head and run the meeting."""
    if session.is_manager():
        st.html(LINK.format(session.href(PAGE, branch=None, manager=None, day=None), _("Our meeting")))
