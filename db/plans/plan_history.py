"""What was planned before: every change of a plan, as the audit trail has it."""

import polars as pl
from sqlalchemy import func, select

from db.access import Viewer
from db.engine import BANK_TIME
from db.models import Audit
from db.people import people
from db.plans import plans
from db.spans import Span

CHANGE = {
    "at": pl.Datetime,
    "account": pl.String,
    "level": pl.String,
    "holder": pl.String,
    "measure": pl.String,
    "product": pl.Int32,
    "tier": pl.String,
    "before": pl.Int64,
    "after": pl.Int64,
}


def changes(viewer: Viewer, month: Span, branch: int | None = None) -> pl.DataFrame:
    """Every change of a plan of the month, latest first (CHANGE), moments on the bank's clock, before or after null
    where there was no plan: of a branch and the managers posted there in that month, or of all the viewer sees."""
    said = func.coalesce(Audit.after["month"].as_string(), Audit.before["month"].as_string())
    statement = select(Audit.at, Audit.account, Audit.before, Audit.after).where(Audit.entity == "plan")
    statement = statement.where(said == month.first.isoformat()).order_by(Audit.id.desc())
    names = holders(viewer, month, branch)
    with viewer.reading() as connection:
        deeds = connection.execute(statement).all()
    rows = []
    for at, account, before, after in deeds:
        if before is None or after is None:
            continue  # nothing was set
        level = next(name for name in ("manager", "branch", "region") if after[f"{name}_id"] is not None)
        holder = names.get((level, after[f"{level}_id"]))
        if holder is not None:
            told = (after["measure"], after["product_id"], after.get("tier", "target"))
            rows.append((at + BANK_TIME, account, level, holder, *told, before["target"], after["target"]))
    return pl.DataFrame(rows, CHANGE, orient="row")


def holders(viewer: Viewer, month: Span, branch: int | None) -> dict[tuple[str, int], str]:
    """Whose plans the viewer may see: (level, id) → name."""
    own = plans.reach(viewer)
    staff = people.managers(viewer, month, branch)
    if "manager" in own:
        staff = staff.filter(pl.col("manager") == own["manager"])
    names = {("manager", one): name for one, name in staff.select("manager", "manager_name").iter_rows()}
    if "manager" in own:
        return names
    places = people.branches(viewer)
    here = places if branch is None else places.filter(pl.col("branch") == branch)
    names |= {("branch", one): name for one, name in here.select("branch", "branch_name").iter_rows()}
    if branch is None and "branch" not in own:
        names |= {("region", one): name for one, name in places.select("region", "region_name").iter_rows()}
    return names
