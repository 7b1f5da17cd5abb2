"""The plans that were in force on a day: what has been changed since is taken back, by the trail."""

from datetime import date, datetime, time, timedelta
from typing import cast

import polars as pl
from sqlalchemy import func, select

from db.access import Viewer
from db.engine import BANK_TIME, bank_day
from db.models import Audit
from db.spans import Span

KEY = {
    "region": "region_id",
    "branch": "branch_id",
    "manager": "manager_id",
    "measure": "measure",
    "product": "product_id",
}
Key = tuple[object, ...]


def as_of(viewer: Viewer, plans: pl.DataFrame, span: Span, tier: str, day: date) -> pl.DataFrame:
    """The plans (metrics.frames.PLAN) of the span's months and of one tier as they stood at the end of a day, given as
    they stand now; of whomever they are. One that was set for the first time after the day counts as it was set then: a plan is for its whole
    month. One that has been taken back since is meant for the days its holder is there."""
    then = targets_then(viewer, span, tier, day)
    if not then:
        return plans
    keys = [*KEY, "month"]
    targets = pl.DataFrame(
        [(*key, target) for key, target in then.items()],
        {**{name: plans.schema[name] for name in keys}, "then": pl.Int64},
        orient="row",
    )
    both = plans.join(targets, on=keys, how="full", coalesce=True, nulls_equal=True, maintain_order="left")
    changed = both.join(targets.select(keys), on=keys, how="semi", nulls_equal=True, maintain_order="left")
    same = both.join(targets.select(keys), on=keys, how="anti", nulls_equal=True, maintain_order="left")
    changed = changed.with_columns(target="then").filter(pl.col("target").is_not_null())
    return pl.concat([same, changed]).select(plans.columns)


def targets_then(viewer: Viewer, span: Span, tier: str, day: date) -> dict[Key, int | None]:
    """Of each plan that has been changed since the end of the day: what stood there, None for nothing."""
    if day >= bank_day():
        return {}
    since = datetime.combine(day + timedelta(1), time()) - BANK_TIME
    first = date(span.first.year, span.first.month, 1)
    said = func.coalesce(Audit.after["month"].as_string(), Audit.before["month"].as_string())
    of_months = (Audit.entity == "plan", said.between(first.isoformat(), span.last.isoformat()))
    latest = select(Audit.at, Audit.before, Audit.after).where(*of_months)
    with viewer.reading(log=False) as connection:
        if connection.execute(latest.where(Audit.at >= since).limit(1)).first() is None:
            return {}
        changes = connection.execute(latest.order_by(Audit.id)).all()
    then: dict[Key, int | None] = {}
    known: set[Key] = set()  # set, or taken back, by the end of the day
    for at, before, after in changes:
        if before is None or after is None or after.get("tier", "target") != tier:
            continue
        key = (*(after[name] for name in KEY.values()), date.fromisoformat(cast(str, after["month"])))
        if at < since:
            known.add(key)
        elif key not in then:
            first_time = key not in known and before["target"] is None
            then[key] = cast(int | None, (after if first_time else before)["target"])
    return then
