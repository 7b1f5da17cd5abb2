"""Rows that say how one thing shall be: a row that says what is stored already is a duplicate, any other sets it."""

from collections.abc import Callable, Mapping
from typing import cast

import polars as pl
from sqlalchemy import ColumnElement, Table, bindparam, insert, select, update

from db import identity
from db.access import Viewer
from db.engine import Write
from db.imports import organisation
from db.imports.resolving import Found, Progress, all_problems, flag, frame, insert_all, without
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
        set_rows(write, model, rows, keys, values, progress)

    return Found(new, good.height - new.height, problems, store)


def set_rows(
    write: Write,
    model: type[Base],
    rows: pl.DataFrame,
    keys: list[str],
    values: list[str],
    progress: Progress,
    *among: ColumnElement[bool],
) -> None:
    """Adds the rows (columns named as the model's) whose keys are not stored, and updates those whose values are others,
    old and new in the audit trail. `among` narrows down what may be stored of them."""
    table = cast(Table, model.__table__)
    (number,) = table.primary_key
    columns = [table.c[name] for name in dict.fromkeys((number.name, *keys, *values))]
    types = {one.name: rows.schema.get(one.name, ID) for one in columns}
    held = frame(write.session, select(*columns).where(*among), types)
    insert_all(write, model, rows.join(held, on=keys, how="anti", nulls_equal=True).select(*keys, *values), progress)
    before = {name: f"held {name}" for name in values}
    found = rows.select(*keys, *values).join(held.rename(before), on=keys, nulls_equal=True, maintain_order="left")
    other = pl.any_horizontal(pl.col(name).ne_missing(pl.col(was)) for name, was in before.items())
    changed = found.filter(other).to_dicts()
    if not changed:
        return
    new = {name: bindparam(f"new_{name}") for name in values}
    given = [{"one": row[number.name], **{new[name].key: row[name] for name in values}} for row in changed]
    write.session.connection().execute(update(table).where(number == bindparam("one")).values(new), given)
    of_key = [{name: row[name] for name in keys} for row in changed]
    write.audit_all(
        "set",
        table.name,
        [
            (
                row.get("id"),
                key | {one: row[was] for one, was in before.items()},
                key | {one: row[one] for one in values},
            )
            for key, row in zip(of_key, changed, strict=True)
        ],
    )
    progress(rows.height, rows.height)


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
