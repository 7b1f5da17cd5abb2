"""How much a branch's days and tickets scatter: what chance alone makes of a plan that is being reached."""

from datetime import date
from functools import lru_cache

import polars as pl

from metrics.catalog import COUNTS, DEALS, MEASURES
from metrics.metric import AMOUNT, measure
from metrics.plans.chance import so_few, so_little

LEARNED_FROM = 60  # working days
LEAST_FREEDOM = 10  # days of managers beyond their means; fewer do not tell how much days differ
AMOUNTS = [name for name, one in MEASURES.items() if one.unit == AMOUNT]

# One row a branch and measure, each column a sum over the days learned from, so that branches can be added: `events` of
# the measure (of an amount: its deals), `surplus`, the events times the variance of a day over its mean; and of an amount
# its tickets: how many, their sum and the sum of their squares.
SCATTER = pl.Schema(
    {
        "region": pl.Int32,
        "branch": pl.Int32,
        "measure": pl.String,
        "events": pl.Float64,
        "surplus": pl.Float64,
        "tickets": pl.Float64,
        "sum": pl.Float64,
        "squares": pl.Float64,
    }
)
SUMS = ["events", "surplus", "tickets", "sum", "squares"]
SPREAD = pl.when(pl.col("events") > 0).then(pl.col("surplus") / pl.col("events")).otherwise(1.0).fill_null(1.0)


def learned_days(calendar: pl.DataFrame, through: date) -> pl.DataFrame:
    """The last LEARNED_FROM working days of the calendar up to and including `through`: day."""
    return calendar.filter(pl.col("is_workday"), pl.col("day") <= through).select("day").sort("day").tail(LEARNED_FROM)


def scatter(
    activity: pl.DataFrame | pl.LazyFrame, posting_days: pl.DataFrame, calendar: pl.DataFrame, through: date
) -> pl.DataFrame:
    """What whole branches' log says of its scatter (SCATTER), from the last LEARNED_FROM working days up to `through`.

    The variance of a day over its mean is Pearson's: Σ (x − e)² ÷ e over managers' days there, e their own mean (of half
    a day half of it), over the degrees of freedom. Days of leave, and rows of days off, tell nothing. Source: P.
    McCullagh, J. A. Nelder, Generalized Linear Models (1989), 4.5.2."""
    days = learned_days(calendar, through)
    rows = activity.lazy().join(days.lazy(), on="day", how="semi")
    key = ["region", "branch", "manager", "day"]
    names = [one.name for one in COUNTS]
    done = measure(rows, COUNTS, key).unpivot(names, index=key, variable_name="measure", value_name="done")
    there = posting_days.join(days, on="day").with_columns(here=1 - pl.col("away")).filter(pl.col("here") > 0)
    cells = there.join(pl.DataFrame({"measure": names}), how="cross").join(done, on=[*key, "measure"], how="left")
    own = ["branch", "manager", "measure"]
    cells = cells.with_columns(pl.col("done").fill_null(0))
    mean = pl.col("done").sum().over(own) / pl.col("here").sum().over(own)
    cells = cells.with_columns(expected=mean * pl.col("here")).filter(pl.col("expected") > 0)
    square = (pl.col("done") - pl.col("expected")) ** 2 / pl.col("expected")
    sums = cells.group_by("region", "branch", "measure").agg(
        events=pl.col("done").sum().cast(pl.Float64),
        chi=square.sum(),
        freedom=pl.len() - pl.struct("manager").n_unique(),
    )
    spread = pl.when(pl.col("freedom") >= LEAST_FREEDOM).then(pl.col("chi") / pl.col("freedom")).otherwise(1.0)
    counts = sums.with_columns(surplus=pl.col("events") * spread.clip(lower_bound=1.0))
    amount = pl.col("amount_cents").cast(pl.Float64)
    deals = rows.filter((pl.col("kind") == "deal") & (pl.col("amount_cents") > 0))
    tickets = deals.group_by("region", "branch").agg(
        tickets=pl.len().cast(pl.Float64), sum=amount.sum(), squares=(amount * amount).sum()
    )
    of_deals = counts.filter(pl.col("measure") == DEALS.name).drop("measure")
    amounts = tickets.collect().join(of_deals, on=["region", "branch"], how="left")
    amounts = amounts.join(pl.DataFrame({"measure": AMOUNTS}), how="cross")
    table = pl.concat([counts, amounts], how="diagonal_relaxed").with_columns(pl.col(SUMS).fill_null(0.0))
    return table.select(list(SCATTER)).cast(SCATTER).sort("region", "branch", "measure")


def with_chance(standing: pl.DataFrame, scatter: pl.DataFrame, people: pl.DataFrame, wanted: pl.Expr) -> pl.DataFrame:
    """Adds `chance` to rows of a plan (measure, actual, plan, time_progress and keys) where `wanted` holds: how likely so
    little is when the plan to date is what is to be expected. Null elsewhere, and for amounts where no ticket is known.

    The scatter is that of the row's branch, or of all branches it stands for: those `people` (manager, branch, region)
    have for its manager or region, else all of them."""
    table = standing.with_row_index("_row")
    asked = table.filter(wanted).with_columns(_mean=pl.col("plan") * pl.col("time_progress"))
    if asked.is_empty():
        return standing.with_columns(chance=pl.lit(None, pl.Float64))
    asked = with_scatter(asked, scatter, people)
    ticket = pl.when(pl.col("tickets") > 0).then(pl.col("sum") / pl.col("tickets"))
    differ = pl.col("squares") * pl.col("tickets") / pl.col("sum") ** 2 - 1
    facts = asked.select("measure", "actual", "_mean", SPREAD, ticket.alias("ticket"), differ.alias("d"))
    found = asked.select("_row", chance=pl.Series([chance(*row) for row in facts.iter_rows()], dtype=pl.Float64))
    return table.join(found, on="_row", how="left", maintain_order="left").drop("_row")


def with_scatter(asked: pl.DataFrame, scatter: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """The rows with the sums of SCATTER of the branches they stand for."""
    if "branch" in asked.columns:
        keys = ["branch"]
    elif "manager" in asked.columns:
        keys = ["manager"]
        places = people.select("manager", "branch").unique()
        scatter = places.join(scatter, on="branch")
    else:
        keys = [name for name in ("region",) if name in asked.columns]
        scatter = scatter.join(people.select("branch").unique(), on="branch", how="semi")
    keys = [*keys, "measure"]
    summed = scatter.group_by(keys).agg(pl.col(SUMS).sum())
    return asked.join(summed, on=keys, how="left", maintain_order="left")


@lru_cache(10_000)
def chance(
    measure: str, actual: float, mean: float, spread: float, ticket: float | None, ticket_spread: float | None
) -> float | None:
    if measure not in AMOUNTS:
        return so_few(actual, mean, spread)
    if ticket is None or ticket_spread is None:
        return None
    return so_little(actual, mean, spread, ticket, max(ticket_spread, 0.0))
