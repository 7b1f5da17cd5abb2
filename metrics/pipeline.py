"""The lending procedure (贷款流程): how far each opportunity has come, for how long it has stood there, and which steps
were taken out of order. The order is the procedure's, never one of size or of when somebody typed it in."""

from datetime import date

import polars as pl

from metrics import statuses
from metrics.frames import KINDS
from metrics.workdays import numbered

PROCEDURE = KINDS[: KINDS.index("deal") + 1]
ENDS = ("deal", "rejected", "withdrawn")
# Steps that depend on an earlier one although nobody recorded that one. Of loans: what is cross-sold may go straight to
# the deal. A consultation comes before nothing (a customer may walk in and apply), other steps may be left out.
NEEDS = {"approval": "investigation", "contract": "application", "deal": "application"}
SILENCES = (0, 60, 120, 250)  # working days from which on a silence counts as longer
RULES = ("before", "without", "future")

STANDING = pl.Schema(
    {
        "opportunity": pl.Int32,
        "step": pl.Enum(KINDS),
        "since": pl.Date,
        "age": pl.Int64,
        "end": pl.Enum(KINDS),
        "end_day": pl.Date,
        "silence": pl.Int64,
    }
)
BREACH = pl.Schema(
    {
        "opportunity": pl.Int32,
        "kind": pl.Enum(KINDS),
        "day": pl.Date,
        "other": pl.Enum(KINDS),
        "other_day": pl.Date,
        "rule": pl.Enum(RULES),
    }
)


def standing(steps: pl.DataFrame, calendar: pl.DataFrame, today: date) -> pl.DataFrame:
    """One row an opportunity of `steps` (frames.STEP) that has a step dated today or before (STANDING): the furthest of
    the procedure, its first day, its age in working days since then (0 on that day), its end, null while it is open,
    and its silence, the working days since its latest row of any kind. An opportunity that is over has the end that
    came last. `calendar` (frames.CALENDAR) reaches back to the first step."""
    steps = steps.filter(pl.col("day") <= today)
    reached = first_days(steps)
    furthest = reached.filter(pl.col("kind").is_in(PROCEDURE)).sort("kind").group_by("opportunity").last()
    ends = reached.filter(pl.col("kind").is_in(ENDS)).sort("day", "kind").group_by("opportunity").last()
    table = reached.select("opportunity").unique().join(furthest, on="opportunity", how="left")
    table = table.join(ends.select("opportunity", end="kind", end_day="day"), on="opportunity", how="left")
    days = numbered(calendar)
    through = days.filter(pl.col("day") <= today)["number"].max() or 0
    table = table.join(days, on="day", how="left").with_columns(age=through - pl.col("number"))
    latest = steps.group_by("opportunity").agg(pl.col("day").max()).join(days, on="day", how="left")
    table = table.join(latest.select("opportunity", silence=through - pl.col("number")), on="opportunity", how="left")
    return table.rename({"kind": "step", "day": "since"}).select(list(STANDING)).cast(STANDING).sort("opportunity")


def first_days(steps: pl.DataFrame) -> pl.DataFrame:
    """One row an opportunity and kind, its first day: taken again counts once."""
    return steps.group_by("opportunity", "family", "kind").agg(pl.col("day").min())


def stays(won: pl.DataFrame, calendar: pl.DataFrame) -> pl.DataFrame:
    """How long opportunities (frames.STEP) stood in each step they have left, in working days: opportunity, family,
    step, stay. Steps taken out of order tell nothing of how long one takes, and are left out."""
    taken = first_days(won.filter(pl.col("kind").is_in(PROCEDURE))).sort("opportunity", "kind")
    taken = taken.join(numbered(calendar), on="day", how="left")
    taken = taken.with_columns(stay=pl.col("number").shift(-1).over("opportunity") - pl.col("number"))
    return taken.filter(pl.col("stay") >= 0).select("opportunity", "family", "stay", step="kind")


def stay_by_step(steps: pl.DataFrame, calendar: pl.DataFrame) -> pl.DataFrame:
    """How long opportunities (frames.STEP) stayed in each step they have left, one row a step in the order of the
    procedure: step, left (how many), stay (working days, median)."""
    every = stays(steps, calendar).group_by("step").agg(left=pl.len(), stay=pl.col("stay").median())
    return every.sort("step")


def norms(won: pl.DataFrame, calendar: pl.DataFrame, share: float) -> pl.DataFrame:
    """How long is usual: one row a family and step, `cases`, how many won opportunities (`won`, frames.STEP) have left
    it, and `limit`, the working days in which `share` of them had."""
    every = stays(won, calendar).group_by("family", "step")
    return every.agg(cases=pl.len(), limit=pl.col("stay").quantile(share, "equiprobable").cast(pl.Int64))


def with_stalled(table: pl.DataFrame, norms: pl.DataFrame, small_sample: int) -> pl.DataFrame:
    """Adds to open opportunities (STANDING and `family`) what is usual (`norms`: `cases`, `limit`) for their step, and
    `stalled`: is it there for longer? Null below `small_sample` cases."""
    table = table.join(norms, on=["family", "step"], how="left", maintain_order="left")
    table = table.with_columns(pl.col("cases").fill_null(0))
    known = (pl.col("cases") >= small_sample) & pl.col("end").is_null()
    return table.with_columns(stalled=pl.when(known).then(pl.col("age") > pl.col("limit")))


