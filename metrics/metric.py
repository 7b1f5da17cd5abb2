"""What a metric is: a value that says its name, label, unit, formula and source, and how to compute itself.

Totals are narwhals expressions in the portable subset, so the same declaration runs on Polars and on PySpark.
A ratio names two totals: it divides sums, never averages rates, and is null on a zero denominator."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import cast

import narwhals.stable.v2 as nw
import polars as pl
from narwhals.stable.v2.typing import IntoFrame

from metrics.intervals import period_rate

COUNT, AMOUNT, SHARE, NUMBER = "count", "amount", "share", "number"
KEY_SPAN = 1 << 32  # larger than any id: makes one number of a pair of them, still within 64 bits


@dataclass(frozen=True, eq=False)
class Total:
    """A sum over rows where `where` holds: of 1 (a count), or of `value` (an amount).

    Without `where` it is no sum over activities: another frame gives it (`measure(given=…)`)."""

    name: str
    label: str
    where: nw.Expr | None
    unit: str
    formula: str
    source: str
    value: str | None = None

    def expression(self) -> nw.Expr:
        """Never null: a group without a matching row gives 0. Raises ValueError for what is no sum over activities."""
        if self.where is None:
            raise ValueError(f"{self.name} is no sum over activities: it has to be given")
        if self.value:
            return nw.when(self.where).then(nw.col(self.value).fill_null(0)).otherwise(0).sum()
        return nw.when(self.where).then(1).otherwise(0).sum()


@dataclass(frozen=True, eq=False)
class Ratio:
    """`of` ÷ `to`, totals over totals; null where `to` is 0. With `interval` it carries its 95 % limits."""

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
) -> Total:
    """Declare a total. `label` and `formula` are message ids; `value` names a cents column, which makes it an
    amount."""
    return Total(name, label, where, AMOUNT if value else COUNT, formula, source, value)


def ratio(
    name: str, label: str, *, of: Total, to: Total, source: str, unit: str = SHARE, interval: bool = False
) -> Ratio:
    """Declare a ratio of two totals; `unit` is SHARE (0–1), NUMBER (such as products a customer) or AMOUNT (cents, such
    as the amount a deal). `interval` says that both are counts of cases, so that chance limits have a meaning."""
    return Ratio(name, label, of, to, unit, source, interval)


def columns_of(metric: Metric) -> tuple[str, ...]:
    """Its columns in a measured frame: itself, and its limits where it has them. All are in its unit."""
    limits = ("_low", "_high") if isinstance(metric, Ratio) and metric.interval else ()
    return (metric.name, *(f"{metric.name}{end}" for end in limits))


def totals_of(metrics: Iterable[Metric]) -> list[Total]:
    """The totals these metrics need, each once, in order."""
    needed: dict[str, Total] = {}
    for metric in metrics:
        for one in (metric.of, metric.to) if isinstance(metric, Ratio) else (metric,):
            needed.setdefault(one.name, one)
    return list(needed.values())


def measure(
    activity: IntoFrame,
    metrics: Sequence[Metric],
    by: Sequence[str] = (),
    everyone: pl.DataFrame | Sequence[pl.DataFrame] | None = None,
    given: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Compute metrics on an activity frame (frames.ACTIVITY; Polars, or any engine narwhals knows).

    One row a combination of `by` (one row in all without it), sorted by it: the keys, the totals the metrics need, then
    each ratio, with `_low` and `_high` where it has an interval. `everyone` is a frame of keys (all of `by`, or some)
    that must have a row also with nothing logged, or several such, one after the other: totals 0, ratios null. `given`
    holds the totals that are not sums over activities, one row a combination of `by`."""
    by = list(by)
    totals = totals_of(metrics)
    summed = [one for one in totals if one.where is not None]
    frame = nw.from_native(activity).lazy()
    limited = [one for one in metrics if isinstance(one, Ratio) and one.interval]
    expressions = {one.name: one.expression() for one in summed}
    grouped = frame.group_by(*by).agg(**expressions) if by else frame.select(**expressions)
    table = grouped.collect("polars").to_native()
    for one in limited:
        cases = shared(activity, one, by)
        table = table.join(cases, on=by, how="left") if by else table.hstack(cases)
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
    whole += [pl.col(shared_name(one)).cast(pl.Int64) for one in limited]
    table = table.select(*by, *(value.fill_null(0) for value in whole))
    table = with_ratios(table.sort(by, nulls_last=True) if by else table, metrics)
    return table.drop(shared_name(one) for one in limited)


def shared_name(one: Ratio) -> str:
    return f"{one.name}_shared"


def shared(activity: IntoFrame, one: Ratio, by: Sequence[str]) -> pl.DataFrame:
    """How many cases of the ratio's numerator have an event of its denominator on the same opportunity in the frame,
    within the same combination of `by`: by, `<ratio>_shared`. Rows without a key are taken as independent."""
    frame = cast("nw.LazyFrame[pl.LazyFrame]", nw.from_native(activity).lazy())
    key = [*dict.fromkeys((*by, "opportunity"))]
    known = ~nw.col("opportunity").is_null()
    of, to = (frame.filter(known, total.where).select(key) for total in (one.of, one.to) if total.where is not None)
    both = of.join(to, on=key, how="semi")
    count = nw.len().alias(shared_name(one))
    return (both.group_by(*by).agg(count) if by else both.select(count)).collect("polars").to_native()


def with_ratios(table: pl.DataFrame, metrics: Sequence[Metric]) -> pl.DataFrame:
    """Adds the ratios among `metrics` to a frame that has their totals, and for those with limits how many cases are
    shared (`shared`)."""
    return table.with_columns(column for one in metrics if isinstance(one, Ratio) for column in ratio_columns(one))


@cache
def ratio_columns(one: Ratio) -> tuple[pl.Expr, ...]:
    """Kept, because building them takes longer than computing them."""
    of, to = pl.col(one.of.name), pl.col(one.to.name)
    rate = pl.when(to > 0).then(of.cast(pl.Float64) / to).alias(one.name)
    if not one.interval:
        return (rate,)
    low, high = period_rate(of, to, pl.col(shared_name(one)))
    return rate, low.alias(f"{one.name}_low"), high.alias(f"{one.name}_high")
