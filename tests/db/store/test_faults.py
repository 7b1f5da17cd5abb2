"""What a database cannot do is said in one sentence, whoever raised it; what is wrong with a statement stays what it is."""

import sqlite3

import psycopg
import pytest

from db.errors import Unavailable
from db.store import faults


def from_sqlite(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("as the driver says it")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (psycopg.errors.AdminShutdown("terminating connection"), faults.OUT_OF_REACH),
        (psycopg.OperationalError("server closed the connection"), faults.OUT_OF_REACH),
        (psycopg.errors.LockNotAvailable("waited"), faults.BUSY),
        (from_sqlite(sqlite3.SQLITE_BUSY), faults.BUSY),
        (from_sqlite(sqlite3.SQLITE_FULL), faults.FULL),
    ],
)
def test_what_a_driver_raises_past_sqlalchemy_is_said_in_the_same_words(error, said):
    with pytest.raises(Unavailable) as raised, faults.in_words():
        raise error
    assert raised.value.message == said


@pytest.mark.parametrize(
    "error", [psycopg.errors.UndefinedColumn("no such column"), sqlite3.ProgrammingError("closed")]
)
def test_a_fault_of_the_statement_stays_what_it_is(error):
    with pytest.raises(type(error)), faults.in_words():
        raise error
