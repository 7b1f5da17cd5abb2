"""What a metric is: a value that says its name, label, unit, formula and source, and how to compute itself.

A total says which rows it counts in the subset that Polars and narwhals share, so the same declaration runs on Polars
itself and, through narwhals, on PySpark. A ratio names two totals: it divides sums, never averages rates, and is null on a zero denominator."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol, cast, runtime_checkable

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
from narwhals.stable.v2.typing import IntoFrame

from metrics.intervals import known, period_rate

Where = Callable[[Callable[[str], nw.Expr]], nw.Expr]  # which rows, given the `col` of an engine
COUNT, AMOUNT, SHARE, NUMBER = "count", "amount", "share", "number"
KEY_SPAN = 1 << 32  # larger than any id: makes one number of a pair of them, still within 64 bits


@dataclass(frozen=True, eq=False)
class Total:
    """A sum over rows where `where` holds: of 1 (a count), or of `value` (an amount).

    Without `where` it is no sum over activities: another frame gives it (`measure(given=…)`)."""

    name: str
    label: str
    where: Where | None
    unit: str
    formula: str
    source: str
    value: str | None = None

    def rows(self) -> Where:
        """Raises ValueError for what is no sum over activities."""
        if self.where is None:
            raise ValueError(f"{self.name} is no sum over activities: it has to be given")
        return self.where

    def polars_rows(self) -> pl.Expr:
        return cast(pl.Expr, self.rows()(cast(Callable[[str], nw.Expr], pl.col)))

    def expression(self) -> pl.Expr:
        """The sum in Polars; never null: a group without a matching row gives 0."""
        where = self.polars_rows()
        return pl.col(self.value).filter(where).sum() if self.value else where.sum()

    def portable(self) -> nw.Expr:
        """The same on any engine that narwhals knows: Spark sums no booleans, and filters inside no sum."""
        there = nw.when(self.rows()(nw.col))
        return there.then(nw.col(self.value).fill_null(0) if self.value else 1).otherwise(0).sum()


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
    where: Where | None = None,
    source: str,
    value: str | None = None,
) -> Total:
    """Declare a total. `label` and `formula` are message ids; `where` takes the `col` of an engine and says which rows
    count; `value` names a cents column, which makes it an amount."""
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


def limited_of(metrics: Iterable[Metric]) -> tuple[Ratio, ...]:
    """The ratios among these metrics that have limits."""
    return tuple(one for one in metrics if isinstance(one, Ratio) and one.interval)


@runtime_checkable
class Summed(Protocol):
    """An activity frame that was put together beforehand (metrics.cases)."""

    def summed(self, totals: Sequence[Total], limited: Sequence[Ratio], by: Sequence[str]) -> pl.DataFrame: ...


def measure(
    activity: IntoFrame | Summed,
    metrics: Sequence[Metric],
    by: Sequence[str] = (),
    everyone: pl.DataFrame | Sequence[pl.DataFrame] | None = None,
    given: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Compute metrics on an activity frame (frames.ACTIVITY; Polars, or any engine narwhals knows), or what was put
    together of one.

    One row a combination of `by` (one row in all without it), sorted by it: the keys, the totals the metrics need, then
    each ratio, with `_low` and `_high` where it has an interval. `everyone` is a frame of keys (all of `by`, or some)
    that must have a row also with nothing logged, or several such, one after the other: totals 0, ratios null. `given`
    holds the totals that are not sums over activities, one row a combination of `by`."""
    by = list(by)
    totals = totals_of(metrics)
    limited = limited_of(metrics)
    counted = tuple(one for one in totals if one.where is not None)
    found = (
        activity.summed(counted, limited, by)
        if isinstance(activity, Summed)
        else summed(activity, counted, limited, by)
    )
    table = found.lazy()
    for who in [everyone] if isinstance(everyone, pl.DataFrame) else everyone or ():
        keys = [key for key in by if key in who.columns]
        if not keys:
            continue
        silent = who.lazy().select(keys).unique().join(table, on=keys, how="anti", nulls_equal=True)
        table = pl.concat([table, silent], how="diagonal_relaxed")
    if given is not None:
        more = given.lazy().select(*by, *(one.name for one in totals if one.where is None))
        table = (
            table.join(more, on=by, how="left", nulls_equal=True, validate="1:1")
            if by
            else table.join(more, how="cross")
        )
    table = table.select(*by, *whole(tuple(totals), limited))
    measured = (table.sort(by, nulls_last=True) if by else table).collect()
    return with_ratios(measured, metrics).drop(shared_name(one) for one in limited)


@cache
def whole(totals: tuple[Total, ...], limited: tuple[Ratio, ...]) -> tuple[pl.Expr, ...]:
    """The totals, and how many cases are shared, without nulls."""
    counted = [pl.col(one.name).cast(pl.Int64) if one.where is not None else pl.col(one.name) for one in totals]
    counted += [pl.col(shared_name(one)).cast(pl.Int64) for one in limited]
    return tuple(one.fill_null(0) for one in counted)


