"""Many rows of a table in one statement: plain values, without a look at each row."""

import json
from typing import Any, cast

import polars as pl
from sqlalchemy import Dialect, FromClause, Table, bindparam, column, func, insert, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from db.identity import encoded
from db.models import Base


def insert_frame(session: Session, model: type[Base], rows: pl.DataFrame) -> None:
    """Inserts a frame whose columns are the model's; what is left out has the model's default, or null."""
    table, connection = cast(Table, model.__table__), session.connection()
    if any(one.default is not None and one.name not in rows.columns for one in table.columns):
        session.execute(insert(table), rows.to_dicts())
    elif connection.dialect.name == "postgresql":
        columns = [
            func.unnest(bindparam(name, rows[name].to_list(), ARRAY(table.c[name].type))) for name in rows.columns
        ]
        connection.execute(insert(table).from_select(rows.columns, select(*columns)))
    else:
        compiled = insert(table).compile(dialect=connection.dialect, column_keys=rows.columns)
        columns = [stored(rows[name], table.c[name].type, connection.dialect) for name in compiled.positiontup or ()]
        connection.exec_driver_sql(str(compiled), list(zip(*columns, strict=True)))


def listed(session: Session, values: pl.Series, kind: TypeEngine[Any]) -> FromClause:
    """Values as rows to join with, however many: their column is `value`."""
    if session.get_bind().dialect.name == "postgresql":
        return select(func.unnest(bindparam(None, values.to_list(), ARRAY(kind))).label("value")).subquery()
    return func.json_each(json.dumps(values.to_list())).table_valued(column("value", kind))


def stored(values: pl.Series, kind: TypeEngine[Any], dialect: Dialect) -> list[object]:
    """The values as the database's driver takes them; each that is there several times is converted once."""
    convert = kind.dialect_impl(dialect).bind_processor(dialect)
    if convert is None:
        return values.to_list()
    found = encoded(values)
    each = [convert(one) for one in found.texts]
    return [None if place is None else each[place] for place in found.places]
