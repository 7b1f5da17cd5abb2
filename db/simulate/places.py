"""Where the customers of a simulated region are, who looks after them now, and what is to be done next for each
need."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from db import identity
from db.codes import ENDS
from db.codes import NEXT_STEPS as OFFERED
from db.simulate.log import PORTION, Log, Opportunity
from db.simulate.names import PLACES, between, pick
from db.simulate.people import Row

KIND_ENDINGS = {"商圈": "商圈", "专业市场": "专业市场", "产业园": "产业园", "社区": "社区", "村镇": "村"}
KNOWN_LESS = 1.3  # customers of a territory for each that the branch knows
SOURCES = ("市场监管局登记名录", "街道办走访清册", "市场管理方商户名册", "村委会农户台账")
NEXT_STEPS = tuple(OFFERED)
STEP_SHARES = {"overdue": 0.12, "today": 0.20, "ahead": 0.85}  # cumulative; the rest has no next step
LOST_REASONS = {
    "rejected": ("not_qualified", "papers_missing", "not_qualified", "other_reason", "papers_missing"),
    "withdrawn": ("rate_too_high", "another_bank", "no_need_any_more", "rate_too_high", "no_need_any_more"),
}
STILL_WARM = timedelta(days=40)  # an opportunity untouched for longer has no next step


@dataclass(frozen=True)
class Place:
    """A territory; `weight` is its part of the branch's customers, `penetration` what its newest register will show."""

    id: int
    branch: int
    kind: str
    name: str
    weight: float
    penetration: float
    is_stale: bool


def settle(rng: np.random.Generator, branches: int) -> list[Place]:
    """Three to five territories a branch. One small territory has a register older than its market."""
    names = [PLACES[index] for index in rng.permutation(len(PLACES))]
    stale_branch = min(2, branches)
    places: list[Place] = []
    for branch in range(1, branches + 1):
        level, count = rng.uniform(0.09, 0.22), between(rng, 3, 5)
        for nth in range(count):
            number = len(places) + 1
            kind, ending = list(KIND_ENDINGS.items())[(branch + nth) % len(KIND_ENDINGS)]
            is_stale = branch == stale_branch and nth == count - 1
            weight = 0.12 if is_stale else rng.uniform(0.6, 1.4)
            penetration = 1.2 if is_stale else float(level * rng.uniform(0.6, 1.4))
            name = names[number % len(names)] + ending
            places.append(Place(number, branch, kind, name, weight, penetration, is_stale))
    return places


def territory_rows(places: list[Place]) -> list[Row]:
    return [{"id": place.id, "branch_id": place.branch, "kind": place.kind, "name": place.name} for place in places]


def customer_frame(log: Log, places: list[Place]) -> pl.DataFrame:
    """Every customer with a number of their own in the fictional range 199, looked after by whoever has the desk
    now."""
    phones = log.rng.choice(10**8, len(log.customers), replace=False)
    in_branch = {place.branch: [other for other in places if other.branch == place.branch] for place in places}
    odds = {branch: np.cumsum([place.weight for place in found]) for branch, found in in_branch.items()}
    branches = np.array([customer.desk.branch for customer in log.customers])
    luck, territories = log.rng.random(len(branches)), np.zeros(len(branches), int)
    for branch, found in in_branch.items():
        drawn = np.searchsorted(odds[branch], luck[branches == branch] * odds[branch][-1], side="right")
        territories[branches == branch] = np.array([place.id for place in found])[drawn]
    return pl.DataFrame(
        {
            "id": np.arange(1, len(branches) + 1),
            "branch_id": branches,
            "manager_id": [customer.desk.heir(customer.id).person.id for customer in log.customers],
            "name": [customer.name for customer in log.customers],
            "name_key": [identity.key(customer.name) for customer in log.customers],
            "phone": pl.Series(phones).cast(pl.String).str.zfill(8),
            "kind": [customer.kind for customer in log.customers],
            "territory_id": territories,
            "token": [f"simulated {customer}" for customer in range(1, len(branches) + 1)],
        }
    ).with_columns(phone=pl.format("199{}", "phone"))


def register_rows(log: Log, places: list[Place], customers: pl.DataFrame) -> list[Row]:
    """Two registers a territory, sized so that its customers with a deal come to the penetration meant for it, and that
    it has more customers than are known of it, unless it is stale."""
    deals = log.activity.filter(kind="deal")["customer_id"]
    known = Counter(customers["territory_id"].to_list())
    held = Counter(customers.filter(pl.col("id").is_in(deals.unique().implode()))["territory_id"].to_list())
    rows = []
    for place in places:
        potential = max(int(held[place.id] / place.penetration), 1)
        if not place.is_stale:
            potential = max(potential, 40, round(KNOWN_LESS * known[place.id]))
        newer = log.today - timedelta(days=1200 if place.is_stale else 100)
        older = newer - timedelta(days=between(log.rng, 350, 380))
        grown = 1 + log.rng.uniform(-0.03, 0.12)
        source = pick(log.rng, SOURCES)
        for as_of, count in ((older, max(round(potential / grown), 1)), (newer, potential)):
            rows.append({"territory_id": place.id, "as_of": as_of, "potential_customers": count, "source": source})
    return rows


def opportunity_frames(log: Log, region: int, workdays: list[date], ahead: list[date]) -> Iterator[pl.DataFrame]:
    """The rows of the table, a portion at a time."""
    before, ahead = workdays[:-1][-8:], ahead[:10]
    for start in range(0, len(log.opportunities), PORTION):
        some = log.opportunities[start : start + PORTION]
        steps = [plan_next_step(log, need, before, ahead) for need in some]
        columns = {
            "id": [need.id for need in some],
            "number": [f"SJ{need.opened.year}{need.id:06d}" for need in some],
            "customer_id": [need.customer for need in some],
            "product_id": [need.product for need in some],
            "manager_id": [need.desk.heir(need.customer).person.id for need in some],
            "expected_amount_cents": [need.amount for need in some],
            "next_step": [step for step, _ in steps],
            "next_step_due": pl.Series([due for _, due in steps], dtype=pl.Date),
            "lost_reason": pl.Series([lost_reason(need) for need in some], dtype=pl.String),
        }
        yield pl.DataFrame(columns, infer_schema_length=None).with_columns(region_id=pl.lit(region))


def lost_reason(need: Opportunity) -> str | None:
    """Why it came to nothing; chosen without a draw, so that nothing else of the region depends on it."""
    reasons = LOST_REASONS.get(need.kind or "")
    return reasons[need.id % len(reasons)] if reasons else None


def plan_next_step(
    log: Log, need: Opportunity, before: list[date], ahead: list[date]
) -> tuple[str | None, date | None]:
    """What is to be done and by when, for an open need that is still warm: overdue, today, ahead, or nothing."""
    if need.kind in ENDS or need.latest < log.today - STILL_WARM:
        return None, None
    luck = log.rng.random()
    if luck < STEP_SHARES["overdue"] and before:
        return pick(log.rng, NEXT_STEPS), pick(log.rng, before)
    if luck < STEP_SHARES["today"]:
        return pick(log.rng, NEXT_STEPS), log.today
    if luck < STEP_SHARES["ahead"]:
        return pick(log.rng, NEXT_STEPS), pick(log.rng, ahead)
    return None, None
