"""A month's plan spread over the working days it is meant for, so that any part of a period, a transfer in the middle
of a month and a last day at the bank get their part; and the parts put together at the grain of the activity, one row a
key, so that a plan is never summed twice."""

from collections.abc import Sequence

import polars as pl

from metrics.periods import Period

LEVELS = ("region", "branch", "manager")
SPAN = ["from_day", "to_day"]


def of_products(plans: pl.DataFrame) -> pl.DataFrame:
    """The plans (frames.PLAN) of single products."""
    return plans.filter(pl.col("product").is_not_null())


def over_products(
    plans: pl.DataFrame, posting_days: pl.DataFrame, calendar: pl.DataFrame, branches: pl.DataFrame
) -> pl.DataFrame:
    """One plan (frames.PLAN) a holder, month and measure for all products together: their own; where they have none the
    sum of those for single products, for a branch or region only if nobody below has a plan of that month and measure
    either. `branches` maps branch to region; `posting_days` and `calendar` cover the months."""
    key = [*LEVELS, "month", "measure"]
    overall = plans.filter(pl.col("product").is_null())
    single = plans.join(overall, on=key, how="anti", nulls_equal=True)
    own = plans.filter(pl.col("manager").is_not_null()).rename({"month": "plan_month"})
    _spans, there = meant_for(own, posting_days, working(calendar))
    span = ["manager", "plan_month", *SPAN]
    below = own.drop("branch").join(there.select(*span, "branch").unique(), on=span, nulls_equal=True)
    below = below.select("measure", "branch", month="plan_month").unique().select("month", "measure", "branch")
    of_branch = pl.col("branch").is_not_null()
    single = (
        single.filter(of_branch)
        .join(below, on=["month", "measure", "branch"], how="anti")
        .vstack(single.filter(~of_branch))
    )
    there = pl.concat([below, plans.filter(of_branch).select("month", "measure", "branch")])
    there = there.join(branches.select("branch", "region").unique(), on="branch").select("month", "measure", "region")
    of_region = pl.col("region").is_not_null()
    single = (
        single.filter(of_region)
        .join(there, on=["month", "measure", "region"], how="anti")
        .vstack(single.filter(~of_region))
    )
    summed = single.group_by(*key, *SPAN).agg(pl.col("target").sum())
    return pl.concat([overall, summed.with_columns(product=pl.lit(None, pl.Int32)).select(plans.columns)])


def spread(
    plans: pl.DataFrame,
    posting_days: pl.DataFrame,
    calendar: pl.DataFrame,
    period: Period,
    grain: str | None = None,
) -> pl.DataFrame:
    """The part of each plan (frames.PLAN) that falls in the period: region, branch, manager, plan_month, product,
    measure, plan; with `grain` (day, week, month) also the first day of each such part of the period, in a column of
    that name.

    A manager's plan goes by the working days they are posted among those it is meant for, and so to the branches they
    work in: what falls on days after they have left is nobody's part (`vacant`). A branch's or region's goes by the
    month's working days. `posting_days` (frames.POSTING_DAY) and `calendar` must cover the months of the period."""
    inside = pl.col("day").is_between(period.first, period.last)
    days = working(calendar, grain)
    plans = plans.rename({"month": "plan_month"})
    own = plans.filter(pl.col("manager").is_not_null())
    spans, there = meant_for(own, posting_days, days)
    place = ["manager", "branch", "region", "plan_month", *SPAN, *time_key(grain)]
    parts = there.filter(inside).group_by(place).agg(part=pl.len())
    parts = parts.join(spans, on=["manager", "plan_month", *SPAN], nulls_equal=True)
    own = own.drop("branch", "region").join(parts, on=["manager", "plan_month", *SPAN], nulls_equal=True)
    length = days.group_by("plan_month").agg(days=pl.len())
    month = days.filter(inside).group_by("plan_month", *time_key(grain)).agg(part=pl.len())
    placed = plans.filter(pl.col("manager").is_null()).join(month.join(length, on="plan_month"), on="plan_month")
    share = (pl.col("target").cast(pl.Float64) * pl.col("part") / pl.col("days")).alias("plan")
    keys = (*LEVELS, "plan_month", "product", *time_key(grain), "measure")
    every = pl.concat([own.select(*keys, share), placed.select(*keys, share)])
    return every.group_by(keys).agg(pl.col("plan").sum())


