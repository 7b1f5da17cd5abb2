"""The activity log of a simulated region: its rows, who they are about, and the breaches planted in it."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import numpy as np

from db.engine import BANK_TIME
from db.simulate.names import between, pick
from db.simulate.people import Desk, Row

WAN = 1_000_000  # 1 万元 in cents
FIRST_MINUTE, LAST_MINUTE = 8 * 60 + 30, 18 * 60
BREACHED = 0.005  # of the loan opportunities
SWAPS = (("application", "investigation"), ("investigation", "approval"), ("application", "contract"))


@dataclass(eq=False, slots=True)
class Opportunity:
    """One need; `desk`, `position` (which of the desk's days) and `minute` say where its latest row stands."""

    id: int
    customer: int
    product: int
    is_loan: bool
    amount: int | None
    desk: Desk
    position: int = 0
    minute: int = 0
    rows: list[Row] = field(default_factory=list)

    def has(self, *kinds: str) -> bool:
        return any(row["kind"] in kinds for row in self.rows)


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
    """What happened so far. A row is a dict of activity columns, with `minute` of the day in place of `time`."""

    rng: np.random.Generator
    products: dict[str, list[int]]
    today: date
    now_minute: float
    customers: list[Customer] = field(default_factory=list)
    opportunities: list[Opportunity] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


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
    record(log, desk, position, minute, kind, need.customer, need, amount_cents=amount)
    return True


def record(
    log: Log, desk: Desk, position: int, minute: int, kind: str, customer: int, need: Opportunity | None, **more: object
) -> None:
    row = {
        "day": desk.days[position],
        "minute": minute,
        "branch_id": desk.branch,
        "manager_id": desk.person.id,
        "kind": kind,
        "customer_id": customer,
        "opportunity_id": need.id if need else None,
        "product_id": need.product if need else None,
        "amount_cents": None,
        "channel": None,
        "method": None,
        "effective": True,
        "met_decider": None,
        "need_recorded": None,
        "note": None,
        "recorded_by": desk.person.staff_no,
    } | more
    log.rows.append(row)
    if need:
        need.rows.append(row)
        need.desk, need.position, need.minute = desk, position, minute


def plant_breaches(log: Log) -> tuple[int, ...]:
    """Exchanges the days of two steps of a few loans, so that one stands before the step it depends on."""
    loans = [need for need in log.opportunities if need.is_loan]
    open_to_it = [(need, pair) for need in loans if (pair := swappable(log.rng, need))]
    count = min(len(open_to_it), max(1, round(len(loans) * BREACHED)))
    chosen = sorted(log.rng.choice(len(open_to_it), count, replace=False).tolist()) if count else []
    for index in chosen:
        one, other = open_to_it[index][1]
        for column in ("day", "minute"):
            one[column], other[column] = other[column], one[column]
    return tuple(open_to_it[index][0].id for index in chosen)


def swappable(rng: np.random.Generator, need: Opportunity) -> tuple[Row, Row] | None:
    by_kind = {row["kind"]: row for row in need.rows}
    applications = sum(row["kind"] == "application" for row in need.rows)
    if applications != 1 or len({(row["manager_id"], row["branch_id"]) for row in need.rows}) > 1:
        return None
    present = [(by_kind[one], by_kind[other]) for one, other in SWAPS if one in by_kind and other in by_kind]
    apart = [(one, other) for one, other in present if one["day"] < other["day"]]
    return pick(rng, apart) if apart else None


def finish(log: Log, now: datetime, late_branch: int) -> None:
    """Puts the rows in order of time and stamps when each was typed in (UTC, never after `now`)."""
    log.rows.sort(key=lambda row: (row["day"], row["minute"], row["manager_id"]))
    delays = log.rng.integers(5, 90, len(log.rows)).tolist()
    days_late = log.rng.integers(2, 7, len(log.rows)).tolist()
    for number, (row, delay, late) in enumerate(zip(log.rows, delays, days_late, strict=True), start=1):
        hour, minute = divmod(row.pop("minute"), 60)
        row |= {"id": number, "reference": f"sim-{number}", "time": time(hour, minute)}
        happened = datetime.combine(row["day"], row["time"]) - BANK_TIME
        waited = timedelta(days=late if row["branch_id"] == late_branch else 0, minutes=delay)
        row["recorded_at"] = min(happened + waited, now)
