"""The demo's front door: enter as one of the people of the region."""

import polars as pl
import streamlit as st

from dashboard import clock, session
from dashboard.words import _
from db import people
from db.access import Viewer
from metrics.periods import day


def page() -> None:
    st.title(_("Chenxi"))
    st.write(
        _("The dashboard a micro-loan team opens at its morning and evening meeting. This is the demo: enter as …")
    )
    places = people.branches(session.everything())
    if places.is_empty():
        st.info(_("There is no branch yet. Import your people first: python -m dashboard import people FILE"))
        return
    for region, name in places.select("region", "region_name").unique(maintain_order=True).iter_rows():
        button(_("Regional staff · {place}", place=name), f"region-{region}")
    names = dict(places.select("branch", "branch_name").iter_rows())
    branch = st.selectbox(_("Branch"), list(names), format_func=names.get, key="enter branch")
    button(_("Branch head · {place}", place=names[branch]), f"head-{branch}")
    staff = people.managers(session.everything(), day(clock.today()), branch)
    with st.container(horizontal=True):
        for number, name in staff.select("staff_no", "manager_name").iter_rows():
            button(_("Manager · {name}", name=name), f"manager-{number}")


def button(label: str, who: str) -> None:
    st.button(label, key=f"enter {who}", on_click=enter, args=[who])


def enter(who: str) -> None:
    session.set_link(**{"as": who})


def label(viewer: Viewer) -> str:
    """Whose eyes these are."""
    places = people.branches(viewer)
    if viewer.role == "regional":
        return _("Regional staff · {place}", place=places["region_name"][0])
    if viewer.role == "branch_head":
        return _("Branch head · {place}", place=places["branch_name"][0])
    name = people.managers(viewer, day(clock.today())).filter(pl.col("manager") == viewer.manager)["manager_name"]
    return _("Manager · {name}", name=name[0] if len(name) else "")
