"""Where the customers of a simulated region are, who looks after them now, and what is to be done next for each
need."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from db.codes import ENDS
from db.codes import NEXT_STEPS as OFFERED
from db.simulate.log import Log, Opportunity
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


def customer_rows(log: Log, places: list[Place]) -> list[Row]:
    """Every customer with a number of their own in the fictional range 199, looked after by whoever has the desk
    now."""
    phones = log.rng.choice(10**8, len(log.customers), replace=False).tolist()
    in_branch = {place.branch: [other for other in places if other.branch == place.branch] for place in places}
    odds = {branch: np.cumsum([place.weight for place in found]) for branch, found in in_branch.items()}
    rows = []
    for customer, phone in zip(log.customers, phones, strict=True):
        branch = customer.desk.branch
        drawn = np.searchsorted(odds[branch], log.rng.random() * odds[branch][-1], side="right")
        rows.append(
            {
                "id": customer.id,
                "branch_id": branch,
                "manager_id": customer.desk.heir(customer.id).person.id,
                "name": customer.name,
                "phone": f"199{phone:08d}",
                "kind": customer.kind,
                "territory_id": in_branch[branch][drawn].id,
            }
        )
    return rows


def register_rows(log: Log, places: list[Place], customers: list[Row]) -> list[Row]:
    """Two registers a territory, sized so that its customers with a deal come to the penetration meant for it, and that
    it has more customers than are known of it, unless it is stale."""
    territory_of = {customer["id"]: customer["territory_id"] for customer in customers}
    with_deal = {row["customer_id"] for row in log.rows if row["kind"] == "deal"}
    held = [territory_of[customer] for customer in with_deal]
    rows = []
    for place in places:
        potential = max(int(held.count(place.id) / place.penetration), 1)
        if not place.is_stale:
            known = sum(territory == place.id for territory in territory_of.values())
            potential = max(potential, 40, round(KNOWN_LESS * known))
        newer = log.today - timedelta(days=1200 if place.is_stale else 100)
        older = newer - timedelta(days=between(log.rng, 350, 380))
        grown = 1 + log.rng.uniform(-0.03, 0.12)
        source = pick(log.rng, SOURCES)
        for as_of, count in ((older, max(round(potential / grown), 1)), (newer, potential)):
            rows.append({"territory_id": place.id, "as_of": as_of, "potential_customers": count, "source": source})
    return rows


def opportunity_rows(log: Log, region: int, workdays: list[date], ahead: list[date]) -> list[Row]:
    rows = []
    for need in log.opportunities:
        next_step, due = plan_next_step(log, need, workdays[:-1][-8:], ahead[:10])
        rows.append(
            {
                "id": need.id,
                "region_id": region,
                "number": f"SJ{need.rows[0]['day'].year}{need.id:06d}",
                "customer_id": need.customer,
                "product_id": need.product,
                "manager_id": need.desk.heir(need.customer).person.id,
                "expected_amount_cents": need.amount,
                "next_step": next_step,
                "next_step_due": due,
                "lost_reason": lost_reason(need),
            }
        )
    return rows


def lost_reason(need: Opportunity) -> str | None:
    """Why it came to nothing; chosen without a draw, so that nothing else of the region depends on it."""
    reasons = next((LOST_REASONS[kind] for kind in LOST_REASONS if need.has(kind)), None)
    return reasons[need.id % len(reasons)] if reasons else None


def plan_next_step(
    log: Log, need: Opportunity, before: list[date], ahead: list[date]
) -> tuple[str | None, date | None]:
    """What is to be done and by when, for an open need that is still warm: overdue, today, ahead, or nothing."""
    if need.has(*ENDS) or need.rows[-1]["day"] < log.today - STILL_WARM:
        return None, None
    luck = log.rng.random()
    if luck < STEP_SHARES["overdue"] and before:
        return pick(log.rng, NEXT_STEPS), pick(log.rng, before)
    if luck < STEP_SHARES["today"]:
        return pick(log.rng, NEXT_STEPS), log.today
    if luck < STEP_SHARES["ahead"]:
        return pick(log.rng, NEXT_STEPS), pick(log.rng, ahead)
    return None, None
