"""What a metric is: a value that says its name, label, unit, formula and source, and how to compute itself.

Totals are narwhals expressions in the portable subset, so the same declaration runs on Polars and on PySpark.
A ratio names two totals: it divides sums, never averages rates, and is null on a zero denominator."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import narwhals.stable.v2 as nw
import polars as pl

from metrics.intervals import wilson

COUNT, AMOUNT, SHARE, NUMBER = "count", "amount", "share", "number"
KEY_SPAN = 1 << 32  # larger than any id: makes one number of a pair of them, still within 64 bits


@dataclass(frozen=True, eq=False)
class Total:
    """A sum over rows: of 1 (a count), of `value` (an amount), or of distinct `distinct` keys, where `where` holds.

    Without `where` it is no sum over activities: another frame gives it (`measure(given=…)`)."""

    name: str
    label: str
    where: nw.Expr | None
    unit: str
    formula: str
    source: str
    value: str | None = None
    distinct: tuple[str, ...] = ()

    def expression(self) -> nw.Expr:
        """Never null: a group without a matching row gives 0."""
        if self.value:
            return nw.when(self.where).then(nw.col(self.value).fill_null(0)).otherwise(0).sum()
        if not self.distinct:
            return nw.when(self.where).then(1).otherwise(0).sum()
        key = nw.col(self.distinct[0]).cast(nw.Int64)
        for column in self.distinct[1:]:
            key = key * KEY_SPAN + nw.col(column).cast(nw.Int64)
        keys = nw.when(self.where).then(key).otherwise(-1)
        return keys.fill_null(-1).n_unique() - nw.when(self.where & ~key.is_null()).then(0).otherwise(1).max()


@dataclass(frozen=True, eq=False)
class Ratio:
    """`of` ÷ `to`, totals over totals; null where `to` is 0. With `interval` it carries its Wilson 95 % limits."""

    name: str
    label: str
    of: Total
    to: Total
    unit: str
    source: str
    interval: bool

    @property
    def formula(self) -> str:
        return f"{self.of.label} ÷ {self.to.label}"


Metric = Total | Ratio


def total(
    name: str,
    label: str,
    *,
    formula: str,
    where: nw.Expr | None = None,
    source: str,
    value: str | None = None,
    distinct: Sequence[str] = (),
) -> Total:
    """Declare a total. `label` and `formula` are message ids; `value` names a cents column, which makes it an amount."""
    return Total(name, label, where, AMOUNT if value else COUNT, formula, source, value, tuple(distinct))


def ratio(
    name: str, label: str, *, of: Total, to: Total, source: str, unit: str = SHARE, interval: bool = False
) -> Ratio:
    """Declare a ratio of two totals; `unit` is SHARE (0–1) or NUMBER (such as products a customer). `interval` says
    that `of` are successes among trials, so that chance limits have a meaning."""
    return Ratio(name, label, of, to, unit, source, interval)


def totals_of(metrics: Iterable[Metric]) -> list[Total]:
    """The totals these metrics need, each once, in order."""
    needed: dict[str, Total] = {}
    for metric in metrics:
        for one in (metric.of, metric.to) if isinstance(metric, Ratio) else (metric,):
            needed.setdefault(one.name, one)
    return list(needed.values())


def measure(
    activity,
    metrics: Sequence[Metric],
    by: Sequence[str] = (),
    everyone: pl.DataFrame | Sequence[pl.DataFrame] | None = None,
    given: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Compute metrics on an activity frame (frames.ACTIVITY; Polars, or any engine narwhals knows).

    One row a combination of `by` (one row in all without it), sorted by it: the keys, the totals the metrics need,
    then each ratio, with `_low` and `_high` where it has an interval. `everyone` is a frame of keys (all of `by`, or some)
    that must have a row also with nothing logged, or several such, one after the other: totals 0, ratios null. `given` holds the totals that are not sums over
    activities, one row a combination of `by`."""
    by = list(by)
    totals = totals_of(metrics)
    summed = [one for one in totals if one.where is not None]
    frame = nw.from_native(activity).lazy()
    expressions = {one.name: one.expression() for one in summed}
    grouped = frame.group_by(*by).agg(**expressions) if by else frame.select(**expressions)
    table = grouped.collect("polars").to_native()
    for who in [everyone] if isinstance(everyone, pl.DataFrame) else everyone or ():
        keys = [key for key in by if key in who.columns]
        if not keys:
            continue
        silent = who.select(keys).unique().join(table, on=keys, how="anti", nulls_equal=True)
        table = pl.concat([table, silent], how="diagonal_relaxed")
    if given is not None:
        names = [one.name for one in totals if one.where is None]
        table = (
            table.join(given.select(*by, *names), on=by, how="left", nulls_equal=True, validate="1:1")
            if by
            else table.hstack(given.select(names))
        )
    whole = [pl.col(one.name).cast(pl.Int64) if one.where is not None else pl.col(one.name) for one in totals]
    table = table.select(*by, *(value.fill_null(0) for value in whole))
    return with_ratios(table.sort(by, nulls_last=True) if by else table, metrics)


def with_ratios(table: pl.DataFrame, metrics: Sequence[Metric]) -> pl.DataFrame:
    """Adds the ratios among `metrics` to a frame that has their totals."""
    return table.with_columns(column for one in metrics if isinstance(one, Ratio) for column in ratio_columns(one))


@cache
def ratio_columns(one: Ratio) -> tuple[pl.Expr, ...]:
    """Kept, because building them takes longer than computing them."""
    of, to = pl.col(one.of.name), pl.col(one.to.name)
    rate = pl.when(to > 0).then(of.cast(pl.Float64) / to).alias(one.name)
    if not one.interval:
        return (rate,)
    low, high = wilson(of, to)
    return rate, low.alias(f"{one.name}_low"), high.alias(f"{one.name}_high")
