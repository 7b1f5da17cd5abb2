"""A form under way: its fields are kept as they are typed, and stand there again when the form is opened next."""

import uuid
from datetime import date
from typing import Any

import streamlit as st

from dashboard.shell import session
from db.access import Viewer
from db.accounts import drafts


class Form:
    """One form of the viewer's. `key` is made when it is first opened and sent with it, so that whatever happens on the
    way it is stored once; `start` holds what was typed before."""

    def __init__(self, viewer: Viewer, name: str):
        self.viewer, self.name = viewer, name
        held: dict[str, Any] | None = session.state().get(f"form {name}")
        if held is None:
            body = drafts.read(viewer, name)
            held = {"key": body.pop("key", None) or uuid.uuid4().hex, "start": body, "kept": None, "fields": {}}
            session.state()[f"form {name}"] = held
        self.key, self.start, self._held = held["key"], held["start"], held

    def field(self, name: str) -> str:
        """The widget key of a field; what stands in it is kept with the draft."""
        self._held["fields"][name] = f"{name} {self.key}"
        return f"{name} {self.key}"

    def put(self, **values) -> None:
        """Fills fields, as somebody taps on what they would else type. For callbacks: they run before the fields are
        drawn."""
        for name, value in values.items():
            self.start.pop(name, None)
            st.session_state[self.field(name)] = value

    def typed(self, name: str):
        """What stands in a field, before it is drawn in this run."""
        return st.session_state.get(self.field(name), self.start.get(name))

    def keep(self, **more) -> None:
        """To be called when all fields were drawn: keeps what has changed since they were first. `more` is what stands
        in a field that holds no plain value."""
        typed = values(self._held) | more
        if self._held["kept"] is None:
            self._held["kept"] = typed
        elif typed != self._held["kept"]:
            drafts.keep(self.viewer.store, self.viewer.sign_in, self.name, body(self._held, typed))
            self._held["kept"] = typed

    def sent(self, **following) -> None:
        """It was stored: the next one is a new form, in which `following` stands already."""
        key = {"key": uuid.uuid4().hex} if following else {}
        drafts.keep(self.viewer.store, self.viewer.sign_in, self.name, following | key)
        session.state().pop(f"form {self.name}")


def values(held: dict) -> dict:
    """What stands in the fields; one that is not on screen now keeps what stood in it."""
    typed = {name: plain(st.session_state[key]) for name, key in held["fields"].items() if key in st.session_state}
    return {name: one for name, one in ((held["kept"] or held["start"]) | typed).items() if one not in (None, "")}


def plain(value):
    """As a draft holds it: a day as text."""
    return value.isoformat() if isinstance(value, date) else value


def body(held: dict, typed: dict) -> dict:
    return typed and typed | {"key": held["key"]}


def rescue(sign_in: int | None) -> None:
    """The session ran out while somebody was typing: keeps every open form as it was just sent to us."""
    for name, held in session.state().items():
        if name.startswith("form ") and values(held) != held["kept"]:
            drafts.keep(session.store(), sign_in, name.removeprefix("form "), body(held, values(held)))
