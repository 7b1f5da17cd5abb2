"""The activity log of a simulated region: its rows, who they are about, and the breaches planted in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
import polars as pl

from db.codes import CHANNELS, KINDS, METHODS
from db.engine import BANK_TIME
from db.simulate.names import NOTES, between, pick
from db.simulate.people import FIRST_STAFF_NO, Desk

WAN = 1_000_000  # 1 万元 in cents
FIRST_MINUTE, LAST_MINUTE = 8 * 60 + 30, 18 * 60
BREACHED = 0.005  # of the loan opportunities
SWAPS = (("application", "investigation"), ("investigation", "approval"), ("application", "contract"))
PORTION = 50_000  # rows, as Python has them, before they are packed
COLUMNS = {
    "day": pl.Date,
    "minute": pl.Int16,
    "branch_id": pl.Int32,
    "manager_id": pl.Int32,
    "kind": pl.Enum(list(KINDS)),
    "customer_id": pl.Int32,
    "opportunity_id": pl.Int32,
    "product_id": pl.Int32,
    "amount_cents": pl.Int64,
    "channel": pl.Enum(list(CHANNELS)),
    "method": pl.Enum(list(METHODS)),
    "met_decider": pl.Boolean,
    "need_recorded": pl.Boolean,
    "note": pl.Enum(NOTES),
}
Visit = tuple[str, str, bool, bool, str | None]  # the last five columns
NO_VISIT = (None,) * 5


@dataclass(eq=False, slots=True)
class Opportunity:
    """One need; `desk`, `position` (which of the desk's days) and `minute` say where its latest row stands, `kind` and
    `latest` what it is and its day; None before there is one."""

    id: int
    customer: int
    product: int
    is_loan: bool
    amount: int | None
    desk: Desk
    position: int = 0
    minute: int = 0
    kind: str | None = None
    opened: date = date.min
    latest: date = date.min


@dataclass(eq=False, slots=True)
class Customer:
    id: int
    desk: Desk
    name: str
    kind: str
    need: Opportunity | None = None
    is_known: bool = False


@dataclass(eq=False)
class Log:
    """What happened so far: `rows` lately, in the order of COLUMNS, what was before packed away. `activity`, made of
    them at the end, has one row an activity."""

    rng: np.random.Generator
    products: dict[str, list[int]]
    today: date
    now_minute: float
    customers: list[Customer] = field(default_factory=list)
    opportunities: list[Opportunity] = field(default_factory=list)
    rows: list[tuple[object, ...]] = field(default_factory=list)
    packed: list[pl.DataFrame] = field(default_factory=list)
    activity: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=COLUMNS))

    def pack(self) -> None:
        columns = zip(*self.rows, strict=True) if self.rows else ((),) * len(COLUMNS)
        named = zip(COLUMNS.items(), columns, strict=True)
        self.packed.append(pl.DataFrame([pl.Series(name, values, kind) for (name, kind), values in named]))
        self.rows.clear()


def advance(log: Log, need: Opportunity, kind: str, lag: int) -> bool:
    """Records the next step, `lag` of the manager's working days on. False when that is still to come."""
    place = need.desk.later(need.position, lag, need.customer)
    if place is None:
        return False
    earliest = need.minute if place == (need.desk, need.position) else FIRST_MINUTE
    desk, position = place
    minute = between(log.rng, earliest, LAST_MINUTE)
    if desk.days[position] == log.today and minute > log.now_minute:
        return False
    amount = need.amount if kind in ("application", "approval", "contract", "deal") else None
    if kind == "deal":
        amount = amount or 0
    record(log, desk, position, minute, kind, need.customer, need, amount)
    return True


def record(
    log: Log,
    desk: Desk,
    position: int,
    minute: int,
    kind: str,
    customer: int,
    need: Opportunity | None,
    amount: int | None = None,
    visit: Visit | tuple[None, ...] = NO_VISIT,
) -> None:
    day, about = desk.days[position], (need.id, need.product) if need else (None, None)
    log.rows.append((day, minute, desk.branch, desk.person.id, kind, customer, *about, amount, *visit))
    if len(log.rows) == PORTION:
        log.pack()
    if need:
        if need.kind is None:
            need.opened = day
        need.desk, need.position, need.minute, need.kind, need.latest = desk, position, minute, kind, day


def finish(log: Log, now: datetime, late_branch: int) -> tuple[int, ...]:
    """Makes `activity` of the rows: in order of time, each stamped with when it was typed in (UTC, never after `now`).
    The opportunities with a breach."""
    log.pack()
    log.activity = pl.concat(log.packed)
    log.packed.clear()
    breaches = plant_breaches(log)
    log.activity = log.activity.sort("day", "minute", "manager_id", maintain_order=True)
    size = log.activity.height
    delays = pl.Series(log.rng.integers(5, 90, size))
    days_late = pl.Series(log.rng.integers(2, 7, size))
    late = pl.when(pl.col("branch_id") == late_branch).then(days_late).otherwise(0)
    happened = pl.col("day").cast(pl.Datetime("us")) + pl.duration(minutes="minute") - BANK_TIME
    typed = happened + pl.duration(days=late, minutes=pl.lit(delays))
    log.activity = log.activity.with_row_index("id", offset=1).with_columns(
        recorded_at=pl.min_horizontal(typed, pl.lit(now, pl.Datetime("us")))
    )
    return breaches


def activity_frames(log: Log, region: int, version: int) -> Iterator[pl.DataFrame]:
    """The rows of the table, a portion at a time."""
    for some in log.activity.iter_slices(PORTION):
        yield some.select(
            "id",
            pl.col("^.*_id$"),
            "day",
            pl.col("kind", "channel", "method", "note").cast(pl.String),
            "amount_cents",
            "met_decider",
            "need_recorded",
            "recorded_at",
            reference=pl.format("sim-{}", "id"),
            time=(pl.col("minute").cast(pl.Int64) * 60_000_000_000).cast(pl.Time),
            region_id=pl.lit(region),
            effective=pl.lit(True),  # somebody was met; whether it counts follows from what is stated beside it
            recorded_by=(pl.col("manager_id") + FIRST_STAFF_NO).cast(pl.String),
            version=pl.lit(version),
        )


def plant_breaches(log: Log) -> tuple[int, ...]:
    """Exchanges the days of two steps of a few loans, so that one stands before the step it depends on."""
    open_to_it = [(need, pick(log.rng, pairs)) for need, pairs in swappable(log)]
    loans = sum(need.is_loan for need in log.opportunities)
    count = min(len(open_to_it), max(1, round(loans * BREACHED)))
    chosen = sorted(log.rng.choice(len(open_to_it), count, replace=False).tolist()) if count else []
    rows = np.arange(log.activity.height)
    for need, (one, other) in [open_to_it[index] for index in chosen]:
        rows[one], rows[other] = other, one
        if log.activity["kind"][other] == need.kind:
            need.latest = log.activity["day"][one]
    log.activity = log.activity.with_columns(pl.col("day", "minute").gather(rows))
    return tuple(open_to_it[index][0].id for index in chosen)


def swappable(log: Log) -> Iterator[tuple[Opportunity, list[tuple[int, int]]]]:
    """Loans applied for once that stayed with one manager in one branch, and the rows of two of their steps each that
    lie days apart."""
    kinds = sorted({kind for pair in SWAPS for kind in pair})
    needs = (
        log.activity.with_row_index("row")
        .filter(pl.col("opportunity_id").is_not_null())
        .group_by("opportunity_id")
        .agg(
            pl.col("manager_id", "branch_id").n_unique(),
            (pl.col("kind") == "application").sum().alias("applications"),
            *(pl.col("row").filter(pl.col("kind") == kind).last().alias(kind) for kind in kinds),
        )
        .filter(manager_id=1, branch_id=1, applications=1)
        .sort("opportunity_id")
    )
    days = log.activity["day"].to_physical().to_numpy()
    for need in needs.iter_rows(named=True):
        pairs = [(need[one], need[other]) for one, other in SWAPS if None not in (need[one], need[other])]
        if apart := [(one, other) for one, other in pairs if days[one] < days[other]]:
            yield log.opportunities[need["opportunity_id"] - 1], apart
