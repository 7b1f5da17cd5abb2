"""What open opportunities should still yield: of those that stood in the same step for as long, how many came to a deal
in as many working days as are left."""

import polars as pl

from metrics.reverse_plan.experience import OWN, Experience
from metrics.reverse_plan.lags import CONSULTED, DEALT

STATE = ["branch", "family", "step"]
POSSIBLE = 0.01  # an opportunity of a smaller chance is not said to be able to come to it


def outlooks(spells: pl.DataFrame, through: int, left: int, horizon: int) -> pl.DataFrame:
    """For each step an opportunity can stand in (STATE) and `age` in working days, dense from 0 to the horizon:
    `cases`, how many of the branch's stood there that long and have been watched for `left` days since, and how many of
    them were `applied` for and `dealt` within these days. One that has since moved on, or been visited anew, is no
    case.

    Nothing is counted one by one: each spell is a case from age 0 to its last, and a success at the ages from which the
    deal was within reach, so that sums of beginnings less ends do."""
    stay = pl.when(pl.col("until").is_not_null()).then(pl.col("until") - pl.col("start") - 1).otherwise(horizon)
    watched = through - pl.col("start") - left
    cases = spells.with_columns(last=pl.min_horizontal(stay, watched, pl.lit(horizon))).filter(pl.col("last") >= 0)
    parts = [ages(cases, pl.lit(0), "cases")]
    for name in ("applied", "dealt"):
        earliest = (pl.col(name) - pl.col("start") - left).clip(lower_bound=0)
        within = cases.filter(pl.col(name).is_not_null()).with_columns(earliest=earliest)
        parts.append(ages(within.filter(pl.col("earliest") <= pl.col("last")), pl.col("earliest"), name))
    changes = pl.concat(parts, how="diagonal").group_by(*STATE, "age").agg(pl.col("cases", "applied", "dealt").sum())
    grid = spells.select("branch", "family").unique().sort("branch", "family")
    grid = grid.join(pl.DataFrame({"step": range(CONSULTED, DEALT)}), how="cross", maintain_order="left_right")
    grid = grid.join(pl.DataFrame({"age": range(horizon + 1)}), how="cross", maintain_order="left_right")
    grid = grid.join(changes, on=[*STATE, "age"], how="left", maintain_order="left")
    return grid.with_columns(pl.col("cases", "applied", "dealt").fill_null(0).cum_sum().over(STATE))


def ages(cases: pl.DataFrame, first: pl.Expr, name: str) -> pl.DataFrame:
    begun = cases.select(*STATE, age=first.cast(pl.Int64)).with_columns(pl.lit(1).alias(name))
    over = cases.select(*STATE, age=pl.col("last") + 1).with_columns(pl.lit(-1).alias(name))
    return pl.concat([begun, over])


def chances(
    spells: pl.DataFrame, otherwise: pl.DataFrame, through: int, left: int, horizon: int, small_sample: int
) -> pl.DataFrame:
    """The outlooks as shares (STATE and age): `apply`, `deal`, and `ever`, the deal within the horizon, and how well
    the first two are known (`apply_variance`, `deal_variance`).

    An age of fewer than `small_sample` cases has the shares of the last one before with as many. One case's worth of
    what the branch's curves say anyway (`otherwise`: branch, family, asked, consulted, closed) is added to each, which
    is all there is where a branch has never had such a case."""
    spells = spells.select(*STATE, "start", "until", "applied", "dealt")
    soon = outlooks(spells, through, min(left, horizon), horizon)
    ever = outlooks(spells.filter(pl.col("step") > CONSULTED), through, horizon, horizon)
    ever = ever.select(*STATE, "age", cases_ever="cases", dealt_ever="dealt")
    table = soon.join(ever, on=[*STATE, "age"], how="left", maintain_order="left")
    table = table.join(otherwise, on=["branch", "family"], how="left", maintain_order="left")
    table = table.with_columns(pl.col("cases_ever", "dealt_ever").fill_null(0))
    for cases, names in (("cases", ("applied", "dealt")), ("cases_ever", ("dealt_ever",))):
        enough = pl.col(cases) >= small_sample
        known = [pl.when(enough).then(name).alias(name) for name in (*names, cases)]
        table = table.with_columns(known).with_columns(pl.col(*names, cases).forward_fill().over(STATE).fill_null(0))
    fresh = pl.col("step") == CONSULTED
    outlook = pl.when(fresh).then("consulted").otherwise("closed").fill_null(0.0)
    n = pl.col("cases") + 1
    table = table.with_columns(
        apply=(pl.col("applied") + pl.col("asked").fill_null(0.0)) / n,
        deal=(pl.col("dealt") + outlook) / n,
    )
    ever = pl.when(pl.col("cases_ever") > 0).then(pl.col("dealt_ever") / pl.col("cases_ever"))
    return table.select(
        *STATE,
        "age",
        apply=pl.when(fresh).then("apply").otherwise(0.0),
        deal="deal",
        ever=pl.max_horizontal(ever, "deal"),
        apply_variance=pl.when(fresh).then(pl.col("apply") * (1 - pl.col("apply")) / n).otherwise(0.0),
        deal_variance=pl.col("deal") * (1 - pl.col("deal")) / n,
    )


