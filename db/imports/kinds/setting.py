"""Rows that say how one thing shall be: a row that says what is stored already is a duplicate, any other sets it."""

from collections.abc import Callable, Mapping

import polars as pl
from sqlalchemy import insert, select

from db import identity
from db.access import Viewer
from db.engine import Write
from db.imports import organisation
from db.imports.resolving import Found, all_problems, flag, frame, without
from db.models import Base

ID = pl.Int64
TWICE = "The same entry is in the file twice with different values: keep one"
UNKNOWN_BRANCH = "Unknown branch: check the name, or import people first"
SEVERAL_BRANCHES = "Several branches have this name: write the region too"


def split_known(
    write: Write,
    model: type[Base],
    rows: pl.DataFrame,
    keys: list[str],
    values: list[str],
    problems: pl.DataFrame,
    cells: pl.DataFrame,
    touch: Callable[[Write, pl.DataFrame], None] | None = None,
) -> Found:
    """Splits rows (columns named as the model's) into those stored already and those to set; `touch` says whom these
    concern, where storing them does not. Two rows in the file with one key and different values are a problem of the later one."""
    good = without(rows, cells, problems)
    twice = flag(
        good,
        pl.struct(values) != pl.struct(values).first().over(keys),
        values[0],
        TWICE,
    )
    problems = all_problems([problems, twice])
    good = without(good, twice)
    columns = [getattr(model, name) for name in (*keys, *values)]
    held = frame(write.session, select(*columns), {name: rows.schema[name] for name in (*keys, *values)})
    new = good.join(held, on=[*keys, *values], how="anti", nulls_equal=True, maintain_order="left")
    new = new.unique([*keys, *values], keep="first", maintain_order=True)

    def store(write: Write, rows: pl.DataFrame, batch: int, progress: Callable[[int, int], None]) -> None:
        if touch is not None:
            touch(write, rows)
        for done, row in enumerate(rows.select(*keys, *values).to_dicts(), 1):
            set_row(write, model, {key: row[key] for key in keys}, {value: row[value] for value in values})
            progress(done, rows.height)

    return Found(new, good.height - new.height, problems, store)


def set_row(write: Write, model: type[Base], key: Mapping[str, object], values: Mapping[str, object]) -> None:
    """Updates the row of that key, old and new values in the audit trail, or adds it."""
    held = write.session.scalars(
        select(model).where(*(getattr(model, name) == value for name, value in key.items()))
    ).first()
    if held is None:
        write.session.execute(insert(model).values(**key, **values))
        return
    before = {name: getattr(held, name) for name in values}
    if before == values:
        return
    for name, value in values.items():
        setattr(held, name, value)
    identity = getattr(held, "id", None)
    write.audit("set", model.__tablename__, identity, {**key, **before}, {**key, **values})


def with_branches(viewer: Viewer, write: Write, rows: pl.DataFrame, heading: str) -> pl.DataFrame:
    """Adds the `branch_id` that the column `heading` names, with the help of `region` where several are called so; and
    `several`, whether they are."""
    held = organisation.read_branches(write, organisation.own_branches(viewer))
    held = held.select(
        branch_id="branch_id", called=identity.keys(pl.col("branch")), over=identity.keys(pl.col("region"))
    )
    named = rows.select("sheet", "row", called=identity.keys(pl.col(heading)), region=identity.keys(pl.col("region")))
    fitting = named.join(held, on="called").filter(pl.col("region").is_null() | (pl.col("region") == pl.col("over")))
    found = fitting.group_by("sheet", "row").agg(
        branch_id=pl.when(pl.len() == 1).then(pl.col("branch_id").first()), several=pl.len() > 1
    )
    rows = rows.join(found, on=["sheet", "row"], how="left", maintain_order="left")
    return rows.with_columns(pl.col("several").fill_null(False))


def posted_elsewhere(viewer: Viewer, write: Write, rows: pl.DataFrame, first: pl.Expr, last: pl.Expr) -> pl.DataFrame:
    """The rows whose manager was posted nowhere within the viewer's scope from a first to a last day."""
    asked = rows.filter(pl.col("manager_id").is_not_null()).with_columns(first_asked=first, last_asked=last)
    if organisation.covers_bank(viewer):
        return asked.clear()
    own = organisation.read_branches(write, organisation.own_branches(viewer))["branch_id"]
    posted = organisation.posted_on(write, asked, "first_asked", "last_asked")
    return without(asked, posted.filter(pl.col("posted_branch").is_in(own.implode())))


def unknown_branches(viewer: Viewer, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows (of `with_branches`) whose branch is not the viewer's, or one of several called so, as problems."""
    unknown = UNKNOWN_BRANCH if organisation.covers_bank(viewer) else organisation.NOT_YOUR_BRANCH
    nowhere = pl.col("branch_id").is_null() & pl.col("branch").is_not_null()
    return all_problems(
        [flag(rows, pl.col("several"), "branch", SEVERAL_BRANCHES), flag(rows, nowhere, "branch", unknown)]
    )
