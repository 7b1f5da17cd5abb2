"""A file before it is taken: how many rows of each sort, every cell in error and how to mend it, the first good rows."""

import streamlit as st

from dashboard import cards, export, grids
from dashboard.export import XLSX
from dashboard.words import _, language, plain, speak
from db.imports import Report

SHOWN = 50  # problems on screen; the returned workbook has all
GOOD = 10  # rows shown of those that would be taken


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
