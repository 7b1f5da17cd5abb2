"""Why whoever is behind is behind: beside their row in a table, in a few words that lead to the whole."""

from dataclasses import replace

import polars as pl

from dashboard.diagnosis import gather
from dashboard.diagnosis.sentence import because, brief
from dashboard.shell import links
from dashboard.shell.language import _, language
from dashboard.standing.book import Book
from dashboard.standing.standing import Standing
from dashboard.widgets import grids
from db.people import people
from metrics import statuses

BEHIND = statuses.codes((statuses.FAR_BEHIND, statuses.BEHIND))


def late_branches(late: pl.DataFrame) -> list[int]:
    """Of rows that are branches: whoever is not behind needs no reason."""
    return late["branch"].sort().to_list() if "branch" in late.columns else []


def column(book: Book, found: Standing, measure: str, by: str = "manager") -> list[grids.Column]:
    """A column for a table of the standing's managers or branches (`by`): why each who is behind in the measure is,
    the whole sentence being its title; no column where nobody is."""
    late = found.standing.filter(pl.col("measure") == measure, pl.col("status").is_in(BEHIND))
    if late.is_empty() or found.period.until(found.through) is None:
        return []
    said = words(book, found, measure, by, late_branches(late))
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


def words(book: Book, found: Standing, measure: str, by: str, branches: list[int]) -> dict[int, tuple[str, str]]:
    """The reason of each manager or branch, in few words and as the whole sentence; put into words once a version."""
    part = replace(book.part, manager=None)
    asked = (found.period, found.through, measure, by, tuple(branches), part, found.as_of, language())

    def read() -> dict[int, tuple[str, str]]:
        why = gather.of(book, found, measure, by=(by,), branches=branches)
        names = dict(people.names(book.viewer).select("manager", "manager_name").iter_rows())
        rows = [(row[by], row, names.get(row["veteran"])) for row in why.table.to_dicts()]
        return {
            one: (brief(row, measure, veteran), because(row, measure, "plan", why.borrowed, veteran))
            for one, row, veteran in rows
        }

    return book.viewer.cached("why in words", *asked, read=read)
