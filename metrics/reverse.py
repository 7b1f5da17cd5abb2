"""Reverse planning: from what of a plan remains back to the consultations it asks for on each remaining working day.

needed a day = (plan − actual − what the open pipeline should still yield) ÷ what one consultation a day, made on every
remaining day, should still bring within the period."""

from datetime import date

import polars as pl

from metrics.catalog import MEASURES
from metrics.definitions import Definitions
from metrics.experience import OWN, Experience, experience
from metrics.frames import FAMILIES
from metrics.intervals import Z_95
from metrics.lags import CONSULTED, NO_FAMILY, median_lag
from metrics.periods import ONE_DAY, Period
from metrics.yielding import chances

FEASIBILITY = ("beyond", "stretch", "usual", "done", "unknown")
ENOUGH_DAYS = 8  # own days in a month that say what was usual in it
RESULTS = ("applications", "deals", "deal_amount")

# One row a manager of a branch and measure: the plan of the whole period and the actual to date, amounts in cents.
REMAINING = pl.Schema(
    {"manager": pl.Int32, "branch": pl.Int32, "measure": pl.String, "plan": pl.Float64, "actual": pl.Float64}
)
NEED = pl.Schema(
    {
        "manager": pl.Int32,
        "branch": pl.Int32,
        "measure": pl.String,
        "remaining": pl.Float64,
        "pipeline": pl.Float64,
        "pipeline_low": pl.Float64,
        "pipeline_high": pl.Float64,
        "chance": pl.Float64,
        "eventual": pl.Float64,
        "days_left": pl.Float64,
        "needed": pl.Float64,
        "needed_low": pl.Float64,
        "needed_high": pl.Float64,
        "best": pl.Float64,
        "best_month": pl.Date,
        "usual": pl.Float64,
        "feasibility": pl.Enum(FEASIBILITY),
    }
)
REACH = pl.Schema(
    {
        "branch": pl.Int32,
        "family": pl.Enum(FAMILIES),
        "measure": pl.String,
        "eventual": pl.Float64,
        "chance": pl.Float64,
        "typical_lag": pl.Int64,
        "last_day": pl.Date,
    }
)


