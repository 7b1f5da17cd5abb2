"""The activity log as it stood at a version, month by month: in memory, or beyond it in files."""

from dataclasses import dataclass, field
from datetime import date

import polars as pl

from db.log.columns.changes import Changes
from db.log.columns.filed import Filed
from db.log.columns.partitions import APPLIED, CONSULTED, HELD, VISIT, WHO, Month, Records
from db.store.history import Version


@dataclass(frozen=True)
class State:
    version: Version  # every change up to this one is in
    definitions: Records  # the versions the rows are marked by
    months: dict[date, Month | Filed]
    last_id: int
    changes: Changes = field(default_factory=Changes)

    @property
    def height(self) -> int:
        return sum(month.height for month in self.months.values())

    def rest(self) -> None:
        """Lets go of the rows that were put together for each branch: a frame of them has 20 kB beside what it shows."""
        for month in self.months.values():
            if isinstance(month, Month):
                month.asked.clear()


def gathered(parts: list[pl.LazyFrame]) -> pl.DataFrame:
    return pl.concat(parts).collect() if parts else pl.DataFrame(schema=HELD)


def with_ids(state: State, ids: pl.Series) -> pl.DataFrame:
    """The rows that hold with these ids (HELD)."""
    if ids.is_empty():
        return pl.DataFrame(schema=HELD)
    parts, wanted = [], pl.col("id").is_in(ids.implode())
    for month in state.months.values():
        in_base = ids.is_between(*month.ids).any()
        parts.append((month.rows() if in_base else month.recent.lazy()).filter(wanted))
    return gathered(parts)


def same_keys(state: State, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows (HELD) that could change their mark because of these: visits of the same manager or group, customer and
    day, and applications of the same opportunity."""
    visits = rows.filter(CONSULTED).select(WHO, "customer", "day").unique()
    days = visits["day"].unique()
    near = CONSULTED & WHO.is_in(visits["who"].unique().implode()) & pl.col("day").is_in(days.implode())
    months = [state.months[first] for first in days.dt.truncate("1mo").unique() if first in state.months]
    same_visit = gathered([month.rows().filter(near) for month in months])
    same_visit = same_visit.with_columns(WHO).join(visits, on=VISIT, how="semi", nulls_equal=True).drop("who")
    opportunities = rows.filter(APPLIED)["opportunity"].drop_nulls().unique()
    if opportunities.is_empty():
        return same_visit
    parts = [part for month in state.months.values() for part in month.applied_for(opportunities)]
    return pl.concat([same_visit, *parts])
