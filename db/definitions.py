"""The bank's definitions as they are stored: one record a version, each in force from a day on, none ever changed."""

from datetime import date

import polars as pl
from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session

from db.access import Viewer, check, scope, writing
from db.engine import BANK_TIME
from db.errors import Conflict, Refused
from db.log.columns.fetching import read_definitions
from db.log.columns.partitions import LOG
from db.models import Definitions, Region
from db.models.rules import DefinitionsRecord
from db.store.parts import BANK, DEFINITIONS, besides_log, shared_in

HISTORY = {
    "version": pl.Int64,
    "region": pl.Int32,
    "region_name": pl.String,
    "from_day": pl.Date,
    "set_at": pl.Datetime,
    "set_by": pl.String,
    "body": pl.Object,
}


def read(viewer: Viewer) -> tuple[DefinitionsRecord, ...]:
    """All versions as (version, region, from_day, body), oldest first: metrics.definitions.from_record reads one."""
    scope(viewer, "read_definitions")

    def stored() -> tuple[DefinitionsRecord, ...]:
        with viewer.store.reading(
            DEFINITIONS, shared_in(viewer.region) if viewer.region else besides_log(BANK)
        ) as connection:
            return read_definitions(connection)

    return viewer.cached("definitions", viewer.region, read=stored, same_for_all=True)


def history(viewer: Viewer) -> pl.DataFrame:
    """One row a version (HISTORY), the latest first: region and region_name are null where it holds for the whole bank,
    set_at is the bank's time. Who works in a region sees the versions that hold there, others all."""
    scope(viewer, "read_definitions")
    columns = (
        Definitions.version,
        Definitions.region_id,
        Region.name,
        Definitions.from_day,
        Definitions.set_at,
        Definitions.set_by,
        Definitions.body,
    )
    statement = select(*columns).outerjoin(Region, Region.id == Definitions.region_id).where(holding(viewer.region))
    with viewer.store.reading(
        DEFINITIONS, shared_in(viewer.region) if viewer.region else besides_log(BANK)
    ) as connection:
        rows = [tuple(row) for row in connection.execute(statement.order_by(Definitions.version.desc()))]
    return pl.DataFrame(rows, HISTORY, orient="row").with_columns(pl.col("set_at") + BANK_TIME)


def set_version(viewer: Viewer, from_day: date, body: dict[str, object], seen: int, today: date) -> int:
    """Stores the settings in `body`, the others as they are in force on that day, as a new version and gives its
    number: for the viewer's region, by the operator for the whole bank. `seen` is the latest version they knew of; the
    audit trail has what changed, old and new.

    Raises Conflict when another version came in meanwhile; Refused for a day of a month that was already reported, a
    body that metrics cannot read, or one that changes nothing; NotAllowed without the right."""
    region = scope(viewer, "set_definitions").get("region")
    if from_day < today.replace(day=1):
        raise Refused(
            "Definitions can take effect on {day} at the earliest: months already reported do not change.",
            day=today.replace(day=1),
        )
    with writing(viewer) as write:
        write.touch(shared_in(region), regions=[region])
        check(viewer, "set_definitions", region=region, branch=None, manager=None)
        meanwhile = latest(write.session, region)
        if meanwhile is not None and meanwhile.version > seen:
            raise Conflict(
                "{account} saved definitions v{version} meanwhile: look at them before you change them.",
                account=meanwhile.set_by,
                version=meanwhile.version,
            )
        held = in_force(write.session, from_day, region)
        changed = [name for name in body if name not in held or held[name] != body[name]]
        if not changed:
            raise Refused("These definitions are in force already: nothing was changed.")
        version = (write.session.scalar(select(func.max(Definitions.version))) or 0) + 1
        readable(viewer, (version, region, from_day, held | body))
        write.session.add(
            Definitions(
                version=version,
                region_id=region,
                from_day=from_day,
                body=held | body,
                set_at=write.now,
                set_by=write.account,
            )
        )
        after = {"region": region, "from_day": from_day} | {name: body[name] for name in changed}
        write.audit("set", "definitions", version, {name: held.get(name) for name in changed}, after)
    return version


def readable(viewer: Viewer, record: DefinitionsRecord) -> None:
    """Raises Refused when the log could not be marked by these definitions."""
    try:
        viewer.store.mark(pl.DataFrame(schema=LOG).lazy(), (record,)).collect()
    except (ValueError, TypeError) as error:
        raise Refused("These definitions are not possible: {reason}", reason=str(error)) from error


def holding(region: int | None) -> ColumnElement[bool]:
    """The versions that hold in a region; without one, all."""
    return true() if region is None else or_(Definitions.region_id.is_(None), Definitions.region_id == region)


def latest(session: Session, region: int | None) -> Definitions | None:
    """The version that was saved last of those that hold there."""
    return session.scalars(select(Definitions).where(holding(region)).order_by(Definitions.version.desc())).first()


def in_force(session: Session, day: date, region: int | None) -> dict[str, object]:
    """The settings in force on a day as they are stored, as metrics.definitions.in_force finds them; none before the
    first version."""
    begun = select(Definitions.body).where(Definitions.from_day <= day)
    here = Definitions.region_id.is_(None) if region is None else holding(region)
    return (
        session.scalars(begun.where(here).order_by(Definitions.from_day.desc(), Definitions.version.desc())).first()
        or {}
    )
