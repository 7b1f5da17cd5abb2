"""The administrator's forms for people: hiring, transfers with a date, leaving, a new branch."""

import polars as pl
import streamlit as st

from dashboard.shell import session
from dashboard.shell.language import _, ngettext
from dashboard.widgets import grids
from dashboard.widgets.saving import saving
from db.access import Viewer
from db.people import people, staffing
from metrics import periods


def board(viewer: Viewer) -> None:
    """Who works where, and the forms that change it."""
    table(viewer)
    move(viewer)
    hire(viewer)
    branch(viewer)


def staff(viewer: Viewer) -> pl.DataFrame:
    """Who works today, and where."""
    return people.managers(viewer, periods.day(session.today()))


def table(viewer: Viewer) -> None:
    """Every posting, the present ones first: who, where, from when to when."""
    stays = people.postings(viewer).with_columns(
        to_day=pl.min_horizontal("to_day", "left_on"), from_day=pl.max_horizontal("from_day", "joined_on")
    )
    stays = stays.sort("to_day", "staff_no", descending=[True, False], nulls_last=False)
    columns = [
        grids.text("staff_no", _("Staff number")),
        grids.text("manager_name", _("Name")),
        grids.text("region_name", _("Region")),
        grids.text("branch_name", _("Branch")),
        grids.text("from_day", _("From")),
        grids.text("to_day", _("To")),
    ]
    label = ngettext("{number} posting", "{number} postings", stays.height)
    session.folded(label, "postings", lambda: grids.show(stays, columns), stays.height <= 12)


def branches(viewer: Viewer) -> dict[int, str]:
    found = people.branches(viewer).select("branch", "region_name", "branch_name").iter_rows()
    return {branch: f"{region} · {name}" for branch, region, name in found}


def move(viewer: Viewer) -> None:
    """A transfer from a day on, or the last day at the bank."""
    found = staff(viewer).select("manager", "staff_no", "manager_name", "branch_name").iter_rows()
    names = {manager: f"{number} · {name} · {branch}" for manager, number, name, branch in found}
    places, today = branches(viewer), session.today()
    st.subheader(_("Transfer or leaving"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        manager = st.selectbox(_("Manager"), list(names), None, names.get, key="moved", placeholder=_("Choose"))
        branch = st.selectbox(_("New branch"), list(places), None, places.get, key="moved to", placeholder=_("Choose"))
        day = st.date_input(_("First day there, or last day at the bank"), today, key="moved on") or today
    with st.container(horizontal=True):
        if st.button(_("Transfer"), disabled=manager is None or branch is None):
            with saving(_("The transfer is recorded.")):
                staffing.transfer(viewer, manager, branch, day)
        if st.button(_("Leaves the bank"), disabled=manager is None):
            with saving(_("The last day is recorded.")):
                staffing.leave(viewer, manager, day)


def hire(viewer: Viewer) -> None:
    places, today = branches(viewer), session.today()
    st.subheader(_("New manager"))
    with st.form("hire", border=False):
        number = st.text_input(_("Staff number"), max_chars=20)
        name = st.text_input(_("Name"), max_chars=60)
        branch = st.selectbox(_("Branch"), list(places), None, places.get, placeholder=_("Choose"))
        day = st.date_input(_("First day"), today) or today
        made = st.form_submit_button(_("Hire"))
    if made and branch is None:
        st.warning(_("Choose the branch first."))
    elif made:
        with saving(_("Hired. Create the account on the other tab.")):
            staffing.hire(viewer, number, name, branch, day)


def branch(viewer: Viewer) -> None:
    st.subheader(_("New branch"))
    with st.form("branch", border=False):
        region = st.text_input(_("Region"), max_chars=60)
        name = st.text_input(_("Branch"), max_chars=60)
        made = st.form_submit_button(_("Add the branch"))
    if made:
        with saving(_("The branch is added.")):
            staffing.add_branch(viewer, region, name)
