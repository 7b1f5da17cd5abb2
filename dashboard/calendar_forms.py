"""The administrator's forms for the calendar: a year's notice pasted, looked at and saved; one day corrected."""

from datetime import date

import polars as pl
import streamlit as st

from dashboard import calendars, cards, formats, grids, notices, session
from dashboard.account_forms import attempt
from dashboard.cards import Card
from dashboard.words import _
from db import calendar, notice
from db.access import Viewer
from db.errors import Refused
from db.notice import Notice
from metrics import workdays
from metrics.periods import Period

LONGEST_TEXT = 10_000
SHOWN = 60  # changed days listed


def board(viewer: Viewer, year: Period, today: date) -> None:
    with st.container(width=calendars.WIDTH):
        load(viewer, today)
        one_day(viewer, today)


def load(viewer: Viewer, today: date) -> None:
    """The text of a notice, what it comes to, and the button that stores it."""
    held = session.state().setdefault("notice", {"round": 0})
    st.subheader(_("Load a year's notice"))
    st.caption(
        _("Paste the State Council's notice as it is published; nothing is stored before you have looked at it.")
    )
    text = st.text_area(
        _("The notice"),
        key=f"notice {held['round']}",
        height=180,
        max_chars=LONGEST_TEXT,
        placeholder=calendar.NOTICE_OF.format(year=today.year + 1) + " …",
    )
    st.button(_("Read it"))
    if not (text or "").strip():
        return
    try:
        found = notice.read(text)
    except Refused as error:
        notices.refused(error)
        return
    changed = calendar.changes(viewer, found)
    preview(viewer, found, changed)

    def store() -> None:
        calendar.load_notice(viewer, found)
        held["round"] += 1

    if st.button(_("Save the calendar of {year}", year=found.year), type="primary", disabled=changed.is_empty()):
        attempt(store, _("The calendar of {year} is stored.", year=found.year))


def preview(viewer: Viewer, found: Notice, changed: pl.DataFrame) -> None:
    """What the notice says, and what it would change."""
    days = calendar.as_noticed(viewer, found)
    year = calendars.whole(found.year)
    cards.row(
        [
            Card(_("Year"), f"{found.year}"),
            Card(_("Working days"), f"{workdays.working_days(days, year)}", _("of {number} days", number=year.length)),
            Card(_("Worked weekend days"), f"{len(found.worked)}"),
        ]
    )
    calendars.festivals(workdays.festivals(days))
    new = changed.filter(pl.col("was_workday").is_null()).height
    if changed.is_empty():
        st.info(_("The calendar says all of this already: nothing would change."))
    if new:
        st.caption(_("{number} days are not in the calendar yet: they are added.", number=new))
    other = changed.drop_nulls("was_workday")
    if other.is_empty():
        return
    st.caption(_("{number} days that are stored would change:", number=other.height))
    columns = [
        grids.Column(_("Day"), lambda row: formats.day(row["day"]), left=True),
        grids.Column(_("Stored"), lambda row: grids.escape(said(row["was_workday"], row["was_named"])), left=True),
        grids.Column(_("New"), lambda row: grids.escape(said(row["is_workday"], row["name"])), left=True),
    ]
    grids.show(other.head(SHOWN), columns)
    if other.height > SHOWN:
        st.caption(_("… and {number} more", number=other.height - SHOWN))


def said(is_workday: bool, name: str | None) -> str:
    """A day in words: Free · Spring Festival."""
    return " · ".join([_("Works") if is_workday else _("Free"), *([calendars.festival(name)] if name else [])])


def one_day(viewer: Viewer, today: date) -> None:
    """A day the bank itself works or has off, whatever the notice says."""
    st.subheader(_("Correct one day"))
    with st.form("one day", border=False):
        day = st.date_input(_("Day"), today, date(calendar.FIRST_YEAR, 1, 1), date(calendar.LAST_YEAR, 12, 31)) or today
        labels = {True: _("Works"), False: _("Free")}
        works = st.segmented_control(_("The bank"), list(labels), default=False, format_func=labels.get, required=True)
        name = st.text_input(_("Why"), max_chars=60, placeholder=_("such as Spring Festival"))
        sent = st.form_submit_button(_("Correct the day"))
    if sent:
        attempt(lambda: calendar.set_day(viewer, day, works, name), _("The day is corrected."))
