"""The trail is one chain: whoever changes, removes or inserts a row breaks it."""

from builders import MONDAY, WANG, bank, head, manager
from sheets import bring, file, logged, row
from sqlalchemy import delete, select, update

from dashboard.stores import operator
from db import activity, audit, imports, meetings
from db.activity import Entry
from db.models import Activity, Audit

SEALED = ("at", "account", "action", "entity", "entity_id", "before", "after")


def broken(store) -> list[int]:
    """The ids of rows whose seal does not hold."""
    previous, found = audit.START, []
    with store.reading() as connection:
        for one in connection.execute(select(Audit.__table__).order_by(Audit.id)).mappings():
            entry = {name: one[name] for name in SEALED}
            if one["previous_hash"] != previous or one["hash"] != audit.seal(previous, entry):
                found.append(one["id"])
            previous = one["hash"]
    return found


def busy_day(store) -> int:
    """Gives how many rows of the trail a day of all kinds of changes leaves."""
    bank(store)
    batch = bring(operator(store), row(customer="甲")).batch
    file(operator(store), "people", "region,branch,staff_no,manager,joined_on\n江城分行,东湖支行,1001,王方,2024-03-01")
    meetings.set_promises(head(store), MONDAY, {WANG: {"deals": 1}})
    entry = Entry("deal", MONDAY, customer_name="乙“、”\n{0}", product=1, amount_cents=1)
    identity = activity.record(manager(store), WANG, entry, "r", MONDAY)
    activity.correct(manager(store), identity, logged(store, Activity.version)[-1][0], MONDAY, amount_cents=2)
    activity.void(head(store), identity, logged(store, Activity.version)[-1][0])
    imports.undo(operator(store), batch)
    return len(logged_trail(store))


def logged_trail(store) -> list[tuple]:
    with store.reading() as connection:
        chosen = select(Audit.account, Audit.action, Audit.entity).order_by(Audit.id)
        return [tuple(one) for one in connection.execute(chosen)]


def test_every_change_is_in_the_trail_and_the_chain_holds(store):
    busy_day(store)
    assert logged_trail(store) == [
        ("operator", "import", "import_batch"),
        ("operator", "set", "manager"),
        ("operator", "import", "import_batch"),
        ("head 1", "promise", "promise"),
        ("manager 1", "correct", "activity"),
        ("head 1", "void", "activity"),
        ("operator", "undo", "import_batch"),
    ]
    assert broken(store) == []


def test_a_changed_row_breaks_the_chain(store):
    busy_day(store)
    with store.writing("intruder") as write:
        write.session.execute(update(Audit).where(Audit.id == 4).values(account="王芳"))
    assert broken(store) == [4]


def test_a_removed_row_breaks_the_chain(store):
    busy_day(store)
    with store.writing("intruder") as write:
        write.session.execute(delete(Audit).where(Audit.id == 4))
    assert broken(store) == [5]


def test_a_write_that_fails_leaves_no_row(store):
    count = busy_day(store)
    try:
        with store.writing("clerk") as write:
            write.audit("correct", "activity", 1, {"a": 1}, {"a": 2})
            raise RuntimeError("the power fails")
    except RuntimeError:
        pass
    assert len(logged_trail(store)) == count and broken(store) == []
