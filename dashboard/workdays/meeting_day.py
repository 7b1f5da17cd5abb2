"""The day of a meeting: the last working day, the ones before and after it one tap away."""

from datetime import date

import streamlit as st
from markupsafe import Markup

from dashboard.shell import clock, session
from dashboard.shell.language import _
from dashboard.widgets import filters, formats
from dashboard.workdays import working_days
from db.access import Viewer

PREPARE = "morning_meeting"  # the page on which a day to come is prepared


def choose(viewer: Viewer, ahead: bool = False) -> date:
    """A day for a meeting, by the link or the last working day; with `ahead` also the next working day, to be
    prepared. On a day off it says which day is shown, and where the next one is prepared."""
    today = clock.today()
    following = next(iter(working_days.workdays_after(viewer, today, 1)), today)
    usual = today if working_days.is_workday(viewer, today) else working_days.workday_before(viewer, today)
    last = following if ahead else today
    on = filters.on_day(usual, last)
    if session.link("tv"):  # on a wall there is nothing to tap
        return on
    turns(viewer, on, last)
    if usual != today and on == usual:
        link = Markup('<a class="cx-more" href="{}" target="_self">{} ›</a>')
        said = _("Today is a day off. Prepare {day}", day=formats.day(following))
        st.html(link.format(session.href(PREPARE, day=following), said))
    return on


def turns(viewer: Viewer, on: date, last: date) -> None:
    """To the working day before and, up to the last one there is, to the next."""
    turn("before", _("‹ Previous working day"), working_days.workday_before(viewer, on))
    following = working_days.workdays_after(viewer, on, 1)
    turn("after", _("Next working day ›"), next((day for day in following if day <= last), None))


def turn(name: str, label: str, day: date | None) -> None:
    """To another day, where there is one."""

    def to() -> None:
        session.set_link(day=day)

    st.button(label, type="tertiary", disabled=day is None, key=f"day {name}", on_click=to)