def due(today: date) -> pl.Expr:
    """Of `next_step_due`: a code of statuses.DUE, or AHEAD where there is time yet."""
    day = pl.col("next_step_due")
    word = (
        pl.when(day < today)
        .then(pl.lit(statuses.OVERDUE.code))
        .when(day == today)
        .then(pl.lit(statuses.DUE_TODAY.code))
        .when(day > today)
        .then(pl.lit(statuses.AHEAD))
        .otherwise(pl.lit(statuses.NO_STEP.code))
    )
    return word.alias("due")


def dormant(working_days: int) -> pl.Expr:
    """Of an open opportunity (STANDING) with `next_step_due`: nothing was done for it in so many working days, and
    nothing is due."""
    asleep = pl.col("end").is_null() & pl.col("next_step_due").is_null() & (pl.col("silence") >= working_days)
    return asleep.fill_null(False).alias("dormant")


def by_silence(table: pl.DataFrame) -> pl.DataFrame:
    """How long opportunities (`silence`, in working days) have been silent: one row a branch and manager, most on top,
    and a column for each of SILENCES, how many have been for that long and less than the next; `opportunities` in
    all."""
    bands = zip(SILENCES, [*SILENCES[1:], None], strict=True)
    counts = {
        f"from_{low}": ((pl.col("silence") >= low) & (pl.lit(True) if high is None else pl.col("silence") < high)).sum()
        for low, high in bands
    }
    found = table.group_by("branch", "manager").agg(opportunities=pl.len(), **counts)
    return found.sort("opportunities", "manager", descending=[True, False])


def by_step(table: pl.DataFrame) -> pl.DataFrame:
    """Open opportunities by step, one row for each before the deal, in the order of the procedure, also where there are
    none: step, opportunities, expected_amount_cents, stalled, and `judged`, of how many it can be told whether they
    are. `table` is with_stalled with `expected_amount_cents`."""
    stand = table.filter(pl.col("end").is_null()).group_by("step")
    sums = stand.agg(
        opportunities=pl.len(),
        expected_amount_cents=pl.col("expected_amount_cents").sum(),
        stalled=pl.col("stalled").sum(),
        judged=pl.col("stalled").count(),
    )
    every = pl.DataFrame({"step": PROCEDURE[:-1]}, {"step": STANDING["step"]})
    return every.join(sums, on="step", how="left", maintain_order="left").with_columns(pl.exclude("step").fill_null(0))


def breaches(steps: pl.DataFrame, today: date) -> pl.DataFrame:
    """One row a breach (逆程序) of `steps` (frames.STEP), sorted by opportunity, then the gravest on top (BREACH). By
    `rule`:

    before: the step is dated before an earlier one of the procedure, `other`; named is the earliest that it precedes.
    without: a loan took the step, but never the one it needs (NEEDS), `other`.
    future: the step is dated after `today`.

    Two steps of one day are in order, whichever was typed first."""
    first = first_days(steps)
    rows = pl.concat([before(first), without(first), future(first, today)])
    gap = pl.col("kind").to_physical().cast(pl.Int16) - pl.col("other").to_physical().cast(pl.Int16)
    return rows.sort("opportunity", gap.fill_null(0).neg(), "kind", "rule")


def before(first: pl.DataFrame) -> pl.DataFrame:
    taken = first.filter(pl.col("kind").is_in(PROCEDURE[1:])).sort("opportunity", "kind")
    latest = pl.col("day").cum_max().over("opportunity")
    suspect = taken.filter(pl.col("day") < latest)
    earlier = taken.select("opportunity", other="kind", other_day="day")
    pairs = suspect.join(earlier, on="opportunity").filter(
        pl.col("other") < pl.col("kind"), pl.col("other_day") > pl.col("day")
    )
    pairs = pairs.sort("other").unique(["opportunity", "kind"], keep="first", maintain_order=True)
    return as_breach(pairs, "before")


def without(first: pl.DataFrame) -> pl.DataFrame:
    loans = first.filter(pl.col("family") == "loan")
    needed = pl.DataFrame(
        {"kind": NEEDS.keys(), "other": NEEDS.values()}, dict.fromkeys(("kind", "other"), first.schema["kind"])
    )
    wanting = loans.join(needed, on="kind").join(
        first, left_on=["opportunity", "other"], right_on=["opportunity", "kind"], how="anti"
    )
    return as_breach(wanting.with_columns(other_day=pl.lit(None, pl.Date)), "without")


def future(first: pl.DataFrame, today: date) -> pl.DataFrame:
    late = first.filter(pl.col("day") > today)
    return as_breach(late.with_columns(other=pl.lit(None), other_day=pl.lit(None)), "future")


def as_breach(rows: pl.DataFrame, rule: str) -> pl.DataFrame:
    return rows.with_columns(rule=pl.lit(rule)).select(list(BREACH)).cast(BREACH)
