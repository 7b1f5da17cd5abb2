"""What customers held before the log, from a file: customers are added, and the same file again stores nothing."""

from datetime import date

import pytest

from dashboard.shell.store import operator
from db.customers import merging
from db.models import Customer, Holding
from tests.support.builders import EAST, SOUTH, WANG, bank, head, manager, regional
from tests.support.sheets import bring, counts, file, held_values, numbers, problems, row

HEADER = "支行,工号,客户,手机号,客户类型,产品,起始日期,结束日期"
FIRST = "东湖支行,1001,甲店,13800000001,个体工商户,信用贷款,2020-03-01,"


def holdings(viewer, *rows: str, **options):
    return file(viewer, "holdings", "\n".join((HEADER, *rows)), **options)


@pytest.mark.both_engines
def test_a_customer_is_added_once_with_all_they_hold(store, viewer):
    bank(store)
    rows = [
        FIRST,
        "东湖支行,1002,甲店,13800000001,,信用卡,2021-05-01,2026-05-01",
        "南山支行,1003,乙店,,,信用卡,2021-05-01,",
    ]
    assert numbers(holdings(viewer, *rows)) == (3, 3, 0, 0)
    customers = (Customer.name, Customer.branch_id, Customer.manager_id, Customer.kind)
    assert held_values(store, *customers) == {("甲店", EAST, WANG, "sole_trader"), ("乙店", SOUTH, 3, None)}
    held = counts(store)
    assert held["holding"] == 3
    assert numbers(holdings(viewer, *rows)) == (3, 0, 3, 0) and counts(store) == held


def test_the_end_of_a_holding_is_set_later(sqlite_store):
    viewer = operator(bank(sqlite_store))
    holdings(viewer, FIRST)
    assert holdings(viewer, FIRST + "2026-10-31").accepted == 1
    assert held_values(sqlite_store, Holding.since, Holding.until) == {(date(2020, 3, 1), date(2026, 10, 31))}


def test_a_known_customer_is_found_again_and_what_was_not_known_is_kept(sqlite_store):
    viewer = operator(bank(sqlite_store))
    bring(viewer, row(customer="甲店"))
    assert numbers(holdings(viewer, FIRST)) == (1, 1, 0, 0)
    assert held_values(sqlite_store, Customer.name, Customer.phone, Customer.kind) == {
        ("甲店", "13800000001", "sole_trader")
    }


def test_every_problem_is_named_at_its_cell(sqlite_store):
    viewer = operator(bank(sqlite_store))
    cases = [
        ("北门支行,1001,甲店,,,信用卡,2020-03-01,", "支行", "Unknown branch"),
        ("东湖支行,99,甲店,,,信用卡,2020-03-01,", "工号", "Unknown manager"),
        ("东湖支行,1003,甲店,,,信用卡,2020-03-01,", "工号", "The manager was never posted to this branch"),
        ("东湖支行,1001,甲店,,,火箭贷,2020-03-01,", "产品", "Unknown product"),
        ("东湖支行,1001,,,,信用卡,2020-03-01,", "客户", "The cell is empty"),
        ("东湖支行,1001,甲店,,,信用卡,2020-03-01,2020-02-01", "结束日期", "The last day is before the first"),
        ("东湖支行,1001,甲店,,,信用卡,2030-03-01,", "起始日期", None),
        ("东湖支行,1001,丙店,,,信用卡,2020-03-01,", None, None),
        (
            "东湖支行,1001,丙店,,,信用卡,2020-03-01,2026-01-01",
            "结束日期",
            "The same entry is in the file twice with different values",
        ),
    ]
    held = counts(sqlite_store)
    found = problems(holdings(viewer, *(one for one, *_ in cases)))
    assert [(column, said) for _, column, _, said in found if column != "起始日期"] == [
        (column, said) for _, column, said in cases if said
    ]
    assert "起始日期" in {column for _, column, _, _ in found} and counts(sqlite_store) == held


def test_it_keeps_to_the_scope_of_whoever_brings_it(sqlite_store):
    bank(sqlite_store)
    elsewhere = "南山支行,1003,乙店,,,信用卡,2020-03-01,"
    assert numbers(holdings(head(sqlite_store), FIRST, elsewhere, accept_valid=True)) == (2, 1, 0, 1)
    assert numbers(holdings(regional(sqlite_store), elsewhere)) == (1, 1, 0, 0)
    with pytest.raises(Exception, match="role"):
        holdings(manager(sqlite_store), FIRST)


def test_a_record_that_goes_on_for_two_holds_what_both_held(sqlite_store):
    viewer = operator(bank(sqlite_store))
    other = "东湖支行,1001,乙店,,,"
    holdings(viewer, FIRST, other + "信用贷款,2020-03-01,2026-01-01", other + "信用卡,2021-01-01,")
    ids = dict(held_values(sqlite_store, Customer.name, Customer.id))
    merging.merge(head(sqlite_store), ids["甲店"], ids["乙店"])
    kept = held_values(sqlite_store, Holding.customer_id, Holding.since, Holding.until)
    assert kept == {(ids["甲店"], date(2020, 3, 1), None), (ids["甲店"], date(2021, 1, 1), None)}
    assert numbers(holdings(viewer, other + "信用卡,2021-01-01,")) == (1, 0, 1, 0)
