"""The trail is one chain: whoever changes, removes, moves or inserts a row breaks it."""

import hashlib
from datetime import datetime

import pytest
from sqlalchemy import delete, func, insert, select, update

from dashboard.shell.store import operator
from db import audit_chain
from db.accounts import sign_in, throttling
from db.audit import check
from db.audit_chain import CHANGED, MISSING, MISSING_AT_THE_END
from db.imports import undo
from db.log.entry import Entry
from db.meetings import promises
from db.models import Activity, Audit, ChangeCounter
from db.recording import recording
from tests.support.builders import MONDAY, WANG, account, bank, head, manager
from tests.support.sheets import bring, file, logged, row, trail

pytestmark = [pytest.mark.both_engines, pytest.mark.slow]


def busy_day(store) -> int:
    """Gives how many rows of the trail a day of all kinds of changes leaves."""
    bank(store)
    batch = bring(operator(store), row(customer="甲")).batch
    file(operator(store), "people", "region,branch,staff_no,manager,joined_on\n江城分行,东湖支行,1001,王方,2024-03-01")
    promises.set_promises(head(store), MONDAY, {WANG: {"deals": 1}})
    entry = Entry("deal", MONDAY, customer_name="乙“、”\n{0}", product=1, amount_cents=1)
    identity = recording.record(manager(store), WANG, entry, "r", MONDAY)
    recording.correct(manager(store), identity, logged(store, Activity.version)[-1][0], MONDAY, amount_cents=2)
    recording.void(head(store), identity, logged(store, Activity.version)[-1][0])
    undo.undo_batch(operator(store), batch)
    return len(trail(store))


def found(store) -> list[tuple[int, str]]:
    """What check finds in the trail: (row, message)."""
    with store.reading() as connection:
        broken = audit_chain.find_breaks(connection)
        assert [(one.values["row"], one.message) for one in check.trail(connection)] == broken
    return broken


def tampered(store, *statements) -> list[tuple[int, str]]:
    assert busy_day(store) == 7 and found(store) == []
    with store.writing("intruder") as write:
        for statement in statements:
            write.session.execute(statement)
    return found(store)


def swapped(store, *columns: str) -> list:
    """Statements that put these columns of row 3 into row 4, and the other way round."""
    with store.reading() as connection:
        three, four = connection.execute(select(Audit.__table__).order_by(Audit.id).offset(2).limit(2)).mappings()
    return [
        update(Audit).where(Audit.id == here["id"]).values({name: there[name] for name in columns})
        for here, there in ((three, four), (four, three))
    ]


def test_every_change_is_in_the_trail_and_the_chain_holds(store):
    busy_day(store)
    assert trail(store) == [
        ("operator", "import", "import_batch"),
        ("operator", "set", "manager"),
        ("operator", "import", "import_batch"),
        ("head 1", "promise", "promise"),
        ("manager 1", "correct", "activity"),
        ("head 1", "void", "activity"),
        ("operator", "undo", "import_batch"),
    ]
    assert found(store) == []


def test_an_empty_trail_is_whole(store):
    assert found(store) == []


@pytest.mark.parametrize(
    "values",
    [
        {"account": "王芳"},
        {"action": "refuse"},
        {"entity_id": 99},
        {"entity_id": None},
        {"before": None},
        {"after": {"target": 9}},
        {"at": func.now()},
        {"hash": "0" * 64},
        {"previous_hash": "0" * 64},
    ],
)
def test_a_changed_row_is_found(sqlite_store, values):
    assert tampered(sqlite_store, update(Audit).where(Audit.id == 4).values(values))[0] == (4, CHANGED)


def test_a_changed_row_is_found_on_either_engine(store):
    assert tampered(store, update(Audit).where(Audit.id == 4).values(account="王芳")) == [(4, CHANGED)]


@pytest.mark.parametrize(
    "rows, expected",
    [
        ([4], (5, MISSING)),
        ([1], (2, MISSING)),
        ([3, 4, 5], (6, MISSING)),
        ([7], (7, MISSING_AT_THE_END)),
        ([6, 7], (6, MISSING_AT_THE_END)),
        ([1, 2, 3, 4, 5, 6, 7], (1, MISSING_AT_THE_END)),
    ],
)
def test_removed_rows_are_found_wherever_they_stood(store, rows, expected):
    assert tampered(store, delete(Audit).where(Audit.id.in_(rows))) == [expected]


def test_rows_that_changed_places_are_found(store):
    ids = [update(Audit).where(Audit.id == one).values(id=other) for one, other in ((3, 99), (4, 3), (99, 4))]
    assert [row for row, _ in tampered(store, *ids)] == [3, 4, 5]


def test_rows_that_changed_their_contents_are_found(store):
    busy_day(store)
    with store.writing("intruder") as write:
        for statement in swapped(store, *audit_chain.SEALED):
            write.session.execute(statement)
    assert found(store) == [(3, CHANGED), (4, CHANGED)]


