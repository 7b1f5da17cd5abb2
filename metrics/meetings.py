"""What meetings look at besides plan and promise: the best deals, who turned round, the weakest step, what moved, and
whether the time was kept."""

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from metrics.catalog import COUNTS
from metrics.metric import measure

STEPS = ("application_rate", "deal_rate")  # what a role play can train
NORMAL_DAYS = 20  # working days that a normal day is the mean of
LEAST_RISE = 0.05  # of a pace gap: less is no turn-around


def best_deals(log: pl.LazyFrame | pl.DataFrame, most: int) -> pl.DataFrame:
    """The largest deals of a log (metrics.frames.ACTIVITY), at most so many: manager, product, day, amount_cents; the
    largest first."""
    deals = (
        log.lazy().filter(pl.col("kind").cast(pl.String) == "deal").select("manager", "product", "day", "amount_cents")
    )
    return deals.sort("amount_cents", "manager", descending=[True, False], nulls_last=True).head(most).collect()


def turned_round(before: pl.DataFrame, now: pl.DataFrame, measure: str, most: int) -> pl.DataFrame:
    """Whose pace gap (metrics.plans.attainment) rose most between two days of one period: manager, before, now, rise; at
    most so many, and nobody who rose by less than LEAST_RISE."""
    gaps = [
        one.filter(pl.col("measure") == measure).select("manager", pl.col("pace_gap").alias(name))
        for one, name in ((before, "before"), (now, "now"))
    ]
    rise = gaps[0].join(gaps[1], on="manager").with_columns(rise=pl.col("now") - pl.col("before"))
    return rise.filter(pl.col("rise") >= LEAST_RISE).sort("rise", "manager", descending=[True, False]).head(most)


def weakest_step(effects: dict[str, float | None]) -> str | None:
    """Which of STEPS costs most, by a row of metrics.diagnosis.shortfall; None where neither costs anything."""
    costs = {one: cost for one in STEPS if (cost := effects.get(one)) is not None and cost < 0}
    return min(costs, key=lambda one: costs[one]) if costs else None


def moved(log: pl.LazyFrame | pl.DataFrame, kinds: Sequence[str]) -> pl.DataFrame:
    """What was taken a step further: one row a manager who did, and how many entries of each of these kinds."""
    kind = pl.col("kind").cast(pl.String)
    counts = [(kind == one).sum().cast(pl.Int64).alias(one) for one in kinds]
    return log.lazy().filter(kind.is_in(list(kinds))).group_by("manager").agg(counts).sort("manager").collect()


def listed_by_manager(opportunities: pl.DataFrame, lists: Mapping[str, Sequence[int]]) -> pl.DataFrame:
    """How many opportunities of each list (ids, by name) each manager looks after: manager and a column a list, whoever
    has most of the first on top; who has none of any has no row."""
    counts = [pl.col("opportunity").is_in(list(ids)).sum().cast(pl.Int64).alias(name) for name, ids in lists.items()]
    found = opportunities.group_by("manager").agg(counts).filter(pl.any_horizontal(pl.col(list(lists)) > 0))
    return found.sort(*lists, "manager", descending=[*[True] * len(lists), False], nulls_last=True)


def top(table: pl.DataFrame, value: str, most: int) -> pl.DataFrame:
    """A top list: the rows with the most of a value, at most so many and none with nothing; equals share a place
    (`rank`)."""
    ranked = table.filter(pl.col(value) > 0).with_columns(
        rank=pl.col(value).rank("min", descending=True).cast(pl.Int64)
    )
    return ranked.sort("rank", "manager").head(most)


def time_kept(held: pl.DataFrame) -> pl.DataFrame:
    """Planned and actual minutes of meetings that are over (one row a meeting and item): one row a kind with `meetings`,
    `minutes` planned and `used` a meeting, and `reached`, the share of items that were."""
    over = held.filter(pl.col("ended_at").is_not_null())
    each = over.group_by("kind", "meeting", maintain_order=True).agg(
        pl.col("minutes").sum(), pl.col("used_seconds").sum(), reached=pl.col("reached").sum(), items=pl.len()
    )
    return each.group_by("kind", maintain_order=True).agg(
        meetings=pl.len().cast(pl.Int64),
        minutes=pl.col("minutes").sum() / pl.len(),
        used=pl.col("used_seconds").sum() / 60 / pl.len(),
        reached=pl.col("reached").sum() / pl.col("items").sum(),
    )


def left_over(held: pl.DataFrame, kind: str, before: date) -> pl.DataFrame:
    """What the last meeting of a kind before a day did not reach: the rows of its items."""
    earlier = held.filter(pl.col("kind") == kind, pl.col("day") < before)
    return earlier.filter(pl.col("day") == pl.col("day").max(), ~pl.col("reached"))


def beside_normal(log: pl.LazyFrame | pl.DataFrame, day: date, before: Sequence[date]) -> pl.DataFrame:
    """One row a count: measure, `actual` of the day, `normal`, the mean of the working days `before` (null without any;
    a day with nothing counts), by a log (metrics.frames.ACTIVITY) of those who went."""
    measured = measure(log, COUNTS, by=["day"])
    of_day, earlier = measured.filter(pl.col("day") == day), measured.filter(pl.col("day").is_in(list(before)))
    rows = [
        {
            "measure": one.name,
            "actual": int(of_day[one.name].sum()),
            "normal": float(earlier[one.name].sum()) / len(before) if before else None,
        }
        for one in COUNTS
    ]
    return pl.DataFrame(rows, {"measure": pl.String, "actual": pl.Int64, "normal": pl.Float64})
