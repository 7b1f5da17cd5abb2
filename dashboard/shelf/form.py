"""An entry of the shelf, written or changed; what was refused stays as it was typed, and what is typed survives a reload."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from dashboard.shell.language import _, word
from dashboard.widgets import fields
from dashboard.widgets.drafts import Form
from dashboard.widgets.saving import saving
from db.access import Viewer
from db.codes import CASES, CUSTOMER_KINDS, FUNNEL_STEPS, SHELF
from db.meetings import shelf
from db.meetings.shelf_entry import LONGEST, LONGEST_TITLE, Content

OPENED = "opened_shelf_entry"
NEW = 0  # in place of an entry's number


@dataclass(frozen=True)
class Begun:
    """`form` keeps what is typed; `row` is the entry that is changed, {} for a new one."""

    form: Form
    row: dict[str, Any]

    def start(self, name: str, otherwise: Any = None) -> Any:
        """What a field begins with: what was half typed, else what is stored."""
        return self.form.start.get(name, self.row.get(name, otherwise))

    def day(self, name: str, otherwise: date | None = None) -> date | None:
        said = self.start(name, otherwise)
        return date.fromisoformat(said) if isinstance(said, str) else said


def begin(viewer: Viewer, row: dict | None = None) -> None:
    """Opens the form, for an entry or for a new one: empty, or as it was left half typed."""
    opened = Form(viewer, OPENED)
    opened.put(entry=row["entry"] if row else NEW)
    opened.keep()
    st.rerun()


def show(viewer: Viewer, found: pl.DataFrame, branch: int | None, today: date) -> None:
    """Closed until somebody wants to write; what was opened and half typed stands there after a reload too. A new entry is
    the branch's, or without one the region's."""
    opened = Form(viewer, OPENED)
    opened.keep()
    entry = opened.typed("entry")
    row = next(iter(found.filter(entry=entry or NEW).to_dicts()), {})
    if entry is None or (entry != NEW and not row):
        if st.button(_("Write an entry"), type="primary", key="write entry"):
            begin(viewer)
        return
    begun = Begun(Form(viewer, f"shelf entry {entry}"), row)
    with st.container(border=True, key="shelf form"):
        st.caption(_("Name no customer: write what happened, not to whom."))
        content = typed(viewer, begun, today)
        begun.form.keep()
        with st.container(horizontal=True):
            sent = st.button(_("Put it on the shelf"), type="primary", key="put entry")
            if st.button(_("Cancel"), key="cancel entry"):
                close(viewer, begun)
                st.rerun()
        if sent:
            with saving(_("It is on the shelf.")):
                shelf.put(viewer, content, branch, row.get("entry"))
                close(viewer, begun)


def close(viewer: Viewer, begun: Begun) -> None:
    begun.form.sent()
    Form(viewer, OPENED).sent()


def typed(viewer: Viewer, begun: Begun, today: date) -> Content:
    """The fields as they stand."""
    field, kinds = begun.form.field, list(SHELF)
    kind = st.pills(_("Kind"), kinds, default=begun.start("kind", kinds[0]), format_func=word, key=field("kind"))
    title = st.text_input(_("Title"), begun.start("title") or "", max_chars=LONGEST_TITLE, key=field("title"))
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
            product = one_of(begun, "product", _("Product"), list(names), names.__getitem__)
            trade = st.text_input(_("Trade"), begun.start("trade") or "", max_chars=LONGEST_TITLE, key=field("trade"))
        months = st.multiselect(
            _("Months it fits"),
            list(range(1, 13)),
            begun.start("months") or [],
            format_func=lambda one: _("month {number}", number=one),
            key=field("months"),
            placeholder=_("all year"),
        )
    with st.container(horizontal=True):
        day = st.date_input(_("From"), begun.day("day", today), key=field("day"), width=200) or today
        until = st.date_input(_("Valid until"), begun.day("until"), key=field("until"), width=200)
    said = {"done": done, "outcome": outcome, "lesson": lesson, "trade": (trade or "").strip() or None}
    fits = {"step": step, "customer_kind": customer_kind, "product": product, "months": tuple(months)}
    return Content(kind or "", (title or "").strip(), text or "", day, until, **said, **fits)


def area(begun: Begun, name: str, label: str) -> str | None:
    start = begun.start(name) or ""
    said = st.text_area(label, start, height=100, max_chars=LONGEST, key=begun.form.field(name))
    return (said or "").strip() or None


def one_of(begun: Begun, name: str, label: str, options: list, called: Callable[[Any], str] = word):
    said = begun.start(name)
    place = options.index(said) if said in options else None
    return st.selectbox(label, options, place, called, key=begun.form.field(name), placeholder=_("all"))
