"""A month of the log beyond memory: its rows stay in a Parquet file, and are scanned when they are asked for."""

from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import cast

import polars as pl

from db.log.columns.partitions import APPLIED, HELD, Month, loose

HELD_MONTHS = 25  # in memory: the newest month and the two years before it


@dataclass(frozen=True)
class Filed:
    """Reads like `Month`. The file holds ROW sorted by branch and id, and is never written again; beside it `recent` (HELD)
    came since, and the rows of the ids `gone` no longer hold."""

    path: Path
    written: int  # rows of the file
    ids: tuple[int, int]  # the smallest and the largest in the file
    opportunities: tuple[int, int]  # the smallest and the largest that rows of the file belong to
    recent: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=HELD))
    gone: tuple[int, ...] = ()

    @property
    def height(self) -> int:
        return self.written - len(self.gone) + self.recent.height

    @property
    def changed(self) -> bool:
        """Whether it is no longer as its file has it."""
        return bool(self.gone) or self.recent.height > 0

    def rows(self, branch: int | None = None) -> pl.LazyFrame:
        """The rows that hold, of all branches or one."""
        there, recent = pl.scan_parquet(self.path), self.recent.lazy()
        if self.gone:
            there = there.filter(~pl.col("id").is_in(self.gone))
        if branch is not None:
            there, recent = (part.filter(pl.col("branch") == branch) for part in (there, recent))
        held = there.with_columns(place=pl.lit(None, pl.UInt32), holds=pl.lit(True))
        return pl.concat([held, recent]) if self.recent.height else held

    def may_hold(self, opportunities: pl.Series) -> bool:
        """Whether rows of one of these may be among its own."""
        return self.recent.height > 0 or bool(opportunities.is_between(*self.opportunities).any())

    def applied_for(self, opportunities: pl.Series) -> list[pl.DataFrame]:
        """The applications of these opportunities, in no frame or several."""
        if not self.may_hold(opportunities):
            return []
        return [self.rows().filter(APPLIED & pl.col("opportunity").is_in(opportunities.implode())).collect()]

    def change(self, gone: pl.DataFrame, added: pl.DataFrame) -> "Filed":
        """Without the rows `gone` (HELD) and with the rows `added` (ROW)."""
        left = gone.filter(~pl.col("id").is_in(self.recent["id"].implode()))["id"].to_list()
        recent = pl.concat([self.recent.filter(~pl.col("id").is_in(gone["id"].implode())), loose(added)])
        return replace(self, recent=recent, gone=(*self.gone, *left))


def of(month: Month, path: Path) -> Filed:
    """A settled month whose rows have been written to a file."""
    opportunities = month.base["opportunity"]
    ends = [cast(int | None, end) for end in (opportunities.min(), opportunities.max())]
    return Filed(path, month.base.height, month.ids, (ends[0] or 0, ends[1] or 0))


def held_since(newest: date) -> date:
    """The first of the months that stay in memory where this is the newest."""
    before = newest.year * 12 + newest.month - HELD_MONTHS
    return date(before // 12, before % 12 + 1, 1)
