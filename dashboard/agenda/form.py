"""The items of a kind of meeting as somebody sets them: order, minutes, on or off, their own added and taken out.
Nothing is stored before it is saved, what was refused stays as it was typed, and what is typed survives a reload."""

import uuid
from dataclasses import dataclass, replace
from datetime import date, timedelta

import streamlit as st

from dashboard.agenda.words import both, title, total
from dashboard.shell import session
from dashboard.shell.language import _, plain
from dashboard.widgets import fields
from dashboard.widgets.drafts import Form
from dashboard.widgets.saving import saving
from db.access import Viewer
from db.meetings import agenda
from db.meetings.agenda import Item, Version

AHEAD = timedelta(366)
WIDTH = 760  # pixels
LONGEST_TITLE = 40  # characters
USUAL_MINUTES = 5  # of an item that is added


@dataclass
class Draft:
    """`seen` is what was in force when it was begun, `number` what was set last by then; `key` names its widgets."""

    key: str
    number: int
    seen: tuple[Item, ...]
    items: tuple[Item, ...]

    @property
    def edited(self) -> bool:
        return self.items != self.seen

    def move(self, place: int, by: int) -> None:
        order = list(self.items)
        order.insert(place + by, order.pop(place))
        self.items = tuple(order)

    def remove(self, place: int) -> None:
        self.items = self.items[:place] + self.items[place + 1 :]

    def kept(self) -> dict[str, object]:
        """As the draft of a form has it."""
        rows = {name: [[one.key, one.title, one.minutes, one.held] for one in getattr(self, name)] for name in KEPT}
        return rows | {"number": self.number}


KEPT = ("seen", "items")


def draft(form: Form, current: tuple[Item, ...], number: int) -> Draft:
    """What is being typed in the form; what is in force where nothing is."""
    held: Draft | None = session.state().get(form.name)
    if held is None and all(form.start.get(name) for name in KEPT):
        seen, items = (tuple(Item(*one) for one in form.start[name]) for name in KEPT)
        held = Draft(uuid.uuid4().hex, form.start["number"], seen, items)
    if held is None or (not held.edited and (held.seen, held.number) != (current, number)):
        held = Draft(uuid.uuid4().hex, number, current, current)
    session.state()[form.name] = held
    return held


def show(
    viewer: Viewer,
    kind: str,
    region: int,
    branch: int | None,
    current: tuple[Item, ...],
    last: Version | None,
    today: date,
) -> None:
    """The items as widgets, an item to add, and the button that stores them from a day on. `last` is what was set last
    for the branch or region, by whomever."""
    form = Form(viewer, f"agenda {region} {branch} {kind}")
    held = draft(form, current, last.number if last else 0)
    with st.container(width=WIDTH):
        if held.edited and last is not None and last.number != held.number:
            meanwhile(form, kind, held, current, last)
        with st.container(border=True, key="agenda items"):
            held.items = tuple(row(kind, held, place) for place in range(len(held.items)))
        total(kind, held.items)
        add(form, held)
        form.keep(**held.kept())
        save(viewer, kind, branch, form, held, today)


def meanwhile(form: Form, kind: str, held: Draft, current: tuple[Item, ...], last: Version) -> None:
    """Somebody else has set items since this draft was begun: both are shown, and one of them is chosen."""
    both(kind, held.items, last)
    with st.container(horizontal=True):
        if st.button(_("Go on with mine"), key="keep agenda"):
            held.number, held.seen = last.number, current
            st.rerun()
        if st.button(_("Take theirs"), key="take agenda"):
            discard(form)
            st.rerun()


def discard(form: Form) -> None:
    """Nothing is typed any more."""
    form.sent()
    session.state().pop(form.name, None)


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


def add(form: Form, held: Draft) -> None:
    """An item of one's own, put last."""

    def put_last() -> None:
        said = (form.typed("own") or "").strip()
        if said:
            minutes = fields.standing_in(form.field("own minutes")) or USUAL_MINUTES
            held.items = (*held.items, Item(f"own-{uuid.uuid4().hex[:8]}", said, minutes))
            form.put(own="")

    with st.container(horizontal=True, vertical_alignment="bottom", key="add item"):
        fields.text(form, "own", _("An item of your own"), max_chars=LONGEST_TITLE)
        usual = form.start.get("own minutes", USUAL_MINUTES)
        st.number_input(_("Minutes"), 1, agenda.LONGEST, usual, 1, key=form.field("own minutes"), width=140)
        st.button(_("Add"), key="add own item", on_click=put_last)


def save(viewer: Viewer, kind: str, branch: int | None, form: Form, held: Draft, today: date) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="agenda save"):
        day = st.date_input(_("In force from"), today, today, today + AHEAD, key=f"from {held.key}", width=200) or today
        sent = st.button(_("Save the agenda"), type="primary", key="save agenda", disabled=not held.edited)
        if st.button(_("The usual items"), key="usual items", help=_("nothing is stored before you save")):
            session.state()[form.name] = Draft(uuid.uuid4().hex, held.number, held.seen, agenda.ITEMS[kind])
            st.rerun()
        if held.edited and st.button(_("Discard unsaved edits"), key="drop agenda"):
            discard(form)
            st.rerun()
    if sent:
        with saving(_("Saved: in force from {day} on.", day=day)):
            agenda.change(viewer, kind, held.items, day, branch, today, held.number)
            discard(form)
