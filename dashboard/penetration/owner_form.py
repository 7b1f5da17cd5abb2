"""Territories given to managers, and taken back, by whoever leads the branch."""

from datetime import date

import polars as pl
import streamlit as st

from dashboard.shell.language import _
from dashboard.standing.standing import with_names
from dashboard.widgets import formats
from dashboard.widgets.saving import saving
from db.access import Viewer, reach
from db.people import people, territories, territory_owners
from metrics.periods import Period

WHOLE = 100


def give(viewer: Viewer, places: pl.DataFrame, on: date) -> None:
    """A manager looks after a territory from a day on, for a part of it."""
    names = place_names(viewer, places)
    here = [pl.col(level) == place for level, place in (reach(viewer, "set_territory_owners") or {}).items()]
    staff = (
        people.managers(viewer, Period(on, on))
        .filter(*here)
        .join(places.select("branch").unique(), on="branch", how="semi")
    )
    managers = {
        one: f"{number} · {name} · {branch}"
        for one, number, name, branch in staff.select("manager", "staff_no", "manager_name", "branch_name").iter_rows()
    }
    st.subheader(_("Give a territory"))
    with st.form("give territory", border=False):
        with st.container(horizontal=True):
            place = st.selectbox(_("Territory"), list(names), None, names.get, placeholder=_("Choose"))
            manager = st.selectbox(_("Manager"), list(managers), None, managers.get, placeholder=_("Choose"))
        with st.container(horizontal=True):
            first = st.date_input(_("From"), on)
            last = st.date_input(_("To"), None)
            share = st.number_input(_("Share, %"), min_value=1, max_value=WHOLE, value=None, placeholder=_("equal"))
        sent = st.form_submit_button(_("Give the territory"), type="primary")
    st.caption(
        _(
            "Without a share, owners divide equally what the others leave. What they had there before ends the day before."
        )
    )
    if sent and (place is None or manager is None):
        st.warning(_("Choose territory and manager first."))
    elif sent:
        with saving(_("The territory is given.")):
            territory_owners.give(viewer, place, manager, first, last, share / WHOLE if share else None)


def end(viewer: Viewer, places: pl.DataFrame, on: date) -> None:
    """The last day of an owner in a territory."""
    held = territories.owners(viewer).filter(pl.col("to_day").is_null() | (pl.col("to_day") >= on))
    held = with_names(viewer, held.join(places, on="territory", how="semi"))
    if held.is_empty():
        return
    names = place_names(viewer, places)
    labels = {
        row["owner"]: f"{names[row['territory']]} · {row['manager_name']} · {days(row)}" for row in held.to_dicts()
    }
    st.subheader(_("Take a territory back"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        owner = st.selectbox(
            _("Owner"), list(labels), None, labels.get, key="territory taken back", placeholder=_("Choose")
        )
        last = st.date_input(_("Last day"), on, key="territory until") or on
        if st.button(_("End it"), disabled=owner is None):
            with saving(_("The last day is recorded.")):
                territory_owners.end(viewer, owner, last)


def days(row: dict) -> str:
    """From a day to a day, each where there is one."""
    return f"{formats.short_day(row['from_day'])} – {formats.short_day(row['to_day'])}"


def place_names(viewer: Viewer, places: pl.DataFrame) -> dict[int, str]:
    rows = with_names(viewer, places).select("territory", "branch_name", "territory_name").iter_rows()
    return {one: f"{branch} · {name}" for one, branch, name in rows}