def working(calendar: pl.DataFrame, grain: str | None = None) -> pl.DataFrame:
    """The calendar's working days: day, the bucket of the grain, and the month whose plan they carry."""
    days = buckets(calendar.filter(pl.col("is_workday")), grain)
    return days.select(*dict.fromkeys(("day", *time_key(grain))), plan_month=pl.col("day").dt.truncate("1mo"))


def meant_for(own: pl.DataFrame, posting_days: pl.DataFrame, days: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Of managers' plans: how many working days each span has (manager, plan_month, SPAN, days), and the days of it on
    which they are posted. A plan without a span is meant for all days they are there."""
    keys = ["manager", "plan_month", *SPAN]
    spans = own.select(keys).unique()
    within = pl.col("day").is_between(pl.coalesce("from_day", "day"), pl.coalesce("to_day", "day"))
    worked = posting_days.join(days, on="day").join(spans, on=["manager", "plan_month"]).filter(within)
    meant = spans.join(days.select("day", "plan_month"), on="plan_month").filter(within)
    counted = meant.group_by(keys).agg(meant=pl.len())
    there = worked.group_by(keys).agg(there=pl.len())
    both = counted.join(there, on=keys, how="left", nulls_equal=True)
    length = pl.when(pl.col("from_day").is_null()).then("there").otherwise("meant")
    return both.select(*keys, days=length), worked


def vacant(plans: pl.DataFrame, posting_days: pl.DataFrame, calendar: pl.DataFrame) -> pl.DataFrame:
    """What of managers' plans nobody works for, because its holder left before the days it is meant for were over: the
    plan's manager, plan_month, product, measure, vacant; only where there is some."""
    days = working(calendar)
    own = plans.rename({"month": "plan_month"}).filter(pl.col("manager").is_not_null())
    spans, there = meant_for(own, posting_days, days)
    keys = ["manager", "plan_month", *SPAN]
    left = spans.join(there.group_by(keys).agg(part=pl.len()), on=keys, how="left", nulls_equal=True)
    left = left.with_columns(share=1 - pl.col("part").fill_null(0) / pl.col("days").fill_null(1))
    own = own.join(left, on=keys, nulls_equal=True).filter(pl.col("share") > 0)
    return own.select("manager", "plan_month", "product", "measure", vacant=pl.col("target") * pl.col("share"))


def time_key(grain: str | None) -> tuple[str, ...]:
    return (grain,) if grain else ()


def buckets(days: pl.DataFrame, grain: str | None) -> pl.DataFrame:
    """Adds the first day of the week (Monday) or month of each day, in a column of that name."""
    if grain not in ("week", "month"):
        return days
    return days.with_columns(pl.col("day").dt.truncate({"week": "1w", "month": "1mo"}[grain]).alias(grain))


def planned(parts: pl.DataFrame, branches: pl.DataFrame, by: Sequence[str] = ()) -> pl.DataFrame:
    """Plans at the grain of `by` (any of region, branch, manager, product and the grain they were spread by): keys,
    measure, plan.

    A branch's plan of a month is its own where it has one, else the sum of its managers'; a region's likewise of its
    branches. `branches` maps branch to region."""
    manager = parts.filter(pl.col("manager").is_not_null())
    if "manager" in by:
        return manager.group_by(*by, "measure").agg(pl.col("plan").sum())
    when = [name for name in parts.columns if name in ("plan_month", "product", "day", "week", "month")]
    own = parts.filter(pl.col("manager").is_null() & pl.col("branch").is_not_null())
    branch = prefer(own, manager, ["branch", *when, "measure"])
    branch = branch.join(branches.select("branch", "region").unique(), on="branch", how="left")
    if "branch" in by:
        return branch.group_by(*by, "measure").agg(pl.col("plan").sum())
    own = parts.filter(pl.col("manager").is_null() & pl.col("branch").is_null())
    region = prefer(own, branch, ["region", *when, "measure"])
    return region.group_by(*by, "measure").agg(pl.col("plan").sum())


def prefer(own: pl.DataFrame, parts: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Per key the holder's own plan, or where it has none the sum of its parts."""
    summed = parts.group_by(keys).agg(summed=pl.col("plan").sum())
    joined = own.select(*keys, "plan").join(summed, on=keys, how="full", coalesce=True, nulls_equal=True)
    return joined.select(*keys, plan=pl.coalesce("plan", "summed"))
