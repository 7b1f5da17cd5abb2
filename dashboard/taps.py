"""What a tap on a card did: done in a callback, before the card is drawn again, so that it is drawn once, as it is then."""

from collections.abc import Callable

import streamlit as st

from dashboard import notices, session
from dashboard.words import _, plain, word
from db import codes
from db.errors import StorageError


def act(key: str, row: dict, what: str | None, deed: Callable) -> None:
    """Does it, and leaves word of how it went for `news`: no language is known yet where callbacks run."""
    state = session.state()
    try:
        deed()
    except StorageError as error:
        state["news"] = (key, row, error)
        state.setdefault("moved", {})[row["opportunity"]] = "refused"
        return
    state["news"] = (key, row, what)
    state.setdefault("moved", {})[row["opportunity"]] = "moved" if what in codes.KINDS else "changed"
    st.session_state[f"more {key}"] = False


def whole_page(drawn: bool) -> None:
    """Says when the page begins to be drawn as a whole, everything on it anew, and when it is drawn."""
    state = session.state()
    state["whole page"] = not drawn
    if not drawn:
        state.pop("moved", None)
        news()


def news(key: str | None = None) -> None:
    """Says how the last tap went: on its card, or on top where the whole page is drawn (no key)."""
    held = session.state().get("news")
    if held is None or key not in (None, held[0]):
        return
    _key, row, what = session.state().pop("news")
    customer = plain(row["customer_name"] or _("no customer"))
    if isinstance(what, StorageError):
        notices.refused(what)
    elif what == "planned":
        notices.done(_("Planned: {customer}", customer=customer))
    elif what is None:
        notices.done(_("Taken back: {customer}", customer=customer))
    else:
        notices.done(_("{customer} → {step}; it can be taken back today", customer=customer, step=word(what)))
