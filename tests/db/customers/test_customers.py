"""Customers are found again, and seen by their owner and their branch head alone."""

from datetime import date

import pytest
from sqlalchemy import event

from dashboard.shell.store import operator
from db.customers import customers
from db.errors import NotAllowed
from db.log import product_list
from db.log.entry import Entry
from db.models import Customer
from db.recording import recording
from tests.support.builders import EAST, LI, MONDAY, SOUTH, WANG, ZHAO, bank, head, manager, regional
from tests.support.sheets import held_values

pytestmark = pytest.mark.both_engines


def meet(store, name, phone=None, who=WANG):
    entry = Entry("consultation", MONDAY, customer_name=name, phone=phone, second_record=True)
    reference = f"{name} {phone} {who}"
    return recording.record(operator(store), who, entry, reference, MONDAY)


def test_one_phone_or_one_name_is_one_customer_of_the_branch(store):
    bank(store)
    for name, phone in [
        ("甲", None),
        ("甲", "138 1234 5678"),
        ("甲", None),
        ("甲店", "13812345678"),
        ("甲", "13912345678"),
    ]:
        meet(store, name, phone)
    assert held_values(store, Customer.name, Customer.phone) == {("甲", "13812345678"), ("甲", "13912345678")}
    meet(store, "甲", "13812345678", ZHAO)
    assert len(held_values(store, Customer.id)) == 3


def test_a_namesake_of_the_same_manager_comes_first(sqlite_store):
    bank(sqlite_store)
    meet(sqlite_store, "甲", "13812345678", LI)
    meet(sqlite_store, "甲", "13912345678", WANG)
    meet(sqlite_store, "甲", None, WANG)
    found = customers.of_manager(manager(sqlite_store), WANG)
    assert found.select("phone", "last_day").rows() == [("13912345678", MONDAY)]


def test_customers_are_seen_by_their_owner_and_his_branch_head(store):
    bank(store)
    meet(store, "甲")
    meet(store, "乙", who=ZHAO)
    for viewer in (manager(store), head(store), operator(store)):
        assert customers.of_manager(viewer, WANG)["customer_name"].to_list() == ["甲"]
    assert customers.of_manager(manager(store, LI), WANG).is_empty()
    assert customers.of_manager(head(store, SOUTH), WANG).is_empty()
    with pytest.raises(NotAllowed):
        customers.of_manager(regional(store), WANG)


def test_the_products_are_the_banks_loans_first(store, viewer):
    products = product_list.read(viewer)
    assert products.height == 12 and products["family"].to_list() == ["loan"] * 5 + ["cross_sell"] * 7
    assert products.row(0, named=True)["product_zh"] == "信用贷款"


def test_a_managers_customers_are_listed_by_their_last_contact_whatever_month_it_was_in(sqlite_store):
    bank(sqlite_store)
    days = {"甲": date(2026, 9, 7), "乙": MONDAY, "丙": date(2026, 10, 12), "丁": date(2026, 10, 13)}
    for name, day in days.items():
        entry = Entry("consultation", day, customer_name=name)
        recording.record(operator(sqlite_store), WANG, entry, name, MONDAY)
    by_day = sorted(days.items(), key=lambda one: one[1], reverse=True)
    found = customers.of_manager(manager(sqlite_store), WANG)
    assert found.select("customer_name", "last_day").rows() == by_day
    assert found.columns == ["customer", "customer_name", "phone", "last_day"]
    assert customers.of_manager(manager(sqlite_store), WANG, limit=3)["customer_name"].to_list() == ["乙", "丁", "丙"]
    assert customers.search(head(sqlite_store), "").select("customer_name", "last_day").rows() == by_day


def test_a_customer_who_is_found_comes_with_who_looks_after_them_and_where(sqlite_store):
    entry = Entry("consultation", MONDAY, customer_name="甲", customer_kind="sole_trader")
    recording.record(operator(bank(sqlite_store)), WANG, entry, "甲", MONDAY)
    assert customers.search(manager(sqlite_store), "甲").to_dicts() == [
        {
            "customer": 1,
            "customer_name": "甲",
            "phone": None,
            "kind": "sole_trader",
            "manager": WANG,
            "manager_name": "王芳",
            "branch": EAST,
            "branch_name": "东湖支行",
            "last_day": MONDAY,
            "whole": True,
        }
    ]


def test_no_more_customers_are_read_than_are_asked_for(sqlite_store):
    bank(sqlite_store)
    for number in range(6):
        meet(sqlite_store, f"客户{number}")
    read = []
    event.listen(sqlite_store.engine, "before_cursor_execute", lambda *told: read.append(told[2]))
    for viewer, statements in ((head(sqlite_store), 2), (regional(sqlite_store), 1)):
        read.clear()
        assert customers.search(viewer, "", limit=3).height == 3
        assert sum("FROM customer" in one for one in read) == statements
