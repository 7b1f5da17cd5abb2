"""Dormant leads on screen: counted by manager and age, chosen from a list, and dealt with many at once."""

from collections.abc import Sequence
from datetime import date
from functools import partial

import polars as pl
import streamlit as st

from dashboard.customers import form
from dashboard.pipeline import gather
from dashboard.pipeline.gather import Board
from dashboard.shell import session
from dashboard.shell.language import _, word
from dashboard.standing import standing
from dashboard.widgets import filters, formats, grids
from dashboard.widgets.saving import saving
from db import codes
from db.access import Viewer, may
from db.customers import handover
from db.pipeline import opportunities
from db.recording import bulk, moving
from metrics import pipeline
from metrics.pipeline import SILENCES

SHOWN = 200  # of the list; an action can take all of those that are counted


def silence() -> tuple[int, int | None]:
    """For how long: working days from and up to, without the last; chosen in the link."""
    ends = dict(zip(SILENCES, (*SILENCES[1:], None), strict=True))
    low = filters.choose("silence", _("Silent for"), [None, *SILENCES], age)
    return (0, None) if low is None else (low, ends[low])


def age(low: int | None) -> str:
    if low is None:
        return _("all")
    high = dict(zip(SILENCES, (*SILENCES[1:], None), strict=True))[low]
    if high is None:
        return _("{low} working days or more", low=low)
    return (
        _("{low} to {high} working days", low=low, high=high - 1) if low else _("under {high} working days", high=high)
    )


def within(table: pl.DataFrame, low: int, high: int | None) -> pl.DataFrame:
    table = table.filter(pl.col("silence") >= low)
    return table if high is None else table.filter(pl.col("silence") < high)


def summary(viewer: Viewer, found: pl.DataFrame) -> None:
    """How many each manager has, by how long nothing was heard of them."""
    rows = standing.with_names(viewer, pipeline.by_silence(found))
    ages = [grids.number(f"from_{low}", age(low)) for low in SILENCES]
    grids.show(rows, [grids.manager(), *ages, grids.number("opportunities", _("Together"))])


def choose(viewer: Viewer, board: Board, found: pl.DataFrame) -> list[int]:
    """The list, the longest silent on top; gives those that are chosen."""
    shown = found["opportunity"].head(SHOWN).to_list()
    rows = gather.rows(viewer, board, shown)
    table = pl.DataFrame(
        {
            _("Customer"): [row["customer_name"] or _("no customer") for row in rows],
            _("Product"): [row["product_name"] or _("no product yet") for row in rows],
            _("Expected amount"): [formats.amount(row["expected_amount_cents"]) for row in rows],
            _("Step"): [word(row["step"]) for row in rows],
            _("Silent (working days)"): [row["silence"] for row in rows],
            _("Manager"): [row["manager_name"] for row in rows],
        }
    )
    st.subheader(_("Dormant leads · {number}", number=formats.count(found.height)))
    alt = _("Dormant leads")
    picked = st.dataframe(
        table, hide_index=True, on_select="rerun", selection_mode="multi-row", key=key("list", shown), alt=alt
    )
    if found.height > SHOWN:
        st.caption(_("The first {number} are listed.", number=SHOWN))
    return [rows[place]["opportunity"] for place in picked.selection.rows if place < len(rows)]


def key(name: str, wanted: Sequence[int]) -> str:
    """Of what is about just these: when somebody else changes the list, what was chosen or tapped on the old one is
    not taken for something in the new one."""
    return f"dormant {name} {hash(tuple(wanted))}"


def actions(viewer: Viewer, found: pl.DataFrame, chosen: Sequence[int], today: date) -> None:
    """What may be done to those chosen in the list, or to all that are counted where that is asked for."""
    ways = {}
    if may(viewer, "record_activity"):
        ways |= {_("Close"): close, _("Set a next step"): plan}
    if may(viewer, "hand_over_customers"):
        ways[_("Hand over")] = hand_over
    if not ways:
        return
    every_one = st.toggle(_("Choose all {number}", number=formats.count(found.height)))
    wanted = found["opportunity"].to_list() if every_one else list(chosen)
    if not wanted:
        st.caption(_("Choose some in the list, or all of them."))
        return
    st.write(_("{number} are chosen.", number=formats.count(len(wanted))))
    session.tabs({label: partial(act, viewer, wanted, today) for label, act in ways.items()}, "what to do")


def close(viewer: Viewer, wanted: list[int], today: date) -> None:
    end = st.segmented_control(_("How it ended"), moving.LOST, default="withdrawn", format_func=word, required=True)
    reason = st.pills(_("Reason"), list(codes.LOST_REASONS), format_func=word)
    said = st.text_input(_("In a few words"), max_chars=100) if reason == "other_reason" else reason
    label = _("Close {number}", number=formats.count(len(wanted)))
    if st.button(label, type="primary", key=key("close", wanted)):
        with saving() as outcome:
            done = bulk.close(viewer, wanted, end or "", said or "", version(viewer), today)
            outcome.message = finished(wanted, done)


def plan(viewer: Viewer, wanted: list[int], today: date) -> None:
    options = list(codes.NEXT_STEPS)
    step = st.selectbox(_("Next step"), options, None, word, accept_new_options=True, placeholder=_("Choose, or type"))
    due = st.date_input(_("Due on"), None, today)
    label = _("Set for {number}", number=formats.count(len(wanted)))
    if st.button(label, type="primary", key=key("plan", wanted)):
        with saving() as outcome:
            done = bulk.plan_step(viewer, wanted, step, due, version(viewer), today)
            outcome.message = finished(wanted, done)


def hand_over(viewer: Viewer, wanted: list[int], today: date) -> None:
    """Customers pass with everything they have open."""
    managers = form.successors(viewer, today)
    to = st.selectbox(_("Hand over to"), list(managers), None, managers.get, placeholder=_("Choose"))
    st.caption(_("A customer passes with everything that is open."))
    label = _("Hand over {number}", number=formats.count(len(wanted)))
    if st.button(label, type="primary", key=key("hand over", wanted), disabled=to is None):
        theirs = opportunities.customers(viewer, wanted, besides=to)
        with saving(form.passed(len(theirs), managers[to])):
            handover.hand_over(viewer, theirs, to, today, today)


def version(viewer: Viewer) -> int:
    return viewer.store.version().counter


def finished(wanted: Sequence[int], done: int) -> str:
    if done == len(wanted):
        return _("Done: {number}", number=formats.count(done))
    left = formats.count(len(wanted) - done)
    return _("Done: {number}; {left} were changed by somebody meanwhile", number=formats.count(done), left=left)
