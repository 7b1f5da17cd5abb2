"""Monthly plans of managers, branches and regions: read, and set with a trail (db.plan_history)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import polars as pl
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from db.access import DENIED, Viewer, check, covers, refusal, scope, writing
from db.codes import AMOUNTS, MEASURES, TIERS
from db.errors import Refused
from db.limits import LARGEST_AMOUNT, LARGEST_COUNT
from db.models import Branch, Plan, Posting, Product, Region
from db.people import people
from db.plans import plans_then
from db.plans.storing import KEY, PlanKey, put, tiers_in_order
from db.spans import Span, of_month

HOLDERS = {"region": pl.Int32, "branch": pl.Int32, "manager": pl.Int32}
PLAN = HOLDERS | {
    "month": pl.Date,
    "measure": pl.String,
    "product": pl.Int32,
    "target": pl.Int64,
    "from_day": pl.Date,
    "to_day": pl.Date,
}
LARGEST = dict.fromkeys(AMOUNTS, LARGEST_AMOUNT * 100)


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
            changed += put(write, one.key(month), one.target, one.seen)
        tiers_in_order(write.session, pl.DataFrame([one.key(month) for one in wanted], KEY))
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
    span = of_month(month)
    return [
        or_(Posting.from_day.is_(None), Posting.from_day <= span.last),
        or_(Posting.to_day.is_(None), Posting.to_day >= span.first),
    ]


def validate(session: Session, one: Target) -> None:
    """Raises Refused for what no plan can be."""
    largest = LARGEST.get(one.measure, LARGEST_COUNT)
    if one.measure not in MEASURES or one.tier not in TIERS:
        raise Refused("There is no plan of {measure}, {tier}.", measure=one.measure, tier=one.tier)
    if one.target is not None and not (isinstance(one.target, int) and 0 <= one.target <= largest):
        raise Refused("A plan is a whole number, 0 or more, and no larger than {largest}.", largest=f"{largest:,}")
    if one.product is not None and session.get(Product, one.product) is None:
        raise Refused("Unknown product: use a product of the bank's list")
