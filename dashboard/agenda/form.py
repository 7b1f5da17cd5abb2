"""The items of a kind of meeting as somebody sets them: order, minutes, on or off, their own added and taken out.
Nothing is stored before it is saved, and what was refused stays as it was typed."""

import uuid
from dataclasses import dataclass, replace
from datetime import date, timedelta

import streamlit as st

from dashboard.agenda.words import title, total
from dashboard.shell import session
from dashboard.shell.language import _, plain
from dashboard.widgets.saving import saving
from db.access import Viewer
from db.meetings import agenda
from db.meetings.agenda import Item

AHEAD = timedelta(366)
WIDTH = 760  # pixels
LONGEST_TITLE = 40  # characters
USUAL_MINUTES = 5  # of an item that is added


@dataclass
class Draft:
    """`seen` is what was in force when it was begun; `key` names its widgets."""

    key: str
    seen: tuple[Item, ...]
    items: tuple[Item, ...]

    def move(self, place: int, by: int) -> None:
        order = list(self.items)
        order.insert(place + by, order.pop(place))
        self.items = tuple(order)

    def remove(self, place: int) -> None:
        self.items = self.items[:place] + self.items[place + 1 :]


def draft(name: str, current: tuple[Item, ...]) -> Draft:
    """What is being typed under this name; what is in force where nothing is."""
    held: Draft | None = session.state().get(name)
    if held is None or (held.items == held.seen and held.seen != current):
        held = session.state()[name] = Draft(uuid.uuid4().hex, current, current)
    return held


def show(viewer: Viewer, kind: str, region: int, branch: int | None, current: tuple[Item, ...], today: date) -> None:
    """The items as widgets, an item to add, and the button that stores them from a day on."""
    name = f"agenda {region} {branch} {kind}"
    held = draft(name, current)
    with st.container(width=WIDTH):
        with st.container(border=True, key="agenda items"):
            held.items = tuple(row(kind, held, place) for place in range(len(held.items)))
        total(kind, held.items)
        add(held)
        save(viewer, kind, branch, held, name, today)


def row(kind: str, held: Draft, place: int) -> Item:
    """One item; gives it as it stands now."""
    one, key = held.items[place], f"{held.items[place].key} {held.key}"
    said, last = title(kind, one), len(held.items) - 1
    with st.container(horizontal=True, vertical_alignment="center", key=f"agenda row {key}"):
        with st.container(width="stretch"):
            on = st.toggle(f"{place + 1}. {plain(said)}", one.held, key=f"held {key}")
        with st.container(horizontal=True, width="content", gap="small"):
            if not agenda.is_preset(kind, one):
                button("✕", _("Take it out"), f"out {key}", False, held.remove, place)
            name, seen = _("Minutes of {title}", title=said), f"minutes {key}"
            minutes = st.number_input(
                name, 1, agenda.LONGEST, one.minutes, 1, key=seen, label_visibility="collapsed", width=120
            )
            button("↑", _("Up"), f"up {key}", place == 0, held.move, place, -1)
            button("↓", _("Down"), f"down {key}", place == last, held.move, place, 1)
    return replace(one, minutes=minutes or one.minutes, held=on)


def button(sign: str, about: str, key: str, off: bool, do, *args) -> None:
    st.button(sign, key=key, help=about, disabled=off, on_click=do, args=args)


def add(held: Draft) -> None:
    """An item of one's own, put last."""
    key = f"{held.key} {len(held.items)}"
    with st.form(f"add item {key}", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        said = st.text_input(_("An item of your own"), max_chars=LONGEST_TITLE, key=f"own title {key}")
        minutes = st.number_input(_("Minutes"), 1, agenda.LONGEST, USUAL_MINUTES, 1, key=f"own {key}", width=140)
        sent = st.form_submit_button(_("Add"))
    if sent and said and said.strip():
        held.items = (*held.items, Item(f"own-{uuid.uuid4().hex[:8]}", said.strip(), minutes or USUAL_MINUTES))
        st.rerun()


def save(viewer: Viewer, kind: str, branch: int | None, held: Draft, name: str, today: date) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="agenda save"):
        day = st.date_input(_("In force from"), today, today, today + AHEAD, key=f"from {held.key}", width=200) or today
        sent = st.button(_("Save the agenda"), type="primary", key="save agenda", disabled=held.items == held.seen)
        if st.button(_("The usual items"), key="usual items", help=_("nothing is stored before you save")):
            session.state()[name] = Draft(uuid.uuid4().hex, held.seen, agenda.ITEMS[kind])
            st.rerun()
        if held.items != held.seen and st.button(_("Discard unsaved edits"), key="drop agenda"):
            session.state().pop(name)
            st.rerun()
    if sent:
        with saving(_("Saved: in force from {day} on.", day=day)):
            agenda.change(viewer, kind, held.items, day, branch, today)
            session.state().pop(name)
