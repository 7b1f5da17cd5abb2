"""Who is at a meeting: one tap each, those on leave are filled in; and who chairs it."""

import streamlit as st

from dashboard.meetings.content.asked import Asked
from dashboard.shell.language import _
from dashboard.widgets import fields, notices
from db.meetings import held, running
from db.meetings.held import Held
from db.people import people
from metrics import periods


def show(asked: Asked, meeting: Held) -> None:
    """One pill a manager, pressed for who is there; and one tap for everybody."""
    viewer = asked.book.viewer
    team = people.managers(viewer, periods.day(meeting.day if asked.kind in DAILY else asked.book.on), asked.branch)
    names = dict(team.select("manager", "manager_name").iter_rows())
    states = held.attendance(viewer, meeting.meeting, asked.branch)
    there = [one for one in names if states.get(one) == "present"]
    key = f"there {meeting.meeting}"
    fields.put(key, there)

    def say(present: list[int]) -> None:
        changed = {
            one: "present" if one in present else "on_leave" if states.get(one) == "on_leave" else "absent"
            for one in names
        }
        with notices.refusals():
            running.attend(
                viewer, meeting.meeting, {one: now for one, now in changed.items() if now != states.get(one)}
            )

    away = [name for one, name in names.items() if states.get(one) == "on_leave"]
    label = _("Present: {there} of {number}", there=len(there), number=len(names))
    if away:
        label += " · " + _("on leave: {names}", names="、".join(away))
    st.pills(
        label,
        list(names),
        selection_mode="multi",
        format_func=names.get,
        key=key,
        on_change=lambda: say(fields.standing_in(key) or []),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        usual = [one for one in names if states.get(one) != "on_leave"]
        st.button(_("Everybody is here"), key="everybody is here", on_click=lambda: say(usual))
        chair(asked, meeting, list(names.values()))


DAILY = ("morning", "evening")


def chair(asked: Asked, meeting: Held, names: list[str]) -> None:
    """Who chairs: whoever began it, unless somebody else is chosen."""
    key = f"chair {meeting.meeting}"
    fields.put(key, meeting.chair)

    def chosen() -> None:
        with notices.refusals():
            running.set_chair(asked.book.viewer, meeting.meeting, fields.standing_in(key) or meeting.chair)

    options = list(dict.fromkeys([meeting.chair, *names]))
    st.selectbox(_("Chair"), options, key=key, on_change=chosen, width=220)
