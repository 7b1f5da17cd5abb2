"""What penetration is counted from reaches a branch head whole, wherever it was recorded, and nobody else."""

from datetime import date

import pytest
from sqlalchemy import insert, update

from db.access import Viewer
from db.customers import stock
from db.errors import NotAllowed
from db.log.entry import Entry
from db.models import Activity, Customer, Holding, Territory
from db.recording import recording
from tests.support.builders import EAST, LI, MONDAY, SOUTH, WANG, ZHAO, bank, far_region, head, manager, regional


@pytest.fixture
def furnished(store):
    """甲 of the east has a territory there, 乙 of the south has one of the east, 丙 of the far region has nothing."""
    far_region(bank(store))
    with store.writing("test") as write:
        write.session.execute(insert(Territory), [{"id": 11, "branch_id": EAST, "name": "东湖社区"}])
        rows = [(1, EAST, WANG, "甲", 11), (2, SOUTH, ZHAO, "乙", 11), (3, 3, 4, "丙", None), (4, EAST, LI, "丁", None)]
        for one, branch, who, name, territory in rows:
            known = {"phone": f"1380000000{one}", "kind": "sole_trader"}
            write.session.add(
                Customer(id=one, branch_id=branch, manager_id=who, name=name, territory_id=territory, **known)
            )
        write.session.flush()
        write.session.add(Holding(customer_id=2, product_id=1, since=date(2020, 1, 1)))
        write.session.add(Holding(customer_id=3, product_id=1, since=date(2020, 1, 1)))
        write.settle_ids(Territory, Customer)
    recording.record(
        head(store, SOUTH), ZHAO, Entry("deal", MONDAY, customer=2, product=1, amount_cents=1), "a", MONDAY
    )
    return store


@pytest.mark.both_engines
def test_the_customers_are_those_of_the_branches_and_of_their_territories(furnished):
    found = stock.customers(head(furnished))
    assert found.schema == stock.CUSTOMER
    assert found.sort("customer").select("customer", "branch", "territory", "complete").rows() == [
        (1, EAST, 11, True),
        (2, SOUTH, 11, True),
        (4, EAST, None, False),
    ]
    assert set(stock.customers(head(furnished, SOUTH))["customer"]) == {2}
    assert set(stock.customers(regional(furnished))["customer"]) == {1, 2, 4}
    assert set(stock.customers(manager(furnished))["customer"]) == {1, 2, 4}
    held = stock.holdings(head(furnished))
    assert held.schema == stock.HOLDING
    assert held.rows() == [(2, 1, "loan", date(2020, 1, 1), None)]
    with pytest.raises(NotAllowed):
        stock.customers(Viewer(furnished, "x", "administrator"))


def test_what_was_done_elsewhere_for_a_customer_of_the_territory_is_known_but_not_by_whom(furnished):
    log = stock.log(head(furnished), MONDAY).collect()
    assert log.select("kind", "customer").rows() == [("deal", 2)] and log.columns == list(stock.COUNTED)
    assert stock.log(head(furnished, 3), MONDAY).collect().is_empty()
    with pytest.raises(ValueError, match="by whom"):
        stock.log(head(furnished), MONDAY, ("customer", "manager"))


def test_what_is_recorded_elsewhere_is_seen_at_once_and_a_merged_record_no_more(furnished):
    one = head(furnished)
    assert stock.log(one, MONDAY).collect().height == 1
    recording.record(head(furnished, SOUTH), ZHAO, Entry("consultation", MONDAY, customer=2), "b", MONDAY)
    counted = one.cached("rows", read=lambda: stock.log(one, MONDAY).collect().height)
    recording.record(head(furnished, SOUTH), ZHAO, Entry("application", MONDAY, customer=2), "c", MONDAY)
    assert (counted, one.cached("rows", read=lambda: stock.log(one, MONDAY).collect().height)) == (2, 3)
    with furnished.writing("test") as write:
        write.session.execute(update(Customer).where(Customer.id == 4).values(merged_into_id=1))
        write.session.execute(update(Activity).values(version=write.version))
    assert set(stock.customers(one)["customer"]) == {1, 2}


def test_of_one_branch_nothing_is_read_of_the_others_and_nothing_of_one_out_of_reach(furnished):
    viewer = regional(furnished)
    assert set(stock.customers(viewer, EAST)["customer"]) == set(stock.customers(head(furnished))["customer"])
    assert set(stock.customers(viewer, SOUTH)["customer"]) == {2}
    assert stock.holdings(viewer, EAST).rows() == stock.holdings(head(furnished)).rows()
    assert stock.customers(viewer, 3).is_empty() and stock.holdings(viewer, 3).is_empty()
    assert stock.log(viewer, MONDAY, branch=3).collect().is_empty()
