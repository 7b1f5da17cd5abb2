"""Cohorts: what became of the opportunities first consulted in a period, by working days since, with the other ends
competing and those not yet observed for long enough left out instead of counted as failures."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from metrics.diagnosis.incidence import CENSORED, cumulative_incidence
from metrics.intervals import wilson
from metrics.periods import Period
from metrics.workdays import numbered

APPLIED, DEALT, REJECTED, WITHDRAWN = 1, 2, 3, 4
ENDS = {"dealt": DEALT, "rejected": REJECTED, "withdrawn": WITHDRAWN}
KIND = {"applied": "application", "dealt": "deal", "rejected": "rejected", "withdrawn": "withdrawn"}
CASE = ("region", "branch", "manager", "product", "opportunity", "since", "observed", *KIND)


def cases(log: pl.DataFrame, calendar: pl.DataFrame, period: Period, through: date) -> pl.DataFrame:
    """One row an opportunity (CASE) whose first effective consultation lies in the period: where and whose that was, its
    day, for how many working days it has been observed by `through`, and after how many it was applied for, dealt,
    rejected and withdrawn; null where it was not. `log` (frames.ACTIVITY) begins before the period, so that those begun
    earlier are known, and reaches to `through`, as `calendar` does. What lies before the first consultation is none of
    its answers."""
    rows = log.filter(pl.col("opportunity").is_not_null(), pl.col("day") <= through)
    days = numbered(calendar)
    today = days.filter(pl.col("day") <= through)["number"].max()
    rows = rows.join(days, on="day", maintain_order="left")
    consulted = rows.filter(pl.col("kind") == "consultation", pl.col("counted"))
    first = consulted.sort("day", "id").unique("opportunity", keep="first", maintain_order=True)
    first = first.filter(pl.col("day").is_between(period.first, period.last))
    first = first.select(
        "region", "branch", "manager", "product", "opportunity", since="day", began="number", first_id="id"
    )
    later = rows.join(first.select("opportunity", "since", "began", "first_id"), on="opportunity")
    later = later.filter(pl.col("day") >= pl.col("since"))
    after = (pl.col("number") - pl.col("began")).cast(pl.Int64)
    ends = [after.filter(pl.col("kind") == kind).min().alias(name) for name, kind in KIND.items()]
    found = later.group_by("opportunity").agg(ends)
    table = first.join(found, on="opportunity", how="left", maintain_order="left")
    return table.with_columns(observed=(pl.lit(today, pl.Int64) - pl.col("began")).cast(pl.Int64)).select(CASE)


def curves(cohort: pl.DataFrame, horizon: int, by: Sequence[str] = ()) -> pl.DataFrame:
    """One row a combination of `by`, end (applied, dealt, rejected, withdrawn) and working day from 0 to the horizon:
    day, share, low, high (95 %, null before the first case). Application competes with the ends that come without one;
    the three ends compete with each other."""
    groups = cohort.partition_by(list(by), as_dict=True, maintain_order=True) if by else {(): cohort}
    parts = [
        pl.DataFrame(dict(zip(by, key, strict=True)), schema={name: cohort.schema[name] for name in by}).join(
            pl.concat([answer(some, horizon), ends(some, horizon)]), how="cross"
        )
        if by
        else pl.concat([answer(some, horizon), ends(some, horizon)])
        for key, some in groups.items()
    ]
    return pl.concat(parts) if parts else pl.DataFrame(schema=CURVE)


CURVE = {"end": pl.String, "day": pl.Int64, "share": pl.Float64, "low": pl.Float64, "high": pl.Float64}


def answer(cohort: pl.DataFrame, horizon: int) -> pl.DataFrame:
    """The curve of application: a deal, a rejection or a withdrawal without one is the other end."""
    other = pl.min_horizontal("dealt", "rejected", "withdrawn")
    applied = pl.col("applied").is_not_null() & (pl.col("applied") <= other.fill_null(pl.col("applied")))
    cause = pl.when(applied).then(APPLIED).when(other.is_not_null()).then(DEALT).otherwise(CENSORED)
    time = pl.when(applied).then("applied").otherwise(other)
    return dense(cohort, cause, time, {"applied": APPLIED}, horizon)


def ends(cohort: pl.DataFrame, horizon: int) -> pl.DataFrame:
    """The curves of the three ends: whichever came first; of one day the deal."""
    first = pl.min_horizontal(*ENDS)
    cause = pl.lit(CENSORED)
    for name, code in reversed(ENDS.items()):
        cause = pl.when((pl.col(name) == first).fill_null(False)).then(code).otherwise(cause)
    return dense(cohort, cause, first, ENDS, horizon)


def dense(cohort: pl.DataFrame, cause: pl.Expr, time: pl.Expr, names: dict[str, int], horizon: int) -> pl.DataFrame:
    rows = cohort.select(time=pl.coalesce(time, "observed"), cause=cause)
    found = cumulative_incidence(rows, list(names.values()))
    days = pl.DataFrame({"time": range(horizon + 1)}, {"time": pl.Int64})
    parts = []
    for name, code in names.items():
        one = found.filter(pl.col("cause") == code).sort("time")
        filled = days.join_asof(one.with_columns(pl.col("time").cast(pl.Int64)), on="time")
        parts.append(
            filled.select(end=pl.lit(name), day="time", share=pl.col("share").fill_null(0.0), low="low", high="high")
        )
    return pl.concat(parts)


def maturity(cohort: pl.DataFrame, horizon: int, by: Sequence[str] = ()) -> pl.DataFrame:
    """One row a combination of `by`: started, and `mature`, the share of cases that are over or have been observed for
    the horizon; null without cases."""
    over = pl.any_horizontal(pl.col(name) <= horizon for name in ENDS).fill_null(False)
    mature = (over | (pl.col("observed") >= horizon)).mean()
    counted = {"started": pl.len(), "mature": mature}
    return cohort.group_by(by).agg(**counted).sort(by) if by else cohort.select(**counted)


def rate_at(cohort: pl.DataFrame, end: str, horizon: int) -> dict[str, float | None]:
    """The share that came to this end within the horizon, with its 95 % limits: Wilson's where every case was observed
    to the end, else those of the curve, and where those are none (no case yet, or all) Wilson's of the cases observed
    for so long."""
    curve = (answer if end == "applied" else ends)(cohort, horizon)
    row = curve.filter(pl.col("end") == end, pl.col("day") == horizon).row(0, named=True)
    whole = cohort.filter(pl.col("observed") >= horizon) if row["low"] is None else cohort
    if whole.filter(pl.col("observed") < horizon).is_empty():
        came = round(row["share"] * whole.height)
        low, high = wilson(pl.Series([came]), pl.Series([whole.height]))
        return {"share": row["share"], "low": low[0], "high": high[0]}
    return {name: row[name] for name in ("share", "low", "high")}
