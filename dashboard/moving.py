"""The card of an opportunity, moved to its next step by one tap.

A card runs by itself: after a tap it stays where it is, and everything else with it, until the reader does something
else."""

import streamlit as st

from dashboard import opportunity_cards, opportunity_forms, pipelines, session, taps
from dashboard.pipelines import STEPS
from dashboard.words import _, word
from db.access import Viewer


@st.fragment
def card(viewer: Viewer, name: str, row: dict) -> None:
    """One opportunity: what it is, where it stands, the tap that moves it on, and what else can be done."""
    identity, today = row["opportunity"], session.today()
    key = f"{name} {identity}"
    if not session.state().get("whole page"):
        session.goes_on(viewer)
    taps.news(key)
    done = session.state().get("moved", {}).get(identity)
    if done is not None:
        row = next(iter(pipelines.rows(viewer, pipelines.board(viewer, today), [identity])), row)
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key=f"need {key}"):
        st.html(opportunity_cards.body(viewer, row), width="stretch")
        step = following(row)
        if done == "moved":
            st.button(f"✓ {word(row['end'] or row['step'])}", disabled=True, key=f"done {key}")
        elif step is not None:
            amount = row["expected_amount_cents"] if step in opportunity_forms.WITH_AMOUNT else None
            st.button(
                f"→ {word(step)}",
                type="primary",
                key=f"move {key} {row['seen']}",
                on_click=taps.act,
                args=(key, row, step, lambda: opportunity_forms.move(viewer, row, step, today, amount)),
            )
        if row["end"] is not None and not opportunity_forms.of_today(row, today):
            return
        more = st.popover(_("More"), key=f"more {key}", on_change="rerun")
        if more.open:
            with more:
                opportunity_forms.panel(viewer, key, row, today)


def following(row: dict) -> str | None:
    """The step one tap leads to: the next of the procedure, for what is cross-sold the deal. None where more must be
    said: of a loan without an amount there is no deal."""
    if row["end"] is not None or None in (row["step"], row["product"], row["customer_name"]):
        return None
    loan = row["family"] == "loan"
    step = STEPS[STEPS.index(row["step"]) + 1] if loan and row["step"] != STEPS[-1] else "deal"
    return None if step == "deal" and loan and row["expected_amount_cents"] is None else step
