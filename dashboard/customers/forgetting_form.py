"""Forgetting a customer: on their page, for the administrator."""

from datetime import date

import streamlit as st

from dashboard.customers import forgetting
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.widgets import formats
from dashboard.widgets.saving import saving
from db.access import Viewer, may
from db.customers.forgetting import forgotten_on


def show(viewer: Viewer, customer: int, today: date) -> None:
    """Says that they are forgotten, or lets whoever may do so forget them, for a reason and after a second look."""
    day = forgotten_on(viewer, customer)
    if day is not None:
        st.caption(
            _("Forgotten on {day}: name, phone and notes are gone, the counts stay.", day=formats.day(day.date()))
        )
        return
    if may(viewer, "forget_customers"):
        name = f"forgetting {customer}"
        session.folded(_("Forget this customer"), name, lambda: form(viewer, customer, today))


def form(viewer: Viewer, customer: int, today: date) -> None:
    with st.form("forget", border=False):
        st.markdown(_("Name, phone and every note go for good, also from backups that are put back. Counts stay."))
        reason = st.text_input(_("Why; it is recorded with your name"), max_chars=200)
        sure = st.checkbox(_("I know that this cannot be undone"))
        asked = st.form_submit_button(_("Forget"))
    if not asked:
        return
    if not sure:
        st.warning(_("Confirm first that this cannot be undone."))
        return
    with saving() as outcome:
        outcome.message = forgetting.said(*forgetting.forget(viewer, customer, reason, today))
