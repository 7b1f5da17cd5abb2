"""The table in which plans are typed: the whole on top, one row a holder below, filled by a key or by hand. Its start is
kept until it is saved: a table fed with its own answer loses every second edit."""

import uuid
from datetime import date

import polars as pl
import streamlit as st

from dashboard import formats, grids, notices, session
from dashboard.planning import Planning
from dashboard.words import _
from db import plans
from db.access import Viewer
from db.errors import Conflict, StorageError
from db.plans import Target
from metrics import allocation
from metrics.catalog import MEASURES
from metrics.metric import AMOUNT

ROW = 36  # pixels
WAN = 1_000_000  # cents
WHOLE = 0  # the holder of the row on top
KEYS = {
    "equal": lambda: _("in equal parts"),
    "last_quarter": lambda: _("by last quarter's share"),
    "present": lambda: _("by days present"),
}


def editor(viewer: Viewer, planning: Planning, today: date) -> pl.DataFrame:
    """Shows the table and gives it as it stands, saved or not: holder (WHOLE is the one above), name and a target a
    measure (cents). Read only for whoever may not set these plans, and for months that are over."""
    may_whole = plans.may_set(viewer, planning.region)
    may_parts = plans.may_set(viewer, planning.region, planning.branch)
    if planning.month.last < today or not may_parts:
        return stored_only(planning)
    state, key = session.state(), planning.key()
    if key not in state:
        state[key] = opening(planning, start(planning, may_whole))
    opened, table, seen = state[key]
    columns = {
        "holder": None,
        "name": st.column_config.TextColumn(
            _("Branch") if planning.level == "branch" else _("Manager"), disabled=True, pinned=True, width=170
        ),
        "present": st.column_config.NumberColumn(_("Days present"), disabled=True, format="%.1f"),
    }
    for one in MEASURES.values():
        if one.unit == AMOUNT:
            label = f"{_(one.label)} ({_('10,000 yuan')})"
            columns[one.name] = st.column_config.NumberColumn(
                label, min_value=0, max_value=1e8, step=0.01, format="localized"
            )
        else:
            columns[one.name] = st.column_config.NumberColumn(
                _(one.label), min_value=0, max_value=10**9, step=1, format="localized"
            )
    edited = st.data_editor(
        table,
        hide_index=True,
        column_config=columns,
        height=ROW * (table.height + 1) + 2,
        row_height=ROW,
        placeholder="",
        key=opened,
        alt=_("Plans of the month"),
    )
    typed = in_cents(pl.DataFrame(edited))
    if not seen.equals(as_stored(planning)) and not changes(planning, typed, seen):  # nothing typed: nothing to lose
        state.pop(key)
        st.rerun()
    buttons(viewer, planning, typed, state, key)
    return typed


def opening(planning: Planning, table: pl.DataFrame) -> tuple[str, pl.DataFrame, pl.DataFrame]:
    """A table to type into under a name of its own, and what is stored as it is opened."""
    return uuid.uuid4().hex, table, as_stored(planning)


def stored_only(planning: Planning) -> pl.DataFrame:
    """The table to look at."""
    table = as_stored(planning)
    name = grids.text("name", _("Branch") if planning.level == "branch" else _("Manager"))
    numbers = [grids.number(one, _(MEASURES[one].label), formats.FORMAT[MEASURES[one].unit]) for one in MEASURES]
    grids.show(table.filter(pl.col("holder") != WHOLE), [name, *numbers])
    return table


def as_stored(planning: Planning) -> pl.DataFrame:
    """The same table as it is stored, in cents."""
    above = pl.DataFrame(
        [{"holder": WHOLE, "name": _("{place}: the whole", place=planning.name), **planning.whole}], strict=False
    )
    rows = planning.rows.select("holder", "name", *MEASURES)
    schema = {"holder": pl.Int64, "name": pl.String} | dict.fromkeys(MEASURES, pl.Int64)
    return pl.concat([above.select(list(schema)).cast(schema), rows.cast(schema)])


