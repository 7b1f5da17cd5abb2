"""Shared steps of the importers: from names in a file to ids in the store, and from rows in error to problems."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl
from sqlalchemy import Executable, func, select
from sqlalchemy.orm import Session

from db.engine import Write
from db.files.table import PROBLEM
from db.models import Base
from db.store.bulk import insert_frame
from db.store.unaccepted import every_row

Progress = Callable[[int, int], None]
Schema = Mapping[str, pl.DataType | type[pl.DataType]]

AT_ONCE = 5_000  # rows a statement: below the parameter limits of both databases
INSERTED = 2_000  # rows, between which others may have their turn


@dataclass(frozen=True)
class Found:
    """What a file amounts to: the rows to store (`sheet` and `row` among their columns), how many are stored already,
    what is wrong with the others, the function that stores them (write, rows, batch, progress), and what is to be said
    of cells although they are taken (PROBLEM)."""

    rows: pl.DataFrame
    duplicates: int
    problems: pl.DataFrame
    store: Callable[[Write, pl.DataFrame, int, Progress], None]
    warnings: pl.DataFrame = field(default_factory=pl.DataFrame(schema=PROBLEM).clear)


def frame(session: Session, statement: Executable, schema: Schema) -> pl.DataFrame:
    """The answer as a frame of the given types, also when it is empty."""
    return pl.DataFrame([tuple(row) for row in session.execute(statement)], schema, orient="row")


def flag(rows: pl.DataFrame, wrong: pl.Expr, column: str | pl.Expr, problem: str) -> pl.DataFrame:
    """The rows where `wrong` holds as problems (PROBLEM) of that column; the value is looked up in the sheet later."""
    marked = rows.with_columns(_wrong=wrong.fill_null(False))  # a literal too: as a filter Polars may count it a thread
    return as_problems(marked.filter("_wrong"), column, problem)


def as_problems(rows: pl.DataFrame, column: str | pl.Expr, problem: str) -> pl.DataFrame:
    """Each of the rows as a problem (PROBLEM) of that column."""
    return rows.select(
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
    wrong = pl.concat(problems).select("sheet", "row").unique()
    return rows.join(wrong, on=["sheet", "row"], how="anti") if wrong.height else rows


def create(write: Write, model: type[Base], rows: pl.DataFrame) -> pl.Series:
    """Inserts a frame whose columns are the model's and gives the new ids in its order. Whoever writes holds the change
    counter, so the ids after the last one are free."""
    write.let_others()
    held = every_row(model.__tablename__, "id").c.id
    last = write.session.execute(select(func.coalesce(func.max(held), 0))).scalar_one()
    numbered = rows.with_columns(id=pl.int_range(last + 1, last + 1 + pl.len()))
    insert_all(write, model, numbered)
    if rows.height:
        write.settle_ids(model)
    return numbered["id"]


def insert_all(write: Write, model: type[Base], rows: pl.DataFrame, progress: Progress | None = None) -> None:
    """Inserts a frame whose columns are the model's."""
    for start in range(0, rows.height, INSERTED):
        write.let_others()
        insert_frame(write.session, model, rows.slice(start, INSERTED))
        if progress:
            progress(min(start + INSERTED, rows.height), rows.height)
