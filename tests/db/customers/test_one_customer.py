"""One customer is one record: a known phone says whose it is, like names are shown, two records become one, and a
customer passes to another manager on a day."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from dashboard.shell.store import operator
from db.customers import customers, handover, matching, merging
from db.errors import NotAllowed, Refused
from db.log import activity
from db.log.entry import Entry
from db.models import Activity, Audit, Customer, Handover, Opportunity
from db.pipeline import open_needs
from db.recording import recording
from metrics import periods
from tests.support.builders import EAST, LI, MONDAY, SOUTH, WANG, ZHAO, bank, far_region, head, manager, regional
from tests.support.sheets import held_values, logged, trail

PHONE = "13812345678"


def meet(store, name, phone=None, who=WANG, **more) -> int:
    """Records a visit and gives the customer's id."""
    entry = Entry("consultation", MONDAY, customer_name=name, phone=phone, **more)
    identity = recording.record(operator(store), who, entry, f"{name} {phone} {who} {more}", MONDAY)
    return dict(logged(store, Activity.id, Activity.customer_id))[identity]


def held(store, customer: int) -> Customer:
    with store.reading() as connection:
        return connection.execute(select(Customer.__table__).where(Customer.id == customer)).one()


def counted(store) -> int:
    log = activity.read(operator(store), periods.day(MONDAY)).collect()
    return log.filter(log["counted"]).height


def test_a_known_phone_of_the_branch_is_that_customer_whatever_name_is_typed(store):
    bank(store)
    known = meet(store, "湖滨书店", PHONE)
    assert meet(store, "李老板", "138-1234-5678", LI) == known
    assert held_values(store, Customer.name) == {("湖滨书店",)}


@pytest.mark.both_engines
def test_a_phone_of_another_branch_is_refused_with_whose_it_is_until_it_is_confirmed(store):
    bank(store)
    meet(store, "湖滨书店", PHONE)
    with pytest.raises(Refused, match=r"王芳 in 东湖支行"):
        meet(store, "湖滨书店", PHONE, ZHAO)
    assert len(held_values(store, Customer.id)) == 1
    assert meet(store, "湖滨书店", PHONE, ZHAO, second_record=True) == 2


def test_whose_a_phone_is_shows_whom_to_ask_and_no_more(sqlite_store):
    meet(bank(sqlite_store), "湖滨书店", PHONE)
    asked = matching.owner_of_phone(manager(sqlite_store, ZHAO, SOUTH), PHONE, SOUTH)
    shown = ("customer_name", "phone", "manager_name", "branch_name", "here", "own")
    assert [asked[name] for name in shown] == ["湖*", "138****5678", "王芳", "东湖支行", False, False]
    own = matching.owner_of_phone(manager(sqlite_store), PHONE, EAST)
    assert (own["customer_name"], own["here"], own["own"]) == ("湖滨书店", True, True)


def test_who_tries_number_after_number_is_told_of_a_few_and_each_is_noted(sqlite_store, monkeypatch):
    monkeypatch.setattr(matching, "HINTS_A_DAY", 3)
    bank(sqlite_store)
    phones = [f"1381234{number:04}" for number in range(5)]
    theirs = [meet(sqlite_store, f"客户{phone}", phone) for phone in phones]
    asking = manager(sqlite_store, ZHAO, SOUTH)
    for _ in range(2):
        told = [matching.owner_of_phone(asking, phone, SOUTH) is not None for phone in phones]
        assert told == [True, True, True, False, False]
    with sqlite_store.reading() as connection:
        noted = select(Audit.entity_id).where(Audit.action == "hint", Audit.account == asking.account)
        assert len(connection.execute(noted).all()) == 3
    assert all(matching.owner_of_phone(manager(sqlite_store), phone, EAST) for phone in phones), (
        "their own are their own"
    )
    assert len(theirs) == 5


@pytest.mark.parametrize("typed", [None, "", "138", "13812345679", "not a phone"])
def test_a_phone_that_is_nobodys_or_not_whole_yet_is_nobodys(sqlite_store, typed):
    meet(bank(sqlite_store), "湖滨书店", PHONE)
    assert matching.owner_of_phone(manager(sqlite_store), typed, EAST) is None


@pytest.mark.parametrize("typed", ["湖滨书社", "湖滨书店（东门）", "湖 滨 书 店", "湖滨"])
def test_a_like_name_in_the_branch_is_suggested(sqlite_store, typed):
    bank(sqlite_store)
    meet(sqlite_store, "湖滨书店", PHONE)
    meet(sqlite_store, "南门五金", None)
    found = matching.similar(manager(sqlite_store), typed, EAST)
    assert found["customer_name"].to_list() == ["湖滨书店"]
    masked = matching.similar(manager(sqlite_store, LI), typed, EAST)
    assert masked.select("customer_name", "phone").rows() == [("湖*", "138****5678")]
    assert matching.similar(manager(sqlite_store, ZHAO, SOUTH), typed, SOUTH).is_empty()


@pytest.mark.parametrize("typed", [None, "", "湖", "汽修"])
def test_an_unlike_name_suggests_nobody(sqlite_store, typed):
    meet(bank(sqlite_store), "湖滨书店")
    assert matching.similar(manager(sqlite_store), typed, EAST).is_empty()


