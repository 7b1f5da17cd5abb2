"""Two periods side by side: what has changed for more than chance."""

import polars as pl

from metrics import statuses
from metrics.intervals import count_per_day, difference
from metrics.metric import AMOUNT, Ratio
from metrics.plans.scatter import SPREAD, with_scatter
from metrics.statuses import AS_BEFORE, FALLEN, RISEN

CHANGES = statuses.codes(statuses.CHANGES)


def side_by_side(first: pl.DataFrame, second: pl.DataFrame, ratios: tuple[Ratio, ...], key: str | None) -> pl.DataFrame:
    """One row a unit that is in either: per ratio its value in the `first` and `second` period as `<ratio>` and
    `<ratio>_before`, `<ratio>_change` (the first less the second), and `<ratio>_changed` (statuses.CHANGES), null where
    it is not known of both. Both frames have the ratios with `_low` and `_high` (with_limits)."""
    columns = [name for one in ratios for name in (one.name, f"{one.name}_low", f"{one.name}_high")]
    columns += [name for name in first.columns if name not in columns and name != key]
    before = second.rename({name: f"{name}_before" for name in columns})
    together = key is None
    table = first.hstack(before) if together else first.join(before, on=key, how="full", coalesce=True).sort(key)
    return table.with_columns(expression for one in ratios for expression in changes(one.name))


def changes(name: str) -> tuple[pl.Expr, pl.Expr]:
    ends = [pl.col(f"{name}{end}{side}") for side in ("", "_before") for end in ("", "_low", "_high")]
    change, low, high = difference(*ends)
    return change.alias(f"{name}_change"), moved(low, high).alias(f"{name}_changed")


def moved(low: pl.Expr, high: pl.Expr) -> pl.Expr:
    """What the limits of a difference say (statuses.CHANGES): whether they leave out 0, null where they are not known."""
    word = pl.when(low > 0).then(pl.lit(RISEN.code)).when(high < 0).then(pl.lit(FALLEN.code))
    return (
        pl.when(low.is_null() | high.is_null())
        .then(None)
        .otherwise(word.otherwise(pl.lit(AS_BEFORE.code)))
        .cast(pl.Enum(CHANGES))
    )


def with_limits(
    measured: pl.DataFrame, ratios: tuple[Ratio, ...], scatter: pl.DataFrame, people: pl.DataFrame
) -> pl.DataFrame:
    """Adds `_low` and `_high` (95 %) to ratios of a count to days: the score interval of a count whose variance is its
    mean times how much days scatter there (plans.scatter; without any, once the mean). Null for amounts, of which it is
    not known, and without days."""
    for one in ratios:
        if one.interval:
            continue
        if one.unit == AMOUNT or one.of.unit == AMOUNT:
            nothing = [pl.lit(None, pl.Float64).alias(f"{one.name}{end}") for end in ("_low", "_high")]
            measured = measured.with_columns(nothing)
            continue
        asked = with_scatter(measured.with_columns(measure=pl.lit(one.of.name)), scatter, people)
        low, high = count_per_day(pl.col(one.of.name), pl.col(one.to.name), SPREAD)
        limits = asked.select(low.alias(f"{one.name}_low"), high.alias(f"{one.name}_high"))
        measured = measured.hstack(limits)
    return measured
