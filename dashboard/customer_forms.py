"""One customer once: making two records one, and passing customers to another manager."""

from datetime import timedelta

import polars as pl
import streamlit as st

from dashboard import naming, session
from dashboard.account_forms import attempt
from dashboard.words import _, plain
from db import one_customer, people
from db.access import Viewer, may
from metrics import periods

LATEST = timedelta(365)


def forms(viewer: Viewer, found: pl.DataFrame) -> None:
    """What may be done with the customers found (customers.FOUND)."""
    own = found.filter("whole")
    if own.height > 1 and may(viewer, "merge_customers"):
        with st.expander(_("Two records of one customer? Make them one")):
            merge(viewer, own)
    if found.height and may(viewer, "hand_over_customers"):
        with st.expander(_("Hand customers over to another manager")):
            hand_over(viewer, found)


def labels(found: pl.DataFrame) -> dict[int, str]:
    rows = found.select("customer", "customer_name", "phone", "manager_name", "branch_name").iter_rows()
    return {one: " · ".join([naming.label(name, phone), *place]) for one, name, phone, *place in rows}


def merge(viewer: Viewer, own: pl.DataFrame) -> None:
    """The record that goes on, and the one that goes into it; the histories of both are kept."""
    names = labels(own)
    with st.form("merge", border=False):
        keep = st.selectbox(_("The record to keep"), list(names), None, names.get, placeholder=_("Choose"))
        gone = st.selectbox(_("The record that goes into it"), list(names), None, names.get, placeholder=_("Choose"))
        asked = st.form_submit_button(_("Make them one"))
    if asked and keep is not None and gone is not None:
        said = _("{customer} is one record now", customer=plain(names[keep]))
        attempt(lambda: one_customer.merge(viewer, keep, gone), said)


def hand_over(viewer: Viewer, found: pl.DataFrame) -> None:
    """To whom, and from which day on; open opportunities go with the customers, what was done stays where it was done."""
    names, today = labels(found), session.today()
    staff = people.managers(viewer, periods.day(today)).select("manager", "manager_name", "branch_name").iter_rows()
    managers = {one: f"{name} · {branch}" for one, name, branch in staff}
    with st.form("hand over", border=False):
        wanted = st.multiselect(_("Customers"), list(names), [], names.get, placeholder=_("Choose"))
        manager = st.selectbox(_("Hand over to"), list(managers), None, managers.get, placeholder=_("Choose"))
        day = st.date_input(_("From day"), today, today, today + LATEST)
        asked = st.form_submit_button(_("Hand over"))
    if asked and wanted and manager is not None and day is not None:
        said = _("{number} customers pass to {manager}", number=len(wanted), manager=plain(managers[manager]))
        attempt(lambda: one_customer.hand_over(viewer, wanted, manager, day, today), said)
    for customer in wanted:
        if (passing := one_customer.waiting(viewer, customer)) is not None:
            to, on = passing
            st.caption(
                _("{customer} passes to {manager} on {day}", customer=plain(names[customer]), manager=plain(to), day=on)
            )
