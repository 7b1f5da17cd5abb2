"""Which need an entry goes on with, what comes next, and whom a manager has to call."""

from datetime import timedelta

import pytest

from db.errors import NotAllowed, Refused
from db.log.entry import Entry
from db.models import Activity, Opportunity
from db.pipeline import open_needs
from db.recording import recording
from tests.support.builders import LI, MONDAY, WANG, bank, head, manager, regional
from tests.support.sheets import held_values, logged, trail

TUESDAY = MONDAY + timedelta(1)


def record(viewer, reference, kind="consultation", day=MONDAY, **more) -> int:
    entry = Entry(kind, day, customer_name="湖滨书店", **more)
    recording.record(viewer, WANG, entry, reference, day)
    return logged(viewer.store, Activity.opportunity_id)[-1][0]


def step(store) -> set:
    return held_values(store, Opportunity.next_step, Opportunity.next_step_due)


def test_a_visit_with_neither_product_nor_next_step_begins_no_need(sqlite_store):
    assert record(manager(bank(sqlite_store)), "a") is None


def test_a_need_whose_product_was_not_known_is_the_one_that_is_named_later(store):
    viewer = manager(bank(store))
    first = record(viewer, "a", next_step="call_back", next_step_due=TUESDAY)
    assert record(viewer, "b", product=2) == first
    assert held_values(store, Opportunity.product_id) == {(2,)}
    assert record(viewer, "c", product=3) != first


def test_an_ended_need_is_not_gone_on_with(store):
    viewer = manager(bank(store))
    first = record(viewer, "a", product=1)
    assert record(viewer, "b", "deal", product=1, amount_cents=5) == first
    assert record(viewer, "c", product=1) != first


def test_the_next_step_stands_until_the_day_it_was_for(store):
    viewer = manager(bank(store))
    record(viewer, "a", product=1, next_step="call_back", next_step_due=TUESDAY)
    assert step(store) == {("call_back", TUESDAY)}
    record(viewer, "b", product=1)
    assert step(store) == {("call_back", TUESDAY)}
    record(viewer, "c", day=TUESDAY, product=1)
    assert step(store) == {(None, None)}
    assert trail(store)[-1] == ("manager 1", "move", "opportunity")


@pytest.mark.both_engines
def test_a_new_next_step_replaces_the_one_before_with_a_trail(store):
    viewer = manager(bank(store))
    record(viewer, "a", product=1, next_step="call_back", next_step_due=TUESDAY)
    record(viewer, "b", product=1, next_step="签合同", next_step_due=TUESDAY + timedelta(2))
    assert step(store) == {("签合同", TUESDAY + timedelta(2))}
    assert [one[1] for one in trail(store)] == ["move"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"next_step_due": MONDAY - timedelta(1)},
        {"next_step": "6222021234567890123"},
        {"next_step": "x" * 501},
        {"product": 99},
    ],
)
def test_a_next_step_or_product_that_breaks_a_rule_is_refused_and_nothing_stored(sqlite_store, wrong):
    viewer = manager(bank(sqlite_store))
    with pytest.raises(Refused):
        record(viewer, "a", **wrong)
    assert not logged(sqlite_store, Activity.id) and not held_values(sqlite_store, Opportunity.id)


def test_a_next_step_needs_a_customer(sqlite_store):
    viewer = manager(bank(sqlite_store))
    with pytest.raises(Refused, match="Name the customer"):
        recording.record(viewer, WANG, Entry("consultation", MONDAY, next_step="call_back"), "a", MONDAY)


@pytest.mark.both_engines
def test_what_is_due_is_the_managers_open_needs_the_longest_overdue_first(store):
    bank(store)
    viewer = manager(store)
    record(viewer, "a", product=1, next_step="sign", next_step_due=TUESDAY)
    record(viewer, "b", product=2, next_step="call_back", next_step_due=MONDAY)
    record(viewer, "c", product=3, next_step="call_on", next_step_due=TUESDAY + timedelta(1))
    record(viewer, "d", "withdrawn", product=2)
    assert open_needs.due(viewer, WANG, MONDAY).is_empty()
    assert open_needs.due(viewer, WANG, TUESDAY)["next_step"].to_list() == ["sign"]
    assert open_needs.due(head(store), WANG, TUESDAY + timedelta(1))["next_step"].to_list() == ["sign", "call_on"]
    assert open_needs.due(manager(store, LI), WANG, TUESDAY).is_empty()
    with pytest.raises(NotAllowed):
        open_needs.due(regional(store), WANG, TUESDAY)