def standing(past: Experience, left: int, small_sample: int, owners: pl.DataFrame | None) -> pl.DataFrame:
    """What the open opportunities should yield in the `left` working days, by manager, branch and family; and how many
    of them can still come to it (`_cases`). The steps of a family are taken to err all together, as it is the same past
    deals that speak for each."""
    table = open_cases(past, left, small_sample, owners)
    new = pl.col("step") == CONSULTED
    table = table.with_columns(
        leverage=pl.when(new)
        .then(1.0)
        .otherwise(((1 - pl.col("ever_own")) / (1 - pl.col("close_rate"))).fill_null(0.0)),
        ask_error=pl.col("asks") * pl.col("apply_variance").sqrt(),
        deal_error=pl.when(pl.col("deal") > 0)
        .then(pl.col("own_deal") / pl.col("deal") * pl.col("deal_variance").sqrt())
        .otherwise(0.0),
    )
    steps = table.group_by(*OWN, "family", "step").agg(
        open_applied=pl.col("own_ask").sum(),
        open_deal=pl.col("own_deal").sum(),
        open_deal_asks=pl.when(new).then("own_deal").otherwise(0.0).sum(),
        open_deal_closes=(pl.col("own_deal") * pl.col("leverage")).sum(),
        open_applied_variance=pl.col("ask_error").sum(),
        open_deal_variance=pl.col("deal_error").sum(),
        open_applied_luck=(pl.col("own_ask") * (1 - pl.col("own_ask"))).sum(),
        open_deal_luck=(pl.col("own_deal") * (1 - pl.col("own_deal"))).sum(),
        open_applied_cases=(pl.col("own_ask") >= POSSIBLE).sum(),
        open_deal_cases=(pl.col("own_deal") >= POSSIBLE).sum(),
    )
    steps = steps.group_by(*OWN, "family").agg(pl.exclude("step").sum()).with_columns(open_applied_asks="open_applied")
    return steps.with_columns(pl.col("open_applied_variance", "open_deal_variance") ** 2)


def open_cases(past: Experience, left: int, small_sample: int, owners: pl.DataFrame | None) -> pl.DataFrame:
    """One row an open opportunity: manager, branch, family, step, and how likely it is applied for (`own_ask`) and dealt
    (`own_deal`) within the `left` working days, with what that is made of.

    Those only consulted follow the own factors; of those applied for, the odds that they close at all do."""
    open_now = past.spells.filter(pl.col("until").is_null())
    if owners is not None:
        kept = owners.select(pl.col("opportunity").cast(pl.Int32), keeper=pl.col("manager").cast(pl.Int32))
        open_now = open_now.join(kept, on="opportunity", how="left")
        open_now = open_now.with_columns(manager=pl.coalesce("keeper", "manager"))
    age = past.through - pl.col("start")
    open_now = open_now.filter((pl.col("step") > CONSULTED) | (age <= past.horizon))
    open_now = open_now.select(*OWN, "opportunity", "family", "step", age=age.clip(upper_bound=past.horizon))
    shares = chances(past.spells, past.otherwise(left), past.through, left, past.horizon, small_sample)
    table = open_now.join(shares, on=["branch", "family", "step", "age"]).join(past.managers, on=OWN)
    new = pl.col("step") == CONSULTED
    rate, base = pl.col("close_rate"), pl.col("close_base")
    odds = pl.when(base > 0).then(rate / (1 - rate) / (base / (1 - base))).otherwise(1.0)
    ever = pl.col("ever").clip(upper_bound=0.999)
    ever = ever * odds / (1 - ever + ever * odds)
    applied = pl.when(pl.col("ever") > 0).then(pl.col("deal") / pl.col("ever") * ever).otherwise(0.0)
    own = pl.when(new).then(pl.col("deal") * pl.col("asks") * pl.col("closes")).otherwise(applied)
    return table.with_columns(
        own_ask=(pl.col("apply") * pl.col("asks")).clip(upper_bound=1.0),
        own_deal=own.clip(upper_bound=1.0),
        ever_own=ever,
    )
