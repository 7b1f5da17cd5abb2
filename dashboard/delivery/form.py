"""Sending a document to the branch's groups by hand, after a look at what leaves the bank."""

from collections.abc import Callable
from datetime import date
from functools import partial

import polars as pl
import streamlit as st

from dashboard.delivery import deliver, wording
from dashboard.documents import typeset
from dashboard.documents.blocks import Document
from dashboard.shell import session
from dashboard.shell.language import _, ngettext, plain
from dashboard.widgets import notices
from dashboard.widgets.saving import saving
from db.access import Viewer, covers
from db.delivery import channels, messages, sending
from db.delivery.messages import SENT, UNCONFIRMED
from db.delivery.services import SERVICES

AT_ONCE = 10.0  # seconds somebody waits for each group; the rest goes out by itself


def send(viewer: Viewer, branch: int, made: Callable[[], Document], kind: str, day: date) -> None:
    """A preview and the button, for whoever may send from this branch. The document is made when it is looked at, for the
    branch's screen (sending.screen); notes are left out of it here."""
    if not covers(viewer, "send_messages", region=viewer.region, branch=branch):
        return
    preview = partial(look, viewer, branch, made, kind, day)
    session.folded(_("Send to the group"), f"send {kind} {day}", preview, icon=":material/send:")


def look(viewer: Viewer, branch: int, made: Callable[[], Document], kind: str, day: date) -> None:
    usable = channels.listing(viewer).filter(branch=branch, is_on=True, allowed=True)
    if usable.is_empty():
        st.caption(
            _(
                "No group can be sent to yet. On the page Messages the branch head adds its robot, and the administrator allows its host."
            )
        )
        return
    document = made()
    text, pictured = wording.text(document), []
    st.caption(
        _(
            "This leaves the bank, without the notes and without customers. To: {groups}",
            groups=plain(names(usable)),
        )
    )
    st.code(text, language=None, wrap_lines=True)
    image = None
    takes = [name for name in usable["service"].unique() if SERVICES[name].image]
    if takes and st.checkbox(_("With the picture of the minutes"), True, key=f"picture of {kind} {day}"):
        with notices.refusals():
            shown = wording.outward(document)
            image, pictured = typeset.png(shown, SERVICES[takes[0]].image), wording.texts(shown)
            st.image(image, width=260)
    if st.button(_("Send now"), type="primary", key=f"send now {kind} {day}"):
        with saving() as outcome:
            queued = messages.queue(viewer, branch, kind, day, text, image, pictured)
            with st.spinner(_("Sending …")):
                outcome.message = sent(viewer, usable, queued)


def names(groups: pl.DataFrame) -> str:
    return "、".join(groups["name"])


def sent(viewer: Viewer, groups: pl.DataFrame, queued: list[int]) -> str:
    """Sends what was queued, and says what became of it."""
    for group in groups["channel"]:
        deliver.send_waiting(viewer.store, AT_ONCE, group, most=len(queued))
    states = [status for status, _code in sending.states(viewer.store, queued)]
    if all(one == SENT for one in states):
        return ngettext("Sent to {number} group.", "Sent to {number} groups.", groups.height)
    if UNCONFIRMED in states:
        return _("Whether it arrived is not known: look into the group, then confirm it on the page Messages.")
    return _("It waits and goes out by itself; the page Messages says when.")
