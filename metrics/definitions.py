"""The bank's own definitions, versioned: what counts as effective, and where on pace ends and behind begins.

They are data (one JSON body a version, in force from a day on), because the training material leaves them to the
bank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from types import ModuleType
from typing import cast

import narwhals.stable.v2 as nw
import polars as pl
from narwhals.stable.v2.typing import IntoFrame, IntoFrameT

from metrics.settings import SETTINGS, check, default

END_OF_DAY = 86_400
WORKING = ("_who", "_visit", "_applied_on", "_first_visit", "_first_applied_on", "_application", "_first_application")
ID_SPAN = 1 << 32  # larger than any id: orders rows by second of the day, then by id

DEFAULT = {one.name: one.default for one in SETTINGS}
Record = tuple[int, int | None, date, Mapping[str, object]]  # a stored version: its number, region, first day, body
CONDITIONS: tuple[str, ...] = tuple(default("effective", list))


@dataclass(frozen=True)
class Definitions:
    """One version; what its settings mean is declared in metrics.settings. `region` is None where it holds for all."""

    version: int = 1
    region: int | None = None
    from_day: date = date(2000, 1, 1)
    effective: tuple[str, ...] = CONDITIONS
    watch_below: float = default("watch_below", float)
    behind_below: float = default("behind_below", float)
    far_behind_below: float = default("far_behind_below", float)
    small_sample: int = default("small_sample", int)
    time_basis: str = default("time_basis", str)
    three_tiers: bool = default("three_tiers", bool)
    horizon_days: int = default("horizon_days", int)
    penetration_customers: str = default("penetration_customers", str)
    contact_customers: str = default("contact_customers", str)
    backdating_days: int = default("backdating_days", int)
    stalled_share: float = default("stalled_share", float)
    dormant_days: int = default("dormant_days", int)
    doable_multiple: float = default("doable_multiple", float)


def from_record(version: int, region: int | None, from_day: date, body: Mapping[str, object]) -> Definitions:
    """A stored version as a value; a setting it does not name has its default. Raises ValueError (settings.Unsound) for
    a setting that does not exist or a value that is not allowed."""
    check(body)
    conditions = tuple(cast(Sequence[str], body.get("effective", CONDITIONS)))
    return replace(Definitions(version, region, from_day), **dict(body) | {"effective": conditions})


def body_of(one: Definitions) -> dict[str, object]:
    """The settings of a version as they are stored."""
    settings = {name: getattr(one, name) for name in DEFAULT}
    return settings | {"effective": [name for name in CONDITIONS if name in one.effective]}


def changes(before: Definitions, after: Definitions) -> dict[str, tuple[object, object]]:
    """The settings that differ: name → (before, after), in the order of their declaration."""
    old, new = body_of(before), body_of(after)
    return {name: (old[name], new[name]) for name in DEFAULT if old[name] != new[name]}


def in_force(versions: Sequence[Definitions], day: date, region: int | None = None) -> Definitions:
    """The latest version in force on the day for the region; the defaults when there is none."""
    fitting = [one for one in versions if one.from_day <= day and one.region in (None, region)]
    return max(fitting, key=lambda one: (one.from_day, one.version), default=Definitions())


def replaced(versions: Sequence[Definitions], one: Definitions) -> Definitions | None:
    """The version that was in force where and when this one began; None before the first."""
    older = [other for other in versions if other.version < one.version]
    return in_force(older, one.from_day, one.region) if older else None


def earlier(versions: Sequence[Definitions], first: date, last: date, region: int | None = None) -> list[Definitions]:
    """The other versions that were in force on some day of the period, the latest first; none where one held
    throughout."""
    begins = {one.from_day for one in versions if one.region in (None, region) and first < one.from_day <= last}
    held = [in_force(versions, day, region) for day in (last, *sorted(begins, reverse=True), first)]
    return [one for one in dict.fromkeys(held) if one != held[0]]


def mark(log: IntoFrameT, versions: Sequence[Definitions]) -> IntoFrameT:
    """Adds `counted` to a log frame (frames.LOG, Polars or any narwhals engine): does the row count towards its kind?

    A consultation counts when it is effective under the definitions of its day, and is the first such of its manager,
    customer and day: of those who went out in one group that day (`party`, null for whoever went alone) the first of the
    group, so that a visit counts once whoever enters it; an application when it is the first of its opportunity (one without an opportunity stands alone);
    every other row counts. The frame must hold all rows of each (manager or party, customer, day) and all applications of each
    opportunity that it touches; nothing else is needed, so a part can be marked again on its own."""
    native = isinstance(log, pl.DataFrame | pl.LazyFrame)
    frame = cast("nw.LazyFrame[pl.LazyFrame]", log if native else nw.from_native(cast(IntoFrame, log)))
    for columns in steps(tuple(versions), pl if native else nw):
        frame = frame.with_columns(**columns)
    frame = frame.drop(WORKING)
    return cast(IntoFrameT, frame if native else frame.to_native())


@cache
def steps(versions: tuple[Definitions, ...], engine: ModuleType) -> tuple[dict[str, nw.Expr], ...]:
    """The columns that `mark` adds one after the other, in expressions of an engine: Polars itself or narwhals, of which
    the same words are used. Kept, because building them takes longer than marking what a write has brought."""
    col, when = engine.col, engine.when
    consulted = (col("kind") == "consultation") & effective(versions, engine)
    applied = (col("kind") == "application") & ~col("opportunity").is_null()
    order = col("second").fill_null(END_OF_DAY).cast(engine.Int64) * ID_SPAN + col("id").cast(engine.Int64)
    together = ~col("customer").is_null() & ~col("party").is_null()
    first_visit = (col("_visit") == col("_first_visit")).fill_null(False)
    first_application = (col("_application") == col("_first_application")).fill_null(False)
    of_cases = when(applied).then(first_application).otherwise(engine.lit(True))
    return (
        {
            "_who": when(together).then(col("party")).otherwise(col("manager")),
            "_visit": when(consulted).then(order),
            "_applied_on": when(applied).then(col("day")),
        },
        {
            "_first_visit": col("_visit").min().over("_who", "customer", "day"),
            "_first_applied_on": col("_applied_on").min().over("opportunity"),
        },
        {"_application": when(col("_applied_on") == col("_first_applied_on")).then(order)},
        {"_first_application": col("_application").min().over("opportunity")},
        {"counted": when(col("kind") == "consultation").then(first_visit).otherwise(of_cases)},
    )


def interpret(log: IntoFrameT, records: Sequence[Record]) -> IntoFrameT:
    """`mark` for stored versions: (version, region, from_day, body) records, as the mirror hands them over."""
    return mark(log, [from_record(*record) for record in records])


def effective(versions: Sequence[Definitions], engine: ModuleType) -> nw.Expr:
    """Whether a consultation row is effective under the version of its day, the defaults where none is in force. A
    condition nobody answered (null) is taken as stated by `effective`: what a file says, else whether a customer is named;
    only an answer that says no keeps it from counting."""
    answers = {
        "customer": ~engine.col("customer").is_null(),
        "decider": engine.col("met_decider").fill_null(True),
        "need": engine.col("need_recorded").fill_null(True),
    }

    def rule(one: Definitions) -> nw.Expr:
        met = engine.col("effective")
        for condition in one.effective:
            met = met & answers[condition]
        return met

    expression = rule(Definitions())
    for one in sorted(versions, key=lambda one: (one.from_day, one.version)):
        begun = engine.col("day") >= engine.lit(one.from_day)
        if one.region is not None:
            begun = begun & (engine.col("region") == one.region)
        expression = engine.when(begun).then(rule(one)).otherwise(expression)
    return expression
