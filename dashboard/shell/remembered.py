"""Parts of pages that are text alone: made once for whoever sees the same, until something is touched that they are made of."""

from collections.abc import Callable, Hashable
from typing import TypeVar

import streamlit as st
from markupsafe import Markup

from dashboard.shell import clock, session
from dashboard.shell.language import language
from db.access import Viewer

T = TypeVar("T")


def answer(viewer: Viewer, name: str, *args: Hashable, read: Callable[[], T]) -> T:
    """What `read()` gives, in the reader's language and with their links. All it shows it names in `args`, or reads it
    itself: what it was handed nobody knows to have changed."""
    around = (language(), clock.today(), session.whole_link())
    return viewer.cached(f"said: {name}", *args, *around, read=read)


def show(viewer: Viewer, name: str, *args: Hashable, made: Callable[[], Markup]) -> bool:
    """Shows a part, and gives whether there is anything to be shown."""
    found = answer(viewer, name, *args, read=made)
    if found:
        st.html(found)
    return bool(found)
