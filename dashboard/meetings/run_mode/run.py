"""A meeting run from one screen: who is there, the item in hand with what the data say to it, notes, what is agreed, the
clock, on to the next."""

from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st
from markupsafe import Markup

from dashboard.meetings import closing
from dashboard.meetings.content import contents
from dashboard.meetings.content.asked import Asked
from dashboard.meetings.run_mode import agreed, attendance, blocks_view, notes_view
from dashboard.shell import clock, session
from dashboard.shell.language import _
from dashboard.widgets import fields, notices
from dashboard.widgets.components import scripts
from dashboard.widgets.saving import saving
from db.access import covers
from db.meetings import agenda, running
from db.meetings.held import Held, HeldItem
from db.people import people
from metrics import periods

Extras = Mapping[str, Callable[[], None]]
HEAD = Markup('<div class="cx-run"><b>{}</b><span>{} {}</span><span>{} {}</span><span>{}</span></div>')
CLOCK = Markup('<time data-since="{}" data-now="{}" data-before="{}" data-limit="{}"></time><small> / {}</small>')


def may_run(asked: Asked) -> bool:
    viewer = asked.book.viewer
    return covers(viewer, "run_meeting", region=viewer.region, branch=asked.branch)


def show(asked: Asked, extras: Extras | None = None) -> bool:
    """Where a meeting may be begun, the way to do so; while it runs, the meeting; gives whether it runs. `extras` are what
    is done beside the blocks of an item, by its key."""
    meeting = asked.held()
    if meeting is None:
        if may_run(asked) and agenda.first_day(asked.kind, asked.book.on) <= session.today():
            begin(asked)
        return False
    if not meeting.running:
        return False
    whole(asked, meeting, extras or {})
    return True


def begin(asked: Asked) -> None:
    """The agenda in one line, and the button that begins the meeting."""
    book = asked.book
    items = [one for one in agenda.read(book.viewer, asked.branch, asked.kind, book.on) if one.held]
    said = " → ".join(f"{_(one.title)} {one.minutes}′" for one in items)
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="begin meeting"):
        st.markdown(said, width="stretch")
        start = st.button(_("Begin: {meeting}", meeting=asked.name), type="primary", key="begin")
    if start:
        there = people.posting_days(book.viewer, periods.day(book.on))
        away = there.filter(there["away"] >= 1)["manager"].to_list()
        team = set(people.managers(book.viewer, periods.day(book.on), asked.branch)["manager"])
        with saving():
            absent = frozenset(team.intersection(away))
            running.start(book.viewer, asked.branch, asked.kind, book.on, session.today(), absent)


def whole(asked: Asked, meeting: Held, extras: Extras) -> None:
    """The meeting while it runs; who does not run it looks on."""
    item = meeting.in_hand() or meeting.items[0]
    head(asked, meeting, item)
    if not may_run(asked):
        strip(meeting)
        blocks_view.show(contents.blocks(asked, item.key))
        return
    choose(asked, meeting)
    st.subheader(_(item.title))
    if item is meeting.items[0]:
        attendance.show(asked, meeting)
    blocks_view.show(contents.blocks(asked, item.key))
    if item.key in extras:
        extras[item.key]()
    notes_view.show(asked.book.viewer, asked, meeting, item.key)
    agreed.show(asked, meeting, item.key)
    forward(asked, meeting)


def head(asked: Asked, meeting: Held, item: HeldItem) -> None:
    """Which meeting, how long it takes, and how long the item in hand takes."""
    now = milliseconds(clock.utc_now())
    since, planned = meeting.since or meeting.started_at, sum(one.minutes for one in meeting.items)
    of_item = CLOCK.format(milliseconds(since), now, item.used, item.minutes * 60, minutes(item.minutes))
    of_all = CLOCK.format(milliseconds(meeting.started_at), now, 0, planned * 60, minutes(planned))
    title = _("{meeting} in progress", meeting=asked.name)
    chair = _("Chair: {name}", name=meeting.chair)
    st.html(HEAD.format(title, _(item.title), of_item, _("Together"), of_all, chair))
    scripts.run("clock")


def milliseconds(moment) -> int:
    """A stored moment as browsers count: since 1970."""
    return int(clock.local(moment).timestamp() * 1000)


def minutes(number: int) -> str:
    return f"{number}:00"


def strip(meeting: Held) -> None:
    """The agenda: what is over, what is in hand, what is to come."""
    parts = []
    for one in meeting.items:
        name = "cx-now" if one.key == meeting.item else "cx-past" if one.reached else ""
        parts.append(Markup('<li class="{}">{}{}</li>').format(name, _(one.title), " √" if name == "cx-past" else ""))
    st.html(Markup('<ul class="cx-agenda">{}</ul>').format(Markup().join(parts)))


def choose(asked: Asked, meeting: Held) -> None:
    """The agenda, each item one tap away."""
    key = f"item of {meeting.meeting}"
    fields.put(key, meeting.item)
    titles = {
        one.key: f"{_(one.title)}{' √' if one.reached and one.key != meeting.item else ''}" for one in meeting.items
    }

    def chosen() -> None:
        wanted = fields.standing_in(key)
        if wanted is not None and wanted != meeting.item:
            go(asked, meeting, wanted)

    st.pills(_("Agenda"), list(titles), format_func=titles.get, key=key, on_change=chosen, label_visibility="collapsed")


def go(asked: Asked, meeting: Held, item: str) -> None:
    """To another item. For callbacks."""
    with notices.refusals():
        running.go_to(asked.book.viewer, meeting.meeting, item, meeting.item)


def forward(asked: Asked, meeting: Held) -> None:
    """On to the next item by one key, or the end."""
    following = meeting.following()
    with st.container(horizontal=True, vertical_alignment="center", key="forward"):
        if following is not None:
            st.button(
                _("Next: {item}", item=_(following.title)),
                type="primary",
                shortcut="Ctrl+Enter",
                key=f"next after {meeting.item}",
                on_click=partial(go, asked, meeting, following.key),
            )
        end = st.button(
            _("End the meeting and lock the day") if asked.kind == "evening" else _("End the meeting"),
            type="secondary" if following else "primary",
            key="end meeting",
        )
    if end:
        with saving(_("The meeting is over: its minutes are ready.")):
            results = closing.results(asked.book) if asked.kind == "evening" else {}
            running.end(asked.book.viewer, meeting.meeting, results)
