"""A file on its way in: chosen, checked cell by cell, its good rows taken or none."""

import streamlit as st

from dashboard import blanks, notices, previews, session
from dashboard.export import XLSX
from dashboard.words import _, language, speak, word
from db import imports
from db.access import Viewer
from db.errors import StorageError
from db.imports import Report


def kind(viewer: Viewer) -> str:
    """What the file holds; no widget where the viewer brings one kind only."""
    found = imports.kinds(viewer)
    if len(found) == 1:
        return found[0]
    return st.segmented_control(
        _("What the file holds"), found, default=found[0], format_func=word, key="import kind", required=True
    )


def template(viewer: Viewer, kind: str) -> None:
    """A blank workbook of the kind to fill in."""
    spoken, today = language(), session.today()

    def made() -> bytes:
        speak(spoken)
        return blanks.workbook(viewer, kind, today)

    name = _("chenxi-{kind}-template.xlsx", kind=word(kind) if spoken == "zh" else kind)
    st.download_button(_("Download the template"), made, name, XLSX, on_click="ignore")


def bring(viewer: Viewer, kind: str) -> None:
    """The whole way of one file. What was read is kept while it is looked at, and no longer."""
    held = session.state().setdefault("upload", {"round": 0})
    file = st.file_uploader(
        _("The filled-in file: .xlsx or CSV, up to 20 MB"), key=f"upload {kind} {held['round']}", max_upload_size=20
    )
    if file is None:
        held.pop("report", None)
        told(held)
        return
    held.pop("told", None)
    report = checked(viewer, kind, file, held)
    if report is None:
        return
    previews.summary(report)
    choice(viewer, kind, file, report, held)
    previews.good_rows(report)
    previews.problems(report, file.name)


def checked(viewer: Viewer, kind: str, file, held: dict) -> Report | None:
    """What would become of the file; read once, however often the page runs. None when it cannot be read."""
    of = (kind, file.file_id)
    if held.get("report", (None,))[0] != of:
        try:
            held["report"] = (of, passed(viewer, kind, file, dry_run=True))
        except StorageError as error:
            notices.refused(error)
            return None
    return held["report"][1]


def passed(viewer: Viewer, kind: str, file, dry_run: bool) -> Report:
    """The file through the import, with a line and a bar that say how far it is."""
    place = st.empty()
    with place.container():
        status, bar = st.status(_("Reading the file …")), st.empty()
    labels = {"checking": _("Checking every cell …"), "storing": _("Storing the good rows …")}
    shown = 0

    def stage(name: str) -> None:
        status.update(label=labels.get(name, _("Reading the file …")))

    def progress(done: int, total: int) -> None:
        nonlocal shown
        if done * 100 // total > shown:
            shown = done * 100 // total
            bar.progress(shown, f"{done:,} / {total:,}")

    try:
        return imports.import_file(
            viewer,
            kind,
            file.name,
            file.getvalue(),
            session.today(),
            create_missing=True,
            accept_valid=True,
            dry_run=dry_run,
            progress=progress,
            stage=stage,
        )
    finally:
        place.empty()


def choice(viewer: Viewer, kind: str, file, report: Report, held: dict) -> None:
    """Take the good rows, or nothing."""
    if report.good.is_empty():
        st.info(_("There is nothing new to take from this file."))
        return
    with st.container(horizontal=True):
        take = st.button(_("Take the {number} good rows", number=f"{report.accepted:,}"), type="primary")
        if st.button(_("Take nothing")):
            held.update(round=held["round"] + 1, told=None)
            st.rerun()
    if take:
        try:
            done = passed(viewer, kind, file, dry_run=False)
        except StorageError as error:
            notices.refused(error)
            return
        held.update(round=held["round"] + 1, told=(done, file.name))
        st.rerun()


def told(held: dict) -> None:
    """What became of the file that was taken last."""
    if held.get("told") is None:
        return
    done, name = held["told"]
    if done.batch is None:
        st.info(_("Nothing was stored: every good row was there already."))
    else:
        st.success(_("Batch {batch}: {number} rows are stored.", batch=done.batch, number=f"{done.accepted:,}"))
    if done.problems.height:
        st.write(_("{number} rows wait to be mended: bring them again when they are.", number=done.rejected))
        previews.returned(done, name)
