"""Is the store sound: the audit trail, the links between tables, the mirror beside the log, the definitions."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import polars as pl
from sqlalchemy import Connection, Table, func, select

from db import audit_chain
from db.audit.equal_names import NAMED_TABLES, equal_names
from db.engine import Store, busy
from db.log import mirror
from db.log.columns.fetching import fetch_stated, read_definitions
from db.log.columns.partitions import LOG
from db.models import Activity, Audit, Base, Definitions
from db.models.rules import DefinitionsRecord
from db.store import history

SHOWN = 20  # findings of one kind; more say the same


class Finding(NamedTuple):
    """Something that is not as it must be; the message is a message id, `values` fill its places."""

    message: str
    values: Mapping[str, object]


NOT_COMPARED = Finding("The report cache was not compared with the log: the definitions cannot be read.", {})


def check(store: Store, readable: Callable[[DefinitionsRecord], object]) -> dict[str, tuple[int, list[Finding]]]:
    """Per part of the store (audit, links, mirror, names, definitions): how many rows were looked at, and what is wrong.
    `readable` reads one definitions record, and raises what it finds wrong with it."""
    with store.reading(snapshot=True) as connection:
        unreadable = found(lambda: definitions(connection, readable))
        parts = {
            "audit": (count(connection, Audit), found(lambda: trail(connection))),
            "links": (
                sum(count(connection, table) for table in Base.metadata.sorted_tables),
                found(lambda: links(connection)),
            ),
            "mirror": (count(connection, Activity), found(lambda: copy(store, connection, unreadable))),
            "names": (sum(count(connection, table) for table in NAMED_TABLES), found(lambda: names(connection))),
            "definitions": (count(connection, Definitions), unreadable),
        }
    return {name: (rows, findings[:SHOWN]) for name, (rows, findings) in parts.items()}


def found(look: Callable[[], Iterator[Finding]]) -> list[Finding]:
    """What somebody finds who looks; that they could not go on where a value is none of its column's."""
    findings = []
    try:
        for one in look():
            findings.append(one)
    except Exception as error:
        if busy(error):
            raise
        findings.append(
            Finding("It cannot be read: {reason}", {"reason": type(error).__name__})
        )  # its text would say what is stored
    return findings


def count(connection: Connection, table: type[Base] | Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def trail(connection: Connection) -> Iterator[Finding]:
    for row, message in audit_chain.find_breaks(connection):
        yield Finding(message, {"row": row})


def links(connection: Connection) -> Iterator[Finding]:
    """Rows that name a row which is not there: the engines forbid it, a hand that goes round them does not."""
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            there = select(key.column.table.alias("there")).subquery()
            missing = select(func.count()).select_from(table).outerjoin(there, there.c[key.column.name] == key.parent)
            lost = connection.execute(
                missing.where(key.parent.is_not(None), there.c[key.column.name].is_(None))
            ).scalar_one()
            if lost:
                values = {"rows": lost, "table": table.name, "other": key.column.table.name}
                yield Finding("Rows of {table} that refer to a {other} that does not exist: {rows}.", values)


def copy(store: Store, connection: Connection, unreadable: list[Finding]) -> Iterator[Finding]:
    """The mirror, which may have started from a snapshot, beside the log read anew; without definitions that can be
    read nothing can be marked."""
    if any("reason" in one.values for one in unreadable):
        yield NOT_COMPARED
        return
    held = mirror.of(store).refresh()
    if held.version != history.present(connection):
        return  # somebody wrote meanwhile; the mirror is ahead of this reading
    log = fetch_stated(connection).select(list(LOG))
    marked = store.mark(log.lazy(), read_definitions(connection)).collect()
    mirrored = [month.rows().collect() for month in held.months.values()]
    columns = [*LOG, "counted"]
    kept = pl.concat([part.select(columns) for part in mirrored]) if mirrored else marked.select(columns).clear()
    if not kept.sort("id").equals(marked.select(columns).sort("id")):
        different = kept.join(marked.select(columns), on=columns, how="anti", nulls_equal=True)
        missing = marked.join(kept, on="id", how="anti")
        values = {"different": different.height, "missing": missing.height}
        yield Finding(
            "The report cache is not the log: rows that differ {different}, rows that are missing {missing}.", values
        )


def names(connection: Connection) -> Iterator[Finding]:
    for pair in equal_names(connection):
        yield Finding(
            "Numbers {first} and {second} of the {entity} list have one name in two spellings: rename one of them.",
            pair,
        )


def definitions(connection: Connection, readable: Callable[[DefinitionsRecord], object]) -> Iterator[Finding]:
    records = read_definitions(connection)
    if not records:
        yield Finding("There are no definitions: nothing can be counted.", {})
    for record in records:
        try:
            readable(record)
        except Exception as error:
            values = {"version": record[0], "reason": type(error).__name__}  # its text would say what is stored
            yield Finding("Version {version} cannot be read: {reason}", values)