@pytest.mark.both_engines
def test_merging_keeps_both_histories_and_what_either_knew(store):
    bank(store)
    keep, gone = meet(store, "湖滨书店"), meet(store, "湖滨书屋", PHONE, product=1)
    assert counted(store) == 2
    assert merging.merge(manager(store), keep, gone) == 1
    assert logged(store, Activity.customer_id) == [(keep,), (keep,)]
    assert held_values(store, Opportunity.customer_id) == {(keep,)}
    assert held(store, keep).phone == PHONE and held(store, gone).merged_into_id == keep
    assert counted(store) == 1  # one a manager, customer and day
    assert customers.of_manager(manager(store), WANG)["customer"].to_list() == [keep]
    assert [one for one in trail(store) if one[1] == "merge"] == [("manager 1", "merge", "customer")]
    with store.reading() as connection:
        before = connection.execute(select(Audit.before).where(Audit.action == "merge")).scalar()
    assert before == {"customer": gone, "activities": [2]}


def test_what_comes_later_under_the_merged_record_goes_to_the_one_that_stands(store):
    bank(store)
    first, second, third = meet(store, "甲", PHONE), meet(store, "乙", "13900000000"), meet(store, "丙")
    merging.merge(head(store), second, first)
    merging.merge(head(store), third, second)
    assert meet(store, "甲老板", PHONE) == third
    by_id = Entry("consultation", MONDAY, customer=first)
    identity = recording.record(manager(store), WANG, by_id, "by id", MONDAY)
    assert dict(logged(store, Activity.id, Activity.customer_id))[identity] == third


def test_only_ones_own_records_are_merged(sqlite_store):
    bank(sqlite_store)
    keep, gone, other = meet(sqlite_store, "甲"), meet(sqlite_store, "甲甲", PHONE), meet(sqlite_store, "丁", who=LI)
    south = meet(sqlite_store, "戊", who=ZHAO)
    for viewer, pair in (
        (manager(sqlite_store), (keep, other)),
        (manager(sqlite_store, LI), (keep, gone)),
        (head(sqlite_store), (keep, south)),
        (regional(sqlite_store), (keep, gone)),
        (head(sqlite_store), (keep, 99)),
    ):
        with pytest.raises(NotAllowed):
            merging.merge(viewer, *pair)
    with pytest.raises(Refused, match="different"):
        merging.merge(head(sqlite_store), keep, keep)
    merging.merge(head(sqlite_store), keep, gone)
    with pytest.raises(Refused, match="no such customer"):
        merging.merge(head(sqlite_store), other, gone)


@pytest.mark.both_engines
def test_a_hand_over_for_today_is_carried_out_and_what_was_done_stays(store):
    bank(store)
    customer = meet(store, "甲", product=1)
    handover.hand_over(head(store), [customer], LI, MONDAY, MONDAY)
    assert held(store, customer).manager_id == LI
    assert held_values(store, Opportunity.manager_id) == {(LI,)}
    assert logged(store, Activity.manager_id) == [(WANG,)]
    assert customers.of_manager(manager(store, LI), LI)["customer_name"].to_list() == ["甲"]
    assert customers.of_manager(manager(store), WANG).is_empty()


def test_a_hand_over_for_a_later_day_waits_for_it(store):
    bank(store)
    customer, later = meet(store, "甲"), MONDAY + timedelta(3)
    handover.hand_over(head(store), [customer], LI, later + timedelta(9), MONDAY)
    handover.hand_over(head(store), [customer], LI, later, MONDAY)  # the latest word counts
    assert held_values(store, Handover.day) == {(later,)}
    assert handover.waiting(head(store), customer) == ("李强", later)
    handover.carry_out_due(store, later - timedelta(1))
    assert held(store, customer).manager_id == WANG
    handover.carry_out_due(store, later)
    assert held(store, customer).manager_id == LI and handover.waiting(head(store), customer) is None
    version = store.counter()
    handover.carry_out_due(store, later)
    assert store.counter() == version


def test_a_region_hands_over_between_its_branches_and_a_branch_within_itself(store):
    far_region(bank(store))
    customer = meet(store, "甲")
    with pytest.raises(NotAllowed):
        handover.hand_over(head(store), [customer], ZHAO, MONDAY, MONDAY)
    handover.hand_over(regional(store), [customer], ZHAO, MONDAY, MONDAY)
    assert (held(store, customer).manager_id, held(store, customer).branch_id) == (ZHAO, SOUTH)
    for viewer in (head(store), manager(store), manager(store, ZHAO, SOUTH)):
        with pytest.raises(NotAllowed):
            handover.hand_over(viewer, [customer], WANG, MONDAY, MONDAY)
    with pytest.raises(NotAllowed):
        handover.hand_over(regional(store), [customer], 4, MONDAY, MONDAY)


def test_a_hand_over_names_customers_a_day_and_somebody_else(sqlite_store):
    bank(sqlite_store)
    customer = meet(sqlite_store, "甲")
    for wanted, to, day, reason in (
        ([], LI, MONDAY, "Choose"),
        ([customer], WANG, MONDAY, "already"),
        ([customer], LI, MONDAY - timedelta(1), "past"),
    ):
        with pytest.raises(Refused, match=reason):
            handover.hand_over(head(sqlite_store), wanted, to, day, MONDAY)
    assert held_values(sqlite_store, Handover.id) == set()


def test_one_hand_over_that_is_refused_keeps_all_where_they_are(sqlite_store):
    bank(sqlite_store)
    mine, theirs = meet(sqlite_store, "甲"), meet(sqlite_store, "戊", who=ZHAO)
    with pytest.raises(NotAllowed):
        handover.hand_over(head(sqlite_store), [mine, theirs], LI, MONDAY, MONDAY)
    assert held(sqlite_store, mine).manager_id == WANG and open_needs.of_manager(head(sqlite_store), LI).is_empty()
