"""Rows that may have been written twice: they are taken, and named."""

import polars as pl
from sqlalchemy import select

from db.engine import Write
from db.imports.resolving import all_problems, as_problems, flag, frame
from db.models import Activity

IN_FILE = "Equal in every cell to an earlier row of this file: taken, but perhaps written twice"
STORED = (
    "The same step of this customer on this day is stored already with another content: perhaps it corrects that one"
)
WHOLE_ROW = pl.lit(None, pl.String)
STEP = {"manager_id": pl.Int64, "customer_id": pl.Int64, "product_id": pl.Int64, "kind": pl.String, "date": pl.Date}


def in_file(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows that say the same as an earlier one, as warnings."""
    rows = rows.sort("sheet", "row", maintain_order=True)
    return flag(rows, ~pl.col("content").is_first_distinct(), WHOLE_ROW, IN_FILE)


def beside_stored(write: Write, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows beside which the store holds the same step of the same customer and day, as warnings; of consultations
    the day counts one anyway."""
    new = rows.filter(pl.col("kind") != "consultation", pl.col("customer_id").is_not_null())
    if new.is_empty():
        return all_problems([])
    columns = (Activity.manager_id, Activity.customer_id, Activity.product_id, Activity.kind, Activity.day)
    days = Activity.day.between(new["date"].min(), new["date"].max())
    theirs = Activity.manager_id.in_(new["manager_id"].unique().to_list())
    statement = select(*columns).where(theirs, days, Activity.voided_at.is_(None), Activity.kind != "consultation")
    held = frame(write.session, statement.distinct(), STEP)
    return as_problems(new.join(held, on=list(STEP), how="semi", nulls_equal=True), WHOLE_ROW, STORED)
