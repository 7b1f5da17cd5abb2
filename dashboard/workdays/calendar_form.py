"""The administrator's forms for the calendar: a year's notice pasted, looked at and saved; one day corrected."""

from datetime import date

import polars as pl
import streamlit as st

from dashboard.shell import session
from dashboard.shell.language import _, ngettext
from dashboard.widgets import cards, formats, grids, notices
from dashboard.widgets.cards import Card
from dashboard.widgets.saving import saving
from dashboard.workdays import calendar_view
from db.access import Viewer
from db.calendar import calendar, notice
from db.calendar.notice import Notice
from metrics import workdays
from metrics.periods import Period

LONGEST_TEXT = 10_000
SHOWN = 60  # changed days listed


def board(viewer: Viewer, year: Period, today: date) -> None:
    with st.container(width=calendar_view.WIDTH):
        load(viewer, today)
        one_day(viewer, today)


def load(viewer: Viewer, today: date) -> None:
    """The text of a notice, what it comes to, and the button that stores it."""
    held = session.state().setdefault("notice", {"round": 0})
    st.subheader(_("Load a year's notice"))
    st.caption(_("Paste the State Council's notice as published; nothing is stored until you have checked it."))
    text = st.text_area(
        _("The notice"),
        key=f"notice {held['round']}",
        height=180,
        max_chars=LONGEST_TEXT,
        placeholder=calendar.NOTICE_OF.format(year=today.year + 1) + " …",
    )
    st.button(_("Read the notice"))
    if not (text or "").strip():
        return
    with notices.refusals():
        save(viewer, notice.read(text), held)


def save(viewer: Viewer, found: Notice, held: dict) -> None:
    """What the notice comes to, and the button that stores it."""
    changed = calendar.changes(viewer, found)
    preview(viewer, found, changed)
    if st.button(_("Save the calendar of {year}", year=found.year), type="primary", disabled=changed.is_empty()):
        with saving(_("The calendar of {year} is stored.", year=found.year)):
            calendar.load_notice(viewer, found)
            held["round"] += 1


def preview(viewer: Viewer, found: Notice, changed: pl.DataFrame) -> None:
    """What the notice says, and what it would change."""
    days = calendar.as_noticed(viewer, found)
    year = calendar_view.whole(found.year)
    cards.row(
        [
            Card(_("Year"), f"{found.year}"),
            Card(
                _("Working days"),
                f"{workdays.working_days(days, year)}",
                ngettext("of {number} day", "of {number} days", year.length),
            ),
            Card(_("Worked weekend days"), f"{len(found.worked)}"),
        ]
    )
    calendar_view.festivals(workdays.festivals(days))
    new = changed.filter(pl.col("was_workday").is_null()).height
    if changed.is_empty():
        st.info(_("The calendar already says all of this: nothing would change."))
    if new:
        said = ngettext(
            "{number} day is not in the calendar yet and will be added.",
            "{number} days are not in the calendar yet and will be added.",
            new,
        )
        st.caption(said)
    other = changed.drop_nulls("was_workday")
    if other.is_empty():
        return
    st.caption(
        ngettext(
            "{number} day that is stored would change:", "{number} days that are stored would change:", other.height
        )
    )
    columns = [
        grids.Column(_("Day"), lambda row: formats.day(row["day"]), left=True),
        grids.Column(_("Stored"), lambda row: day_label(row["was_workday"], row["was_named"]), left=True),
        grids.Column(_("New"), lambda row: day_label(row["is_workday"], row["name"]), left=True),
    ]
    grids.show(other.head(SHOWN), columns)
    if other.height > SHOWN:
        st.caption(_("… and {number} more", number=other.height - SHOWN))


def day_label(is_workday: bool, name: str | None) -> str:
    """A day in words: Free · Spring Festival."""
    return " · ".join(
        [_("Working day") if is_workday else _("Day off"), *([calendar_view.festival(name)] if name else [])]
    )


def one_day(viewer: Viewer, today: date) -> None:
    """A day the bank itself works or has off, whatever the notice says."""
    st.subheader(_("Correct a single day"))
    with st.form("one day", border=False):
        day = st.date_input(_("Day"), today, date(calendar.FIRST_YEAR, 1, 1), date(calendar.LAST_YEAR, 12, 31)) or today
        labels = {True: _("Working day"), False: _("Day off")}
        works = st.segmented_control(
            _("This day is a"), list(labels), default=False, format_func=labels.get, required=True
        )
        name = st.text_input(_("Why"), max_chars=60, placeholder=_("such as Spring Festival"))
        sent = st.form_submit_button(_("Correct the day"))
    if sent:
        with saving(_("The day is corrected.")):
            calendar.set_day(viewer, day, works, name)
