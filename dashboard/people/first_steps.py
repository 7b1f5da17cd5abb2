"""The first days of a bank: what comes before the first meeting, how far it is, and who does it."""

import streamlit as st
from markupsafe import Markup

from dashboard.imports import upload
from dashboard.shell import session
from dashboard.shell.language import _, word
from dashboard.widgets import grids
from db.access import Viewer
from db.accounts import first_steps
from db.imports import imports

FILES = {"people": "people", "plans": "plans", "log": "activities"}  # step → the kind of file that takes it
IMPORT = "data_import"
HEADINGS = {
    "people": "Import the people: who works where",
    "plans": "Import or set the month's plans",
    "accounts": "Accounts for everybody, passwords handed over",
    "log": "Import the log so far, or record the first visit",
    "meeting": "Hold the first morning meeting",
}


def show(viewer: Viewer) -> None:
    """The steps with their state, and the template of each that the viewer can take; nothing once all are taken."""
    taken = first_steps.taken(viewer)
    if all(taken.values()):
        return
    files = imports.kinds(viewer)
    with st.container(border=True, key="first-steps"):
        st.subheader(_("First steps"))
        for number, (step, done) in enumerate(taken.items(), 1):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                grids.line("step_done" if done else "step_open", f"{number} {_(HEADINGS[step])}")
                kind = FILES.get(step)
                if not done and kind in files:
                    upload.template(viewer, kind, _("Template: {kind}", kind=word(kind)))
        if session.may_open(IMPORT):
            link = Markup('<a class="cx-more" href="{}" target="_self">{} ›</a>')
            st.html(link.format(session.href(IMPORT), _("To the import")))
