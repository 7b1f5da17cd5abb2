"""Plans as they are stored, one by one or a file of them: with the days they are meant for, old → new in the trail."""

from collections.abc import Callable, Iterable
from datetime import date
from itertools import pairwise
from typing import cast

import polars as pl
from sqlalchemy import Integer, Table, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from db.codes import TIERS
from db.engine import Write
from db.errors import Conflict, Refused
from db.models import Audit, Manager, Plan, Posting
from db.spans import of_month
from db.store.bulk import insert_frame, listed

PlanKey = dict[str, object]  # of the columns of KEY
KEY = {
    "region_id": pl.Int64,
    "branch_id": pl.Int64,
    "manager_id": pl.Int64,
    "month": pl.Date,
    "measure": pl.String,
    "product_id": pl.Int64,
    "tier": pl.String,
}
OF_TIERS = [name for name in KEY if name != "tier"]  # what the tiers of one plan have in common
AT_ONCE = 2_000  # rows a statement
IN_ORDER = "{tier} of {measure} would be below {lower}: a higher tier is at least as much."
Stay = tuple[date | None, date | None]  # its first and its last day, None where it has none


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
    managers = [] if manager is None else [manager]
    write.touch(
        branches=[cast(int | None, key["branch_id"])],
        regions=[cast(int | None, key["region_id"])],
        managers=managers,
    )
    if target is None:
        assert held is not None  # or nothing would change
        identity = held.id
        write.session.delete(held)
    else:
        stays = stays_of(write.session, managers).get(manager, [])
        span = to_be_there(stays, cast(date, key["month"]))
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


def put_all(write: Write, rows: pl.DataFrame, progress: Callable[[int, int], None]) -> None:
    """The same of many plans (KEY and `target` as columns)."""
    rows = rows.select(*KEY, "target").join(
        held_in(write.session, rows), on=[*KEY], how="left", nulls_equal=True, maintain_order="left"
    )
    rows = rows.filter(pl.col("target").ne_missing(pl.col("before")))
    managers = rows["manager_id"].drop_nulls().unique().to_list()
    write.touch(branches=rows["branch_id"].unique(), regions=rows["region_id"].unique(), managers=managers)
    stays = stays_of(write.session, managers)
    months = rows.select("manager_id", "month").drop_nulls().unique()
    days = [(*one, *to_be_there(stays.get(one[0], []), one[1])) for one in months.iter_rows()]
    there = {"manager_id": pl.Int64, "month": pl.Date, "from_day": pl.Date, "to_day": pl.Date}
    found = pl.DataFrame(days, there, orient="row")
    rows = rows.join(found, on=["manager_id", "month"], how="left", maintain_order="left")
    is_new, last = pl.col("id").is_null(), write.session.scalar(select(func.max(Plan.id))) or 0
    rows = rows.with_columns(id=pl.when(is_new).then(last + is_new.cum_sum()).otherwise("id"), is_new=is_new)
    columns, table = ["id", *KEY, "target", "from_day", "to_day"], cast(Table, Plan.__table__)
    new, held = rows.filter("is_new"), rows.filter(~pl.col("is_new"))
    for start in range(0, new.height, AT_ONCE):
        insert_frame(write.session, Plan, new.slice(start, AT_ONCE).select(columns))
        progress(min(start + AT_ONCE, new.height), rows.height)
    write.settle_ids(Plan)
    if held.height:
        values = {name: bindparam(f"new_{name}") for name in columns[-3:]}
        given = held.select(one="id", **{f"new_{name}": pl.col(name) for name in values}).to_dicts()
        write.session.connection().execute(update(table).where(table.c.id == bindparam("one")).values(values), given)
    write.audit_all("set", "plan", map(changed, rows.iter_rows(named=True)))
    progress(rows.height, rows.height)


def held_in(session: Session, rows: pl.DataFrame) -> pl.DataFrame:
    """The plans stored of the months of the rows: KEY, `id` and their target as `before`."""
    columns = [getattr(Plan, name) for name in KEY]
    statement = select(*columns, Plan.id, Plan.target).where(Plan.month.in_(rows["month"].unique().to_list()))
    types = KEY | {"id": pl.Int64, "before": pl.Int64}
    return pl.DataFrame([tuple(one) for one in session.execute(statement)], types, orient="row")


def changed(row: dict[str, object]) -> tuple[int, PlanKey, PlanKey]:
    """A plan's change as the trail has it."""
    key = {name: row[name] for name in KEY}
    return cast(int, row["id"]), key | {"target": row["before"]}, key | {"target": row["target"]}


def stays_of(session: Session, managers: Iterable[int]) -> dict[int | None, list[Stay]]:
    """Where managers are posted, by manager, within the days they are with the bank."""
    asked = listed(session, pl.Series([*managers], dtype=pl.Int64), Integer())
    columns = (Manager.id, Posting.from_day, Posting.to_day, Manager.joined_on, Manager.left_on)
    statement = select(*columns).join(Posting, Posting.manager_id == Manager.id)
    found: dict[int | None, list[Stay]] = {}
    for manager, from_day, to_day, joined, left in session.execute(
        statement.join(asked, asked.c.value == Manager.id)
    ).all():
        first = max(filter(None, (from_day, joined)), default=None)
        found.setdefault(manager, []).append((first, min(filter(None, (to_day, left)), default=None)))
    return found


def to_be_there(stays: list[Stay], month: date) -> tuple[date | None, date | None]:
    """The first and the last day of the month on which a manager is posted as far as is known; None where they are
    nowhere, and for one who is known to be away from the bank in between: their plan is meant for the days they are
    there."""
    whole = of_month(month)
    spans = sorted(
        (max(first or whole.first, whole.first), min(last or whole.last, whole.last)) for first, last in stays
    )
    spans = [(begin, end) for begin, end in spans if begin <= end]
    gap = any((begin - end).days > 1 for (_, end), (begin, _) in pairwise(spans))
    return (None, None) if gap or not spans else (spans[0][0], spans[-1][1])


def tiers_in_order(session: Session, rows: pl.DataFrame) -> None:
    """Raises Refused where a higher tier of one of the plans (KEY as columns) is less than a lower one."""
    held = held_in(session, rows).join(rows, on=OF_TIERS, how="semi", nulls_equal=True)
    held = held.sort(pl.col("tier").cast(pl.Enum([*TIERS])))
    below = [pl.col(name).shift(1).over(OF_TIERS).alias(f"lower {name}") for name in ("tier", "before")]
    for row in held.with_columns(below).filter(pl.col("before") < pl.col("lower before")).head(1).iter_rows(named=True):
        raise Refused(IN_ORDER, tier=row["tier"], lower=row["lower tier"], measure=row["measure"])


def last_set_by(session: Session, held: Plan | None) -> str | None:
    of_plans = select(Audit.account).where(Audit.entity == "plan").order_by(Audit.id.desc()).limit(1)
    return session.scalar(of_plans if held is None else of_plans.where(Audit.entity_id == held.id))
