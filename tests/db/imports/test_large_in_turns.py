"""While a large file is stored, whoever waits to write has their turn. A large file is one of more than five rows here."""

import threading

import pytest

from dashboard.shell.store import operator
from db.engine import Store
from db.imports import resolving
from db.imports.large import turns
from db.models import Activity
from metrics.definitions import interpret
from tests.db.imports.test_large import rows, small_portions, two_regions  # noqa: F401
from tests.support.moments import until
from tests.support.sheets import bring


@pytest.mark.both_engines
@pytest.mark.parametrize("elsewhere", [True, False])
def test_who_waits_has_their_turn_before_the_next_rows(store, monkeypatch, elsewhere):
    """In another process (here: another store) or another thread; the import would go on for an hour."""
    monkeypatch.setattr(turns, "HELD", 3600)
    other, came = Store(store.url, mark=interpret, patience=60) if elsewhere else store, []

    def write() -> None:
        with other.writing("somebody"):
            came.append("somebody")

    others = [threading.Thread(target=write) for _ in range(2)]
    waiting = iter(others)
    inserted = resolving.insert_frame

    def insert(session, model, rows) -> None:
        if model is Activity:
            came.append("rows")
            one = next(waiting, None)
            if one is not None:
                one.start()
                until(lambda: store.is_awaited(session))
        inserted(session, model, rows)

    monkeypatch.setattr(resolving, "insert_frame", insert)
    report = bring(operator(two_regions(store)), *rows())
    for one in others:
        one.join()
    other.close()
    assert report.accepted == 30
    assert came[:4] == ["rows", "somebody", "rows", "somebody"]
