"""A file before it is taken: how many rows of each sort, every cell in error and how to mend it, the first good
rows."""

import polars as pl
import streamlit as st

from dashboard.imports import headings
from dashboard.shell.language import _, plain
from dashboard.widgets import cards, download, grids, workbooks
from db.files.table import A_SAMPLE
from db.imports.imports import Report
from db.imports.kinds import BY_NAME

SHOWN = 50  # problems on screen; the returned workbook has all
GOOD = 10  # rows shown of those that would be taken


def summary(report: Report) -> None:
    """How many rows there are of each sort, and what was left aside."""
    cards.row(
        [
            cards.Card(_("Rows in the file"), f"{report.rows:,}"),
            cards.Card(_("Ready to import"), f"{report.accepted:,}", status="on_pace" if report.accepted else ""),
            cards.Card(_("Stored already"), f"{report.duplicates:,}", _("leave as they are")),
            cards.Card(_("To be fixed"), f"{report.rejected:,}", status="far_behind" if report.rejected else ""),
        ]
    )
    if report.samples:
        st.caption(_("The sample row of the template was left out."))
    if report.ignored:
        named = dict.fromkeys(heading for _sheet, heading in report.ignored)
        st.caption(_("Columns not used: {columns}", columns=plain(", ".join(named))))
    if report.unused:
        st.caption(_("Sheets not used: {sheets}", sheets=plain(", ".join(report.unused))))
    over = report.left_out.filter(pl.col("reason") != A_SAMPLE)["row"]
    if len(over):
        st.caption(_("Rows above the headings, not used: {rows}", rows=", ".join(map(str, over))))
    note = BY_NAME[report.kind].note
    if note and report.accepted:
        st.caption(_(note))


def warnings(report: Report) -> None:
    """What is taken although it has to be looked at."""
    if report.warnings.is_empty():
        return
    found = report.warnings
    with st.expander(_("Taken, but to be looked at: {number}", number=found.height), expanded=True):
        grids.show(
            found.head(SHOWN),
            cells(found, grids.Column(_("What to look at"), lambda row: grids.long(_(row["problem"])), left=True)),
        )
        if found.height > SHOWN:
            st.caption(_("The first {number} of {all}.", number=SHOWN, all=found.height))


def cells(found: pl.DataFrame, *said: grids.Column) -> list[grids.Column]:
    """Where a cell stands and what is written in it; the sheet, where there are several."""
    columns = [grids.text("row", _("Row")), grids.text("column", _("Column")), grids.text("value", _("Content")), *said]
    if found["sheet"].n_unique() > 1:
        columns.insert(0, grids.text("sheet", _("Sheet")))
    return columns


def problems(report: Report, name: str) -> None:
    """Every cell in error, with the rule it breaks and how to mend it; and the file itself, with the reasons in it."""
    found = headings.problems(report)
    if found.is_empty():
        return
    st.subheader(_("What has to be fixed"))
    returned(report, name)
    rule = grids.Column(_("What is wrong"), lambda row: grids.long(split(row)[0]), left=True)
    mend = grids.Column(_("How to fix it"), lambda row: grids.long(split(row)[1]), left=True)
    grids.show(found.head(SHOWN), cells(found, rule, mend))
    if found.height > SHOWN:
        st.caption(_("The first {number} of {all}; the returned file has all.", number=SHOWN, all=found.height))


def returned(report: Report, name: str) -> None:
    stem = name.rsplit("/", 1)[-1].split(".")[0] or "chenxi"
    download.workbook(
        _("Download the file with its reasons"),
        _("{name}-to-mend.xlsx", name=stem),
        lambda: workbooks.with_reasons(report.sheets, headings.problems(report)),
        help=_("Your own sheets: wrong cells are red, the last column says why, and only the rows to fix are shown."),
    )


def split(row: dict) -> tuple[str, str]:
    """A problem as it is said: the rule, and what to do."""
    rule, _sign, hint = _(row["problem"]).replace("：", ": ", 1).partition(": ")
    return rule, hint


def good_rows(report: Report) -> None:
    """The first of the rows that would be taken, as they are written."""
    for sheet in report.sheets:
        rows = sheet.cells.join(report.good.filter(sheet=sheet.name), on="row", how="semi", maintain_order="left")
        if rows.height:
            with st.expander(_("The first rows ready to import"), expanded=report.problems.is_empty()):
                headings = [grids.text(str(place), written) for place, written in enumerate(sheet.headers)]
                grids.show(rows.head(GOOD), [grids.text("row", _("Row")), *headings])
            return
