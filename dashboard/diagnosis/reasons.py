"""The reasons of whoever is behind, in words: for a column, a meeting, minutes."""

from dataclasses import replace
from datetime import date

import polars as pl

from dashboard.diagnosis import gather
from dashboard.diagnosis.sentence import because, brief
from dashboard.shell.language import _, language
from dashboard.standing.book import Book
from dashboard.standing.standing import Standing
from db.access import Viewer
from db.people import people
from metrics import statuses

BEHIND = statuses.codes((statuses.FAR_BEHIND, statuses.BEHIND))


def behind(found: Standing, measure: str) -> pl.DataFrame:
    """The rows of a standing that are behind in a measure."""
    return found.standing.filter(pl.col("measure") == measure, pl.col("status").is_in(BEHIND))


def late_branches(late: pl.DataFrame) -> list[int]:
    """Of rows that are branches: whoever is not behind needs no reason."""
    return late["branch"].sort().to_list() if "branch" in late.columns else []


def in_words(book: Book, found: Standing, measure: str, by: str, branches: list[int]) -> dict[int, tuple[str, str]]:
    """The reason of each manager or branch, in few words and as the whole sentence; put into words once a version."""
    part = replace(book.part, manager=None)
    asked = (found.period, found.through, measure, by, tuple(branches), part, found.as_of, language())

    def read() -> dict[int, tuple[str, str]]:
        why = gather.of(book, found, measure, by=(by,), branches=branches)
        names = veterans(book.viewer, why.table)
        rows = [(row[by], row, names.get(row.get("manager"))) for row in why.table.to_dicts()]
        return {
            one: (brief(row, measure, veteran), because(row, measure, "plan", why.borrowed, veteran))
            for one, row, veteran in rows
        }

    return book.viewer.cached("why in words", *asked, read=read)


def veterans(viewer: Viewer, table: pl.DataFrame) -> dict[int, str]:
    """Who could lead each manager of a Why's table, by name; with where they work, if that is another branch."""
    if "veteran" not in table.columns or table["veteran"].null_count() == table.height:
        return {}
    names = dict(people.names(viewer).select("manager", "manager_name").iter_rows())
    branches = dict(people.branches(viewer).select("branch", "branch_name").iter_rows())
    here = dict(people.last_places(viewer, date.max).select("manager", "branch").iter_rows())
    return {
        row["manager"]: names[row["veteran"]]
        if row["veteran_branch"] == here.get(row["manager"])
        else _("{name} of {branch}", name=names[row["veteran"]], branch=branches.get(row["veteran_branch"], ""))
        for row in table.drop_nulls("veteran").to_dicts()
    }
