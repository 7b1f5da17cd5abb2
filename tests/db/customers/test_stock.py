"""What penetration is counted from reaches a branch head whole, wherever it was recorded, and nobody else."""

from datetime import date

import polars as pl
import pytest
from sqlalchemy import insert, update

from dashboard.shell.store import operator
from db.access import Viewer
from db.customers import stock
from db.errors import NotAllowed
from db.log.entry import Entry
from db.models import Activity, Branch, Customer, Holding, Territory
from db.people import people
from db.recording import recording
from tests.pages.test_one_version import statements
from tests.support.builders import EAST, LI, MONDAY, SOUTH, WANG, ZHAO, bank, far_region, head, manager, regional

ROWS = pl.LazyFrame.collect  # reduced to nothing less


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
    log = stock.reduced(head(furnished), MONDAY, ROWS)
    assert log.select("kind", "customer").rows() == [("deal", 2)] and log.columns == list(stock.COUNTED)
    assert stock.reduced(head(furnished, 3), MONDAY, ROWS).is_empty()


def test_a_month_that_is_over_is_reduced_once_for_whoever_asks_until_it_changes(furnished):
    reduced: list[int] = []

    def reduce(log: pl.LazyFrame) -> pl.DataFrame:
        reduced.append(found := log.collect())
        return found

    later = date(2026, 12, 1)
    viewers = (head(furnished), regional(furnished), head(furnished, SOUTH))
    assert [stock.reduced(one, later, reduce).height for one in viewers] == [1, 1, 1]
    assert len(reduced) == 1 + len(viewers), "November once, December for each"
    recording.record(viewers[0], WANG, Entry("consultation", later, customer=1), "new", later)
    assert [stock.reduced(one, later, reduce).height for one in viewers] == [2, 2, 1]
    assert len(reduced) == 1 + 2 * len(viewers)
    recording.record(viewers[0], WANG, Entry("consultation", MONDAY, customer=1), "late", later)
    assert [stock.reduced(one, later, reduce).height for one in viewers] == [3, 3, 1]
    assert len(reduced) == 2 + 3 * len(viewers)


def test_what_is_recorded_elsewhere_is_seen_at_once_and_a_merged_record_no_more(furnished):
    one = head(furnished)
    assert stock.reduced(one, MONDAY, ROWS).height == 1
    recording.record(head(furnished, SOUTH), ZHAO, Entry("consultation", MONDAY, customer=2), "b", MONDAY)
    counted = one.cached("rows", read=lambda: stock.reduced(one, MONDAY, ROWS).height)
    recording.record(head(furnished, SOUTH), ZHAO, Entry("application", MONDAY, customer=2), "c", MONDAY)
    assert (counted, one.cached("rows", read=lambda: stock.reduced(one, MONDAY, ROWS).height)) == (2, 3)
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
    assert stock.reduced(viewer, MONDAY, ROWS, 3).is_empty()


def test_many_branches_are_read_together_and_remembered_each_by_itself(furnished):
    for number in range(20, 30):
        add_branch(furnished, number)
    whole = operator(furnished)
    with statements(furnished) as asked:
        found = [stock.customers(whole), stock.holdings(whole)]
    read = [one for one in asked if "FROM customer" in one or "FROM holding" in one]
    assert len(read) == 4, "two branches of 13 would be asked for alone"
    each = [stock.customers(whole, branch) for branch in people.branches(whole)["branch"]]
    assert set(found[0].rows()) == set(pl.concat(each).rows()) and set(found[0]["customer"]) >= {1, 2, 3, 4, 20, 29}
    assert set(found[1]["customer"]) == {2, 3}
    met = Entry("consultation", MONDAY, customer_name="新客户", met_decider=True, need_recorded=True)
    recording.record(head(furnished), WANG, met, "new", MONDAY)
    with statements(furnished) as asked:
        assert stock.customers(whole).height == found[0].height + 1
    assert len([one for one in asked if "FROM customer" in one]) == 1, "the others are remembered"


def add_branch(store, number: int) -> None:
    """With one customer."""
    with store.writing("test") as write:
        write.session.add(Branch(id=number, region_id=1, name=f"支行{number}"))
        write.session.flush()
        write.session.add(Customer(id=number, branch_id=number, manager_id=WANG, name=f"客户{number}"))
