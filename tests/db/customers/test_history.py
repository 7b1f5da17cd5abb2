"""The history of a customer goes with them, and is told to nobody else."""

from dataclasses import replace

import pytest

from dashboard.shell.store import operator
from db.customers import customers, handover, history, merging
from db.errors import NotAllowed
from db.recording import recording
from tests.db.customers.test_one_customer import meet
from tests.support.builders import LI, MONDAY, SOUTH, WANG, ZHAO, bank, far_region, head, manager, regional

PHONE = "13812345678"


@pytest.mark.both_engines
def test_the_history_goes_with_the_customer_whoever_did_it(store):
    bank(store)
    books = meet(store, "湖滨书店", PHONE, note="想装修")
    handover.hand_over(head(store), [books], LI, MONDAY, MONDAY)
    meet(store, "湖滨书店", PHONE, LI, note="想开分店")
    assert set(history.read(manager(store, LI), books)["note"]) == {"想装修", "想开分店"}
    assert history.read(manager(store, LI), books)["manager"].to_list() == [LI, WANG]
    assert history.read(manager(store, WANG), books).is_empty()


def test_who_may_not_see_a_customer_whole_reads_what_was_done_and_no_note(store):
    bank(store)
    books = meet(store, "湖滨书店", PHONE, note="想装修")
    (row,) = history.read(regional(store), books).to_dicts()
    assert (row["kind"], row["note"]) == ("consultation", None)
    assert customers.one(regional(store), books)["customer_name"].to_list() == ["湖*"]


def test_nobody_reads_the_history_of_a_customer_out_of_their_scope(store):
    far_region(bank(store))
    books = meet(store, "湖滨书店", PHONE)
    for asked in (head(store, SOUTH), manager(store, ZHAO, SOUTH)):
        assert history.read(asked, books).is_empty() and customers.one(asked, books).is_empty()


def test_what_was_withdrawn_is_no_history(store):
    bank(store)
    books = meet(store, "湖滨书店", PHONE)
    (row,) = history.read(manager(store), books).to_dicts()
    recording.void(operator(store), row["id"], 2)
    assert history.read(manager(store), books).is_empty()


def test_a_merged_record_leads_to_the_one_that_goes_on(store):
    bank(store)
    books, again = meet(store, "湖滨书店", PHONE), meet(store, "书店老板")
    merging.merge(manager(store), books, again)
    assert customers.one(manager(store), again)["customer"].to_list() == [books]
    assert history.read(manager(store), books).height == 2


def test_a_wall_may_open_no_customer(store):
    bank(store)
    books = meet(store, "湖滨书店", PHONE)
    with pytest.raises(NotAllowed):
        customers.one(replace(head(store), role="screen"), books)
