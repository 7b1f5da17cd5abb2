"""Messages: what has gone to the branches' chat groups, what waits, what nobody knows of, and where anything may go."""

from functools import partial

import streamlit as st

from dashboard.delivery import channel_form, host_form, queue_view
from dashboard.shell import session
from dashboard.shell.language import _
from db.access import may

viewer = session.viewer()

st.title(_("Messages"))

shown = {_("Queue"): queue_view.board, _("Groups"): channel_form.board}
if may(viewer, "allow_hosts"):
    shown[_("Allowed hosts")] = host_form.board

session.tabs({label: partial(board, viewer) for label, board in shown.items()}, "messages")
