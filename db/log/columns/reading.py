"""Many rows as columns, taken from the driver itself, past SQLAlchemy's rows, which cost more than all else."""

from typing import Any, cast

import polars as pl
from sqlalchemy import CompoundSelect, Connection, Select
from sqlalchemy.engine.interfaces import DBAPICursor

AT_ONCE = 20_000  # rows fetched from a cursor before they become columns
AS_STORED = {pl.Date(): pl.String(), pl.Time(): pl.String(), pl.Boolean(): pl.Int8()}  # by SQLite


def read_columns(
    connection: Connection,
    statement: Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]],
    schema: pl.Schema,
    **values: object,
) -> pl.DataFrame:
    """The rows of a statement whose columns are those of the schema, in its order: of integers, texts, codes, booleans,
    days and times. `values` are those of its parameters."""
    sent = {name: pl.String() if isinstance(kind, pl.Enum) else kind for name, kind in schema.items()}
    if connection.dialect.name == "sqlite":
        sent = {name: AS_STORED.get(kind, kind) for name, kind in sent.items()}
    texts = {name: schema[name] for name, kind in sent.items() if kind == pl.String}
    days = [pl.col(name).str.to_date("%Y-%m-%d") for name, kind in texts.items() if kind == pl.Date]
    times = [pl.col(name).str.to_time("%H:%M:%S%.f") for name, kind in texts.items() if kind == pl.Time]
    parts = [pl.DataFrame(schema=schema)]
    with connection.execute(statement, values, execution_options={"stream_results": True}) as result:
        while rows := result.cursor_strategy.fetchmany(result, cast(DBAPICursor, result.cursor), AT_ONCE):
            columns = zip(sent.items(), zip(*rows, strict=True), strict=True)
            part = pl.DataFrame([pl.Series(name, values, kind) for (name, kind), values in columns])
            parts.append(part.with_columns(*days, *times).cast(schema))
    return pl.concat(parts)
