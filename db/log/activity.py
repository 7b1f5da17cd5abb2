"""The activity log: read as marked columns, recorded once a reference, corrected and withdrawn with a trail."""

from collections.abc import Sequence
from datetime import date, datetime

import polars as pl
from sqlalchemy import func, select, true

from db import privacy, spans
from db.access import Viewer, scope, within
from db.engine import BANK_TIME
from db.log import mirror
from db.log.columns.partitions import ROW as MARKED
from db.log.fields import LAST, LOGGED
from db.models import Activity, Customer, ImportBatch, Manager
from db.privacy import masked_name

TYPE = {  # of a field's column, by its kind
    "day": pl.Date,
    "time": pl.Time,
    "amount": pl.Int64,
    "yes_no": pl.Boolean,
    "customer": pl.Int64,
    "product": pl.Int64,
    "opportunity": pl.Int64,
}
ROWS = {
    "id": pl.Int64,
    "version": pl.Int64,
    "manager": pl.Int32,
    "manager_name": pl.String,
    "customer_name": pl.String,
    **{one.name: TYPE.get(one.kind, pl.String) for one in LOGGED},
    "voided": pl.Boolean,
}
LATE = {"manager": pl.Int32, "late": pl.Int64}
PERSONAL = [one.name for one in LOGGED if one.personal]


def read(viewer: Viewer, span: spans.Span, **place: int | None) -> pl.LazyFrame:
    """The marked log of the span within the viewer's scope (metrics.frames.ACTIVITY), or of a place within it (region,
    branch, manager); everything committed included. An answer made of it holds until one of these rows changes."""
    return mirror.of(viewer.store).watched(span, scope(viewer, "read_activity"), place, of=viewer.parts_in(**place))


def read_stated(viewer: Viewer, span: spans.Span) -> pl.LazyFrame:
    """The same with what was stated (metrics.frames.STATED), for who asks what other definitions would make of it."""
    return mirror.of(viewer.store).watched(span, scope(viewer, "read_activity"), {}, MARKED, viewer.parts)


def rows(viewer: Viewer, day: date, manager: int, withdrawn: bool = False) -> pl.DataFrame:
    """A manager's entries of one day that still hold, latest first (ROWS); with `withdrawn` also those taken back by
    hand, which may be put back. Names of customers whom the viewer may not see whole are masked, and what is personal
    of them, such as notes, left out."""
    asked = (day, manager, withdrawn)
    return viewer.cached("entries of a day", *asked, read=lambda: stored_rows(viewer, *asked))


def stored_rows(viewer: Viewer, day: date, manager: int, withdrawn: bool) -> pl.DataFrame:
    seen = within(
        viewer,
        "read_activity",
        region=Activity.region_id,
        branch=Activity.branch_id,
        manager=Activity.manager_id,
    )
    columns = (
        Activity.id,
        Activity.version,
        Activity.manager_id,
        Manager.name,
        Customer.name,
        *(getattr(Activity, one.column) for one in LOGGED),
        Activity.voided_at.is_not(None),
        privacy.seen_whole(viewer) | Activity.customer_id.is_(None),
    )
    statement = (
        select(*columns)
        .join(Manager, Manager.id == Activity.manager_id)
        .outerjoin(Customer, Customer.id == Activity.customer_id)
        .outerjoin(ImportBatch, ImportBatch.id == Activity.batch_id)
        .where(Activity.day == day, Activity.manager_id == manager, seen)
        .where(Activity.voided_at.is_(None) | ImportBatch.undone_at.is_(None))
        .where(true() if withdrawn else Activity.voided_at.is_(None))
        .order_by(Activity.id.desc())
    )
    with viewer.reading() as connection:
        found = pl.DataFrame(
            [tuple(row) for row in connection.execute(statement)], ROWS | {"whole": pl.Boolean}, orient="row"
        )
    return found.select(
        pl.exclude("customer_name", "whole", *PERSONAL),
        *(pl.when("whole").then(name).alias(name) for name in PERSONAL),
        customer_name=pl.when("whole").then("customer_name").otherwise(masked_name(pl.col("customer_name"))),
    ).select(list(ROWS))


def late(viewer: Viewer, dated: spans.Span, since: datetime, managers: Sequence[int]) -> pl.DataFrame:
    """How many entries of these managers that hold are dated within the span, but were recorded only after a moment on
    the bank's clock (迟录): one row a manager who has any (LATE)."""
    seen = within(
        viewer, "read_activity", region=Activity.region_id, branch=Activity.branch_id, manager=Activity.manager_id
    )
    statement = (
        select(Activity.manager_id, func.count())
        .where(Activity.manager_id.in_(managers), Activity.day.between(dated.first, dated.last), seen)
        .where(Activity.voided_at.is_(None), Activity.recorded_at > since - BANK_TIME)
        .group_by(Activity.manager_id)
        .order_by(Activity.manager_id)
    )
    with viewer.reading() as connection:
        return pl.DataFrame([tuple(row) for row in connection.execute(statement)], LATE, orient="row")


def latest(viewer: Viewer, manager: int) -> dict[str, str | None]:
    """The fields that begin as they were last (fields.LAST), as the manager's latest entry has them: name → code, None
    where it had none."""
    seen = within(
        viewer, "read_activity", region=Activity.region_id, branch=Activity.branch_id, manager=Activity.manager_id
    )
    names = [one.name for one in LOGGED if one.default == LAST]
    statement = select(*(getattr(Activity, name) for name in names)).where(Activity.manager_id == manager, seen)

    def read() -> dict[str, str | None]:
        with viewer.reading() as connection:
            found = connection.execute(statement.order_by(Activity.day.desc(), Activity.id.desc()).limit(1)).first()
        return dict(zip(names, found or [None] * len(names), strict=True))

    return viewer.cached("latest entry", manager, read=read)
