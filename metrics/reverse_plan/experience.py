"""What a branch's log says of each manager: what their consultations come to and when, own and shrunk towards the
branch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

import polars as pl

from metrics.definitions import Definitions
from metrics.reverse_plan.lags import APPLIED, CONSULTED, DEALT, NO_FAMILY, curves, events, spells, trials
from metrics.reverse_plan.shrinking import with_shrunk_rates
from metrics.workdays import numbered

OWN = ["manager", "branch"]
AMOUNTS_DIFFER = 0.3  # standard deviation of what managers' deals are worth on average, over the branch's mean


@dataclass(frozen=True, eq=False)
class Experience:
    """`through` is the number of the working day up to which the log is known.

    routes: one row a branch, family and lag: the shares of consultations that led to an application (`applied`), to a
    deal by way of one (`via`) and to a deal without (`direct`), each with its variance. closed: likewise of
    applications that led to a deal. managers: one row a manager and branch: by what factor more of their consultations
    (`asks`) and of their applications (`closes`) come to something than the branch's would, each with its relative
    variance (`_spread`), and their and the branch's closing rate. mix: the share of each family in their consultations,
    and the mean `amount` of their deals in it, in cents, with the mean's relative variance and the variance of single
    ones (`_scatter`). spells: lags.spells."""

    through: int
    horizon: int
    routes: pl.DataFrame
    closed: pl.DataFrame
    managers: pl.DataFrame
    mix: pl.DataFrame
    spells: pl.DataFrame

    def otherwise(self, left: int) -> pl.DataFrame:
        """What the curves say of any consultation or application within the `left` days: branch, family, asked,
        consulted, closed."""
        at = pl.col("lag") == min(left, self.horizon)
        consulted = pl.col("via_within") + pl.col("direct_within")
        opened = self.routes.filter(at).select("branch", "family", asked="applied_within", consulted=consulted)
        closed = self.closed.filter(at).select("branch", "family", closed="closed_within")
        return opened.join(closed, on=["branch", "family"], how="full", coalesce=True)


def experience(
    log: pl.DataFrame, calendar: pl.DataFrame, through: date, definitions: Definitions, everyone: pl.DataFrame
) -> Experience:
    """What the log (frames.ACTIVITY, whole branches) tells of `everyone` (manager, branch) and of those in it. Who has
    changed their branch begins anew in the new one: the old one's log need not be at hand."""
    horizon = definitions.horizon_days
    today = cast(int | None, numbered(calendar).filter(pl.col("day") <= through)["number"].max()) or 0
    rows = events(log, calendar, through)
    stood = spells(rows)
    consulted = trials(rows.filter(pl.col("kind") == CONSULTED), today, horizon)
    applied = trials(rows.filter((pl.col("kind") == APPLIED) & pl.col("counted")), today, horizon)
    led = stood.filter(pl.col("step") == CONSULTED).with_columns(
        answer=pl.when(pl.col("then").is_between(APPLIED, DEALT)).then("until"),
        via=pl.when(pl.col("then") != DEALT).then("dealt"),
        direct=pl.when(pl.col("then") == DEALT).then("dealt"),
    )
    closing = stood.filter(pl.col("step") == APPLIED)
    came = lagged(led, ("answer", "applied", "via", "direct"), horizon)
    routes = curves(consulted, came, ("answer", "applied", "via", "direct"), horizon)
    closings = lagged(closing.rename({"dealt": "closed"}), ("closed",), horizon)
    closed = curves(applied, closings, ("closed",), horizon)
    everyone = pl.concat([everyone.select(OWN), rows.select(OWN).unique()]).unique().sort(OWN)
    asks = factors(everyone, consulted, routes, came, "answer")
    closes = factors(everyone, applied, closed, closings, "closed")
    managers = asks.select(*OWN, asks="factor", asks_spread="spread").hstack(
        closes.select(closes="factor", closes_spread="spread", close_rate="rate", close_base="base")
    )
    mix = families(managers.select(OWN), consulted, rows, definitions.small_sample)
    return Experience(today, horizon, routes, closed, managers, mix, stood)


