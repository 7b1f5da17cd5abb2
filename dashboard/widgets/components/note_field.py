"""A text that is kept while it is typed, also where two devices write it."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from dashboard.shell import session
from dashboard.widgets.components.registry import component


@dataclass(frozen=True)
class Typed:
    """What was typed, over which text (`base`)."""

    text: str
    base: str


def note(key: str, stored: str, label: str, placeholder: str, save: Callable[[Typed], bool]) -> Typed | None:
    """The field, with what is stored in it. `save` is asked once for each text that arrives, and says whether it was
    stored; what could not be stored is given, so that both texts can be shown, until `drop` is called."""
    held = session.state().setdefault(f"note {key}", {"at": None, "reset": 0, "refused": None})
    field = component("note", "<textarea></textarea>")
    if field is None:  # no browser: a plain field, for whoever tests the page
        text = st.text_area(label, stored, key=f"plain {key}", placeholder=placeholder)
        return None if text == stored or save(Typed(text, stored)) else Typed(text, stored)
    data = {"id": key, "text": stored, "label": label, "placeholder": placeholder, "reset": held["reset"]}
    found = field(data=data, key=f"note {key}", on_typed_change=lambda: None)
    typed = found.typed
    if typed and typed["at"] != held["at"]:
        held["at"] = typed["at"]
        wanted = Typed(str(typed["text"]), str(typed["base"] or ""))
        held["refused"] = None if save(wanted) else wanted
    return held["refused"]


def drop(key: str) -> None:
    """What could not be stored is given up: the field shows what is stored."""
    held = session.state()[f"note {key}"]
    held["refused"], held["reset"] = None, held["reset"] + 1


def settled(key: str) -> None:
    """What could not be stored is stored now."""
    session.state()[f"note {key}"]["refused"] = None
