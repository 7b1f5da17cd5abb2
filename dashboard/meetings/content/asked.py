"""What the contents of a meeting are asked from, and the cells they are made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from urllib.parse import urlencode

import polars as pl

from dashboard.documents.blocks import Block, Cell, Table, Text
from dashboard.shell.language import _, language
from dashboard.standing.book import Book
from dashboard.standing.standing import Standing
from dashboard.widgets import formats
from dashboard.workdays import working_days
from db.log import product_list
from db.meetings import agenda, held
from db.people import people
from metrics import periods
from metrics.periods import Period
from metrics.statuses import STATUSES

Row = dict
Make = Callable[["Asked"], tuple[Block, ...]]
SHOWN = 8  # rows of a list on the wall
LOOK_BACK = timedelta(100)  # in which the meeting before was held


@dataclass(frozen=True)
class Asked:
    """A meeting of the book's branch about the book's day, or its week, month or quarter; what it looks at first is a
    measure."""

    book: Book
    kind: str
    measure: str = "deals"

    @cached_property
    def month(self) -> Standing:
        return self.book.month()

    @cached_property
    def names(self) -> dict[int, str]:
        """Every manager's name."""
        return dict(people.names(self.book.viewer).select("manager", "manager_name").iter_rows())

    @cached_property
    def products(self) -> dict[int, str]:
        return dict(product_list.read(self.book.viewer).select("product", f"product_{language()}").iter_rows())

    @property
    def branch(self) -> int:
        """A meeting is one branch's."""
        assert self.book.part.branch is not None, "a meeting is one branch's"
        return self.book.part.branch

    @property
    def period(self) -> Period:
        return periods.of(agenda.GRAINS[self.kind], self.book.on)

    @property
    def name(self) -> str:
        """What the meeting is called."""
        return _(agenda.NAMES[self.kind])

    def held(self) -> held.Held | None:
        return held.read(self.book.viewer, self.branch, self.kind, self.book.on)

    @property
    def week_promised(self) -> Period:
        """The week that is promised for in a weekly meeting: by the day it was held on, else by the book's."""
        meeting = self.held()
        day = (meeting and meeting.held_on) or self.book.on
        return working_days.week_ahead(self.book.viewer, min(day, self.period.last))

    @property
    def week_reconciled(self) -> Period:
        """The week before it, whose promises the weekly meeting reconciles."""
        return working_days.week_behind(self.book.viewer, self.week_promised)

    def reasons(self) -> dict[int, str]:
        """Why promises were not kept, by manager, in their own words."""
        meeting = self.held()
        return {} if meeting is None else held.reasons(self.book.viewer, meeting.meeting, self.branch)

    def held_before(self) -> pl.DataFrame:
        """The branch's meetings of the last months (held.HELD)."""
        span = Period(self.period.first - LOOK_BACK, self.period.last)
        return held.over(self.book.viewer, self.branch, span)

    def person(self, manager: int | None, **link: object) -> Cell:
        """A manager's name, leading to their profile."""
        if manager is None:
            return Cell(_("Branch head"))
        asked = {"manager": manager, "branch": self.branch} | link
        return Cell(self.names.get(manager, formats.NOTHING), href=f"manager_profile?{urlencode(asked)}")

    def entries(self, text: str, kind: str, first: date, last: date, manager: int | None = None) -> Cell:
        """A number, leading to the entries it counts."""
        place = {"branch": self.branch} | ({} if manager is None else {"manager": manager})
        asked = place | {"since": first, "until": last, "kind": kind}
        return Cell(text, href=f"activity_log?{urlencode(asked)}")


def status(code: str | None) -> Cell:
    """A status by its sign and word."""
    if code is None:
        return Cell(formats.NOTHING)
    found = STATUSES[code]
    return Cell(f"{found.icon} {_(found.label)}", found.tone)


def table(
    rows: Sequence[Row] | pl.DataFrame,
    columns: Sequence[tuple[str, Callable[[Row], Cell | str]]],
    total: Row | None = None,
    title: str = "",
    left: int = 1,
) -> Table:
    """A row each, by columns of a heading and what stands in the row's cell."""
    each = rows.to_dicts() if isinstance(rows, pl.DataFrame) else rows

    def cells(row: Row) -> tuple[Cell, ...]:
        made = [cell(row) for _heading, cell in columns]
        return tuple(one if isinstance(one, Cell) else Cell(one) for one in made)

    headings = tuple(heading for heading, _cell in columns)
    return Table(headings, tuple(map(cells, each)), cells(total) if total else (), title, left)


def nothing(text: str) -> tuple[Block, ...]:
    return (Text(text, "faint"),)
