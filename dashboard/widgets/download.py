"""Files to take away: made when somebody asks for them, in the language they read, and noted before they leave."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import streamlit as st

from dashboard.shell.language import _, language, speak
from dashboard.widgets.workbooks import XLSX
from db.access import Viewer, may
from db.audit import trail


def workbook(
    label: str,
    name: str,
    make: Callable[[], bytes],
    *,
    on_click: Literal["ignore", "rerun"] = "ignore",
    **options: Any,
) -> None:
    """A button for an Excel file of this name. `make` is called when the button is tapped, outside the page's run: it may
    raise what storage raises, and then nothing is downloaded."""
    reader = language()

    def made() -> bytes:
        speak(reader)  # in a thread that has heard no language yet
        return make()

    st.download_button(label, made, name, XLSX, on_click=on_click, **options)


def export(
    viewer: Viewer, what: str, asked: Mapping[str, object], name: str, make: Callable[[], tuple[bytes, int]]
) -> None:
    """The same for what leaves the bank: shown to whoever may export, and the trail says who took which table, by which
    filter (`asked`) and how many rows. `make` gives the file and that number."""
    if not may(viewer, "export_data"):
        return

    def noted() -> bytes:
        content, rows = make()
        trail.exported(viewer, what, asked, rows)
        return content

    workbook(_("Download as Excel"), name, noted, on_click="rerun", icon=":material/download:")
