"""The rates of units in a period, and what is behind them, on funnel plots."""

import polars as pl

from metrics.diagnosis.cohorts import ENDS
from metrics.diagnosis.funnel_plot import period_funnel
from metrics.diagnosis.funnels import lines, placed, share_funnel
from metrics.metric import Ratio, shared, shared_name


def period_rates(activity: pl.LazyFrame, measured: pl.DataFrame, rate: Ratio, key: str) -> pl.DataFrame:
    """Each unit of `measured` (by `key`, with the rate's totals) on the funnel of a period rate: `of`, `to`, `shared`,
    `cases` (of + to), funnel_plot.period_funnel's columns and `place`. `activity` is what was measured."""
    units = measured.select(key, of=rate.of.name, to=rate.to.name)
    both = shared(activity, rate, [key]).rename({shared_name(rate): "shared"})
    units = units.join(both, on=key, how="left", maintain_order="left").with_columns(
        pl.col("shared").fill_null(0).cast(pl.Int64)
    )
    return placed(period_funnel(units)).with_columns(cases=pl.col("of") + pl.col("to"))


def period_lines(table: pl.DataFrame) -> pl.DataFrame:
    """The limits of `period_rates` as lines (funnels.lines)."""
    of, to, both = (sum(table[name]) for name in ("of", "to", "shared"))
    return lines(table, "cases", min(both, of, to) / (of + to) if of + to else 0.0)


def cohort_rates(cases: pl.DataFrame, everyone: pl.DataFrame, end: str, horizon: int, key: str) -> pl.DataFrame:
    """Each unit on the funnel of a cohort's share that came to this end (applied, dealt) within the horizon: `of`, `to`
    and `cases` (those observed for so long), `immature` (those not), the columns of funnels.share_funnel, and `place`.
    `cases` are metrics.diagnosis.cohorts.CASE, `everyone` has the keys that have a row."""
    if end == "applied":
        other = pl.min_horizontal(*ENDS)
        came = pl.col("applied") <= other.fill_null(pl.col("applied"))
    else:
        came = pl.col(end) == pl.min_horizontal(*ENDS)
    mature = pl.col("observed") >= horizon
    came = (came & (pl.col(end) <= horizon)).fill_null(False)
    counted = {"of": (came & mature).sum(), "to": mature.sum(), "immature": (~mature).sum()}
    found = cases.group_by(key).agg(**counted)
    units = everyone.select(key).unique().sort(key).join(found, on=key, how="left", maintain_order="left")
    units = units.with_columns(pl.col(*counted).fill_null(0).cast(pl.Int64))
    return placed(share_funnel(units)).with_columns(cases="to")
