"""Monthly plans of managers, branches and regions: read, and set with a trail (db.plan_history)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import cast

import polars as pl
from sqlalchemy import ColumnElement, insert, or_, select
from sqlalchemy.orm import Session

from db.access import DENIED, Viewer, check, covers, refusal, scope, writing
from db.codes import AMOUNTS, MEASURES, TIERS
from db.engine import Write
from db.errors import Conflict, Refused
from db.limits import LARGEST_AMOUNT, LARGEST_COUNT
from db.models import Audit, Branch, Manager, Plan, Posting, Product, Region
from db.people import people
from db.plans import plans_then
from db.spans import Span

HOLDERS = {"region": pl.Int32, "branch": pl.Int32, "manager": pl.Int32}
PLAN = HOLDERS | {
    "month": pl.Date,
    "measure": pl.String,
    "product": pl.Int32,
    "target": pl.Int64,
    "from_day": pl.Date,
    "to_day": pl.Date,
}
PlanKey = dict[str, object]  # of the columns of KEY
KEY = ("region_id", "branch_id", "manager_id", "month", "measure", "product_id", "tier")
LARGEST = dict.fromkeys(AMOUNTS, LARGEST_AMOUNT * 100)
IN_ORDER = "{tier} of {measure} would be below {lower}: a higher tier is at least as much."


@dataclass(frozen=True)
class Target:
    """What a holder's plan shall be: a region, a branch or a manager (`level`, id), an amount in cents; None takes it
    back. `seen` is what stood there when it was typed."""

    level: str
    holder: int
    measure: str
    target: int | None
    seen: int | None
    product: int | None = None
    tier: str = "target"

    def key(self, month: date) -> PlanKey:
        holders = dict.fromkeys(("region_id", "branch_id", "manager_id")) | {f"{self.level}_id": self.holder}
        return holders | {"month": month, "measure": self.measure, "product_id": self.product, "tier": self.tier}


def read(viewer: Viewer, span: Span, tier: str = "target", as_of: date | None = None) -> pl.DataFrame:
    """One row a plan (metrics.frames.PLAN) of the months the span touches, amounts in cents: those of the viewer's
    branches and region, and of everyone posted in their scope during these months, or last before they left. `tier` is
    one of codes.TIERS; `as_of` gives them as they were in force on a day (plans_then.as_of)."""
    first = date(span.first.year, span.first.month, 1)

    def stored() -> pl.DataFrame:
        columns = (
            Plan.region_id,
            Plan.branch_id,
            Plan.manager_id,
            Plan.month,
            Plan.measure,
            Plan.product_id,
            Plan.target,
            Plan.from_day,
            Plan.to_day,
        )
        whose = holders(viewer, span)
        of_months = (Plan.month.between(first, span.last), Plan.tier == tier, *whose.conditions())
        with viewer.reading(log=False) as connection:
            rows = connection.execute(select(*columns).where(*of_months).order_by(Plan.id))
            return pl.DataFrame([tuple(row) for row in rows], PLAN, orient="row")

    def then(day: date) -> pl.DataFrame:
        found = plans_then.as_of(viewer, read(viewer, span, tier), span, tier, day)
        return found.filter(*holders(viewer, span).filters())

    reach(viewer)
    if as_of is not None:
        return viewer.cached("plans then", first, span.last, tier, as_of, read=lambda: then(as_of))
    return viewer.cached("plans", first, span.last, tier, read=stored)


@dataclass(frozen=True)
class Holders:
    """Whose plans are seen: ids a level; None for everybody's."""

    ids: dict[str, list[int]] | None

    def conditions(self) -> list[ColumnElement[bool]]:
        if self.ids is None:
            return []
        return [or_(*(getattr(Plan, f"{level}_id").in_(ids) for level, ids in self.ids.items()))]

    def filters(self) -> list[pl.Expr]:
        if self.ids is None:
            return []
        seen = [pl.col(level).is_in(ids) for level, ids in self.ids.items()]
        return [pl.any_horizontal(*seen).fill_null(False)]


def holders(viewer: Viewer, span: Span) -> Holders:
    """Whose plans of a span the viewer sees."""
    own = reach(viewer)
    if not own:
        return Holders(None)
    if "manager" in own:
        return Holders({"manager": [own["manager"]]})
    places = people.branches(viewer)
    last = people.last_places(viewer, span.last).filter(pl.col("branch").is_in(places["branch"].implode()))
    mine = {*people.managers(viewer, span)["manager"], *last["manager"]}
    regions = [] if "branch" in own else places["region"].unique().to_list()
    return Holders({"manager": sorted(mine), "branch": places["branch"].to_list(), "region": regions})


def reach(viewer: Viewer) -> dict[str, int]:
    """How far the viewer sees plans: {"manager": 7}, {"branch": 3}, {"region": 1}, or {} for all."""
    return scope(viewer, "read_plans")


def may_set(viewer: Viewer, region: int, branch: int | None = None) -> bool:
    """Whether the viewer sets the plan of the region and of its branches; with `branch`, of the managers posted
    there."""
    return covers(viewer, "set_plans", region=region, branch=branch)


def set_targets(viewer: Viewer, month: date, targets: Iterable[Target]) -> int:
    """Sets plans of a month and gives how many changed, each old and new value in the trail; nothing unless all.

    A region's and a branch's plan is set by the region, a manager's by a branch they are posted to in that month, or
    its region. Raises NotAllowed beyond that; Conflict when somebody else has set one since it was `seen`; Refused for
    what is no count, for an unknown measure, product or tier, and for a tier below a lower one."""
    month, changed = month.replace(day=1), 0
    with writing(viewer) as write:
        wanted = list(targets)
        for one in wanted:
            allowed(viewer, write.session, month, one)
            validate(write.session, one)
            held = put(write, one.key(month), one.target, one.seen)
            changed += held
        for one in wanted:
            tiers_in_order(write.session, one.key(month))
    return changed


