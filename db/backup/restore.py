"""Putting a backup back: looked through first, under running apps, and the store as it was kept aside. All sessions end,
and the history goes on with a token of its own, so that nobody joins the two pasts."""

import itertools
import os
import secrets
import shutil
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, func, inspect, select, text, true
from sqlalchemy.orm import Session

from db import audit_chain
from db.accounts.sign_in import end_sessions
from db.backup import anchors, forgotten, postgres
from db.backup.anchors import Head, Notary
from db.backup.archive import NEWER, settle
from db.backup.backup import scratch, verified
from db.backup.content import POSTGRES, SQLITE, Facts, facts
from db.customers import forgetting
from db.customers.forgetting import Record
from db.delivery import sending
from db.engine import BANK_TIME, Write, now
from db.errors import Refused, StorageError
from db.migrations import migrate
from db.models import Account, ChangeCounter, SignIn
from db.store import history, parts, sweeping
from db.store.connecting import connect
from db.store.on_disk import is_filled, path_of

OTHER_ENGINE = "“{file}” is a backup of a {engine} database, and cannot be put into another kind. Nothing was changed."
OTHER_BANK = "“{file}” is of another bank's database than the one that is there. If that is meant, say --other-bank. Nothing was changed."
BUSY_SECONDS = 10
STEP = 64  # pages that are put back at a time; the first of them takes the writer's lock
NOT_A_DATABASE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
COUNTED_FROM = datetime(2020, 1, 1)
Definitions = dict[str, object]


@dataclass(frozen=True)
class Restored:
    """What was put back, and where the store that was there before is kept; None where there was none. `rewound` rows
    of the audit trail that was there are not in the one that was put back, as far as anybody can say."""

    facts: Facts
    kept: str | None
    rewound: int | None = None
    forgotten: int = 0  # records that were forgotten after the backup was made, and are again


@dataclass(frozen=True)
class Settled:
    """The audit trail of what is put back: its end, and how many rows of it are those that were backed up."""

    head: Head
    keeps: int
    forgotten: int


def restore(
    url: str,
    file: Path,
    definitions: Definitions,
    passphrase: str | None,
    other_bank: bool,
    notary: Notary | None = None,
) -> Restored:
    """Raises Refused, with the reason and with nothing changed, for a backup that is damaged, cut short, of a newer
    schema or another engine; for one of another bank's store unless `other_bank`. The anchors say that the trail goes
    on from an earlier row, and name the manifest."""
    with scratch(url) as folder, verified(file, passphrase, folder) as (found, inside):
        if not migrate.knows(found.revision):
            raise Refused(NEWER, file=file.name)
        engine = connect(url)
        try:
            if engine.dialect.name != found.engine:
                raise Refused(OTHER_ENGINE, file=file.name, engine=found.engine)
            there = facts_there(engine)
            if there is not None and there.identity != found.identity and not other_bank:
                raise Refused(OTHER_BANK, file=file.name)
            folders = {file.parent, *([] if notary is None else [notary.folder])}
            known = forgotten.read(folders, found.identity) | forgotten_there(engine, there, found)
            put = into_sqlite if found.engine == SQLITE else into_postgres
            kept, settled = put(engine, inside, found, definitions, known)
            if notary is not None:
                forgotten.note(notary.folder, found.identity, known)
            if settled.forgotten:
                sweeping.sweep(engine)
            if notary is not None:
                named = {"keeps": settled.keeps, "manifest": found.content, "file": file.name}
                notary.anchor(anchors.RESTORE, settled.head, file.parent, **named)
            of_this_bank = there is not None and there.identity == found.identity
            return Restored(found, kept, there.trail_rows - settled.keeps if of_this_bank else None, settled.forgotten)
        finally:
            engine.dispose()


def facts_there(engine: Engine) -> Facts | None:
    """What lies where the backup goes; None where there is nothing, or nothing that can be read."""
    if engine.dialect.name == SQLITE and not is_filled(path_of(engine.url)):
        return None
    try:
        with engine.connect() as connection:
            return facts(connection)
    except StorageError:
        return None
    except Exception:
        if engine.dialect.name == POSTGRES:
            raise
        return None


def forgotten_there(engine: Engine, there: Facts | None, found: Facts) -> set[Record]:
    """Who is forgotten in the store that is replaced, if it is the same bank's."""
    if there is None or there.identity != found.identity:
        return set()
    with engine.connect() as connection:
        return forgotten.there(connection)


def aside() -> Iterator[str]:
    """What the name of the store that was there before may end with, the first that is free."""
    moment = f"before-restore-{now() + BANK_TIME:%Y%m%dT%H%M%S}"
    yield moment
    for number in itertools.count(2):
        yield f"{moment}-{number}"


def settle_past(connection: Connection, found: Facts, known: Collection[Record]) -> Settled:
    """What was put back is a new present: everybody's session has ended, what waited to be sent may have been, who was
    forgotten since is so again, the next version has a token of its own and touches everybody, and the trail says what
    happened."""
    before = anchors.head_of(connection)
    with Session(bind=connection, join_transaction_mode="rollback_only") as session:
        drawn = history.draw(session)
        write = Write(session, drawn[0], "operator", now())
        end_sessions(write, true())
        leave_numbers_out(write)
        sending.doubt_waiting(write)
        said = {"version": found.version}
        audit_chain.append(session, write.now, write.account, "restore", "database", None, None, said)
        again = forgetting.forget_again(write, known)
        history.bump(session, {parts.OTHER}, drawn)
        session.flush()
    as_backed_up = found.trail_rows < 0 or (before.rows, before.hash) == (found.trail_rows, found.trail_hash)
    return Settled(anchors.head_of(connection), before.rows if as_backed_up else 0, len(again))


