"""The comparison to take away as Excel."""

from dashboard.shell.language import _
from dashboard.standing import summary_report, summary_table
from dashboard.standing.book import Book
from dashboard.standing.standing import Standing
from dashboard.widgets import download, workbooks
from dashboard.workdays import working_days


def button(book: Book, found: Standing) -> None:
    """Branches, their managers, and by which definitions."""
    viewer, period = book.viewer, found.period

    def make() -> tuple[bytes, int]:
        sheets = {}
        for title, by in ((_("Branch"), ["branch"]), (_("Manager"), ["branch", "manager"])):
            rows, total, _rules = summary_report.summary(viewer, period, found.through, by, book.part)
            sheets[title] = summary_table.with_total(rows, total, by)
        about = summary_table.about(found.rules, period, working_days.calendar_known(viewer, period))
        content = workbooks.workbook(sheets | {_("About"): about}, summary_table.shares())
        return content, sum(sheet.height for sheet in sheets.values())

    asked = {"from": str(period.first), "to": str(period.last)}
    asked |= {level: str(one) for level, one in book.part.__dict__.items() if one is not None}
    name = _("Branches {first} to {last}", first=period.first, last=period.last)
    download.export(viewer, "summary", asked, f"{name}.xlsx", make)
