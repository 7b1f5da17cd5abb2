"""Why whoever is behind is behind: beside their row in a table, in a few words that lead to the whole."""

from dashboard.diagnosis.reasons import behind, in_words, late_branches
from dashboard.shell import links
from dashboard.shell.language import _
from dashboard.standing.book import Book
from dashboard.standing.standing import Standing
from dashboard.widgets import grids


def column(book: Book, found: Standing, measure: str, by: str = "manager") -> list[grids.Column]:
    """A column for a table of the standing's managers or branches (`by`): why each who is behind in the measure is,
    the whole sentence being its title; no column where nobody is."""
    late = behind(found, measure)
    if late.is_empty() or found.period.until(found.through) is None:
        return []
    said = in_words(book, found, measure, by, late_branches(late))
    wanted = set(late[by])

    def cell(row: dict) -> str:
        one = row.get(by)
        if one not in wanted or one not in said:
            return ""
        text, whole = said[one]
        if by != "manager":
            return grids.titled(text, whole)
        return links.why(text, whole, one, row.get("branch"), found.through, measure)

    return [grids.Column(_("Why behind"), cell, _("the gap to the plan, split into its factors"), left=True)]
