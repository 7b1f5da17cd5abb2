"""The fields an entry is made of, each kept while it is typed, each standing as it was left."""

from collections.abc import Sequence
from datetime import date, timedelta

import streamlit as st

from dashboard import clock, entries, filters, formats, pipelines, standings
from dashboard.drafts import Form
from dashboard.words import _, language, word
from db import customers
from db.access import Viewer
from db.codes import NEXT_STEPS

OTHER_DAY = "other"
MONDAY, FRIDAY = 0, 4


def one_of(options: Sequence, said):
    """What a draft says, if it is still among the options."""
    return said if said in options else None


def text(form: Form, name: str, label: str, **options) -> str | None:
    """A text that is kept while it is typed."""
    typed = st.text_input(label, form.start.get(name, ""), key=form.field(name), live=True, **options)
    return (typed or "").strip() or None


def code(form: Form, name: str, label: str, codes: dict[str, str], usual: str | None = None) -> str | None:
    said = one_of(list(codes), form.start.get(name, usual))
    return st.pills(label, list(codes), default=said, format_func=word, key=form.field(name))


def products(viewer: Viewer) -> dict[int, str]:
    return dict(customers.products(viewer).select("product", f"product_{language()}").iter_rows())


def product(viewer: Viewer, form: Form) -> int | None:
    names = products(viewer)
    said = form.start.get("product")
    place = list(names).index(said) if said in names else None
    return st.selectbox(
        _("Product"), list(names), place, names.get, key=form.field("product"), placeholder=_("none yet")
    )


def amount(form: Form) -> int | None:
    """An amount in cents, typed in 万元."""
    typed = st.number_input(
        _("Amount (10,000 yuan)"),
        0.0,
        1e8,
        form.start.get("amount"),
        1.0,
        key=form.field("amount"),
        placeholder=_("none"),
    )
    return None if typed is None else round(typed * 1_000_000)


def need(form: Form) -> tuple[bool | None, bool | None]:
    """Whether a need, or a clear "no need", was noted, and which of them: need_recorded and has_need."""
    labels = {"need": _("Has a need"), "no_need": _("No need"), "open": _("Not asked")}
    said = st.segmented_control(
        _("Need"),
        list(labels),
        default=one_of(list(labels), form.start.get("need")) or "need",
        format_func=labels.get,
        key=form.field("need"),
        required=True,
    )
    return said != "open", None if said == "open" else said == "need"


def day(viewer: Viewer, form: Form) -> date:
    """The day it happened: today, or a day that is still allowed."""
    today, first = clock.today(), entries.earliest(viewer)
    said = filters.parse_day(form.start.get("day"))
    chosen = st.date_input(
        _("Day"), said if said and first <= said <= today else today, first, today, key=form.field("day")
    )
    return chosen or today


def next_step(viewer: Viewer, form: Form) -> tuple[str | None, date | None]:
    """What comes next, and on which day: the next working days are one tap away."""
    said = form.start.get("step_next")
    options = [*NEXT_STEPS, *([said] if said and said not in NEXT_STEPS else [])]
    step = st.selectbox(
        _("Next step"),
        options,
        options.index(said) if said in options else None,
        format_func=pipelines.spoken,
        key=form.field("step_next"),
        accept_new_options=True,
        placeholder=_("Choose, or type another"),
    )
    today = clock.today()
    soon = [str(one) for one in days_ahead(viewer, today)]
    labels = {one: formats.day(date.fromisoformat(one)) for one in soon} | {OTHER_DAY: _("Another day")}
    chosen = st.pills(
        _("On which day"),
        list(labels),
        default=one_of(list(labels), form.start.get("due")),
        format_func=labels.get,
        key=form.field("due"),
    )
    due = filters.parse_day(chosen)
    if chosen == OTHER_DAY:
        said = filters.parse_day(form.start.get("other_due"))
        last = today + timedelta(400)
        due = st.date_input(_("Day of the next step"), said, today, last, key=form.field("other_due"))
    if advice := advice_for(due):
        st.caption(advice)
    return (step or "").strip() or None, due


def days_ahead(viewer: Viewer, today: date) -> list[date]:
    """The next three working days, and the one a week ahead."""
    days = standings.workdays_after(viewer, today, standings.OFFERED)
    return [*days[:3], *days[4:5]]


def advice_for(due: date | None) -> str | None:
    """What the training material says of a day for meeting a customer."""
    if due is None or due.weekday() not in (MONDAY, FRIDAY):
        return None
    if due.weekday() == MONDAY:
        return ":material/lightbulb: " + _("Monday morning is a poor time to meet a customer: take the afternoon.")
    return ":material/lightbulb: " + _("Friday afternoon is a poor time to meet a customer: take the morning.")
