"""The morning's promises as a table to type into. Its start is kept until it is saved: a table fed with its own answer
loses every second edit, and one fed with live numbers loses what is being typed."""

import uuid
from datetime import date

import polars as pl
import streamlit as st

from dashboard import notices, session
from dashboard.words import _
from db import meetings, people
from db.access import Viewer, may
from db.errors import StorageError
from metrics import periods
from metrics.catalog import COUNTS

ROW = 36  # pixels


def editor(viewer: Viewer, on: date, branch: int, proposals: pl.DataFrame) -> None:
    """One row a manager posted there that day: type what each promises, or take what the plan needs."""
    if not may(viewer, "set_promises"):
        st.caption(_("Promises are entered by the branch head."))
        return
    state, key = session.state(), f"promises {branch} {on}"
    if key not in state:
        state[key] = (uuid.uuid4().hex, start(viewer, on, branch, proposals))
    opened, table = state[key]
    columns = {"manager": None, "manager_name": st.column_config.TextColumn(_("Manager"), disabled=True)}
    for one in COUNTS:
        label = _(one.label)
        columns[one.name] = st.column_config.NumberColumn(label, min_value=0, max_value=999, step=1)
        columns[f"{one.name}_needed"] = st.column_config.NumberColumn(
            _("{measure}: needed", measure=label),
            disabled=True,
            help=_("what the plan needs per remaining working day"),
        )
    order = ["manager_name", *(name for one in COUNTS for name in (one.name, f"{one.name}_needed"))]
    edited = st.data_editor(
        table,
        hide_index=True,
        column_config=columns,
        column_order=order,
        height=ROW * (table.height + 1) + 2,  # the whole team without scrolling
        row_height=ROW,
        placeholder="",
        key=opened,  # a new table after each save: edits of the last one must not come back
        alt=_("Promises of each manager"),
    )
    with st.container(horizontal=True):
        save = st.button(_("Save promises"), type="primary", key=f"save {key}")
        take = st.button(_("Take what the plan needs"), key=f"take {key}", help=_("fills empty cells only"))
    if save or take:
        wanted = pl.DataFrame(edited)
        if take:
            wanted = wanted.with_columns(pl.coalesce(one.name, f"{one.name}_needed").alias(one.name) for one in COUNTS)
        store(viewer, on, changes(table, wanted), state, key)


def start(viewer: Viewer, on: date, branch: int, proposals: pl.DataFrame) -> pl.DataFrame:
    """manager, manager_name, and per count what is promised and what is needed."""
    names = [one.name for one in COUNTS]
    promised = meetings.promises(viewer, on).pivot("measure", index="manager", values="target")
    absent = [pl.lit(None, pl.Int64).alias(name) for name in names if name not in promised.columns]
    promised = promised.with_columns(absent).select("manager", *names)
    team = people.managers(viewer, periods.day(on), branch).select("manager", "manager_name")
    table = team.join(promised, on="manager", how="left")
    return table.join(
        proposals.select("manager", *(pl.col(name).alias(f"{name}_needed") for name in names)), on="manager", how="left"
    ).sort("manager")


def changes(table: pl.DataFrame, wanted: pl.DataFrame) -> dict[int, dict[str, int | None]]:
    """Per manager the counts that were typed over: what somebody else has set meanwhile is left alone."""
    names = [one.name for one in COUNTS]
    pairs = zip(table.to_dicts(), wanted.to_dicts(), strict=True)
    changed = {new["manager"]: {name: new[name] for name in names if new[name] != old[name]} for old, new in pairs}
    return {manager: targets for manager, targets in changed.items() if targets}


def store(viewer: Viewer, on: date, promises: dict[int, dict[str, int | None]], state: dict, key: str) -> None:
    try:
        changed = meetings.set_promises(viewer, on, promises)
    except StorageError as error:
        notices.refused(error)
        return
    state.pop(key)
    notices.done(_("{number} promises saved", number=changed))
    st.rerun()
