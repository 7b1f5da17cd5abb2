"""What takes more than a tap: the next step and its day, another step, how an opportunity came to nothing."""

from datetime import date

import streamlit as st

from dashboard.pipeline import gather, next_step
from dashboard.pipeline.callbacks import act
from dashboard.pipeline.gather import STEPS
from dashboard.shell.language import _, word
from dashboard.widgets import fields
from db import codes
from db.access import Viewer
from db.recording import moving, recording

WITH_AMOUNT = ("application", "approval", "contract", "deal")


def of_today(row: dict, today: date) -> bool:
    """Whether its last step was taken today, and can be taken back here."""
    return row["latest_day"] == today and row["latest_kind"] != "consultation"


def panel(viewer: Viewer, key: str, row: dict, today: date) -> None:
    """Everything that takes more than a tap."""
    if of_today(row, today):
        args = (key, row, None, lambda: recording.void(viewer, row["latest"], row["latest_version"]))
        st.button(
            _("Take back: {step}", step=word(row["latest_kind"])),
            key=f"back {key} {row['seen']}",
            on_click=act,
            args=args,
        )
    if row["end"] is not None:
        return
    ways = {"plan": _("Next step"), "step": _("Other step"), "lost": _("Lost")}
    way = st.segmented_control(
        _("What"),
        list(ways),
        default="plan",
        format_func=ways.get,
        key=f"way {key}",
        required=True,
        label_visibility="collapsed",
    )
    {"plan": plan, "step": other_step, "lost": lost}[way](viewer, key, row, today)


def plan(viewer: Viewer, key: str, row: dict, today: date) -> None:
    """What is to be done next, and by when."""
    stored = row["next_step"]
    options = [*codes.NEXT_STEPS, *([stored] if stored and stored not in codes.NEXT_STEPS else [])]
    st.selectbox(
        _("Next step"),
        options,
        options.index(stored) if stored else None,
        gather.step_label,
        key=f"next {key}",
        accept_new_options=True,
        placeholder=_("Choose, or type"),
    )
    start = max(row["next_step_due"], today) if row["next_step_due"] else None
    due = st.date_input(_("Due on"), start, today, key=f"due {key}")
    if advice := next_step.advice_for(due):
        st.caption(advice)

    def deed() -> None:
        chosen, by = fields.standing_in(f"next {key}"), fields.standing_in(f"due {key}")
        seen = (stored, row["next_step_due"])
        moving.plan_step(viewer, row["opportunity"], chosen, by, today, seen)

    st.button(_("Save"), type="primary", key=f"plan {key}", on_click=act, args=(key, row, "planned", deed))


def other_step(viewer: Viewer, key: str, row: dict, today: date) -> None:
    """Any step of the procedure, as it happened: out of order it is recorded, and listed as a breach."""
    step = st.selectbox(_("Step"), [*STEPS[1:], "deal"], None, word, key=f"step {key}", placeholder=_("Choose"))
    if step is None:
        return
    if step in WITH_AMOUNT:
        expected = row["expected_amount_cents"]
        start = None if expected is None else expected / 1_000_000
        st.number_input(_("Amount (10,000 yuan)"), 0.0, 1e8, start, 1.0, key=f"amount {key}", placeholder=_("none"))

    def deed() -> None:
        amount = fields.standing_in(f"amount {key}")
        move(viewer, row, step, today, None if amount is None else round(amount * 1_000_000))

    st.button(_("Record"), type="primary", key=f"record {key} {step}", on_click=act, args=(key, row, step, deed))


def lost(viewer: Viewer, key: str, row: dict, today: date) -> None:
    """How it came to nothing, and why."""
    end = st.segmented_control(
        _("How it ended"), moving.LOST, default="rejected", format_func=word, key=f"end {key}", required=True
    )
    reason = st.pills(_("Reason"), list(codes.LOST_REASONS), format_func=word, key=f"reason {key}")
    if reason == "other_reason":
        st.text_input(_("In a few words"), key=f"words {key}", max_chars=100)

    def deed() -> None:
        reason = fields.standing_in(f"reason {key}")
        said = fields.standing_in(f"words {key}") if reason == "other_reason" else reason
        moving.lose(viewer, row["opportunity"], end, said or "", row["seen"], today)

    st.button(_("Record"), type="primary", key=f"lose {key} {end}", on_click=act, args=(key, row, end, deed))


def move(viewer: Viewer, row: dict, step: str, today: date, amount: int | None) -> None:
    moving.move(viewer, row["opportunity"], step, row["seen"], today, amount_cents=amount)
