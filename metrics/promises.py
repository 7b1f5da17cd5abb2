"""Promise and actual: what a manager said they would do in a day or a week, and what the log shows when it is over.

A span is a day, or a week named by its Monday. Its row is a manager's in a branch: branch, manager, and `day`, the first
day of the span."""

from math import ceil

import polars as pl

from metrics import statuses
from metrics.catalog import COUNTS
from metrics.intervals import wilson

STATUSES = statuses.codes(statuses.PROMISES)
NAMES = [one.name for one in COUNTS]
SPAN = ["branch", "manager", "day"]
JUDGED = (statuses.KEPT.code, statuses.OVER_KEPT.code, statuses.NOT_KEPT.code)  # absent is neither, nor in progress


def as_closed(done: pl.DataFrame, results: pl.DataFrame) -> pl.DataFrame:
    """Counts by branch, manager and day as they stood when the days were closed (`results`, metrics.frames.CLOSED), with
    `late`: how many were logged since and are kept apart. Of days that were not closed everything stays."""
    closed = results.filter(pl.col("measure").is_in(NAMES)).pivot("measure", index=SPAN, values="done")
    table = done.select(*SPAN, *NAMES).join(
        closed.select(*SPAN, *(column(closed, name).alias(f"{name}_closed") for name in NAMES)),
        on=SPAN,
        how="full",
        coalesce=True,
    )
    since = [(pl.col(name) - pl.col(f"{name}_closed")).fill_null(0).clip(lower_bound=0) for name in NAMES]
    then = [pl.coalesce(f"{name}_closed", name).fill_null(0) for name in NAMES]
    late = pl.sum_horizontal(since).cast(pl.Int64).alias("late")
    return table.select(*SPAN, *(count.alias(name) for name, count in zip(NAMES, then, strict=True)), late).sort(SPAN)


def promised_when_closed(promises: pl.DataFrame, results: pl.DataFrame) -> pl.DataFrame:
    """Promises of days (metrics.frames.PROMISE) as they stood when the days were closed."""
    results = results.filter(pl.col("measure").is_in(NAMES))
    closed = results.filter(pl.col("promised").is_not_null()).rename({"promised": "target"})
    late = promises.group_by(SPAN).agg(pl.col("late").any())
    closed = closed.join(late, on=SPAN, how="left").with_columns(pl.col("late").fill_null(False))
    open_days = promises.join(results, on=SPAN, how="anti")
    return pl.concat([open_days, closed.select(promises.columns).cast(promises.schema)])


def by_week(days: pl.DataFrame) -> pl.DataFrame:
    """What `as_closed` gives, by week: a week is the sum of its days, and late what was late in one of them."""
    week = days.with_columns(pl.col("day").dt.truncate("1w"))
    return week.group_by(SPAN).agg(pl.col(*NAMES, "late").sum()).sort(SPAN)


def against_promise(
    everyone: pl.DataFrame, done: pl.DataFrame, promises: pl.DataFrame, leave: pl.DataFrame, over: bool = True
) -> pl.DataFrame:
    """One row a span of `everyone` (branch, manager, day): per count its actual and `_promise`, `late`, and `away`, the
    share of the span's working days on leave; then `promised` (did they promise anything: of nothing there is no
    promise), `made_late` (it was made or changed when half of the span was over), `kept` (every promised count reached;
    null without a promise), `shortfall` (the mean share missed over what they promised, 0–1), and `promise_status`.

    Until a span is `over` a promise is in progress. Who was on leave all through is absent unless they kept it all the
    same; leave of a part changes nothing of a promise. Not kept first, the largest shortfall on top, then what is in
    progress, the absent, no promise, and kept last."""
    said = promises.filter(pl.col("measure").is_in(NAMES), pl.col("target") > 0)
    wide = said.pivot("measure", index=SPAN, values="target")
    wide = wide.select(*SPAN, *(column(wide, name).alias(f"{name}_promise") for name in NAMES))
    table = everyone.select(SPAN).unique()
    for more in (done, wide, said.group_by(SPAN).agg(made_late=pl.col("late").any()), leave):
        table = table.join(more, on=SPAN, how="left", validate="1:1")
    pairs = [(pl.col(name), pl.col(f"{name}_promise")) for name in NAMES]
    missed = [(1 - actual / promise).clip(lower_bound=0) for actual, promise in pairs]
    kept = pl.all_horizontal((actual >= promise).fill_null(True) for actual, promise in pairs)
    beyond = pl.any_horizontal((actual > promise).fill_null(False) for actual, promise in pairs)
    return (
        table.with_columns(
            pl.col(*NAMES, "late").fill_null(0),
            pl.col("made_late").fill_null(False),
            pl.col("away").fill_null(0.0),
            promised=pl.any_horizontal(promise.is_not_null() for _, promise in pairs),
        )
        .with_columns(
            kept=pl.when("promised").then(kept),
            shortfall=pl.when("promised").then(pl.mean_horizontal(missed).fill_null(0.0)),
        )
        .with_columns(promise_status=status(over, beyond))
        .sort("promise_status", pl.col("shortfall").neg(), "manager", "day", nulls_last=True)
    )


