"""A file on its way in: chosen, checked cell by cell, its good rows taken or none."""

import streamlit as st

from dashboard.imports import mapping, preview, workbook_template
from dashboard.shell import session
from dashboard.shell.language import _, language, ngettext, word
from dashboard.shell.run_slots import SLOTS
from dashboard.widgets import download, notices
from dashboard.widgets.saving import saving
from db.access import Viewer
from db.imports import imports, mappings
from db.imports.imports import Report


def kind(viewer: Viewer) -> str:
    """What the file holds; no widget where the viewer brings one kind only."""
    found = imports.kinds(viewer)
    if len(found) == 1:
        return found[0]
    return st.segmented_control(
        _("What the file holds"), found, default=found[0], format_func=word, key="import kind", required=True
    )


def template(viewer: Viewer, kind: str, label: str = "") -> None:
    """A blank workbook of the kind to fill in."""
    today = session.today()
    name = _("chenxi-{kind}-template.xlsx", kind=word(kind) if language() == "zh" else kind)
    download.workbook(
        label or _("Download the template"), name, lambda: workbook_template.workbook(viewer, kind, today)
    )


def upload(viewer: Viewer, kind: str) -> None:
    """The whole way of one file. What was read is kept while it is looked at, and no longer."""
    held = session.state().setdefault("upload", {"round": 0})
    file = st.file_uploader(
        _("The filled-in file: .xlsx or CSV, up to 20 MB"), key=f"upload {kind} {held['round']}", max_upload_size=20
    )
    if file is None:
        held.pop("report", None)
        show_result(held)
        return
    session.looks_at(file)
    held.pop("told", None)
    said = mappings.remembered(viewer, kind)
    report = preview_of(viewer, kind, file, said, held)
    if report is None:
        return
    preview.summary(report)
    mapping.columns(viewer, report, said)
    choice(viewer, kind, file, report, said, held)
    preview.warnings(report)
    preview.good_rows(report)
    preview.problems(report, file.name)


def preview_of(viewer: Viewer, kind: str, file, said: dict[str, str], held: dict) -> Report | None:
    """What would become of the file; read once, however often the page runs, and again when somebody said what its
    headings mean. None when it cannot be read."""
    of = (kind, file.file_id, said)
    if held.get("report", (None,))[0] != of:
        held.pop("report", None)
        with notices.refusals():
            held["report"] = (of, run_import(viewer, kind, file, said, dry_run=True))
    return held["report"][1] if "report" in held else None


def run_import(viewer: Viewer, kind: str, file, said: dict[str, str], dry_run: bool) -> Report:
    """The file through the import, with a line and a bar that say how far it is."""
    place = st.empty()
    with place.container():
        status, bar = st.status(_("Reading the file …")), st.empty()
    labels = {"checking": _("Checking every cell …"), "storing": _("Storing the valid rows …")}
    shown = 0

    def stage(name: str) -> None:
        status.update(label=labels.get(name, _("Reading the file …")))

    def progress(done: int, total: int) -> None:
        nonlocal shown
        if done * 100 // total > shown:
            shown = done * 100 // total
            bar.progress(shown, f"{done:,} / {total:,}")

    try:
        with SLOTS.lent():
            return imports.import_file(
                viewer,
                kind,
                file.name,
                file.getvalue(),
                session.today(),
                create_missing=True,
                accept_valid=True,
                dry_run=dry_run,
                mapping=said,
                progress=progress,
                stage=stage,
            )
    finally:
        place.empty()


def choice(viewer: Viewer, kind: str, file, report: Report, said: dict[str, str], held: dict) -> None:
    """Take the good rows, or nothing."""
    if report.good.is_empty():
        st.info(_("There is nothing new to import from this file."))
        return
    with st.container(horizontal=True):
        label = ngettext("Import the {number} valid row", "Import the {number} valid rows", report.accepted)
        take = st.button(label, type="primary")
        if st.button(_("Import nothing")):
            held.update(round=held["round"] + 1, told=None)
            st.rerun()
    if take:
        with saving():
            done = run_import(viewer, kind, file, said, dry_run=False)
            held.update(round=held["round"] + 1, told=(done, file.name))


def show_result(held: dict) -> None:
    """What became of the file that was taken last."""
    if held.get("told") is None:
        return
    done, name = held["told"]
    if done.batch is None:
        st.info(_("Nothing was stored: every valid row was there already."))
    else:
        st.success(
            ngettext(
                "Batch {batch}: {number} row is stored.",
                "Batch {batch}: {number} rows are stored.",
                done.accepted,
                batch=done.batch,
            )
        )
    if done.problems.height:
        st.write(
            ngettext(
                "{number} row has to be fixed: upload it again afterwards.",
                "{number} rows have to be fixed: upload them again afterwards.",
                done.rejected,
            )
        )
        preview.returned(done, name)
