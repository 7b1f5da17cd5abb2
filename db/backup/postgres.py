"""A backup by PostgreSQL's own programs, pg_dump and pg_restore."""

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, cast

from sqlalchemy import URL, Connection, Engine, text
from sqlalchemy.engine.interfaces import DBAPICursor

from db.backup.content import Facts, Rows, facts
from db.errors import StorageError

COPIED = re.compile(rb"COPY (?:\S+\.)?\"?(\w+)\"? \(.*\) FROM stdin;\n")
NOT_INSTALLED = (
    "“{program}” is not installed here: install the PostgreSQL client of the server's version, then try again."
)
FAILED = "“{program}” could not do it: {reason}"


def copy_postgres(engine: Engine, into: Path) -> Facts:
    """What pg_dump writes of the same moment that the facts are of."""
    isolated = engine.execution_options(isolation_level="REPEATABLE READ")
    with isolated.connect() as connection:
        found = facts(connection)
        moment = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        into.touch(0o600)
        said = ["--format=custom", "--no-owner", "--no-privileges", f"--schema={found.schema}", f"--file={into}"]
        client("pg_dump", [*said, f"--snapshot={moment}", address(engine.url)], engine.url)
    return found


def address(url: URL) -> str:
    """Of the database, as PostgreSQL's programs read it; the password goes by the environment, where nobody sees it."""
    return url.set(drivername="postgresql", password=None).render_as_string()


def environment(url: URL) -> dict[str, str]:
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    return client_environment() | password


def client_environment() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C"}


def client(program: str, words: Sequence[str], url: URL) -> None:
    """Runs one of PostgreSQL's programs. Raises StorageError where it is missing or fails."""
    try:
        done = subprocess.run([program, *words], env=environment(url), capture_output=True, text=True)
    except FileNotFoundError as error:
        raise StorageError(NOT_INSTALLED, program=program) from error
    if done.returncode:
        raise StorageError(FAILED, program=program, reason=last_line(done.stderr))


def last_line(said: str) -> str:
    return next(iter(reversed(said.strip().splitlines())), "?")


def script(dump: Path) -> Iterator[bytes]:
    """The lines that pg_restore makes of a dump: statements, and rows behind `COPY … FROM stdin;` up to a `\\.`. Raises
    StorageError where it cannot read it to its end."""
    words = ["pg_restore", "--no-owner", "--no-privileges", "--file=-", str(dump)]
    try:
        made = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=client_environment())
    except FileNotFoundError as error:
        raise StorageError(NOT_INSTALLED, program="pg_restore") from error
    with made:
        yield from cast(IO[bytes], made.stdout)
        said = cast(IO[bytes], made.stderr).read().decode(errors="replace")
    if made.returncode:
        raise StorageError(FAILED, program="pg_restore", reason=last_line(said))


def rows_of_dump(dump: Path) -> Rows:
    """How many rows of each table the dump holds, read to its end."""
    rows: Rows = {}
    filling = None
    for line in script(dump):
        if filling is None:
            begun = COPIED.fullmatch(line)
            filling = begun[1].decode() if begun else None
            if filling is not None:
                rows[filling] = 0
        elif line == b"\\.\n":
            filling = None
        else:
            rows[filling] += 1
    return dict(sorted(rows.items()))


def load(connection: Connection, lines: Iterator[bytes]) -> None:
    """Runs a script of pg_restore in the connection's transaction."""
    cursor = connection.connection.cursor()
    statements: list[bytes] = []
    for line in lines:
        if COPIED.fullmatch(line):
            run(cursor, statements)
            with cursor.copy(line.decode()) as copy:
                for row in lines:
                    if row == b"\\.\n":
                        break
                    copy.write(row)
        elif not line.startswith(b"\\"):  # for psql alone
            statements.append(line)
    run(cursor, statements)


def run(cursor: DBAPICursor, statements: list[bytes]) -> None:
    if any(line.strip() and not line.startswith(b"--") for line in statements):
        cursor.execute(b"".join(statements).decode())
    statements.clear()
