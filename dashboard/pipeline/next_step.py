"""The next step of an opportunity, and on which day."""

from datetime import date, timedelta

import streamlit as st

from dashboard.pipeline import gather
from dashboard.shell import clock
from dashboard.shell.language import _
from dashboard.widgets import fields, filters, formats
from dashboard.widgets.drafts import Form
from dashboard.workdays import working_days
from db.access import Viewer
from db.codes import NEXT_STEPS

OTHER_DAY = "other"

MONDAY, FRIDAY = 0, 4


def next_step_field(viewer: Viewer, form: Form) -> tuple[str | None, date | None]:
    """What comes next, and on which day: the next working days are one tap away."""
    said = form.start.get("step_next")
    options = [*NEXT_STEPS, *([said] if said and said not in NEXT_STEPS else [])]
    step = st.selectbox(
        _("Next step"),
        options,
        options.index(said) if said in options else None,
        format_func=gather.step_label,
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
        default=fields.one_of(list(labels), form.start.get("due")),
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
    days = working_days.workdays_after(viewer, today, working_days.OFFERED)
    return [*days[:3], *days[4:5]]


def advice_for(due: date | None) -> str | None:
    """What the training material says of a day for meeting a customer."""
    if due is None or due.weekday() not in (MONDAY, FRIDAY):
        return None
    if due.weekday() == MONDAY:
        return ":material/lightbulb: " + _("Monday morning is a poor time to meet a customer: choose the afternoon.")
    return ":material/lightbulb: " + _("Friday afternoon is a poor time to meet a customer: choose the morning.")
