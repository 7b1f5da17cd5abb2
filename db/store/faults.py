"""What a database says when it cannot do its work, in one sentence for whoever asked."""

from collections.abc import Generator
from contextlib import contextmanager
from sqlite3 import Error as SqliteError

import psycopg
from sqlalchemy import ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from db.errors import Unavailable

BUSY = "The database is busy: somebody else is writing. Try again in a moment."
READ_ONLY = "The database is read-only: nothing was stored. Ask whoever runs it to allow writing."
FULL = "The disk of the database is full: nothing was stored. Ask whoever runs it to make room."
OUT_OF_REACH = "The database cannot be used at present: {reason}"
SQLITE = {5: BUSY, 6: BUSY, 8: READ_ONLY, 13: FULL}  # primary result codes (sqlite.org/rescode.html)
SQLITE_OUT_OF_REACH = (10, 11, 14, 26)  # input or output failed, damaged, cannot be opened, not a database
# PostgreSQL: lock not available, deadlock, serialization, cancelled, read-only, disk. Others say what is the matter.
POSTGRES = dict.fromkeys(("55P03", "40P01", "40001", "57014"), BUSY)
POSTGRES |= {"25006": READ_ONLY, "53100": FULL}
POSTGRES_OUT_OF_REACH = ("08", "53", "57", "58")  # classes: connection, resources, operator, system

DRIVERS = (SqliteError, psycopg.Error)


@contextmanager
def in_words() -> Generator[None]:
    """Around what asks the database. Raises Unavailable where it cannot do its work; what is wrong with the statement
    itself stays what it is."""
    try:
        yield
    except NoConnection as error:
        raise Unavailable(BUSY) from error
    except (DBAPIError, *DRIVERS) as error:
        said = unavailable(error)
        if said is None:
            raise
        raise said from error


def unavailable(error: Exception) -> Unavailable | None:
    """The sentence for a fault of the database itself; None for one of the statement. The error is SQLAlchemy's, or the
    driver's where it is asked past it, as for the mirror's rows."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    state = getattr(cause, "sqlstate", None) or ""
    message = POSTGRES.get(state) if code is None else SQLITE.get(code & 0xFF)
    if message is not None:
        return Unavailable(message)
    nameless = code is None and not state and type(error).__name__ == "OperationalError"
    invalidated = isinstance(error, DBAPIError) and error.connection_invalidated
    out_of_reach = nameless or invalidated or state[:2] in POSTGRES_OUT_OF_REACH
    if code is not None:
        out_of_reach = code & 0xFF in SQLITE_OUT_OF_REACH
    return Unavailable(OUT_OF_REACH, reason=first_line(cause)) if out_of_reach else None


def forget_read_only(context: ExceptionContext) -> None:
    """What SQLite opened while the file was read-only stays so: after a refusal everybody connects anew."""
    code = getattr(context.original_exception, "sqlite_errorcode", 0)
    if SQLITE.get(code & 0xFF) == READ_ONLY:
        context.is_disconnect = True


def first_line(cause: BaseException | None) -> str:
    """What the driver says, without its hints."""
    return next(iter(str(cause).splitlines()), "")