def leave_numbers_out(write: Write) -> None:
    """Sessions get numbers that none had in the past that is taken back: an open page knows its session by number, and
    must not find itself in somebody else's. There were fewer of them than seconds."""
    account = write.session.scalar(select(func.min(Account.id)))
    if account is None:
        return
    last = write.session.scalar(select(func.max(SignIn.id))) or 0
    number = max(last + 1, (write.now - COUNTED_FROM) // timedelta(seconds=1))
    said = {"account_id": account, "address": "", "idle_minutes": 0, "device_hash": ""}
    times = dict.fromkeys(("began_at", "lasts_until", "expires_at", "ended_at"), write.now)
    write.session.add(SignIn(id=number, token_hash=secrets.token_hex(32), **said, **times))
    write.session.flush()
    write.settle_ids(SignIn)


# -- SQLite ------------------------------------------------------------------------------------------------------


def into_sqlite(
    engine: Engine, inside: Path, found: Facts, definitions: Definitions, known: Collection[Record]
) -> tuple[str | None, Settled]:
    migrate.migrate(f"sqlite:///{inside}", definitions)
    made = connect(f"sqlite:///{inside}")
    with made.connect().execution_options(immediate=True) as connection, connection.begin():
        settled = settle_past(connection, found, known)
    if settled.forgotten:
        sweeping.sweep(made)
    with made.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    made.dispose()
    engine.dispose()
    return into_file(inside, path_of(engine.url)), settled


def into_file(inside: Path, target: Path) -> str | None:
    if not is_filled(target):
        return put_in_place(inside, target)
    try:
        return put_over(inside, target)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF not in NOT_A_DATABASE:
            raise StorageError("The database cannot be replaced: {reason}", reason=str(error)) from error
        return put_in_place(inside, target)


def put_over(inside: Path, target: Path) -> str:
    """Writes the backup over the database as one transaction of the same file: running apps go on with it. The copy of
    what was there is made while the writer's lock is held, so that nothing stored is missing in both."""
    kept = free_name(target)
    with (
        closing(sqlite3.connect(inside, isolation_level=None)) as source,
        closing(sqlite3.connect(target, isolation_level=None, timeout=BUSY_SECONDS)) as place,
        closing(sqlite3.connect(target, isolation_level=None, timeout=BUSY_SECONDS)) as beside,
    ):
        beside.execute("SELECT count(*) FROM sqlite_master").fetchone()
        waited, is_kept = 0, False

        def progress(status: int, _left: int, _pages: int) -> None:
            nonlocal waited, is_kept
            if status != sqlite3.SQLITE_OK:  # somebody is writing
                waited += 1
                if waited > BUSY_SECONDS * 10:
                    raise StorageError("The database is busy: somebody else is writing. Try again in a moment.")
            elif not is_kept:
                is_kept = True
                kept.touch(0o600)
                beside.execute("VACUUM INTO ?", [str(kept)])

        try:
            place.execute("PRAGMA busy_timeout = 0")  # the waiting is done, and counted, above
            source.backup(place, pages=STEP, progress=progress, sleep=0.1)
        except BaseException:
            kept.unlink(missing_ok=True)
            raise
    return str(kept)


def free_name(target: Path) -> Path:
    """Where what was there before goes: beside it, over nothing."""
    names = (target.with_name(f"{target.name}.{ending}") for ending in aside())
    return next(one for one in names if not one.exists())


def put_in_place(inside: Path, target: Path) -> str | None:
    """Puts the backup where there is no database that can be written to; what lies there, and what belongs to it, is
    moved aside as it is."""
    kept = None
    if is_filled(target):
        kept = free_name(target)
        shutil.copymode(target, inside)
        for ending in ("-wal", "-shm", ""):
            part = target.with_name(target.name + ending)
            if part.exists():
                part.replace(kept.with_name(kept.name + ending))
    else:
        for ending in ("-wal", "-shm"):
            target.with_name(target.name + ending).unlink(missing_ok=True)
    os.replace(inside, target)
    settle(target.parent)
    return None if kept is None else str(kept)


# -- PostgreSQL --------------------------------------------------------------------------------------------------


def into_postgres(
    engine: Engine, inside: Path, found: Facts, definitions: Definitions, known: Collection[Record]
) -> tuple[str | None, Settled]:
    """In one transaction: the tables that are there keep their rows under another schema's name, the backup's take their
    place. Whoever reads or writes waits for its end, and goes on with what was put back."""
    kept = None
    with engine.connect() as connection, connection.begin():
        filled = inspect(connection).has_table(ChangeCounter.__tablename__, found.schema)
        quote = connection.dialect.identifier_preparer.quote
        if filled:
            connection.execute(text(f"LOCK TABLE {quote(found.schema)}.change_counter IN ACCESS EXCLUSIVE MODE"))
        taken = inspect(connection).get_schema_names()
        if found.schema in taken:
            names = (f"{found.schema}_{ending}".replace("-", "_").lower() for ending in aside())
            kept = next(one for one in names if one not in taken)
            connection.execute(text(f"ALTER SCHEMA {quote(found.schema)} RENAME TO {quote(kept)}"))
        postgres.load(connection, postgres.script(inside))
        connection.execute(text("RESET ALL"))
        migrate.upgrade(connection, definitions)
        settled = settle_past(connection, found, known)
    return kept if filled else None, settled
