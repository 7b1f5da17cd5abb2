"""The table in which plans are typed: the whole on top, one row a holder below, filled by a key or by hand."""

from datetime import date

import polars as pl
import streamlit as st

from dashboard.plans.gather import Planning
from dashboard.shell.language import _, ngettext
from dashboard.widgets import formats, grids
from dashboard.widgets.edited_table import EditedTable
from dashboard.widgets.saving import saving
from db.access import Viewer
from db.errors import Conflict
from db.plans import plans
from db.plans.plans import Target
from metrics.catalog import MEASURES
from metrics.metric import AMOUNT
from metrics.plans import allocation

WAN = 1_000_000  # cents
AMOUNTS = [name for name, one in MEASURES.items() if one.unit == AMOUNT]
WHOLE = 0  # the holder of the row on top
KEYS = {
    "equal": lambda: _("equally"),
    "last_quarter": lambda: _("by share of last quarter"),
    "present": lambda: _("by days present"),
}


def editor(viewer: Viewer, planning: Planning, today: date) -> pl.DataFrame:
    """Shows the table and gives it as it stands, saved or not: holder (WHOLE is the one above), name and a target a
    measure (cents). Read only for whoever may not set these plans, and for months that are over."""
    may_whole = plans.may_set(viewer, planning.region)
    may_parts = plans.may_set(viewer, planning.region, planning.branch)
    if planning.month.last < today or not may_parts:
        return stored_only(planning)
    rows = EditedTable(planning.key(), lambda: start(planning, may_whole), "holder", list(MEASURES), in_cents)
    typed = rows.show(columns(planning), _("Plans of the month"))
    rows.follow()
    buttons(viewer, planning, rows)
    return typed


def columns(planning: Planning) -> dict:
    box, whose = st.column_config, _("Branch") if planning.level == "branch" else _("Manager")
    shown = {
        "holder": None,
        "name": box.TextColumn(whose, disabled=True, pinned=True, width=170),
        "present": box.NumberColumn(_("Days present"), disabled=True, format="%.1f"),
    }
    for one in MEASURES.values():
        label, most, step = _(one.label), 10**9, 1
        if one.name in AMOUNTS:
            label, most, step = f"{label} ({_('10,000 yuan')})", 1e8, 0.01
        shown[one.name] = box.NumberColumn(label, min_value=0, max_value=most, step=step, format="localized")
    return shown


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
    return table.with_columns(pl.col(AMOUNTS) / WAN).select("holder", "name", "present", *MEASURES)


def in_cents(table: pl.DataFrame) -> pl.DataFrame:
    amounts = (pl.col(AMOUNTS).cast(pl.Float64) * WAN).round().cast(pl.Int64)
    counts = [pl.col(one).cast(pl.Int64) for one in MEASURES if one not in AMOUNTS]
    return table.with_columns(*counts, amounts).select("holder", "name", *MEASURES)


def whole_of(planning: Planning, typed: pl.DataFrame) -> dict[str, int | None]:
    """What is to be divided: as typed where it can be typed, else as stored."""
    row = typed.filter(pl.col("holder") == WHOLE).to_dicts()
    return {one: row[0][one] for one in MEASURES} if row else planning.whole


def buttons(viewer: Viewer, planning: Planning, rows: EditedTable) -> None:
    key = rows.name
    with st.container(horizontal=True, vertical_alignment="bottom", key="divide"):
        by = st.selectbox(
            _("Divide by"), list(KEYS), format_func=lambda one: KEYS[one](), key=f"by {key}", placeholder=_("Choose")
        )
        fill = st.button(_("Fill the table"), key=f"fill {key}", help=_("nothing is stored before you save"))
        save = st.button(_("Save plans"), type="primary", key=f"save {key}")
        drop = st.button(_("Discard unsaved edits"), key=f"drop {key}")
    if fill:
        rows.fill(filled(planning, rows, by))
    if drop:
        rows.undo()
    if save:
        store(viewer, planning, rows)


def filled(planning: Planning, rows: EditedTable, by: str) -> pl.DataFrame:
    """What is typed into, with every measure divided that has a whole and something to go by; the others as they were typed."""
    parts = allocation.split(whole_of(planning, rows.typed), planning.rows.drop(list(MEASURES)), by)
    parts = parts.select(pl.col("holder").cast(pl.Int64), *(pl.col(one).alias(f"{one}_new") for one in MEASURES))
    both = rows.typed.join(parts, on="holder", how="left", maintain_order="left")
    both = both.with_columns(pl.coalesce(f"{one}_new", one).alias(one) for one in MEASURES)
    there = rows.opened.start.select("holder", "present")
    both = both.join(there, on="holder", how="left", maintain_order="left")
    return both.with_columns(pl.col(AMOUNTS) / WAN).select("holder", "name", "present", *MEASURES)


def targets(planning: Planning, rows: EditedTable) -> list[Target]:
    """What was typed over, each with what stood there when the table was opened."""
    found = []
    for holder, changes in rows.changes().items():
        level, whose = planning.above if holder == WHOLE else (planning.level, holder)
        for one, change in changes.items():
            found.append(Target(level, whose, one, change.after, change.before, planning.product, planning.tier))
    return found


def store(viewer: Viewer, planning: Planning, rows: EditedTable) -> None:
    with saving() as outcome:
        number = plans.set_targets(viewer, planning.month.first, targets(planning, rows))
        outcome.message = ngettext("{number} plan saved", "{number} plans saved", number)
        rows.close()
    if isinstance(outcome.refused, Conflict):
        st.info(_("“Discard unsaved edits” shows the plans as they are now."))
