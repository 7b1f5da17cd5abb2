"""The log of a period put together: what each manager did, kept so that any total and rate of it by manager, branch or
region is a sum of few rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl

from metrics.metric import Metric, Ratio, Total, in_polars, limited_of, shared_name, totals_of

CELL = ("region", "branch", "manager")


@dataclass(frozen=True)
class Cases:
    """What `measure` takes in place of an activity frame, for these metrics by keys of CELL. `settled` has one row a
    cell: the totals, and how many cases are shared (metric.shared) on opportunities that lie in this cell alone;
    `scattered` has one row a cell and opportunity of those that lie in several: the totals."""

    metrics: tuple[Metric, ...]
    settled: pl.DataFrame
    scattered: pl.DataFrame

    def summed(self, totals: Sequence[Total], limited: Sequence[Ratio], by: Sequence[str]) -> pl.DataFrame:
        """What `metric.summed` gives of the same activity."""
        rows = self.settled
        if self.scattered.height:
            names = [one.name for one in counted(self.metrics)]
            together = self.scattered.group_by(*by, "opportunity").agg(pl.col(names).sum())
            parts = (part.select(*by, *columns(self.metrics)) for part in (rows, with_shared(together, self.metrics)))
            rows = pl.concat(parts, how="vertical_relaxed")
        sums = pl.col([*(one.name for one in totals), *map(shared_name, limited)]).sum()
        return rows.group_by(by).agg(sums) if by else rows.select(sums)


def cases(activity: pl.LazyFrame, metrics: Sequence[Metric]) -> Cases:
    """The activity (frames.ACTIVITY) put together for these metrics, which sum activities."""
    metrics = tuple(metrics)
    on_one, sums = pl.col("opportunity").is_not_null(), in_polars(counted(metrics))
    each, others = pl.collect_all(
        [
            activity.filter(on_one).group_by(*CELL, "opportunity").agg(**sums),
            activity.filter(~on_one).group_by(CELL).agg(**sums),
        ]
    )
    several = pl.col("opportunity").is_duplicated()
    parts = with_shared(each.filter(~several), metrics).drop("opportunity"), others
    settled = pl.concat(parts, how="diagonal_relaxed").group_by(CELL).agg(pl.col(columns(metrics)).sum())
    return Cases(metrics, settled, each.filter(several))


@cache
def counted(metrics: tuple[Metric, ...]) -> tuple[Total, ...]:
    return tuple(totals_of(metrics))


def columns(metrics: tuple[Metric, ...]) -> tuple[str, ...]:
    return (*(one.name for one in counted(metrics)), *map(shared_name, limited_of(metrics)))


def with_shared(together: pl.DataFrame, metrics: tuple[Metric, ...]) -> pl.DataFrame:
    """Of totals on single opportunities, how many of each ratio's numerator stand on one with its denominator."""
    shares = {
        shared_name(one): pl.when(pl.col(one.to.name) > 0).then(pl.col(one.of.name)).otherwise(0)
        for one in limited_of(metrics)
    }
    return together.with_columns(**shares)
