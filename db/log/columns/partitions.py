"""The activity log in memory, one part a month: a large base sorted by branch, whose rows never move, and a small
`recent` beside it, so a change rewrites neither the log nor the base. Everything here is immutable."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import cast

import numpy as np
import polars as pl

from db.codes import CHANNELS, FAMILIES, KINDS, METHODS
from db.log.fields import LOGGED
from db.models.rules import DefinitionsRecord

Records = tuple[DefinitionsRecord, ...]

ACTIVITY = {
    "id": pl.Int32,
    "day": pl.Date,
    "region": pl.Int32,
    "branch": pl.Int32,
    "manager": pl.Int32,
    "kind": pl.Enum(list(KINDS)),
    "counted": pl.Boolean,
    "customer": pl.Int32,
    "opportunity": pl.Int32,
    "product": pl.Int32,
    "family": pl.Enum(list(FAMILIES)),
    "channel": pl.Enum(list(CHANNELS)),
    "method": pl.Enum(list(METHODS)),
    "amount_cents": pl.Int64,
}
TYPE = {"day": pl.Date, "yes_no": pl.Boolean, "amount": pl.Int64, "text": pl.String}  # of a field, by its kind
STATED = {"second": pl.Int32, "party": pl.Int32} | {
    one.name: pl.Enum(list(one.codes)) if one.codes else TYPE[one.kind]
    for one in LOGGED
    if one.measured and one.name not in (*ACTIVITY, "time")
}
ROW = ACTIVITY | STATED
LOG = {name: kind for name, kind in ROW.items() if name != "counted"}
HELD = ROW | {"place": pl.UInt32, "holds": pl.Boolean}
# Whose visit it is: the group's that went out together, where it is known whom they met, else their own.
WHO = pl.when(pl.col("customer").is_not_null()).then(pl.coalesce("party", "manager")).otherwise("manager").alias("who")
VISIT = ["who", "customer", "day"]

LOOSE = 10_000  # changed rows a month may carry beside its base before they are merged into it,
LOOSE_SHARE = 0.02  # or this share of a base that is large

CONSULTED, APPLIED = pl.col("kind") == "consultation", pl.col("kind") == "application"


@dataclass(frozen=True)
class Month:
    """`base` is sorted by branch and id, `place` being the row's own; `holds` is False where a row was replaced by one
    in `recent`, or withdrawn. Both are HELD frames."""

    base: pl.DataFrame
    recent: pl.DataFrame
    gone: int  # rows of base that no longer hold
    ids: tuple[int, int]  # the smallest and the largest in base
    applied: np.ndarray  # the opportunities of the applications in base, sorted,
    applied_at: np.ndarray  # and the place of each, so that they are found without a search
    asked: dict[int | None, pl.LazyFrame] = field(default_factory=dict, compare=False)  # `rows` of each branch

    @property
    def height(self) -> int:
        return self.base.height - self.gone + self.recent.height

    def rows(self, branch: int | None = None) -> pl.LazyFrame:
        """The rows that hold, of all branches or one."""
        found = self.asked.get(branch)
        if found is None:
            found = self.asked[branch] = self._rows(branch)
        return found

    def _rows(self, branch: int | None) -> pl.LazyFrame:
        base, recent = self.base, self.recent
        if branch is not None:
            column = base["branch"]
            start = column.search_sorted(branch, "left")
            base = base.slice(start, column.search_sorted(branch, "right") - start)
            recent = recent.filter(pl.col("branch") == branch) if recent.height else recent
        held = base.lazy().filter(pl.col("holds")) if self.gone else base.lazy()
        return pl.concat([held, recent.lazy()]) if recent.height else held

    def applied_for(self, opportunities: pl.Series) -> list[pl.DataFrame]:
        """The applications of these opportunities, in no frame or several."""
        wanted = opportunities.to_numpy()
        starts, ends = (np.searchsorted(self.applied, wanted, side) for side in ("left", "right"))
        found = [self.applied_at[start:end] for start, end in zip(starts, ends, strict=True) if start < end]
        parts = [self.base[np.concatenate(found)].filter(pl.col("holds"))] if found else []
        if self.recent.height:
            parts.append(self.recent.filter(APPLIED & pl.col("opportunity").is_in(opportunities.implode())))
        return parts

    def change(self, gone: pl.DataFrame, added: pl.DataFrame) -> "Month":
        """Without the rows `gone` (HELD) and with the rows `added` (ROW)."""
        places = gone["place"].drop_nulls()
        holds = self.base["holds"].scatter(places, False) if len(places) else self.base["holds"]
        recent = pl.concat([self.recent.filter(~pl.col("id").is_in(gone["id"].implode())), loose(added)])
        base, left = self.base.with_columns(holds=holds), self.gone + len(places)
        month = replace(self, base=base, recent=recent, gone=left, asked={})
        few = month.gone + recent.height <= max(LOOSE, LOOSE_SHARE * self.base.height)
        return month if few else month.settled()

    def settled(self) -> "Month":
        """The same rows, all of them in the base."""
        return settled(self.rows().select(list(ROW)).collect()) if self.gone or self.recent.height else self


def settled(rows: pl.DataFrame) -> Month:
    """Rows (ROW) in any order as a month."""
    return laid(rows.sort("branch", "id"))


def laid(rows: pl.DataFrame) -> Month:
    """Rows (ROW) sorted by branch and id as a month."""
    base = rows.with_columns(place=pl.int_range(pl.len(), dtype=pl.UInt32), holds=pl.lit(True))
    base = base.with_columns(pl.col("branch").set_sorted())
    applications = base.lazy().filter(APPLIED, pl.col("opportunity").is_not_null()).select("opportunity", "place")
    applications = applications.sort("opportunity").collect()
    applied, places = (applications[name].to_numpy() for name in ("opportunity", "place"))
    return Month(
        base,
        base.clear(),
        0,
        (cast(int | None, base["id"].min()) or 0, cast(int | None, base["id"].max()) or 0),
        applied,
        places,
    )


def loose(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(place=pl.lit(None, pl.UInt32), holds=pl.lit(True)).select(list(HELD))


def by_month(rows: pl.DataFrame) -> dict[date, pl.DataFrame]:
    dated = rows.with_columns(_month=pl.col("day").dt.truncate("1mo"))
    parts = dated.partition_by("_month", as_dict=True, include_key=False) if rows.height else {}
    return {key[0]: part for key, part in parts.items()}
