"""Customers are found again, and seen by their owner and their branch head alone."""

import pytest

from dashboard.shell.store import operator
from db.customers import customers
from db.errors import NotAllowed
from db.log import product_list
from db.log.entry import Entry
from db.models import Customer
from db.recording import recording
from tests.support.builders import LI, MONDAY, SOUTH, WANG, ZHAO, bank, head, manager, regional
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
