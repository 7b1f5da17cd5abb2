"""Monthly plans of managers, branches and regions."""

from datetime import date

import polars as pl
from sqlalchemy import select

from db import people
from db.access import Viewer, scope
from db.mirror import Span
from db.models import Plan

HOLDERS = {"region": pl.Int32, "branch": pl.Int32, "manager": pl.Int32}
PLAN = HOLDERS | {
    "month": pl.Date,
    "measure": pl.String,
    "product": pl.Int32,
    "target": pl.Int64,
    "from_day": pl.Date,
    "to_day": pl.Date,
}


def read(viewer: Viewer, span: Span, tier: str = "target") -> pl.DataFrame:
    """One row a plan (metrics.frames.PLAN) of the months the span touches, amounts in cents: those of the viewer's
    branches and region, and of everyone posted in his scope during these months. `tier` is one of codes.TIERS."""
    own = reach(viewer)
    first = date(span.first.year, span.first.month, 1)
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
    statement = select(*columns).where(Plan.month.between(first, span.last), Plan.tier == tier)
    with viewer.store.reading() as connection:
        rows = [tuple(row) for row in connection.execute(statement)]
    plans = pl.DataFrame(rows, PLAN, orient="row")
    if "manager" in own:
        return plans.filter(pl.col("manager") == own["manager"])
    mine = people.managers(viewer, span)["manager"].unique()
    branches = people.branches(viewer)["branch"]
    regions = people.branches(viewer)["region"].unique() if "branch" not in own else pl.Series([], dtype=pl.Int32)
    inside = pl.any_horizontal(
        pl.col("manager").is_in(mine.implode()),
        pl.col("branch").is_in(branches.implode()),
        pl.col("region").is_in(regions.implode()),
    )
    return plans.filter(inside.fill_null(False))


def reach(viewer: Viewer) -> dict[str, int]:
    """How far the viewer sees plans: {"manager": 7}, {"branch": 3}, {"region": 1}, or {} for all."""
    return scope(viewer, "read_plans")
