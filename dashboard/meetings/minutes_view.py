"""The minutes of a meeting, to be taken away: as Word, PDF or one long picture, with what is chosen to be in them."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from dashboard.delivery import form
from dashboard.documents.blocks import Document
from dashboard.meetings import minutes
from dashboard.meetings.content.asked import Asked
from dashboard.shell import session
from dashboard.shell.language import _, language, speak
from dashboard.widgets.saving import saving
from db.access import covers
from db.audit import trail
from db.delivery import sending
from db.meetings import agenda, running
from db.meetings.held import Held

KINDS = {
    "docx": ("Word", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "pdf": ("PDF", "application/pdf"),
    "png": ("Picture", "image/png"),
}


def show(asked: Asked) -> None:
    """For a meeting that is over: when it was, its minutes, and the way back into it on the same day. For a day without
    one, what the data fill. Nothing of them is computed before a file is asked for."""
    meeting, viewer = asked.held(), asked.book.viewer
    if (meeting is not None and meeting.running) or viewer.role == "screen":
        return
    label, name = _("{meeting} minutes", meeting=asked.name), f"minutes of {asked.kind} {asked.period.first}"
    session.folded(label, name, lambda: inside(asked, meeting), icon=":material/description:")


def inside(asked: Asked, meeting: Held | None) -> None:
    viewer = asked.book.viewer
    said = [f"{label} {value}" for label, value in minutes.facts(asked, meeting)]
    st.caption(" · ".join(said) if meeting else _("No meeting was held: the minutes have what the data say."))
    titles = dict(minutes.titles(asked, meeting))
    chosen = st.pills(
        _("What goes in"),
        list(titles),
        selection_mode="multi",
        default=list(titles),
        format_func=titles.get,
        key=f"minutes {asked.kind} {asked.period.first}",
    )
    with st.container(horizontal=True):
        for ending in KINDS:
            button(asked, chosen, ending)
    send(asked, chosen)
    if meeting is not None and covers(viewer, "run_meeting", region=viewer.region, branch=asked.branch):
        resume(asked, meeting.meeting)


def button(asked: Asked, chosen: Sequence[str], ending: str) -> None:
    """A file, made when it is asked for, outside the page's run."""
    called, mime = KINDS[ending]
    label = _("Picture") if ending == "png" else called
    reader, viewer = language(), asked.book.viewer

    def content() -> bytes:
        speak(reader)
        with viewer.store.moment():
            made = minutes.document(asked).choose(chosen)
        about = {"kind": agenda.trail_code(asked.kind), "on": str(asked.book.on), "branch": asked.branch}
        trail.exported(viewer, "minutes", about, len(made.sections))
        return renderer(ending)(made)

    name = minutes.file_name(asked, ending)
    st.download_button(
        label, content, name, mime, key=f"{ending} of minutes", on_click="ignore", icon=":material/download:"
    )


def send(asked: Asked, chosen: Sequence[str]) -> None:
    """To the branch's groups: made, as the branch's screen would see it, when somebody wants to look at it."""
    book = asked.book

    def made() -> Document:
        screen = sending.screen(book.viewer.store, book.viewer.region, asked.branch)
        return minutes.document(replace(asked, book=replace(book, viewer=screen))).choose(chosen)

    form.send(book.viewer, asked.branch, made, asked.kind, asked.period.first)


def renderer(ending: str) -> Callable[[Document], bytes]:
    """Loaded when it is needed: typesetting is heavy."""
    if ending == "docx":
        from dashboard.documents.word import docx

        return docx
    from dashboard.documents import typeset

    return typeset.pdf if ending == "pdf" else typeset.png


def resume(asked: Asked, meeting: int) -> None:
    if st.button(_("Go on with the meeting"), key="resume meeting", help=_("on the day it ended only")):
        with saving():
            running.resume(asked.book.viewer, meeting)
