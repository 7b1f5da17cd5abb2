"""A file on its way in: chosen, checked cell by cell, its good rows taken or none."""

import streamlit as st

from dashboard import blanks, cards, export, grids, notices, session
from dashboard.words import _, language, plain, speak, word
from db import imports
from db.access import Viewer
from db.errors import StorageError
from db.imports import Report

SHOWN = 50  # problems on screen; the returned workbook has all
GOOD = 10  # rows shown of those that would be taken
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
    summary(report)
    choice(viewer, kind, file, report, held)
    good_rows(report)
    problems(report, file.name)


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


def summary(report: Report) -> None:
    """How many rows there are of each sort, and what was left aside."""
    cards.row(
        [
            cards.Card(_("Rows in the file"), f"{report.rows:,}"),
            cards.Card(_("Can be taken"), f"{report.accepted:,}", status="on_pace" if report.accepted else ""),
            cards.Card(_("Stored already"), f"{report.duplicates:,}", _("left as they are")),
            cards.Card(_("To be mended"), f"{report.rejected:,}", status="far_behind" if report.rejected else ""),
        ]
    )
    if report.samples:
        st.caption(_("The sample row of the template was left out."))
    if report.ignored:
        st.caption(_("Columns not used: {columns}", columns=plain(", ".join(report.ignored))))
    if report.kind == "activities" and report.accepted:
        st.caption(_("Customers who are not known yet are added, and belong to the manager who met them first."))


def problems(report: Report, name: str) -> None:
    """Every cell in error, with the rule it breaks and how to mend it; and the file itself, with the reasons in it."""
    found = report.problems
    if found.is_empty():
        return
    st.subheader(_("What has to be mended"))
    returned(report, name)
    columns = [
        grids.text("row", _("Row")),
        grids.text("column", _("Column")),
        grids.text("value", _("Value")),
        grids.Column(_("What is wrong"), lambda row: long(split(row)[0]), left=True),
        grids.Column(_("How to mend it"), lambda row: long(split(row)[1]), left=True),
    ]
    if found["sheet"].n_unique() > 1:
        columns.insert(0, grids.text("sheet", _("Sheet")))
    grids.show(found.head(SHOWN), columns)
    if found.height > SHOWN:
        st.caption(_("The first {number} of {all}; the returned file has all.", number=SHOWN, all=found.height))


def returned(report: Report, name: str) -> None:
    spoken = language()

    def made() -> bytes:
        speak(spoken)
        return export.with_reasons(report.sheets, report.problems)

    stem = name.rsplit("/", 1)[-1].split(".")[0] or "chenxi"
    st.download_button(
        _("Download the file with its reasons"),
        made,
        _("{name}-to-mend.xlsx", name=stem),
        XLSX,
        on_click="ignore",
        help=_(
            "Your own sheets: wrong cells are red, the last column says why, and only the rows to mend are in view."
        ),
    )


def split(row: dict) -> tuple[str, str]:
    """A problem as it is said: the rule, and what to do."""
    rule, _sign, hint = _(row["problem"]).replace("：", ": ", 1).partition(": ")
    return rule, hint


def long(text: str) -> str:
    return f'<span class="cx-long">{grids.escape(text)}</span>'


def good_rows(report: Report) -> None:
    """The first of the rows that would be taken, as they are written."""
    for sheet in report.sheets:
        rows = sheet.cells.join(report.good.filter(sheet=sheet.name), on="row", how="semi", maintain_order="left")
        if rows.height:
            with st.expander(_("The first rows that can be taken"), expanded=report.problems.is_empty()):
                headings = [grids.text(str(place), written) for place, written in enumerate(sheet.headers)]
                grids.show(rows.head(GOOD), [grids.text("row", _("Row")), *headings])
            return


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
        returned(done, name)