def reverse_plan(
    log: pl.DataFrame,
    calendar: pl.DataFrame,
    posting_days: pl.DataFrame,
    remaining: pl.DataFrame,
    period: Period,
    through: date,
    definitions: Definitions,
    owners: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """One row a row of `remaining` (REMAINING; further columns are left alone), by manager, branch and measure (NEED).

    `log` (frames.ACTIVITY) has whole branches and reaches back half a year or more; `calendar` (frames.CALENDAR) and
    `posting_days` (frames.POSTING_DAY) cover it and the period. Days after `through` are the remaining ones. A period
    that has not begun has all its days left, and is begun with a pipeline like that of `through`. `owners`
    (opportunity, manager) says who looks after an opportunity now; without it, whoever took its last step.

    pipeline: what it should yield within the period, and within which limits that may turn out (95 %); chance: how likely
    a consultation of the next working day still counts within the period, `eventual` whenever it does; needed: counted
    consultations on each own day left (leave left out), 0 where nothing is wanting, with the limits within which the need
    is known (95 %, Fieller): how good the own rates, the branch's lags and the pipeline's prospects are, not the luck of
    the days to come. needed_high is null where the data do not bound the need, needed where there is no plan, no day left
    or no way; best and usual: own consultations a day, over the months of the log. Source of the interval: E. C. Fieller,
    Some problems in interval estimation, JRSS B 16 (1954)."""
    remaining = remaining.select(list(REMAINING)).cast(REMAINING)
    if remaining.is_empty():
        return pl.DataFrame(schema=NEED)
    past = experience(log, calendar, through, definitions, remaining.select(OWN))
    ahead = days_ahead(calendar, period, through)
    there = posting_days.join(ahead, on="day").group_by(*OWN, "left").agg(here=(1 - pl.col("away")).sum())
    table = remaining.with_columns(plan=pl.when(pl.col("plan") > 0).then("plan"))
    table = table.with_columns(remaining=pl.col("plan") - pl.col("actual"))
    table = table.join(there.group_by(OWN).agg(days_left=pl.col("here").sum()), on=OWN, how="left")
    table = table.join(
        outlook(past, there, ahead.height, definitions.small_sample, owners), on=[*OWN, "measure"], how="left"
    )
    table = table.join(pace(log, calendar, posting_days, through), on=OWN, how="left")
    needs = table.with_columns(pl.col("days_left").fill_null(0.0)).with_columns(needed())
    place = pl.col("measure").replace_strict({name: nth for nth, name in enumerate(MEASURES)}, return_dtype=pl.Int8)
    return needs.with_columns(feasibility=feasible()).sort(*OWN, place).select(list(NEED)).cast(NEED)


def days_ahead(calendar: pl.DataFrame, period: Period, through: date) -> pl.DataFrame:
    """The period's working days after `through`: day, and how many are `left` after it."""
    inside = pl.col("day").is_between(period.first, period.last) & (pl.col("day") > through)
    days = calendar.filter(pl.col("is_workday"), inside).select("day").sort("day")
    return days.with_columns(left=pl.len().cast(pl.Int64) - 1 - pl.int_range(pl.len(), dtype=pl.Int64))


def outlook(
    past: Experience, there: pl.DataFrame, left: int, small_sample: int, owners: pl.DataFrame | None
) -> pl.DataFrame:
    """Both sides of the need, one row a manager, branch and measure of RESULTS: what the open pipeline should `yield` and
    what one consultation a day `brings`, their variances and covariance for want of knowing rates, lags and prospects
    (the own factors enter both), the variance that `luck` adds to the yield; chance and eventual."""
    families = past.mix.join(fresh(past, there, left), on=[*OWN, "family"], how="left")
    families = families.join(standing(past, left, small_sample, owners), on=[*OWN, "family"], how="left")
    families = families.join(past.managers, on=OWN).with_columns(pl.selectors.numeric().fill_null(0))
    parts = pl.concat([part(families, measure) for measure in RESULTS])
    d, o, scale = pl.col("d") * pl.col("scale"), pl.col("o") * pl.col("scale"), pl.col("scale")
    summed = parts.group_by(*OWN, "measure", "asks_spread", "closes_spread").agg(
        brings=d.sum(),
        open=o.sum(),
        d_closes=(pl.col("d_closes") * scale).sum(),
        o_asks=(pl.col("o_asks") * scale).sum(),
        o_closes=(pl.col("o_closes") * scale).sum(),
        d_variance=(pl.col("d_variance") * scale**2 + d**2 * pl.col("scale_spread")).sum()
        + ((d**2 / pl.col("mix")).sum() - d.sum() ** 2) / pl.col("cases").first(),
        o_variance=(pl.col("o_variance") * scale**2 + o**2 * pl.col("scale_spread")).sum(),
        covariance=(d * o * pl.col("scale_spread")).sum(),
        luck=(pl.col("luck") * scale**2 + pl.col("o") * pl.col("scatter")).sum(),
        chance=pl.col("chance").sum(),
        eventual=pl.col("eventual").sum(),
    )
    asks, closes = pl.col("asks_spread"), pl.col("closes_spread")
    return summed.select(
        *OWN,
        "measure",
        "brings",
        "open",
        "luck",
        pl.col("chance", "eventual").clip(0, 1),
        d_variance=pl.col("d_variance") + asks * pl.col("brings") ** 2 + closes * pl.col("d_closes") ** 2,
        o_variance=pl.col("o_variance") + asks * pl.col("o_asks") ** 2 + closes * pl.col("o_closes") ** 2,
        covariance=pl.col("covariance")
        + asks * pl.col("brings") * pl.col("o_asks")
        + closes * pl.col("d_closes") * pl.col("o_closes"),
    )


def part(families: pl.DataFrame, measure: str) -> pl.DataFrame:
    """The columns of `fresh` and `standing` that tell of the measure, by family; an amount is deals by their own mean."""
    of = "asked" if measure == "applications" else "deal"
    amount = measure == "deal_amount"
    closes = pl.lit(0.0) if of == "asked" else pl.col("deal_closes")
    open_closes = pl.lit(0.0) if of == "asked" else pl.col("open_deal_closes")
    return families.select(
        *OWN,
        "asks_spread",
        "closes_spread",
        "mix",
        "cases",
        measure=pl.lit(measure),
        d=pl.col(of),
        d_closes=closes,
        d_variance=pl.col(f"{of}_variance"),
        o=pl.col(f"open_{of}"),
        o_asks=pl.col(f"open_{of}_asks"),
        o_closes=open_closes,
        o_variance=pl.col(f"open_{of}_variance"),
        luck=pl.col(f"open_{of}_luck"),
        scale=pl.col("amount") if amount else pl.lit(1.0),
        scale_spread=pl.col("amount_spread") if amount else pl.lit(0.0),
        scatter=pl.col("amount_scatter") if amount else pl.lit(0.0),
        chance=pl.col(f"{of}_chance"),
        eventual=pl.col(f"{of}_eventual"),
    )


def fresh(past: Experience, there: pl.DataFrame, left: int) -> pl.DataFrame:
    """What one consultation a day on each own day left should bring, by manager, branch and family: applications
    (`asked`) and deals, the part of these that rests on closing, variances of the curves, chances of a single one."""
    lags = pl.DataFrame({"lag": range(past.horizon + 1)}, {"lag": pl.Int64})
    there = there.group_by(*OWN, lag=pl.col("left").clip(upper_bound=past.horizon)).agg(days=pl.col("here").sum())
    grid = past.managers.select(OWN).join(lags, how="cross", maintain_order="left_right")
    grid = grid.join(there, on=[*OWN, "lag"], how="left", maintain_order="left")
    days = pl.col("days").fill_null(0.0).cum_sum(reverse=True).over(OWN)  # own days with that many days left, or more
    grid = grid.with_columns(days=days).join(past.routes, on=["branch", "lag"])
    sums = {}
    for route in ("asked", "via", "direct"):
        sums[route] = (pl.col("days") * pl.col(route)).sum()
        sums[f"{route}_variance"] = (pl.col("days") ** 2 * pl.col(f"{route}_variance")).sum()
        sums[f"{route}_chance"] = pl.col(route).filter(pl.col("lag") < left).sum()
        sums[f"{route}_eventual"] = pl.col(route).sum()
    table = grid.group_by(*OWN, "family").agg(**sums).join(past.managers, on=OWN).join(past.mix, on=[*OWN, "family"])
    direct, via = pl.col("asks") * pl.col("mix"), pl.col("asks") * pl.col("closes") * pl.col("mix")
    return table.select(
        *OWN,
        "family",
        *(pl.col(f"asked{of}") * direct for of in ("", "_chance", "_eventual")),
        asked_variance=direct**2 * pl.col("asked_variance"),
        deal=via * pl.col("via") + direct * pl.col("direct"),
        deal_closes=via * pl.col("via"),
        deal_variance=via**2 * pl.col("via_variance") + direct**2 * pl.col("direct_variance"),
        deal_chance=via * pl.col("via_chance") + direct * pl.col("direct_chance"),
        deal_eventual=via * pl.col("via_eventual") + direct * pl.col("direct_eventual"),
    )


def standing(past: Experience, left: int, small_sample: int, owners: pl.DataFrame | None) -> pl.DataFrame:
    """What the open opportunities should yield in the `left` working days, by manager, branch and family.

    Those only consulted follow the own factors; of those applied for, the odds that they close at all do. Within a step
    the prospects are wrong together, between steps each for itself."""
    open_now = past.spells.filter(pl.col("until").is_null())
    if owners is not None:
        kept = owners.select(pl.col("opportunity").cast(pl.Int32), keeper=pl.col("manager").cast(pl.Int32))
        open_now = open_now.join(kept, on="opportunity", how="left").with_columns(
            manager=pl.coalesce("keeper", "manager")
        )
    age = past.through - pl.col("start")
    open_now = open_now.filter((pl.col("step") > CONSULTED) | (age <= past.horizon))
    open_now = open_now.group_by(*OWN, "family", "step", age=age.clip(upper_bound=past.horizon)).agg(cases=pl.len())
    shares = chances(past.spells, past.otherwise(left), past.through, left, past.horizon, small_sample)
    table = open_now.join(shares, on=["branch", "family", "step", "age"]).join(past.managers, on=OWN)
    new = pl.col("step") == CONSULTED
    odds = pl.col("close_rate") / (1 - pl.col("close_rate")) / (pl.col("close_base") / (1 - pl.col("close_base")))
    ever = pl.col("ever").clip(upper_bound=0.999)
    ever = ever * odds / (1 - ever + ever * odds)
    applied = pl.when(pl.col("ever") > 0).then(pl.col("deal") / pl.col("ever") * ever).otherwise(0.0)
    own = (
        pl.when(new)
        .then(pl.col("deal") * pl.col("asks") * pl.col("closes"))
        .otherwise(applied.fill_null(pl.col("deal")))
    )
    n = pl.col("cases")
    table = table.with_columns(
        own_ask=(pl.col("apply") * pl.col("asks")).clip(upper_bound=1.0), own_deal=own.clip(upper_bound=1.0)
    ).with_columns(
        leverage=pl.when(new).then(1.0).otherwise(((1 - ever) / (1 - pl.col("close_rate"))).fill_null(0.0)),
        ask_error=n * pl.col("asks") * pl.col("apply_variance").sqrt(),
        deal_error=n * pl.col("own_deal") / pl.col("deal") * pl.col("deal_variance").sqrt(),
    )
    table = table.with_columns(pl.col("deal_error").fill_nan(0.0))
    steps = table.group_by(*OWN, "family", "step").agg(
        open_asked=(n * pl.col("own_ask")).sum(),
        open_deal=(n * pl.col("own_deal")).sum(),
        open_deal_asks=pl.when(new).then(n * pl.col("own_deal")).otherwise(0.0).sum(),
        open_deal_closes=(n * pl.col("own_deal") * pl.col("leverage")).sum(),
        open_asked_variance=pl.col("ask_error").sum(),
        open_deal_variance=pl.col("deal_error").sum(),
        open_asked_luck=(n * pl.col("own_ask") * (1 - pl.col("own_ask"))).sum(),
        open_deal_luck=(n * pl.col("own_deal") * (1 - pl.col("own_deal"))).sum(),
    )
    steps = steps.group_by(*OWN, "family").agg(pl.exclude("step").sum()).with_columns(open_asked_asks="open_asked")
    return steps.with_columns(pl.col("open_asked_variance", "open_deal_variance") ** 2)


def needed() -> list[pl.Expr]:
    """The need and its Fieller limits, and the limits of the pipeline; consultations need no detour."""
    direct = pl.col("measure") == "consultations"
    brings = pl.when(direct).then("days_left").otherwise("brings")
    some = (pl.col("days_left") > 0) & (brings > 0) & pl.col("remaining").is_not_null()
    zero = pl.when(direct).then(0.0)
    o, o_variance = zero.otherwise("open"), zero.otherwise("o_variance").fill_null(0.0)
    d_variance, together = zero.otherwise("d_variance"), zero.otherwise("covariance").fill_null(0.0)
    wanting = pl.col("remaining") - o.fill_null(0.0)
    a = brings**2 - Z_95**2 * d_variance
    b = wanting * brings + Z_95**2 * together
    c = wanting**2 - Z_95**2 * o_variance
    root = (b**2 - a * c).clip(lower_bound=0.0).sqrt()
    bounded = a > 1e-12 * brings**2
    unbounded_low = pl.when(a < 0, c > 0, wanting > 0).then((b - root) / a).otherwise(0.0)
    low = pl.when(bounded).then((b - root) / a).otherwise(unbounded_low)
    half = Z_95 * (o_variance + zero.otherwise("luck")).sqrt()
    return [
        pl.when(some).then(wanting / brings).clip(lower_bound=0.0).alias("needed"),
        pl.when(some).then(low).clip(lower_bound=0.0).alias("needed_low"),
        pl.when(some & bounded).then((b + root) / a).clip(lower_bound=0.0).alias("needed_high"),
        o.alias("pipeline"),
        (o - half).clip(lower_bound=0.0).alias("pipeline_low"),
        (o + half).alias("pipeline_high"),
        wanting.alias("wanting"),
    ]


def pace(log: pl.DataFrame, calendar: pl.DataFrame, posting_days: pl.DataFrame, through: date) -> pl.DataFrame:
    """Consultations on an own working day, by month of the log: one row a manager and branch, the best month's, which
    month that was, and the usual (median) one. Months with fewer than ENOUGH_DAYS own days say nothing."""
    month = pl.col("day").dt.truncate("1mo").alias("best_month")
    known = pl.col("day").is_between(log["day"].min(), through)
    days = calendar.filter(pl.col("is_workday"), known).select("day", month)
    own = posting_days.join(days, on="day").group_by(*OWN, "best_month").agg(days=(1 - pl.col("away")).sum())
    met = log.filter((pl.col("kind") == "consultation") & pl.col("counted"), pl.col("day") <= through)
    met = met.group_by(*OWN, month).agg(met=pl.len())
    table = own.filter(pl.col("days") >= ENOUGH_DAYS).join(met, on=[*OWN, "best_month"], how="left")
    table = table.with_columns(best=pl.col("met").fill_null(0) / pl.col("days")).sort("best", "best_month")
    return table.group_by(OWN, maintain_order=True).agg(
        pl.col("best", "best_month").last(), usual=pl.col("best").median()
    )


def feasible() -> pl.Expr:
    """The need against his own history. Where no consultation can still count, what is wanting is beyond anybody."""
    need, late = pl.col("needed"), (pl.col("days_left") > 0) & (pl.col("brings") == 0) & (pl.col("eventual") > 0)
    word = (
        pl.when((pl.col("wanting") <= 0) | (need == 0))
        .then(pl.lit("done"))
        .when(late & (pl.col("wanting") > 0))
        .then(pl.lit("beyond"))
        .when(need.is_null() | pl.col("best").is_null())
        .then(pl.lit("unknown"))
        .when(need > pl.col("best"))
        .then(pl.lit("beyond"))
        .when(need > pl.col("usual"))
        .then(pl.lit("stretch"))
        .otherwise(pl.lit("usual"))
    )
    return word.cast(pl.Enum(FEASIBILITY))


def binding(table: pl.DataFrame) -> pl.DataFrame:
    """One row a manager and branch of a NEED table, with its columns: the measure that asks for the most consultations a
    day. What no number of consultations can still reach asks for more than any; what is unknown for less."""
    asks = (
        pl.when(pl.col("needed").is_null() & (pl.col("feasibility") == "beyond")).then(float("inf")).otherwise("needed")
    )
    ranked = table.with_columns(_asks=asks).sort("_asks", descending=True, nulls_last=True, maintain_order=True)
    return ranked.drop("_asks").unique(OWN, keep="first", maintain_order=True).sort(OWN)


def reach(
    log: pl.DataFrame, calendar: pl.DataFrame, period: Period, through: date, definitions: Definitions
) -> pl.DataFrame:
    """Which consultations can still count in the period: one row a branch of the log, family, and applications or deals
    (REACH). Of the consultations of the next working day the share that comes to it at all (`eventual`) and within the
    period (`chance`); typical_lag, the working days by which half of those have that come to it; last_day, the last
    working day of the period after which as many are left, null where there is none."""
    nobody = pl.DataFrame(schema={name: REMAINING[name] for name in OWN})
    routes = experience(log, calendar, through, definitions, nobody).routes
    left = days_ahead(calendar, period, through).height
    days = days_ahead(calendar, period, period.first - ONE_DAY).select(last_day="day", typical_lag="left")
    routes = routes.with_columns(deal=pl.col("via") + pl.col("direct"), lag="lag").filter(pl.col("family") < NO_FAMILY)
    parts = [
        routes.group_by("branch", "family").agg(
            measure=pl.lit(measure),
            eventual=pl.col(share).sum(),
            chance=pl.col(share).filter(pl.col("lag") < left).sum(),
            typical_lag=median_lag(share),
        )
        for measure, share in (("applications", "asked"), ("deals", "deal"))
    ]
    table = pl.concat(parts).join(days, on="typical_lag", how="left")
    family = pl.col("family").replace_strict(dict(enumerate(FAMILIES)), return_dtype=REACH["family"])
    return table.with_columns(family=family).sort("branch", "family", "measure").select(list(REACH)).cast(REACH)