def status(over: bool, beyond: pl.Expr) -> pl.Expr:
    absent = (pl.col("away") >= 1) & ~pl.col("kept").fill_null(False)
    found = (
        pl.when(absent)
        .then(pl.lit(statuses.ABSENT.code))
        .when(~pl.col("promised"))
        .then(pl.lit(statuses.NOT_PROMISED.code))
        .when(pl.lit(not over))
        .then(pl.lit(statuses.RUNNING.code))
        .when(~pl.col("kept"))
        .then(pl.lit(statuses.NOT_KEPT.code))
        .when(beyond)
        .then(pl.lit(statuses.OVER_KEPT.code))
        .otherwise(pl.lit(statuses.KEPT.code))
    )
    return found.cast(pl.Enum(STATUSES))


def column(table: pl.DataFrame, name: str) -> pl.Expr:
    """A count of a pivoted table that may lack it."""
    return pl.col(name) if name in table.columns else pl.lit(None, pl.Int64)


def on_leave(posting_days: pl.DataFrame, calendar: pl.DataFrame, grain: str) -> pl.DataFrame:
    """Which share of a span's working days managers were on leave: branch, manager, day, `away` (0–1). Of a span without
    a working day all its days count: a branch may have worked on one."""
    days = calendar.select("day", "is_workday", span=first_day(grain))
    days = days.filter(pl.col("is_workday") | ~pl.col("is_workday").any().over("span"))
    there = posting_days.join(days.select("day", "span"), on="day").drop("day").rename({"span": "day"})
    return there.group_by(SPAN).agg(pl.col("away").mean())


def first_day(grain: str) -> pl.Expr:
    """The first day of a day's span."""
    return pl.col("day").dt.truncate("1w") if grain == "week" else pl.col("day")


def judged(reconciled: pl.DataFrame) -> pl.DataFrame:
    """The promises (of against_promise) by which somebody is measured: kept or not, and made in time. What was made or
    changed late is kept apart."""
    return reconciled.filter(pl.col("promise_status").cast(pl.String).is_in(JUDGED), ~pl.col("made_late"))


def streaks(reconciled: pl.DataFrame) -> pl.DataFrame:
    """How many of their last promised spans in a row each manager kept, of those that are over: manager, streak. Spans
    that are not judged neither break nor lengthen it."""
    spans = judged(reconciled).sort("manager", "day", descending=[False, True])
    broken = (~pl.col("kept")).cast(pl.Int64).cum_sum().over("manager", order_by="day", descending=True)
    return spans.filter(broken == 0).group_by("manager").agg(streak=pl.len().cast(pl.Int64)).sort("manager")


def kept_by(reconciled: pl.DataFrame, key: str, everyone: pl.DataFrame) -> pl.DataFrame:
    """How often promises were kept, one row a unit of `everyone`: key, `to` (managers' spans with a promise that is
    judged), `of` (those in which every promised count was reached), kept_share (null without any), with its 95 % limits
    (Wilson's), and `apart`, how many were made too late to be judged."""
    spans = reconciled.filter(pl.col("promise_status").cast(pl.String).is_in(JUDGED))
    found = spans.group_by(key).agg(
        of=(pl.col("kept") & ~pl.col("made_late")).sum().cast(pl.Int64),
        to=(~pl.col("made_late")).sum().cast(pl.Int64),
        apart=pl.col("made_late").sum().cast(pl.Int64),
    )
    units = everyone.select(key).unique().sort(key).join(found, on=key, how="left", maintain_order="left")
    units = units.with_columns(pl.col("of", "to", "apart").fill_null(0))
    low, high = wilson(units["of"], units["to"])
    share = pl.when(pl.col("to") > 0).then(pl.col("of") / pl.col("to"))
    return units.with_columns(kept_share=share, kept_share_low=low, kept_share_high=high)


def missing(done: int, goal: float | None) -> int:
    """How much of a day's goal is still to be done, in whole ones; 0 when it is reached or there is none."""
    return max(ceil(goal - done), 0) if goal is not None else 0


def together(table: pl.DataFrame) -> dict[str, int]:
    """The team's span in one row (of against_promise): how many of each promise_status, kept and more than promised
    together as `all_kept`, and per count the sum of what the promising managers did and promised; where nobody promised,
    of what all did."""
    said = table.filter("promised") if table["promised"].any() else table
    numbers = {status: table.filter(pl.col("promise_status") == status).height for status in STATUSES}
    numbers["all_kept"] = numbers[statuses.KEPT.code] + numbers[statuses.OVER_KEPT.code]
    for name in NAMES:
        numbers[name] = int(said[name].sum())
        numbers[f"{name}_promise"] = int(said[f"{name}_promise"].sum())
    return numbers