def summed(
    activity: IntoFrame, totals: tuple[Total, ...], limited: tuple[Ratio, ...], by: Sequence[str]
) -> pl.DataFrame:
    """The totals by these keys, and of each ratio how many cases are shared (`shared`)."""
    if isinstance(activity, pl.DataFrame | pl.LazyFrame):
        frame, sums = activity.lazy(), in_polars(totals)
        table = frame.group_by(by).agg(**sums) if by else frame.select(**sums)
        return (beside(table, shared_in_polars(frame, limited, by), by) if limited else table).collect()
    frame, sums = portable(activity), {one.name: one.portable() for one in totals}
    table = frame.group_by(*by).agg(**sums) if by else frame.select(**sums)
    found = table.collect("polars").to_native()
    return beside(found.lazy(), shared_elsewhere(frame, limited, by).lazy(), by).collect() if limited else found


def beside(table: pl.LazyFrame, cases: pl.LazyFrame, by: Sequence[str]) -> pl.LazyFrame:
    return table.join(cases, on=list(by), how="left") if by else table.join(cases, how="cross")


def portable(activity: IntoFrame) -> nw.LazyFrame[pl.LazyFrame]:
    return cast("nw.LazyFrame[pl.LazyFrame]", nw.from_native(activity).lazy())


def shared_name(one: Ratio) -> str:
    return f"{one.name}_shared"


def shared(activity: IntoFrame, one: Ratio, by: Sequence[str]) -> pl.DataFrame:
    """How many cases of the ratio's numerator have an event of its denominator on the same opportunity in the frame,
    within the same combination of `by`: by, `<ratio>_shared`. Rows without a key are taken as independent."""
    if isinstance(activity, pl.DataFrame | pl.LazyFrame):
        return shared_in_polars(activity.lazy(), (one,), by).collect()
    return shared_elsewhere(portable(activity), (one,), by)


def shared_in_polars(activity: pl.LazyFrame, limited: tuple[Ratio, ...], by: Sequence[str]) -> pl.LazyFrame:
    """`shared` of several ratios beside each other: what happened on each opportunity is counted once."""
    there, sums, shares = cases(limited)
    key = [*dict.fromkeys((*by, "opportunity"))]
    known = activity.filter(pl.col("opportunity").is_not_null(), there).group_by(key).agg(**sums)
    return known.group_by(by).agg(**shares) if by else known.select(**shares)


def shared_elsewhere(frame: nw.LazyFrame[pl.LazyFrame], limited: tuple[Ratio, ...], by: Sequence[str]) -> pl.DataFrame:
    sums = {one.name: one.portable() for one in totals_of(limited)}
    key = [*dict.fromkeys((*by, "opportunity"))]
    known = frame.filter(~nw.col("opportunity").is_null()).group_by(*key).agg(**sums)
    shares = {
        shared_name(one): nw.when(nw.col(one.to.name) > 0).then(nw.col(one.of.name)).otherwise(0).sum()
        for one in limited
    }
    return (known.group_by(*by).agg(**shares) if by else known.select(**shares)).collect("polars").to_native()


@cache
def in_polars(totals: tuple[Total, ...]) -> dict[str, pl.Expr]:
    """Kept, like all that is made of declarations: building expressions takes longer than computing a branch's."""
    return {one.name: one.expression() for one in totals}


@cache
def cases(limited: tuple[Ratio, ...]) -> tuple[pl.Expr, dict[str, pl.Expr], dict[str, pl.Expr]]:
    """For `shared` in Polars: which rows are asked, their sums on an opportunity, and the shared ones of these."""
    totals = tuple(totals_of(limited))
    there = [one.polars_rows() for one in totals]
    of = {shared_name(one): pl.col(one.of.name).filter(pl.col(one.to.name) > 0).sum() for one in limited}
    return pl.any_horizontal(*there), in_polars(totals), of


def with_ratios(table: pl.DataFrame, metrics: Sequence[Metric]) -> pl.DataFrame:
    """Adds the ratios among `metrics` to a frame that has their totals, and for those with limits how many cases are
    shared (`shared`)."""
    return table.hstack([column for one in metrics if isinstance(one, Ratio) for column in ratio_columns(table, one)])


def ratio_columns(table: pl.DataFrame, one: Ratio) -> list[pl.Series]:
    """The columns (`columns_of`) of a ratio."""
    of, to = table[one.of.name], table[one.to.name]
    dividend, divisor = (total.cast(pl.Float64).to_numpy() for total in (of, to))
    with np.errstate(divide="ignore", invalid="ignore"):
        columns = [known(dividend / divisor, divisor > 0)]
    if one.interval:
        columns += period_rate(of, to, table[shared_name(one)])
    return [column.alias(name) for column, name in zip(columns, columns_of(one), strict=True)]
