"""Conversion by channel and by method: which way of reaching customers differs from all together for more than chance."""

from collections.abc import Sequence

import polars as pl

from metrics.catalog import FUNNEL, RATES
from metrics.comparison.rates import period_rates
from metrics.metric import measure
from metrics.periods import Period


def by_way(known: pl.LazyFrame, period: Period, way: str, here: Sequence[pl.Expr] = ()) -> pl.DataFrame:
    """One row a `way` (channel or method) that anything was done by in the period, null where none is known: FUNNEL, and
    for each rate `<rate>_place` (funnels.placed). `known` begins before the period (`attributed`); `here` are the
    conditions of a part of the bank."""
    activity = attributed(known, period, way).filter(*here).collect().lazy()  # once for all that is asked of it
    table = measure(activity, FUNNEL, [way])
    filled, rows = table.with_columns(pl.col(way).fill_null("")), activity.with_columns(pl.col(way).fill_null(""))
    for rate in RATES:
        found = period_rates(rows, filled, rate, way)
        table = table.with_columns(found["place"].alias(f"{rate.name}_place"))
    return table.sort("consultations", "contacts", way, descending=[True, True, False], nulls_last=True)


def attributed(known: pl.LazyFrame, period: Period, way: str) -> pl.LazyFrame:
    """The activity of the period, with each application and deal under the channel or method by which its opportunity was
    first consulted, as far back as it is known, or under its own where that is not known: how a customer was reached is
    recorded with the visit, not with the loan."""
    known = known.filter(pl.col("day") <= period.last).with_columns(pl.col(way).cast(pl.String))
    inside, visit = known.filter(pl.col("day") >= period.first), pl.col("kind") == "consultation"
    came = inside.filter(~visit).select("opportunity").unique()
    consulted = known.filter(visit, "counted", pl.col(way).is_not_null()).join(came, on="opportunity", how="semi")
    first = consulted.sort("day", "id").unique("opportunity", keep="first", maintain_order=True)
    rows = inside.join(first.select("opportunity", reached=way), on="opportunity", how="left")
    own = pl.when(visit).then(way).otherwise(pl.coalesce("reached", way))
    return rows.with_columns(own.alias(way)).drop("reached")
