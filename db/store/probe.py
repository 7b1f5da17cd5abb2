"""Whether a database can be read and written at this moment: tried, not supposed."""

from collections.abc import Callable

from sqlalchemy import Engine, update

from db.errors import Unavailable
from db.models import ChangeCounter
from db.store import faults, history

GOOD = "ok"


def probe(engine: Engine) -> dict[str, str]:
    """`read` and `write`, each "ok" or the sentence that says what is wrong."""
    return {"read": outcome(lambda: read(engine)), "write": outcome(lambda: write(engine))}


def outcome(attempt: Callable[[], None]) -> str:
    try:
        with faults.in_words():
            attempt()
    except Unavailable as error:
        return str(error)
    except Exception as error:  # of the statement itself: a table is missing
        return type(error).__name__
    return GOOD


def read(engine: Engine) -> None:
    with engine.connect() as connection:
        history.present(connection)


def write(engine: Engine) -> None:
    """Stores the counter as it is: a page goes to the disk, and nobody sees a version."""
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        connection.execute(update(ChangeCounter).values(value=ChangeCounter.value))
