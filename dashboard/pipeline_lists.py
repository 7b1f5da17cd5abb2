"""The pipeline on screen: how much stands at each step, and the lists of opportunities, those that cannot wait on top."""

from collections.abc import Callable, Sequence
from datetime import date
from html import escape

import polars as pl
import streamlit as st

from dashboard import filters, formats, grids, moving, opportunity_cards, pipelines, session
from dashboard.pipelines import LISTS, URGENT, Board
from dashboard.words import _, word
from db.access import Viewer, may
from metrics import procedure
from metrics.definitions import Definitions

PREVIEW, ALONE = 5, 50  # cards of each list where all are shown, and of the one that is shown alone
HEADINGS = {
    "overdue": "Next step overdue",
    "due_today": "Next step due today",
    "stalled": "Stalled",
    "breached": "Procedure breaches",
    "over_today": "Ended today",
}


def heading(name: str) -> str:
    return _(HEADINGS[name]) if name in HEADINGS else word(name)


def which() -> str | None:
    """The list to be shown alone, None for all of them."""
    return filters.choose("list", _("List"), [None, *LISTS], lambda one: _("all") if one is None else heading(one))


def strip(found: Board) -> None:
    """Each step of the procedure with how many stand there, their expected amount, and how many have stalled."""
    parts = []
    for row in procedure.by_step(found.open).to_dicts():
        stalled = ""
        if row["opportunities"] and not row["judged"]:
            stalled = _("too few cases to tell who stalls")
        elif row["stalled"]:
            stalled = _("{number} stalled", number=formats.count(row["stalled"]))
        link = escape(session.href(list=row["step"]))
        amount = formats.amount(row["expected_amount_cents"] or None)
        parts.append(
            f'<a class="cx-step" href="{link}" target="_self"><span>{escape(word(row["step"]))}</span>'
            f"<b>{formats.count(row['opportunities'])}</b><small>{amount}</small>"
            f"<small>{escape(stalled)}</small></a>"
        )
    st.html(f'<div class="cx-steps">{"".join(parts)}</div>')


def sections(viewer: Viewer, found: Board, today: date, alone: str | None) -> None:
    """The lists, those that cannot wait on top; or one of them alone, and longer."""
    every = pipelines.lists(found, today)
    shown = [alone] if alone else [name for name in LISTS if every[name] or name in URGENT]
    most = ALONE if alone else PREVIEW
    known = pipelines.rows(viewer, found, list({one for name in shown for one in every[name][:most]}))
    by_id = {row["opportunity"]: row for row in known}
    draw = cards if may(viewer, "record_activity") else table
    width = 1 if alone or draw is table else 2
    for start in range(0, len(shown), width):
        for column, name in zip(st.columns(width), shown[start : start + width], strict=False):
            rows = [by_id[one] for one in every[name][:most] if one in by_id]
            with column:
                section(viewer, name, rows, len(every[name]), draw)


def section(viewer: Viewer, name: str, rows: Sequence[dict], number: int, draw: Callable) -> None:
    st.subheader(f"{heading(name)} · {formats.count(number)}")
    if not rows:
        st.caption(_("None."))
        return
    draw(viewer, name, rows)
    if number > len(rows):
        more = _("… and {number} more", number=formats.count(number - len(rows)))
        st.html(f'<a class="cx-more" href="{escape(session.href(list=name))}" target="_self">{escape(more)}</a>')


def about(rules: Definitions) -> None:
    """How it is told what has stalled, and what a breach is."""
    with st.expander(_("How this is told (definitions v{version})", version=rules.version)):
        share = formats.share(rules.stalled_share)
        said = _(
            "Stalled: longer in its step, in working days, than {share} of the ones won in a year were.", share=share
        )
        st.text(said)
        st.text(_("Below {number} won cases nothing is said.", number=rules.small_sample))
        st.text(
            _(
                "Breach: a step dated before one it depends on, without it, or in the future. It is recorded all the same."
            )
        )


def table(viewer: Viewer, name: str, rows: Sequence[dict]) -> None:
    """For those who look on."""
    columns = [
        grids.text("customer_name", _("Customer")),
        grids.text("product_name", _("Product")),
        grids.text("manager_name", _("Manager")),
        grids.number("expected_amount_cents", _("Expected amount"), formats.amount),
        grids.Column(_("Step"), lambda row: escape(opportunity_cards.stands(row)), left=True),
        grids.Column(_("Status"), opportunity_cards.marks, left=True),
        grids.Column(_("Next step"), lambda row: escape(opportunity_cards.planned(row)), left=True),
    ]
    grids.show(pl.DataFrame(rows, infer_schema_length=None), columns)


def cards(viewer: Viewer, name: str, rows: Sequence[dict]) -> None:
    """For those who work with them."""
    for row in rows:
        moving.card(viewer, name, row)