def start(planning: Planning, with_whole: bool) -> pl.DataFrame:
    """The table as it is typed into: amounts in 万元, the days somebody is there beside the name."""
    table = as_stored(planning)
    if not with_whole:
        table = table.filter(pl.col("holder") != WHOLE)
    there = planning.rows.select(pl.col("holder").cast(pl.Int64), "present")
    table = table.join(there, on="holder", how="left", maintain_order="left")
    return table.with_columns(deal_amount=pl.col("deal_amount") / WAN).select("holder", "name", "present", *MEASURES)


def in_cents(table: pl.DataFrame) -> pl.DataFrame:
    amount = (pl.col("deal_amount").cast(pl.Float64) * WAN).round().cast(pl.Int64)
    counts = [pl.col(one).cast(pl.Int64) for one in MEASURES if one != "deal_amount"]
    return table.with_columns(*counts, amount.alias("deal_amount")).select("holder", "name", *MEASURES)


def whole_of(planning: Planning, typed: pl.DataFrame) -> dict[str, int | None]:
    """What is to be divided: as typed where it can be typed, else as stored."""
    row = typed.filter(pl.col("holder") == WHOLE).to_dicts()
    return {one: row[0][one] for one in MEASURES} if row else planning.whole


def buttons(viewer: Viewer, planning: Planning, typed: pl.DataFrame, state: dict, key: str) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="divide"):
        by = st.selectbox(
            _("Divide"), list(KEYS), format_func=lambda one: KEYS[one](), key=f"by {key}", placeholder=_("Choose")
        )
        fill = st.button(_("Fill the table"), key=f"fill {key}", help=_("nothing is stored before you save"))
        save = st.button(_("Save plans"), type="primary", key=f"save {key}")
        drop = st.button(_("Undo what was typed"), key=f"drop {key}")
    if fill:
        _opened, table, seen = state[key]
        state[key] = (uuid.uuid4().hex, filled(planning, typed, by, table), seen)
        st.rerun()
    if drop:
        state.pop(key)
        st.rerun()
    if save:
        store(viewer, planning, typed, state, key)


def filled(planning: Planning, typed: pl.DataFrame, by: str, table: pl.DataFrame) -> pl.DataFrame:
    """The table with every measure divided that has a whole and something to go by; the others as they were typed."""
    parts = allocation.split(whole_of(planning, typed), planning.rows.drop(list(MEASURES)), by)
    parts = parts.select(pl.col("holder").cast(pl.Int64), *(pl.col(one).alias(f"{one}_new") for one in MEASURES))
    both = typed.join(parts, on="holder", how="left", maintain_order="left")
    both = both.with_columns(pl.coalesce(f"{one}_new", one).alias(one) for one in MEASURES)
    there = table.select("holder", "present")
    both = both.join(there, on="holder", how="left", maintain_order="left")
    return both.with_columns(deal_amount=pl.col("deal_amount") / WAN).select("holder", "name", "present", *MEASURES)


def changes(planning: Planning, typed: pl.DataFrame, seen: pl.DataFrame) -> list[Target]:
    """What was typed over, each with what stood there when the table was opened."""
    before = {row["holder"]: row for row in seen.to_dicts()}
    found = []
    for row in typed.filter(pl.col("holder").is_in(list(before))).to_dicts():
        level, holder = planning.above if row["holder"] == WHOLE else (planning.level, row["holder"])
        for one in MEASURES:
            stood = before[row["holder"]][one]
            if row[one] != stood:
                found.append(Target(level, holder, one, row[one], stood, planning.product, planning.tier))
    return found


def store(viewer: Viewer, planning: Planning, typed: pl.DataFrame, state: dict, key: str) -> None:
    try:
        changed = plans.set_targets(viewer, planning.month.first, changes(planning, typed, state[key][2]))
    except StorageError as error:
        notices.refused(error)
        if isinstance(error, Conflict):
            st.info(_("“Undo what was typed” shows the plans as they are now."))
        return
    state.pop(key)
    notices.done(_("{number} plans saved", number=changed))
    st.rerun()
