"""A visiting day planned by the branch head: when, where to, who leads, who goes with whom."""

from datetime import date, timedelta

import polars as pl
import streamlit as st

from dashboard.shell.language import _, word
from dashboard.widgets import edited_table
from dashboard.widgets.saving import saving
from db.access import Viewer
from db.codes import VISIT_PARTS
from db.meetings import visiting
from db.meetings.visiting import LARGEST, MOST_VISITS, SMALLEST, Place
from db.people import people, territories
from metrics import periods

USUAL_TARGET = 6
WEEK = timedelta(7)
AHEAD = timedelta(92)


def show(viewer: Viewer, branch: int, days: pl.DataFrame, today: date) -> None:
    """Stands as the last of these visiting days was, a week later, with its team; or in pairs where there was none."""
    last = days.row(-1, named=True) if days.height else None
    places = visiting.team(viewer, last["visiting"]) if last else pl.DataFrame(schema=visiting.TEAM)
    usual = max(today, last["day"] + WEEK) if last else today
    with st.expander(_("Plan a visiting day"), expanded=last is None):
        staff = people.managers(viewer, periods.day(today), branch)
        names = dict(staff.select("manager", "manager_name").iter_rows())
        places_of = territories.listing(viewer).filter(pl.col("branch") == branch)
        territory_names = dict(places_of.select("territory", "territory_name").iter_rows())
        key = f"{branch} {last['visiting'] if last else 0}"
        with st.container(horizontal=True, vertical_alignment="bottom"):
            day = st.date_input(_("Day"), usual, today, today + AHEAD, key=f"visiting day {key}", width=170) or usual
            held = last["territory"] if last else None
            territory = choice(
                _("Territory"), territory_names, held, f"visiting territory {key}", _("no territory set")
            )
            held = last["leader"] if last else None
            leader = choice(_("Led by"), names, held, f"visiting leader {key}", _("the branch head"))
            target = st.number_input(
                _("Visits a group"),
                1,
                MOST_VISITS,
                last["target"] if last else USUAL_TARGET,
                1,
                key=f"visiting target {key}",
                width=150,
            )
        box = st.column_config
        columns = {
            "manager": None,
            "name": box.TextColumn(_("Manager"), disabled=True, pinned=True),
            "group": box.NumberColumn(
                _("Small group"), min_value=1, max_value=20, step=1, help=_("empty: does not go")
            ),
            "part": box.SelectboxColumn(_("Part"), options=list(VISIT_PARTS), format_func=word),
        }
        typed = edited_table.draw(start(names, places), columns, f"visiting team {key}", _("Who goes with whom"))
        if st.button(_("Save the visiting day"), type="primary", key=f"visiting save {key}"):
            going = typed.filter(pl.col("group").is_not_null()).select("manager", "group", "part").rows()
            with saving(_("The visiting day is planned.")):
                chosen = tuple(Place(manager, group, part or "") for manager, group, part in going)
                visiting.plan(viewer, branch, day, chosen, today, leader, territory, target or USUAL_TARGET)


def choice(label: str, names: dict[int, str], held: int | None, key: str, nothing: str) -> int | None:
    options = [None, *names]
    place = options.index(held) if held in options else 0
    return st.selectbox(label, options, place, {None: nothing, **names}.get, key=key)


def start(names: dict[int, str], places: pl.DataFrame) -> pl.DataFrame:
    """Everybody of the branch with the group and part they had, or in pairs."""
    held = {row["manager"]: (row["group"], row["part"]) for row in places.to_dicts()} or pairs(list(names))
    rows = [(one, name, *held.get(one, (None, None))) for one, name in names.items()]
    return pl.DataFrame(
        rows, {"manager": pl.Int64, "name": pl.String, "group": pl.Int64, "part": pl.String}, orient="row"
    )


def pairs(managers: list[int]) -> dict[int, tuple[int, str]]:
    """Groups of two; of an odd number the last is of three."""
    groups = max(len(managers) // SMALLEST, 1)
    parts = list(VISIT_PARTS)
    found = {}
    for nth, manager in enumerate(managers):
        group = min(nth // SMALLEST, groups - 1)
        found[manager] = (group + 1, parts[min(nth - group * SMALLEST, LARGEST - 1)])
    return found
