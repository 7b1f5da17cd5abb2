"""A text of one's own that is kept while it is typed. Where the same person wrote something else on another device, both
texts are shown, and one of them is chosen."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboard.shell.language import _, plain
from dashboard.widgets import notices
from dashboard.widgets.components import note_field
from dashboard.widgets.components.note_field import Typed
from db.errors import Refused
from db.privacy import validate_text

Write = Callable[[str, str], None]  # the text, and the one it was typed over


def field(key: str, stored: str, label: str, placeholder: str, write: Write) -> None:
    """For a part of a page (session.part)."""
    refused = note_field.note(key, stored, label, placeholder, partial(save, write))
    if refused is not None and refused.base != stored:
        both(key, refused, stored, write)
    elif refused is not None:
        with notices.refusals():
            validate_text(refused.text)


def save(write: Write, typed: Typed) -> bool:
    with notices.refusals() as outcome:
        try:
            write(typed.text, typed.base)
        except Refused:  # said below, for as long as the text stands
            return False
    return outcome.refused is None


def both(key: str, refused: Typed, stored: str, write: Write) -> None:
    """The text that stands here, and the one that was written on another device."""
    st.warning(_("You changed this note on another device meanwhile: both texts are shown."))
    left, right = st.columns(2)
    with left:
        st.caption(_("Here"))
        st.text(refused.text)
        if st.button(_("Keep this one"), key=f"here {key}"):
            with notices.refusals() as outcome:
                write(refused.text, stored)
            if outcome.refused is None:
                note_field.settled(key)
                st.rerun(scope="fragment")
    with right:
        st.caption(_("On the other device"))
        st.text(plain(stored) if stored else _("nothing"))
        if st.button(_("Keep this one"), key=f"there {key}"):
            note_field.drop(key)
            st.rerun(scope="fragment")
