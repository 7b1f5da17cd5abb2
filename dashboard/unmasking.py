"""Customers as a list, masked where they are not the viewer's; and the way to see one of them whole."""

import polars as pl
import streamlit as st

from dashboard import grids, notices
from dashboard.settings import settings
from dashboard.words import _, word
from db import customers
from db.access import Viewer, may
from db.errors import StorageError


def table(found: pl.DataFrame) -> None:
    """The customers found (customers.FOUND), the one met last on top."""
    grids.show(
        found,
        [
            grids.text("customer_name", _("Customer")),
            grids.text("phone", _("Phone")),
            grids.Column(_("Kind"), lambda row: word(row["kind"]), left=True),
            grids.text("manager_name", _("Manager")),
            grids.text("branch_name", _("Branch")),
            grids.text("last_day", _("Last contact")),
        ],
    )
    if not found["whole"].all():
        st.caption(_("Names and phones are whole for the customer's manager and his branch head only."))


def one(viewer: Viewer, found: pl.DataFrame) -> None:
    """One masked customer, seen whole for a reason that is recorded."""
    masked = found.filter(~pl.col("whole"))
    if masked.is_empty() or not may(viewer, "unmask_customer"):
        return
    names = {
        row["customer"]: " · ".join(filter(None, (row["customer_name"], row["phone"], row["manager_name"])))
        for row in masked.to_dicts()
    }
    st.subheader(_("See one customer whole"))
    with st.form("unmask", border=False):
        chosen = st.selectbox(_("Customer"), list(names), None, names.get, placeholder=_("Choose"))
        reason = st.text_input(_("Why you need to see it; it is recorded with your name"), max_chars=200)
        asked = st.form_submit_button(_("Show"))
    if not asked:
        return
    if chosen is None:
        st.warning(_("Choose a customer first."))
        return
    try:
        name, phone = customers.unmask(viewer, chosen, reason, settings().unmask_a_day)
    except StorageError as error:
        notices.refused(error)
        return
    st.text(f"{name}  {phone or _('no phone')}")
