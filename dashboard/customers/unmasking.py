"""Customers as a list, masked where they are not the viewer's; and the way to see one of them whole."""

import polars as pl
import streamlit as st

from dashboard.shell import links
from dashboard.shell.language import _, word
from dashboard.shell.settings import settings
from dashboard.widgets import grids, notices
from db.access import Viewer, may
from db.customers import customers


def table(found: pl.DataFrame) -> None:
    """The customers found (customers.FOUND), the one met last on top."""
    grids.show(
        found,
        [
            grids.customer(),
            grids.Column(_("Phone"), lambda row: links.phone(row["phone"]), left=True),
            grids.Column(_("Kind"), lambda row: word(row["kind"]), left=True),
            grids.manager(),
            grids.text("branch_name", _("Branch")),
            grids.text("last_day", _("Last contact")),
        ],
        cards=True,
    )
    if not found["whole"].all():
        st.caption(_("Only the customer's manager and their branch head see full names and phone numbers."))


def one(viewer: Viewer, found: pl.DataFrame) -> None:
    """One masked customer, seen whole for a reason that is recorded."""
    masked = found.filter(~pl.col("whole"))
    if masked.is_empty() or not may(viewer, "unmask_customer"):
        return
    names = {
        row["customer"]: " · ".join(filter(None, (row["customer_name"], row["phone"], row["manager_name"])))
        for row in masked.to_dicts()
    }
    st.subheader(_("View one customer in full"))
    with st.form("unmask", border=False):
        only = 0 if len(names) == 1 else None
        chosen = st.selectbox(_("Customer"), list(names), only, names.get, placeholder=_("Choose"))
        reason = st.text_input(_("Reason for viewing; it is recorded with your name"), max_chars=200)
        asked = st.form_submit_button(_("Show"))
    if not asked:
        return
    if chosen is None:
        st.warning(_("Choose a customer first."))
        return
    with notices.refusals():
        name, phone = customers.unmask(viewer, chosen, reason, settings().unmask_a_day)
        st.text(f"{name}  {phone or _('no phone')}")