def allowed(viewer: Viewer, session: Session, month: date, one: Target) -> None:
    """Raises NotAllowed unless the viewer may set this holder's plan of the month."""
    if one.level == "manager":
        places = session.execute(
            select(Branch.region_id, Branch.id)
            .join(Posting, Posting.branch_id == Branch.id)
            .where(Posting.manager_id == one.holder, *touching(month))
        ).all()
        if not any(covers(viewer, "set_plans", region=region, branch=branch) for region, branch in places):
            raise refusal(viewer, "set_plans", people.NOT_POSTED_THEN)
        return
    region = one.holder
    if one.level == "branch":
        region = session.scalar(select(Branch.region_id).where(Branch.id == one.holder))
    elif session.get(Region, region) is None:
        region = None
    check(viewer, "set_plans", region=region, branch=None, manager=None, missing=DENIED)
    if region is None:
        raise Refused("There is no such branch or region: choose one from the list.")


def touching(month: date) -> list[ColumnElement[bool]]:
    """Stays that have a day in the month."""
    first, last = month, month_end(month)
    return [
        or_(Posting.from_day.is_(None), Posting.from_day <= last),
        or_(Posting.to_day.is_(None), Posting.to_day >= first),
    ]


def month_end(month: date) -> date:
    return (month.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)


def validate(session: Session, one: Target) -> None:
    """Raises Refused for what no plan can be."""
    largest = LARGEST.get(one.measure, LARGEST_COUNT)
    if one.measure not in MEASURES or one.tier not in TIERS:
        raise Refused("There is no plan of {measure}, {tier}.", measure=one.measure, tier=one.tier)
    if one.target is not None and not (isinstance(one.target, int) and 0 <= one.target <= largest):
        raise Refused("A plan is a whole number, 0 or more, and no larger than {largest}.", largest=f"{largest:,}")
    if one.product is not None and session.get(Product, one.product) is None:
        raise Refused("Unknown product: use a product of the bank's list")


def put(write: Write, key: PlanKey, target: int | None, *seen: int | None) -> bool:
    """Stores one plan (KEY as columns), with the days a manager is to be there; gives whether anything changed. With
    `seen` it raises Conflict where something else stands there."""
    conditions = [
        getattr(Plan, name).is_(None) if key[name] is None else getattr(Plan, name) == key[name] for name in KEY
    ]
    held = write.session.scalars(select(Plan).where(*conditions)).first()
    before = held.target if held else None
    if seen and before not in (*seen, target):
        raise Conflict(
            "{account} has set this plan meanwhile: look at it again before you change it.",
            account=last_set_by(write.session, held) or "?",
        )
    if before == target:
        return False
    manager = cast(int | None, key["manager_id"])
    write.touch(
        branches=[cast(int | None, key["branch_id"])],
        regions=[cast(int | None, key["region_id"])],
        managers=[] if manager is None else [manager],
    )
    if target is None:
        assert held is not None  # or nothing would change
        identity = held.id
        write.session.delete(held)
    else:
        span = to_be_there(write.session, manager, cast(date, key["month"]))
        days = dict(zip(("from_day", "to_day"), span, strict=True))
        if held is None:
            identity = write.session.execute(
                insert(Plan).values(**key, **days, target=target).returning(Plan.id)
            ).scalar_one()
        else:
            identity, held.target, held.from_day, held.to_day = held.id, target, *span
    write.session.flush()
    write.audit("set", "plan", identity, key | {"target": before}, key | {"target": target})
    return True


def to_be_there(session: Session, manager: int | None, month: date) -> tuple[date | None, date | None]:
    """The first and the last day of the month on which the manager is posted as far as is known; None for others, and
    for one who is known to be away from the bank in between: their plan is meant for the days they are there."""
    if manager is None:
        return None, None
    columns = (Posting.from_day, Posting.to_day, Manager.joined_on, Manager.left_on)
    stays = select(*columns).join(Manager, Manager.id == Posting.manager_id)
    first, last, spans = month, month_end(month), []
    for from_day, to_day, joined, left in session.execute(stays.where(Manager.id == manager, *touching(month))):
        begin, end = max(filter(None, (from_day, joined, first))), min(filter(None, (to_day, left, last)))
        if begin <= end:
            spans.append((begin, end))
    spans.sort()
    gap = any((begin - end).days > 1 for (_, end), (begin, _) in pairwise(spans))
    return (None, None) if gap or not spans else (spans[0][0], spans[-1][1])


def tiers_in_order(session: Session, key: PlanKey) -> None:
    """Raises Refused where a higher tier of the plan (KEY as columns) is less than a lower one."""
    alike = [getattr(Plan, name).is_not_distinct_from(key[name]) for name in KEY if name != "tier"]
    held = dict(session.execute(select(Plan.tier, Plan.target).where(*alike)).all())
    there = [tier for tier in TIERS if tier in held]
    for lower, tier in pairwise(there):
        if held[tier] < held[lower]:
            raise Refused(IN_ORDER, tier=tier, lower=lower, measure=key["measure"])


def last_set_by(session: Session, held: Plan | None) -> str | None:
    of_plans = select(Audit.account).where(Audit.entity == "plan").order_by(Audit.id.desc()).limit(1)
    return session.scalar(of_plans if held is None else of_plans.where(Audit.entity_id == held.id))
