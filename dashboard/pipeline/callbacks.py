"""What a tap on a card did: done in a callback, before the card is drawn again, so that it is drawn once, as it is
then."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboard.pipeline import gather
from dashboard.shell import session
from dashboard.shell.language import _, plain, word
from dashboard.widgets import fields, notices
from db import codes
from db.access import Viewer
from db.errors import StorageError
from db.recording import recording


def act(key: str, row: dict, what: str | None, deed: Callable) -> None:
    """Does it, and leaves word of how it went for `news`: no language is known yet where callbacks run."""
    state = session.state()
    try:
        deed()
    except StorageError as error:
        state.update({"news": (key, row, error), "refusal read": False})
        state.setdefault("moved", {})[row["opportunity"]] = "refused"
        return
    state["news"] = (key, row, what)
    state.setdefault("moved", {})[row["opportunity"]] = "moved" if what in codes.KINDS else "changed"
    fields.put(f"more {key}", False)


def page_begins(viewer: Viewer) -> None:
    """To be called where the whole page is drawn anew: says how the last tap went, and forgets which cards were moved.
    A refusal is left to its card, where it stays until somebody taps on something."""
    state = session.state()
    state.pop("moved", None)
    if not isinstance(state.get("news", [None])[-1], StorageError):
        news(viewer)
    elif state.pop("refusal read", False) and not session.woken():
        state.pop("news")


def news(viewer: Viewer, key: str | None = None) -> None:
    """Says how the last tap went: on its card, or on top where the whole page is drawn (no key)."""
    held = session.state().get("news")
    if held is None or key not in (None, held[0]):
        return
    where, row, what = held
    if isinstance(what, StorageError):
        session.state()["refusal read"] = True
        with st.container(key=f"refused {where}"):
            notices.refused(what)
        return
    session.state().pop("news")
    customer = plain(row["customer_name"] or _("no customer"))
    if what == "planned":
        notices.done(_("Planned: {customer}", customer=customer))
    elif what is None:
        notices.done(_("Taken back: {customer}", customer=customer))
    else:
        moved(viewer, where, row, _("Moved on: {customer} → {step}", customer=customer, step=word(what)))


def moved(viewer: Viewer, key: str, row: dict, message: str) -> None:
    """The message of a step taken, and in it the tap that takes it back."""
    now = next(iter(gather.rows(viewer, gather.board(viewer, session.today()), [row["opportunity"]])), None)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"moved {key}"):
        st.success(message, icon=":material/check:", width="stretch")
        if now is not None and now["latest"] is not None:
            args = (key, row, None, partial(recording.void, viewer, now["latest"], now["latest_version"]))
            st.button(_("Undo"), key=f"undo {key} {now['seen']}", on_click=act, args=args)
