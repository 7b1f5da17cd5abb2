"""The activity log as it is stored, fetched as columns for the mirror."""

from datetime import date
from functools import cache

import polars as pl
from sqlalchemy import Connection, Select, bindparam, func, select

from db.log.columns.partitions import LOG, Records
from db.log.columns.reading import read_columns
from db.models import Activity, Definitions, Product, VisitingDay, VisitingPlace
from db.spans import Span

FETCHED = {name: kind for name, kind in LOG.items() if name not in ("second", "party")} | {
    "time": pl.Time,
    "voided": pl.Boolean,
}

SCHEMA = pl.Schema(FETCHED)
OUT = {"branch": pl.Int32, "day": pl.Date, "manager": pl.Int32}  # who went out where, and when


@cache
def select_log() -> Select[*tuple[object, ...]]:
    """The columns FETCHED of the log, whatever is measured among them. Kept like the other statements here: every write
    is followed by them, and to build them takes longer than to find its rows."""
    elsewhere = {"family": Product.family, "voided": Activity.voided_at.is_not(None)}
    own = {name: name if hasattr(Activity, name) else f"{name}_id" for name in FETCHED.keys() - elsewhere.keys()}
    wanted = [elsewhere[name] if name in elsewhere else getattr(Activity, own[name]) for name in FETCHED]
    return select(*wanted).select_from(Activity).outerjoin(Product, Product.id == Activity.product_id)


@cache
def select_stated() -> Select[*tuple[object, ...]]:
    return select_log().where(Activity.voided_at.is_(None))


@cache
def select_stated_of() -> Select[*tuple[object, ...]]:
    return select_stated().where(Activity.day.between(bindparam("first"), bindparam("last")))


@cache
def select_applications_before() -> Select[*tuple[object, ...]]:
    return select_stated().where(Activity.day < bindparam("before"), Activity.kind == "application")


@cache
def select_changed() -> Select[*tuple[object, ...]]:
    return select_log().where(Activity.version > bindparam("since"))


def fetch_stated(connection: Connection, span: Span | None = None) -> pl.DataFrame:
    """The rows that hold, all or those of a span, as columns (LOG)."""
    if span is None:
        return fetch(connection, select_stated()).drop("voided")
    return fetch(connection, select_stated_of(), first=span.first, last=span.last).drop("voided")


def fetch_applications(connection: Connection, before: date) -> pl.DataFrame:
    """The applications before a day that hold, as columns (LOG)."""
    return fetch(connection, select_applications_before(), before=before).drop("voided")


def fetch_changed(connection: Connection, since: int) -> pl.DataFrame:
    """The rows with a version above `since`, as columns: LOG and `voided`."""
    return fetch(connection, select_changed(), since=since)


def fetch(connection: Connection, statement: Select[*tuple[object, ...]], **values: object) -> pl.DataFrame:
    second = (pl.col("time").cast(pl.Int64) // 1_000_000_000).cast(pl.Int32)
    rows = read_columns(connection, statement, SCHEMA, **values).with_columns(second=second)
    return rows.join(parties(connection, rows["day"]), on=[*OUT], how="left").select(*LOG, "voided")


@cache
def select_parties() -> Select[int, date, int, int]:
    group = (VisitingPlace.visiting_day_id, VisitingPlace.group_number)
    party = func.min(VisitingPlace.manager_id).over(partition_by=group)
    columns = (VisitingDay.branch_id, VisitingDay.day, VisitingPlace.manager_id, party)
    statement = select(*columns).join(VisitingDay, VisitingDay.id == VisitingPlace.visiting_day_id)
    return statement.where(VisitingDay.day.between(bindparam("first"), bindparam("last")))


def parties(connection: Connection, days: pl.Series) -> pl.DataFrame:
    """Who went out in a group on these days: branch, day, manager, `party`, one manager of the group for all of it."""
    span = {"first": days.min(), "last": days.max()}
    found = [] if days.is_empty() else [tuple(row) for row in connection.execute(select_parties(), span)]
    return pl.DataFrame(found, OUT | {"party": pl.Int32}, orient="row")


@cache
def select_definitions() -> Select[int, int | None, date, dict[str, object]]:
    columns = (Definitions.version, Definitions.region_id, Definitions.from_day, Definitions.body)
    return select(*columns).order_by(Definitions.version)


def read_definitions(connection: Connection) -> Records:
    """All versions as (version, region, from_day, body) records, oldest first."""
    return tuple(tuple(row) for row in connection.execute(select_definitions()))
