"""Monthly plans of managers, branches and regions."""

from datetime import date

import polars as pl
from sqlalchemy import select

from db import people
from db.access import Viewer, scope
from db.mirror import Span
from db.models import Plan

HOLDERS = {"region": pl.Int32, "branch": pl.Int32, "manager": pl.Int32}
PLAN = HOLDERS | {"month": pl.Date, "measure": pl.String, "target": pl.Int64}


def read(viewer: Viewer, span: Span) -> pl.DataFrame:
    """One row a plan over all products (metrics.frames.PLAN) of the months the span touches, amounts in cents: those of
    the viewer's branches and region, and of everyone posted in his scope during these months. A holder who has plans
    for single products alone has their sum."""
    own = reach(viewer)
    first = date(span.first.year, span.first.month, 1)
    columns = (Plan.region_id, Plan.branch_id, Plan.manager_id, Plan.month, Plan.measure, Plan.target, Plan.product_id)
    statement = select(*columns).where(Plan.month.between(first, span.last))
    with viewer.store.reading() as connection:
        rows = [tuple(row) for row in connection.execute(statement)]
    plans = over_products(pl.DataFrame(rows, PLAN | {"product": pl.Int32}, orient="row"))
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


def over_products(plans: pl.DataFrame) -> pl.DataFrame:
    key = [*HOLDERS, "month", "measure"]
    overall = plans.filter(pl.col("product").is_null()).select(list(PLAN))
    single = plans.join(overall, on=key, how="anti", nulls_equal=True)
    return pl.concat([overall, single.group_by(key).agg(pl.col("target").sum()).select(list(PLAN))])


def reach(viewer: Viewer) -> dict[str, int]:
    """How far the viewer sees plans: {"manager": 7}, {"branch": 3}, {"region": 1}, or {} for all."""
    return scope(viewer, "read_plans")
