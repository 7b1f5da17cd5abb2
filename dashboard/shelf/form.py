"""An entry of the shelf, written or changed; what was refused stays as it was typed."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from dashboard.shell import session
from dashboard.shell.language import _, word
from dashboard.widgets import fields
from dashboard.widgets.saving import saving
from db.access import Viewer
from db.codes import CASES, CUSTOMER_KINDS, FUNNEL_STEPS, SHELF
from db.meetings import shelf
from db.meetings.shelf_entry import LONGEST, LONGEST_TITLE, Content

KEPT = "shelf_form"


@dataclass(frozen=True)
class Begun:
    """`key` names the widgets; `row` is the entry that is changed, {} for a new one."""

    key: str
    row: dict[str, Any]


def begin(row: dict | None = None) -> None:
    """Opens the form anew, for an entry or for a new one."""
    session.state()[KEPT] = Begun(uuid.uuid4().hex, row or {})
    st.rerun()


def show(viewer: Viewer, branch: int | None, today: date) -> None:
    """Closed until somebody wants to write; a new entry is the branch's, or without one the region's."""
    begun: Begun | None = session.state().get(KEPT)
    if begun is None:
        if st.button(_("Write an entry"), type="primary", key="write entry"):
            begin()
        return
    with st.container(border=True, key="shelf form"):
        st.caption(_("Name no customer: write what happened, not to whom."))
        content = typed(viewer, begun, today)
        with st.container(horizontal=True):
            sent = st.button(_("Put it on the shelf"), type="primary", key="put entry")
            if st.button(_("Cancel"), key="cancel entry"):
                close()
                st.rerun()
        if sent:
            with saving(_("It is on the shelf.")):
                shelf.put(viewer, content, branch, begun.row.get("entry"))
                close()


def close() -> None:
    session.state().pop(KEPT)


def typed(viewer: Viewer, begun: Begun, today: date) -> Content:
    """The fields as they stand."""
    row, key = begun.row, begun.key
    kinds = list(SHELF)
    kind = st.pills(_("Kind"), kinds, default=row.get("kind", kinds[0]), format_func=word, key=f"kind {key}")
    title = st.text_input(_("Title"), row.get("title", ""), max_chars=LONGEST_TITLE, key=f"title {key}")
    is_case = kind in CASES
    text = area(begun, "text", _("Situation") if is_case else _("What there is to know"))
    done = area(begun, "done", _("Approach")) if is_case else None
    outcome = area(begun, "outcome", _("Outcome")) if is_case else None
    lesson = area(begun, "lesson", _("Lesson")) if is_case else None
    with st.expander(_("When and for whom it fits")):
        with st.container(horizontal=True):
            step = one_of(begun, "step", _("Funnel step"), list(FUNNEL_STEPS))
            customer_kind = one_of(begun, "customer_kind", _("Customer group"), list(CUSTOMER_KINDS))
            names = fields.products(viewer)
            held = list(names).index(row["product"]) if row.get("product") in names else None
            product = st.selectbox(
                _("Product"), list(names), held, names.get, key=f"product {key}", placeholder=_("all")
            )
            trade = st.text_input(_("Trade"), row.get("trade") or "", max_chars=LONGEST_TITLE, key=f"trade {key}")
        months = st.multiselect(
            _("Months it fits"),
            list(range(1, 13)),
            row.get("months") or [],
            format_func=lambda one: _("month {number}", number=one),
            key=f"months {key}",
            placeholder=_("all year"),
        )
    with st.container(horizontal=True):
        day = st.date_input(_("From"), row.get("day", today), key=f"day {key}", width=200) or today
        until = st.date_input(_("Valid until"), row.get("until"), key=f"until {key}", width=200)
    said = {"done": done, "outcome": outcome, "lesson": lesson, "trade": (trade or "").strip() or None}
    fits = {"step": step, "customer_kind": customer_kind, "product": product, "months": tuple(months)}
    return Content(kind or "", (title or "").strip(), text or "", day, until, **said, **fits)


def area(begun: Begun, name: str, label: str) -> str | None:
    start = begun.row.get(name) or ""
    said = st.text_area(label, start, height=100, max_chars=LONGEST, key=f"{name} {begun.key}")
    return (said or "").strip() or None


def one_of(begun: Begun, name: str, label: str, options: list[str]) -> str | None:
    place = options.index(begun.row[name]) if begun.row.get(name) in options else None
    return st.selectbox(label, options, place, word, key=f"{name} {begun.key}", placeholder=_("all"))
