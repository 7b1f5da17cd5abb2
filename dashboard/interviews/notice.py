"""That a sheet of an interview waits for its manager to read it, on their own page."""

import streamlit as st
from markupsafe import Markup

from dashboard.shell import links, session
from dashboard.shell.language import ngettext
from dashboard.widgets import formats
from db.access import Viewer, may
from db.interviews import sheets

LINE = Markup('<div class="cx-line">{}</div>')


def show(viewer: Viewer) -> None:
    """A line that leads to the sheets; nothing where none waits, or for whoever answers none."""
    if not may(viewer, "answer_interview"):
        return
    waiting = sheets.to_read(viewer)
    if waiting.is_empty():
        return
    said = ngettext(
        "{number} interview sheet waits for you to read it and add your view ({day})",
        "{number} interview sheets wait for you to read them and add your view (latest {day})",
        waiting.height,
        day=formats.short_day(waiting["day"][0]),
    )
    href = session.href(links.MANAGER, **links.of_manager(viewer.manager, None))
    st.html(LINE.format(links.NAME.format(href, f"{said} ›")))
