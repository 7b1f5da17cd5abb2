"""Columns that a file calls otherwise: whoever brings it says which is which, and the next file is read so."""

import streamlit as st

from dashboard.imports.headings import heading
from dashboard.shell.language import _, plain
from dashboard.widgets.saving import saving
from db.access import Viewer
from db.files import headings
from db.files.columns import MAY_COUNT, MISSING
from db.imports import mappings
from db.imports.imports import Report
from db.imports.kinds import BY_NAME


def columns(viewer: Viewer, report: Report, said: dict[str, str]) -> None:
    """One choice a heading that no column is known by; the likest column stands there until somebody decides. `said` is
    what was decided before (mappings.remembered)."""
    asked = open_headings(report, said)
    if not asked:
        return
    words = {one.name: heading(one) for one in BY_NAME[report.kind].columns}
    needed = report.problems["problem"].is_in([MISSING, MAY_COUNT]).any()
    with st.expander(_("Columns with another name"), expanded=needed), st.form("mapping", border=False):
        st.caption(_("Say which column each one is; the next file of your branch is read the same way."))
        chosen = {}
        for written, means in asked.items():
            free = ["", *dict.fromkeys([*([means] if means else []), *report.free])]
            chosen[written] = st.selectbox(
                plain(written),
                free,
                free.index(means or ""),
                lambda name: words.get(name, _("not used")),
                key=f"mapping {report.kind} {written}",
            )
        use = st.form_submit_button(_("Read the file so"), type="primary")
    if use:
        with saving():
            mappings.remember(viewer, report.kind, chosen)


def open_headings(report: Report, said: dict[str, str]) -> dict[str, str | None]:
    """The headings that stand for nothing by themselves → what was said of them, else the likest column."""
    asked: dict[str, str | None] = {}
    for sheet in (one for one in report.sheets if one.name not in report.unused):
        for written in sheet.headers:
            spelt = headings.heading(written)
            if spelt in said:
                asked[written] = said[spelt]
            elif (sheet.name, written) in report.ignored:
                asked[written] = report.ignored[sheet.name, written]
    return asked
