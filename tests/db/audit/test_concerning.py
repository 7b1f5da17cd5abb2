"""What the trail says of one customer, whatever it is said of: and nothing that is said of another."""

from datetime import date

import pytest
from sqlalchemy import select

from dashboard.shell.store import operator
from db.access import Viewer
from db.audit import trail
from db.audit.trail import Wanted
from db.customers import customers, forgetting, handover, merging
from db.imports import undo
from db.log.entry import Entry
from db.models import Activity, Customer, Opportunity
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
    found = trail.entries(Viewer(store, "auditor", "auditor"), Wanted(*EVER, customer=customer))
    assert trail.count(Viewer(store, "auditor", "auditor"), Wanted(*EVER, customer=customer)) == found.height
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
    found = trail.entries(Viewer(sqlite_store, "auditor", "auditor"), Wanted(*EVER, customer=one))
    assert found["action"].to_list() == ["forget", "unmask", "correct"]
    assert "张建国" not in repr(found.rows())


def test_what_bears_the_same_number_and_is_of_another_kind_does_not_concern_them(sqlite_store):
    bank(sqlite_store)
    report = bring(operator(sqlite_store), row(customer="湖滨书店", kind="application", product="经营快贷"))
    with sqlite_store.reading() as connection:
        one = connection.scalar(select(Customer.id).where(Customer.name == "湖滨书店"))
        need = connection.scalar(select(Opportunity.id))
        first = connection.scalar(select(Activity.id))
    foreign, _other = entry(sqlite_store, "南山饭店")
    with sqlite_store.noting("test") as write:
        write.audit("other", "plan", foreign, None, {"customer_id": one})
        write.audit("other", "activity", foreign, None, None)
        for entity, number in (
            ("opportunity", need),
            ("activity", first),
            ("customer", one),
            ("import_batch", report.batch),
        ):
            write.audit("touch", entity, number, None, None)
        for number in {one, need, first, report.batch}:
            write.audit("other", "plan", number, None, {"customer_id": one})
            write.audit("other", "meeting", number, {"customer": one}, None)
    found = [deed[:2] for deed in concerning(sqlite_store, one)]
    assert [deed for deed in found if deed[0] == "touch"] == [
        ("touch", "opportunity"),
        ("touch", "activity"),
        ("touch", "customer"),
        ("touch", "import_batch"),
    ]
    assert "other" not in {deed for deed, _ in found}


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize(
    "entity, name",
    [
        *(("activity", "customer_id"), ("opportunity", "customer_id"), ("holding", "customer_id")),
        *(("customer", "customer"), ("audit_trail", "customer")),
    ],
)
def test_what_names_a_customer_on_either_side_concerns_them_and_nobody_else(sqlite_store, entity, name, side):
    bank(sqlite_store)
    (_first, one), (_second, other) = entry(sqlite_store, "湖滨书店"), entry(sqlite_store, "南山饭店")
    with sqlite_store.noting("test") as write:
        sides = {"before": None, "after": None} | {side: {name: one}}
        write.audit("say", entity, 4711, sides["before"], sides["after"])
        write.audit("say", "plan", 4711, {name: one}, {name: one})
    assert concerning(sqlite_store, one) == [("say", entity, 4711)]
    assert concerning(sqlite_store, other) == []
