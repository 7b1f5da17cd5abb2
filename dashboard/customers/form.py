"""One customer once: making two records one, and passing customers to another manager."""

from datetime import date, timedelta

import polars as pl
import streamlit as st

from dashboard.customers import picker, unmasking
from dashboard.shell import session
from dashboard.shell.language import _, ngettext, plain
from dashboard.widgets.saving import saving
from db.access import Viewer, may
from db.customers import handover, merging
from db.people import people
from metrics import periods

LATEST = timedelta(365)


def forms(viewer: Viewer, found: pl.DataFrame) -> None:
    """What may be done with the customers found (customers.FOUND)."""
    own = found.filter("whole")
    if own.height > 1 and may(viewer, "merge_customers"):
        session.folded(_("Two records of one customer? Merge them"), "merging", lambda: merge(viewer, own))
    if found.height and may(viewer, "hand_over_customers"):
        session.folded(_("Hand customers over to another manager"), "handing over", lambda: hand_over(viewer, found))


def equal_names(viewer: Viewer) -> None:
    """Records that are called the same, for whoever may merge them."""
    if not may(viewer, "merge_customers"):
        return
    found = merging.equal_names(viewer).filter("whole").sort("branch_name", "customer_name")

    def listed() -> None:
        unmasking.table(found)
        merge(viewer, found, "merge equal names")

    if found.height:
        label = _("Records of equal names, perhaps of one customer: {number}", number=found.height)
        session.folded(label, "equal names", listed)


def labels(found: pl.DataFrame) -> dict[int, str]:
    rows = found.select("customer", "customer_name", "phone", "manager_name", "branch_name").iter_rows()
    return {one: " · ".join([picker.label(name, phone), *place]) for one, name, phone, *place in rows}


def merge(viewer: Viewer, own: pl.DataFrame, key: str = "merge") -> None:
    """The record that goes on, and the one that goes into it; the histories of both are kept."""
    names = labels(own)
    with st.form(key, border=False):
        keep = st.selectbox(_("The record to keep"), list(names), None, names.get, placeholder=_("Choose"))
        gone = st.selectbox(_("The record to merge into it"), list(names), None, names.get, placeholder=_("Choose"))
        asked = st.form_submit_button(_("Merge"))
    if asked and keep is not None and gone is not None:
        with saving(_("{customer} is now one record", customer=plain(names[keep]))):
            merging.merge(viewer, keep, gone)


def hand_over(viewer: Viewer, found: pl.DataFrame) -> None:
    """To whom, and from which day on; open opportunities go with the customers, what was done stays where it was
    done."""
    names, today = labels(found), session.today()
    managers = successors(viewer, today)
    with st.form("hand over", border=False):
        wanted = st.multiselect(_("Customers"), list(names), [], names.get, placeholder=_("Choose"))
        manager = st.selectbox(_("Hand over to"), list(managers), None, managers.get, placeholder=_("Choose"))
        day = st.date_input(_("From day"), today, today, today + LATEST)
        asked = st.form_submit_button(_("Hand over"))
    if asked and wanted and manager is not None and day is not None:
        with saving(passed(len(wanted), managers[manager])):
            handover.hand_over(viewer, wanted, manager, day, today)
    for customer in wanted:
        if (passing := handover.waiting(viewer, customer)) is not None:
            to, on = passing
            st.caption(
                _("{customer} passes to {manager} on {day}", customer=plain(names[customer]), manager=plain(to), day=on)
            )


def successors(viewer: Viewer, today: date) -> dict[int, str]:
    """Everybody customers can pass to: manager → name and branch."""
    staff = people.managers(viewer, periods.day(today)).select("manager", "manager_name", "branch_name").iter_rows()
    return {manager: f"{name} · {branch}" for manager, name, branch in staff}


def passed(number: int, manager: str) -> str:
    return ngettext(
        "{number} customer passes to {manager}",
        "{number} customers pass to {manager}",
        number,
        manager=plain(manager),
    )
