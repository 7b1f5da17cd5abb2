"""Shared steps of the importers: from names in a file to ids in the store, and from rows in error to problems."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Select, func, insert, select
from sqlalchemy.orm import Session

from db.engine import Write
from db.formats import PROBLEM

AT_ONCE = 5_000  # rows a statement: below the parameter limits of both databases


@dataclass(frozen=True)
class Found:
    """What a file amounts to: the rows to store (`sheet` and `row` among their columns), how many are stored already,
    what is wrong with the others, and the function that stores them (write, rows, batch, progress)."""

    rows: pl.DataFrame
    duplicates: int
    problems: pl.DataFrame
    store: Callable


def frame(session: Session, statement: Select, schema: dict) -> pl.DataFrame:
    """The answer as a frame of the given types, also when it is empty."""
    return pl.DataFrame([tuple(row) for row in session.execute(statement)], schema, orient="row")


def flag(rows: pl.DataFrame, wrong: pl.Expr, column: str | pl.Expr, problem: str) -> pl.DataFrame:
    """The rows where `wrong` holds as problems (PROBLEM) of that column; the value is looked up in the sheet later."""
    return rows.filter(wrong.fill_null(False)).select(
        "sheet",
        pl.col("row").cast(pl.Int64),
        column=pl.lit(column) if isinstance(column, str) else column,
        value=pl.lit(None, pl.String),
        problem=pl.lit(problem),
    )


def all_problems(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=PROBLEM), *parts])


def without(rows: pl.DataFrame, *problems: pl.DataFrame) -> pl.DataFrame:
    """The rows in which nothing is wrong."""
    return rows.join(pl.concat(problems).select("sheet", "row").unique(), on=["sheet", "row"], how="anti")


def create(write: Write, model, rows: pl.DataFrame) -> pl.Series:
    """Inserts a frame whose columns are the model's and gives the new ids in its order. Whoever writes holds the change
    counter, so the ids after the last one are free."""
    last = write.session.scalar(select(func.coalesce(func.max(model.id), 0)))
    numbered = rows.with_columns(id=pl.int_range(last + 1, last + 1 + pl.len()))
    insert_all(write, model, numbered)
    if rows.height:
        write.settle_ids(model)
    return numbered["id"]


def insert_all(write: Write, model, rows: pl.DataFrame, progress: Callable[[int, int], None] | None = None) -> None:
    """Inserts a frame whose columns are the model's."""
    for start in range(0, rows.height, AT_ONCE):
        write.session.execute(insert(model.__table__), rows.slice(start, AT_ONCE).to_dicts())
        if progress:
            progress(min(start + AT_ONCE, rows.height), rows.height)