def lagged(cases: pl.DataFrame, routes: Sequence[str], horizon: int) -> pl.DataFrame:
    """One row a case and route that it came by within the horizon: manager, branch, family, route, lag."""
    lags = cases.select(*OWN, "family", pl.col(routes) - pl.col("start"))
    long = lags.unpivot(routes, index=[*OWN, "family"], variable_name="route", value_name="lag")
    return long.filter(pl.col("lag").is_between(0, horizon))


def factors(
    everyone: pl.DataFrame, tried: pl.DataFrame, branch: pl.DataFrame, came: pl.DataFrame, route: str
) -> pl.DataFrame:
    """`shrunk` for everyone, in that order: how many of their trials should have come to something by now at the
    branch's curves, family by family (indirect standardisation), against how many did."""
    key, within = ["branch", "family"], pl.col("within")
    curve = branch.select(*key, age="lag", within=f"{route}_within")
    curve = curve.with_columns(ever=within.last().over(key))
    # A family that never leads anywhere tells nothing of how good a manager is: its trials count nothing.
    watched = pl.when(pl.col("ever") > 0).then(pl.col("trials") * within / pl.col("ever")).otherwise(0.0)
    expected = tried.join(curve, on=[*key, "age"], maintain_order="left").group_by(OWN)
    expected = expected.agg(trials=watched.sum(), expected=(pl.col("trials") * within).sum())
    counted = came.filter(pl.col("route") == route).group_by(OWN).agg(came=pl.len().cast(pl.Float64))
    table = everyone.join(expected, on=OWN, how="left", maintain_order="left")
    table = table.join(counted, on=OWN, how="left", maintain_order="left")
    return with_shrunk_rates(table.with_columns(pl.col("trials", "expected", "came").fill_null(0.0)))


def families(everyone: pl.DataFrame, consulted: pl.DataFrame, rows: pl.DataFrame, small_sample: int) -> pl.DataFrame:
    """Experience.mix: own numbers, with some cases of the branch's added to each (credibility, Bühlmann 1967):
    `small_sample`, and of amounts, which scatter, as many as make a mean no surer than managers are alike."""
    key = ["branch", "family"]
    branch = consulted.group_by(key).agg(whole=pl.col("trials").sum())
    branch = branch.with_columns(whole=pl.col("whole") / pl.col("whole").sum().over("branch"))
    met = rows.filter(pl.col("kind") == CONSULTED)
    needs = pl.col("opportunity").drop_nulls().n_unique() + pl.col("opportunity").null_count()
    own = met.group_by(*OWN, "family").agg(own=pl.len(), needs=needs)
    deals = rows.filter((pl.col("kind") == DEALT) & pl.col("amount_cents").is_not_null())
    amount = pl.col("amount_cents").cast(pl.Float64)
    scatter = (amount.var() / amount.mean() ** 2).fill_nan(None).fill_null(0.0)
    usual = deals.group_by(key).agg(usual=amount.mean(), scatter=scatter, known=pl.len())
    sums = deals.group_by(*OWN, "family").agg(deals=pl.len(), sum=amount.sum())
    every = pl.DataFrame({"family": range(NO_FAMILY + 1)}, {"family": pl.Int64})
    table = everyone.join(every, how="cross").join(branch, on=key, how="left")
    table = table.join(own, on=[*OWN, "family"], how="left").join(usual, on=key, how="left")
    table = table.join(sums, on=[*OWN, "family"], how="left")
    table = table.with_columns(pl.exclude(*OWN, "family").fill_null(0))
    # Ten visits for one need say as much of what they sell as one: it is needs that count as cases.
    needs = pl.col("needs").sum().over(OWN)
    seen = pl.when(needs > 0).then(pl.col("own") / pl.col("own").sum().over(OWN)).otherwise(0.0)
    lent = (pl.col("scatter") / AMOUNTS_DIFFER**2).clip(lower_bound=small_sample)
    some, branch_error = pl.col("deals") + lent, lent**2 / pl.col("known").clip(lower_bound=1)
    return table.select(
        *OWN,
        "family",
        mix=(needs * seen + small_sample * pl.col("whole")) / (needs + small_sample),
        cases=needs + small_sample,
        amount=(pl.col("sum") + lent * pl.col("usual")) / some,
        amount_spread=pl.col("scatter") * (1 / some + branch_error / some**2),
        amount_scatter=pl.col("scatter") * pl.col("usual") ** 2,
    ).sort(*OWN, "family")
