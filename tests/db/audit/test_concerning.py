"""What the trail says of one customer, whatever it is said of: and nothing that is said of another."""

from datetime import date

import pytest
from sqlalchemy import select

from dashboard.shell.store import operator
from db.access import Viewer
from db.audit import trail
from db.customers import customers, forgetting, handover, merging
from db.imports import undo
from db.log.entry import Entry
from db.models import Activity, Customer
from db.recording import recording
from tests.support.builders import LI, MONDAY, WANG, bank, head, manager, regional
from tests.support.sheets import bring, logged, row

EVER = (date(2026, 1, 1), date(2099, 1, 1))


def entry(store, name: str, phone: str | None = None, note: str | None = None) -> tuple[int, int]:
    """Records a consultation; gives its number and its customer's."""
    said = Entry("consultation", MONDAY, customer_name=name, phone=phone, note=note)
    identity = recording.record(manager(store), WANG, said, f"{name} {phone}", MONDAY)
    return identity, dict(logged(store, Activity.id, Activity.customer_id))[identity]


def concerning(store, customer: int) -> list[tuple[str, str, int | None]]:
    """Action, entity and number, the earliest first."""
    found = trail.entries(Viewer(store, "auditor", "auditor"), *EVER, customer=customer)
    assert trail.count(Viewer(store, "auditor", "auditor"), *EVER, customer=customer) == found.height
    return found.select("action", "entity", "entity_id").rows()[::-1]


@pytest.mark.both_engines
def test_whatever_concerns_a_customer_is_found_by_any_of_their_numbers(store):
    bank(store)
    first, one = entry(store, "湖滨书店", "13812341234", note="老板姓张")
    _second, other = entry(store, "湖滨书城")
    _third, stranger = entry(store, "南山饭店")
    version = dict(logged(store, Activity.id, Activity.version))[first]
    recording.correct(manager(store), first, version, MONDAY, note="老板姓李")
    customers.unmask(regional(store), one, "客户投诉需要核实", 20)
    customers.unmask(regional(store), stranger, "另一位客户的投诉", 20)
    handover.hand_over(head(store), [other], LI, MONDAY, MONDAY)
    merging.merge(head(store), one, other)
    trail.exported(Viewer(store, "auditor", "auditor"), "audit_trail", {"customer": one}, 3)
    wanted = [
        ("correct", "activity", first),
        ("unmask", "customer", one),
        ("hand_over", "customer", other),
        ("merge", "customer", one),
        ("export", "audit_trail", None),
    ]
    assert concerning(store, one) == wanted == concerning(store, other)
    assert concerning(store, stranger) == [("unmask", "customer", stranger)]
    assert concerning(store, 4711) == []


def test_an_entry_that_was_corrected_to_another_customer_concerns_both(sqlite_store):
    bank(sqlite_store)
    first, one = entry(sqlite_store, "湖滨书店")
    _second, other = entry(sqlite_store, "南山饭店")
    for change in ({"customer": other}, {"note": "改到南山饭店"}):
        version = dict(logged(sqlite_store, Activity.id, Activity.version))[first]
        recording.correct(manager(sqlite_store), first, version, MONDAY, **change)
    assert concerning(sqlite_store, one) == concerning(sqlite_store, other) == [("correct", "activity", first)] * 2


def test_the_file_a_customer_came_in_concerns_them(sqlite_store):
    bank(sqlite_store)
    report = bring(operator(sqlite_store), row(customer="湖滨书店"))
    _entry, other = entry(sqlite_store, "南山饭店")
    undo.undo_batch(operator(sqlite_store), report.batch)
    with sqlite_store.reading() as connection:
        one = connection.scalar(select(Customer.id).where(Customer.name == "湖滨书店"))
    assert [deed[:2] for deed in concerning(sqlite_store, one)] == [
        ("import", "import_batch"),
        ("undo", "import_batch"),
    ]
    assert concerning(sqlite_store, other) == []


def test_of_a_forgotten_customer_the_trail_still_says_what_was_done_and_no_word_of_theirs(sqlite_store):
    bank(sqlite_store)
    first, one = entry(sqlite_store, "湖滨书店", note="老板张建国")
    version = logged(sqlite_store, Activity.version)[0][0]
    recording.correct(manager(sqlite_store), first, version, MONDAY, note="张建国不在")
    customers.unmask(regional(sqlite_store), one, "张建国的投诉", 20)
    forgetting.forget(operator(sqlite_store), one, "本人要求删除", date(2027, 1, 1), 0, lambda *_told: None)
    found = trail.entries(Viewer(sqlite_store, "auditor", "auditor"), *EVER, customer=one)
    assert found["action"].to_list() == ["forget", "unmask", "correct"]
    assert "张建国" not in repr(found.rows())
