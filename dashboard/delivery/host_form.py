"""The hosts that messages may leave the bank for: the administrator's alone."""

import streamlit as st

from dashboard.shell.language import _, word
from dashboard.widgets import grids
from dashboard.widgets.saving import saving
from db.access import Viewer
from db.delivery import channels
from db.delivery.services import SERVICES


def board(viewer: Viewer) -> None:
    """What is allowed, and the usual services to allow with one tap."""
    found = channels.hosts(viewer)
    if found.is_empty():
        st.info(_("Nothing may be sent: no host is allowed. This is how every installation begins."))
    else:
        columns = [
            grids.text("host", _("Host")),
            grids.Column(
                _("In the bank's own network"), lambda row: _("yes") if row["internal"] else _("no"), left=True
            ),
        ]
        grids.show(found, columns)
    usual = {one.host: word(name) for name, one in SERVICES.items() if one.host not in set(found["host"])}
    st.subheader(_("Allow a host"))
    with st.container(horizontal=True):
        for host, service in usual.items():
            if st.button(f"{service} · {host}", key=f"allow {host}"):
                with saving(_("{host} is allowed.", host=host)):
                    channels.allow(viewer, host)
    with st.form("own host", border=False):
        host = st.text_input(_("Another host"), max_chars=100, placeholder="im.bank.example:8443")
        internal = st.checkbox(
            _("It lies in the bank's own network (may have a private address and speak HTTP)"), False
        )
        if st.form_submit_button(_("Allow")):
            with saving(_("The host is allowed.")):
                channels.allow(viewer, host, internal)
    if found.height:
        st.subheader(_("Forbid a host"))
        chosen = st.selectbox(_("Host"), found["host"].to_list(), None, key="forbidden", placeholder=_("Choose"))
        if st.button(_("Forbid"), disabled=chosen is None):
            with saving(_("It is forbidden; what waits for it waits on.")):
                channels.forbid(viewer, chosen)
