"""What other definitions would make of numbers that are there: the log marked anew, and each figure before and
after."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import narwhals.stable.v2 as nw
import polars as pl
from narwhals.stable.v2.typing import IntoFrame, IntoFrameT

from metrics.catalog import APPLICATION_RATE, CONSULTATIONS, CONVERSION_RATE, MEASURES, PENETRATION
from metrics.definitions import Definitions, mark
from metrics.periods import Period

ATTAINMENT = "consultations_attainment"
RATES = (APPLICATION_RATE.name, CONVERSION_RATE.name)
FEW = tuple(f"{name}_few" for name in RATES)
NUMBERS = (CONSULTATIONS.name, ATTAINMENT, *RATES)
STATUSES = tuple(f"{name}_status" for name in MEASURES)
FIGURES = (*NUMBERS, *FEW, *STATUSES)
SHARES = tuple(one.name for one in PENETRATION)


def remarked(stated: IntoFrameT, versions: Sequence[Definitions]) -> IntoFrameT:
    """Rows of the log (frames.ACTIVITY and frames.STATED) with `counted` as other versions have it. Consultations alone
    are marked anew: an application is the first of its opportunity by any definitions, and to see that takes the months
    before. The rows must hold all of each (manager, customer, day) that they touch."""
    frame = nw.from_native(cast(IntoFrame, stated)).with_columns(counted_before=nw.col("counted"))
    again = nw.from_native(mark(frame.drop("counted").to_native(), versions))
    consulted = nw.col("kind") == "consultation"
    kept = nw.when(consulted).then(nw.col("counted")).otherwise(nw.col("counted_before"))
    return cast(IntoFrameT, again.with_columns(counted=kept).drop("counted_before").to_native())


def throughout(versions: Sequence[Definitions], one: Definitions, period: Period) -> list[Definitions]:
    """The versions as if this one alone had held where it holds, all through the period."""
    elsewhere = [other for other in versions if one.region is not None and other.region not in (None, one.region)]
    return [*elsewhere, replace(one, from_day=period.first)]


def compared(
    before: pl.DataFrame, after: pl.DataFrame, rules: tuple[Definitions, Definitions], by: Sequence[str] = ()
) -> pl.DataFrame:
    """Two summaries (metrics.summary) of the same activity, made by other rules: one row a key of `by`, each of FIGURES
    as `<name>_before` and `<name>_after`, NUMBERS with their difference `<name>_change`, and `differs`. What changes
    most stands on top."""
    sides = [
        figures(table, one, by).rename({name: f"{name}_{side}" for name in FIGURES})
        for table, one, side in zip((before, after), rules, ("before", "after"), strict=True)
    ]
    left, right = sides
    both = left.join(right, on=list(by), how="left", validate="1:1") if by else left.hstack(right)
    changed = {name: pl.col(f"{name}_before").ne_missing(pl.col(f"{name}_after")) for name in FIGURES}
    both = both.with_columns(
        **{f"{name}_change": pl.col(f"{name}_after") - pl.col(f"{name}_before") for name in NUMBERS},
        differs=pl.any_horizontal(changed.values()),
    )
    return both.sort(pl.col("consultations_change").abs(), *by, descending=[True, *(False for _ in by)])


def figures(table: pl.DataFrame, rules: Definitions, by: Sequence[str]) -> pl.DataFrame:
    """FIGURES of a summary; a rate without a denominator has neither few cases nor enough."""
    few = pl.col(CONSULTATIONS.name) < rules.small_sample
    marks = {f"{name}_few": pl.when(pl.col(name).is_not_null()).then(few) for name in RATES}
    return table.with_columns(**marks).select(*by, *FIGURES)


def differing_figures(table: pl.DataFrame) -> list[str]:
    """The numbers and statuses that differ somewhere in a comparison; a rate also where it has become few cases."""
    differ = [name for name in FIGURES if table[f"{name}_before"].ne_missing(table[f"{name}_after"]).any()]
    return [name for name in (*NUMBERS, *STATUSES) if name in differ or f"{name}_few" in differ]


def stocks(before: pl.DataFrame, after: pl.DataFrame) -> list[dict[str, str | float | None]]:
    """The penetrations (metrics.penetration, one row each) that differ: name, before, after, change."""
    pairs = [(name, before[name].item(), after[name].item()) for name in SHARES]
    return [
        {"name": name, "before": old, "after": new, "change": None if None in (old, new) else new - old}
        for name, old, new in pairs
        if old != new
    ]