def test_rows_that_changed_their_contents_and_seals_are_found(sqlite_store):
    busy_day(sqlite_store)
    with sqlite_store.writing("intruder") as write:
        for statement in swapped(sqlite_store, *audit_chain.SEALED, "previous_hash", "hash"):
            write.session.execute(statement)
    assert [row for row, _ in found(sqlite_store)] == [3, 4, 5]


@pytest.mark.parametrize("place", [8, 0])
def test_a_forged_row_is_found_though_it_is_sealed(sqlite_store, place):
    """Whoever forges reads the code, but the end of the chain stands elsewhere too."""
    busy_day(sqlite_store)
    with sqlite_store.writing("intruder") as write:
        previous = (
            write.session.scalar(select(Audit.hash).order_by(Audit.id.desc()).limit(1)) if place else audit_chain.START
        )
        entry = dict.fromkeys(audit_chain.SEALED) | {
            "at": write.now,
            "account": "王芳",
            "action": "void",
            "entity": "activity",
        }
        sealed = {"previous_hash": previous, "hash": audit_chain.seal(previous, entry)}
        write.session.execute(insert(Audit).values(id=place, **entry, **sealed))
    assert len(found(sqlite_store)) == 1


def chained_anew(write, row: int, values: dict) -> str:
    """Changes a row, and seals all of them as if it had always been like that; gives the last seal."""
    previous = audit_chain.START
    for held in write.session.execute(select(Audit.__table__).order_by(Audit.id)).mappings().all():
        entry = {name: held[name] for name in audit_chain.SEALED} | (values if held["id"] == row else {})
        sealed = {"previous_hash": previous, "hash": audit_chain.seal(previous, entry)}
        write.session.execute(update(Audit).where(Audit.id == held["id"]).values(**entry, **sealed))
        previous = sealed["hash"]
    return previous


def test_a_row_changed_with_all_seals_after_it_is_found_by_the_end(sqlite_store):
    busy_day(sqlite_store)
    with sqlite_store.writing("intruder") as write:
        chained_anew(write, 4, {"account": "王芳"})
    assert found(sqlite_store) == [(8, MISSING_AT_THE_END)]


def test_a_trail_that_was_cut_short_stays_broken_when_it_goes_on(sqlite_store):
    tampered(sqlite_store, delete(Audit).where(Audit.id.in_([6, 7])))
    bring(operator(sqlite_store), row(customer="乙"))
    assert found(sqlite_store)


def test_a_write_that_fails_leaves_no_row(store):
    count = busy_day(store)
    with pytest.raises(RuntimeError), store.writing("clerk") as write:
        write.audit("correct", "activity", 1, {"a": 1}, {"a": 2})
        raise RuntimeError("the power fails")
    assert len(trail(store)) == count and found(store) == []


def test_what_is_noted_without_a_version_is_in_the_same_chain(store):
    busy_day(store)
    account(store, "audit", "auditor")
    sign_in.start(store, "audit", throttling.Browser("10.0.0.1", None, *[throttling.WINDOW] * 2))
    with store.reading() as connection:
        counted, last = connection.execute(select(ChangeCounter.audit_rows, ChangeCounter.audit_hash)).one()
    assert (counted, last) == (len(trail(store)), trail(store, Audit.hash)[-1][0]) and found(store) == []


def test_the_first_row_follows_64_zeros(sqlite_store):
    """As anchors and checks of other programs expect it."""
    with sqlite_store.noting("test") as write:
        write.audit("set", "plan", None, None, {"target": 1})
    assert trail(sqlite_store, Audit.previous_hash) == [("0" * 64,)]


def test_an_entry_is_sealed_as_it_always_was():
    """The text under the hash, written by hand: with another every trail there is would be broken."""
    entry = {
        "at": datetime(2026, 11, 16, 9),
        "account": "王芳",
        "entity_id": 7,
        "before": None,
        "after": {"b": 1, "a": []},
    }
    text = '{"account":"王芳","after":{"a":[],"b":1},"at":"2026-11-16 09:00:00","before":null,"entity_id":7}'
    assert audit_chain.seal("0" * 64, entry) == hashlib.sha256(("0" * 64 + text).encode()).hexdigest()


@pytest.mark.parametrize(
    "gone, before, after", [(2, (3, MISSING), (3, MISSING)), (4, (4, MISSING_AT_THE_END), (4, MISSING))]
)
def test_sealing_what_stood_in_clear_text_does_not_mend_a_trail_that_was_cut(sqlite_store, gone, before, after):
    with sqlite_store.noting("test") as write:
        for number in range(1, 5):
            write.audit("correct", "customer", number, None, {"target": number})
    with sqlite_store.writing("intruder") as write:
        last = chained_anew(write, 1, {"after": {"reason": "老板张建国"}})  # as an older version wrote it
        write.session.execute(update(ChangeCounter).values(audit_hash=last))
        write.session.execute(delete(Audit).where(Audit.id == gone))
    assert found(sqlite_store) == [before]
    with sqlite_store.writing("operator") as write:
        audit_chain.reseal(write.session.connection())
        assert "张建国" not in repr(list(write.session.scalars(select(Audit.after))))
    assert found(sqlite_store) == [after]
