"""The rows of an activities file as entries of the log: at once with all that belongs to them, or a portion at a time."""

import polars as pl

from db.access import Viewer
from db.engine import Write, bank_day
from db.imports import customers, opportunities, organisation, products
from db.imports.resolving import Progress, insert_all
from db.log import fields
from db.log.arriving import make_way
from db.log.touching import touch
from db.models import Activity
from db.store.parts import OTHER

AS_STORED = {
    one.headings[0]: one.column
    for one in fields.of(fields.FILE)
    if one.kept_with == "activity" and one.column == one.name
}


def store(viewer: Viewer, write: Write, rows: pl.DataFrame, batch: int, progress: Progress) -> None:
    make_way(write, rows["reference"].to_list(), rows["opportunity"].drop_nulls().unique().to_list())
    customers.fill_in(write, rows)
    rows, known = look_up(viewer, write, rows)
    insert(write, rows, known, batch, None, progress)
    touch(write, Activity.batch_id == batch, bank_day())


def begin(viewer: Viewer, write: Write, rows: pl.DataFrame) -> None:
    """Adds the regions, branches, managers and products that the rows name and nobody knows."""
    write.touch(OTHER)  # they concern everybody
    organisation.create_missing(write, rows)
    products.add_unknown(write, rows)


def look_up(viewer: Viewer, write: Write, rows: pl.DataFrame) -> tuple[pl.DataFrame, tuple[pl.DataFrame, ...]]:
    """The rows with the numbers of their opportunities as they are to be stored, and what is stored of those."""
    rows = opportunities.numbered_apart(viewer, write, rows)
    return rows, opportunities.known(write, rows)


def put(write: Write, rows: pl.DataFrame, known: tuple[pl.DataFrame, ...], batch: int, progress: Progress) -> None:
    """Stores a portion of a large file, to be there once its batch is accepted."""
    insert(write, rows, known, batch, batch, progress)


def insert(
    write: Write,
    rows: pl.DataFrame,
    known: tuple[pl.DataFrame, ...],
    batch: int,
    arriving: int | None,
    progress: Progress,
) -> None:
    numbered, open_needs = known
    rows = opportunities.with_ids(write, customers.with_ids(write, rows, arriving), numbered, open_needs, arriving)
    activity = rows.select(
        "reference",
        "content",
        *(pl.col(heading).alias(name) for heading, name in AS_STORED.items()),
        *("region_id", "branch_id", "manager_id", "customer_id", "opportunity_id", "product_id"),
        batch_id=pl.lit(batch),
        recorded_at=pl.lit(write.now),
        recorded_by=pl.lit(write.account),
        version=pl.lit(write.version),
    )
    insert_all(write, Activity, activity, progress)
