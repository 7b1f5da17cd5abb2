"""What the diagnosis puts into a sheet before anybody speaks: a proposal, which the head confirms or changes."""

from dataclasses import dataclass

import polars as pl

from dashboard.diagnosis import gather
from dashboard.diagnosis.sentence import FACTOR
from dashboard.diagnosis.why_view import FACTOR_FORMAT
from dashboard.shell.language import _
from dashboard.standing.book import Book
from dashboard.standing.standing import Standing
from dashboard.widgets import formats

ABOUT = {"activity": "consultations", "products": "deal_rate", "skill": "application_rate"}  # aspect → its factor
CAUSE = {  # what usually lies behind a factor, by the training material
    "days": "circumstances",
    "consultations": "habit",
    "application_rate": "skill",
    "deal_rate": "knowledge",
    "ticket": "skill",
}
WATCHED = {"consultations": "consultations_a_day", "application_rate": "application_rate", "deal_rate": "deal_rate"}


@dataclass(frozen=True)
class Proposal:
    """`factor` and `reaction` as the diagnosis has them, None where it says nothing; `facts` by aspect of the sheet."""

    factor: str | None
    reaction: str | None
    facts: dict[str, str]

    @property
    def cause(self) -> str | None:
        return CAUSE.get(self.factor or "")

    @property
    def watched(self) -> str | None:
        return WATCHED.get(self.factor or "")


def of(book: Book, month: Standing, measure: str) -> Proposal:
    """The diagnosis of the book's one manager in the month, against plan."""
    if month.period.until(month.through) is None:
        return Proposal(None, None, {})
    table = gather.of(book, month, measure).table.filter(pl.col("manager") == book.part.manager)
    if table.is_empty():
        return Proposal(None, None, {})
    row = table.row(0, named=True)
    reasons = [one for one in row["reasons"] or [] if one in CAUSE]
    facts = {aspect: fact(row, factor) for aspect, factor in ABOUT.items() if row[f"{factor}_done"] is not None}
    behind = row["gap"] is not None and row["gap"] < 0
    return Proposal(reasons[0] if reasons and behind else None, row["reaction"], facts)


def fact(row: dict, factor: str) -> str:
    """A factor as it is, and as the plan asks for."""
    write = FACTOR_FORMAT.get(factor, formats.number_short)
    done, asked = row[f"{factor}_done"], row[f"{factor}_asked"]
    said = f"{FACTOR[factor]()} {write(done)}"
    return said if asked is None else _("{fact}, the plan asks for {value}", fact=said, value=write(asked))
