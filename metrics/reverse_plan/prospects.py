"""Both sides of a need: what the open pipeline should yield within the days left, and what one more consultation a day
should bring; how well each is known, and how much the two err together."""

import polars as pl

from metrics.catalog import CONSULTATIONS, MEASURES
from metrics.metric import AMOUNT
from metrics.reverse_plan.experience import OWN, Experience
from metrics.reverse_plan.yielding import standing

RESULTS = tuple(name for name in MEASURES if name != CONSULTATIONS.name)


def outlook(
    past: Experience, there: pl.DataFrame, left: int, small_sample: int, owners: pl.DataFrame | None
) -> pl.DataFrame:
    """Both sides of the need, one row a manager, branch and measure of RESULTS: what the `open` pipeline should yield
    and what one consultation a day `brings`, their variances and covariance for want of knowing rates, lags and
    prospects (the own factors enter both), the variance that `luck` adds to the yield; chance and eventual;
    `open_cases`, how many open opportunities can still come to it."""
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
        + (pl.when(pl.col("mix") > 0).then(d**2 / pl.col("mix")).sum() - d.sum() ** 2) / pl.col("cases").first(),
        o_variance=(pl.col("o_variance") * scale**2 + o**2 * pl.col("scale_spread")).sum(),
        covariance=(d * o * pl.col("scale_spread")).sum(),
        luck=(pl.col("luck") * scale**2 + pl.col("o") * pl.col("scatter")).sum(),
        chance=pl.col("chance").sum(),
        eventual=pl.col("eventual").sum(),
        open_cases=pl.col("open_cases").sum(),
    )
    asks, closes = pl.col("asks_spread"), pl.col("closes_spread")
    return summed.select(
        *OWN,
        "measure",
        "brings",
        "open",
        "luck",
        "open_cases",
        pl.col("chance", "eventual").clip(0, 1),
        d_variance=pl.col("d_variance") + asks * pl.col("brings") ** 2 + closes * pl.col("d_closes") ** 2,
        o_variance=pl.col("o_variance") + asks * pl.col("o_asks") ** 2 + closes * pl.col("o_closes") ** 2,
        covariance=pl.col("covariance")
        + asks * pl.col("brings") * pl.col("o_asks")
        + closes * pl.col("d_closes") * pl.col("o_closes"),
    )


def part(families: pl.DataFrame, measure: str) -> pl.DataFrame:
    """The columns of `fresh` and `standing` that tell of the measure, by family; an amount is deals by their own
    mean."""
    of = "applied" if measure == "applications" else "deal"
    amount = MEASURES[measure].unit == AMOUNT
    closes = pl.lit(0.0) if of == "applied" else pl.col("deal_closes")
    open_closes = pl.lit(0.0) if of == "applied" else pl.col("open_deal_closes")
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
        open_cases=pl.col(f"open_{of}_cases"),
        scale=pl.col("amount") if amount else pl.lit(1.0),
        scale_spread=pl.col("amount_spread") if amount else pl.lit(0.0),
        scatter=pl.col("amount_scatter") if amount else pl.lit(0.0),
        chance=pl.col(f"{of}_chance"),
        eventual=pl.col(f"{of}_eventual"),
    )


def fresh(past: Experience, there: pl.DataFrame, left: int) -> pl.DataFrame:
    """What one consultation a day on each own day left should bring, by manager, branch and family: applications
    (`applied`) and deals, the part of these that rests on closing, variances of the curves, chances of a single one."""
    lags = pl.DataFrame({"lag": range(past.horizon + 1)}, {"lag": pl.Int64})
    there = there.group_by(*OWN, lag=pl.col("left").clip(upper_bound=past.horizon)).agg(days=pl.col("here").sum())
    grid = past.managers.select(OWN).join(lags, how="cross", maintain_order="left_right")
    grid = grid.join(there, on=[*OWN, "lag"], how="left", maintain_order="left")
    days = pl.col("days").fill_null(0.0).cum_sum(reverse=True).over(OWN)  # own days with that many days left, or more
    grid = grid.with_columns(days=days).join(past.routes, on=["branch", "lag"])
    sums = {}
    for route in ("applied", "via", "direct"):
        sums[route] = (pl.col("days") * pl.col(route)).sum()
        sums[f"{route}_variance"] = (pl.col("days") ** 2 * pl.col(f"{route}_variance")).sum()
        sums[f"{route}_chance"] = pl.col(route).filter(pl.col("lag") < left).sum()
        sums[f"{route}_eventual"] = pl.col(route).sum()
    table = grid.group_by(*OWN, "family").agg(**sums).join(past.managers, on=OWN)
    table = table.join(past.mix, on=[*OWN, "family"])
    direct, via = pl.col("asks") * pl.col("mix"), pl.col("asks") * pl.col("closes") * pl.col("mix")
    return table.select(
        *OWN,
        "family",
        *(pl.col(f"applied{of}") * direct for of in ("", "_chance", "_eventual")),
        applied_variance=direct**2 * pl.col("applied_variance"),
        deal=via * pl.col("via") + direct * pl.col("direct"),
        deal_closes=via * pl.col("via"),
        deal_variance=via**2 * pl.col("via_variance") + direct**2 * pl.col("direct_variance"),
        deal_chance=via * pl.col("via_chance") + direct * pl.col("direct_chance"),
        deal_eventual=via * pl.col("via_eventual") + direct * pl.col("direct_eventual"),
    )
