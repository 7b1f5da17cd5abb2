"""Penetration: customers held against a dated register, and products against the customers held."""

from datetime import date

import polars as pl

from metrics import frames
from metrics.definitions import Definitions
from metrics.penetration import penetration, potential, product_penetration
from tests.builders import EAST, LI, SOUTH
from tests.metrics.small import BRANCHES, RULES, marked

ON = date(2026, 11, 16)


def registers(*rows: tuple[int, int, date, int]) -> pl.DataFrame:
    full = [(1, branch, territory, as_of, potential, "census") for branch, territory, as_of, potential in rows]
    return pl.DataFrame(full, frames.REGISTER, orient="row")


def deal(customer: int | None, product: int | None = None, **more) -> dict:
    return {"kind": "deal", "customer": customer, "product": product, **more}


def test_the_latest_register_up_to_the_day_holds():
    counted = registers((EAST, 1, date(2026, 6, 1), 90), (EAST, 1, date(2026, 1, 1), 50), (EAST, 2, ON, 5))
    future = registers((EAST, 1, date(2026, 12, 1), 9_999))
    assert potential(pl.concat([future, counted]), ON).item() == 95
    assert potential(counted, date(2026, 5, 31)).item() == 50
    assert potential(counted, date(2025, 5, 31)).item() == 0


def test_potential_customers_are_summed_by_branch():
    counted = registers((EAST, 1, ON, 10), (EAST, 2, ON, 5), (SOUTH, 3, ON, 7))
    assert potential(counted, ON, ["branch"]).sort("branch").rows() == [(EAST, 15), (SOUTH, 7)]


def test_market_penetration_counts_a_customer_once_however_many_deals_he_has():
    log = marked(deal(1), deal(1), deal(2), deal(None), {"customer": 3})
    row = penetration(log, registers((EAST, 1, ON, 8)), ON, RULES).row(0, named=True)
    assert (row["market_penetration"], row["contact_penetration"]) == (0.25, 0.125)


def test_a_stale_register_is_shown_above_one_and_not_capped():
    row = penetration(marked(deal(1), deal(2), deal(3)), registers((EAST, 1, ON, 2)), ON, RULES).row(0, named=True)
    assert row["market_penetration"] == 1.5


def test_penetration_is_null_without_a_register_or_with_one_of_nobody():
    log = marked(deal(1), deal(2, branch=SOUTH))
    table = penetration(log, registers((EAST, 1, ON, 0)), ON, RULES, ["branch"])
    assert table["market_penetration"].to_list() == [None, None]
    assert table["potential_customers"].to_list() == [0, 0]


def test_a_branch_with_nothing_logged_has_its_row_and_its_potential():
    table = penetration(marked(deal(1)), registers((SOUTH, 3, ON, 7)), ON, RULES, ["branch"], BRANCHES.select("branch"))
    row = table.filter(pl.col("branch") == SOUTH).row(0, named=True)
    assert (row["potential_customers"], row["penetration_customers"], row["market_penetration"]) == (7, 0, 0.0)


def test_a_customer_of_two_branches_is_one_customer_of_the_region():
    log = marked(deal(1), deal(1, branch=SOUTH, manager=LI))
    counted = registers((EAST, 1, ON, 4), (SOUTH, 2, ON, 4))
    assert penetration(log, counted, ON, RULES, ["branch"])["market_penetration"].to_list() == [0.25, 0.25]
    assert penetration(log, counted, ON, RULES, ["region"])["market_penetration"].to_list() == [0.125]


LOAN, ANY = Definitions(penetration_customers="loan"), Definitions(contact_customers="any")


def test_market_penetration_may_count_customers_with_a_loan_alone():
    log = marked(deal(1, family="loan"), deal(1, family="cross_sell"), deal(2, family="cross_sell"), deal(3))
    counted = registers((EAST, 1, ON, 10))
    shares = [penetration(log, counted, ON, rules)["market_penetration"].item() for rules in (RULES, LOAN)]
    assert shares == [0.3, 0.1]


def test_contact_penetration_may_count_whoever_was_met():
    visits = [
        {"customer": 1},
        {"customer": 2, "met_decider": False},
        {"customer": 2},
        {"customer": 3, "effective": False},
    ]
    log, counted = marked(*visits, {"customer": None}), registers((EAST, 1, ON, 10))
    shares = [penetration(log, counted, ON, rules)["contact_penetration"].item() for rules in (RULES, ANY)]
    assert shares == [0.2, 0.3]


def test_the_bases_change_neither_products_per_customer_nor_each_other():
    log = marked(
        deal(1, 10, family="loan"), deal(1, 11, family="cross_sell"), deal(2, 12, family="cross_sell"), {"customer": 4}
    )
    usual, loan, any_ = (penetration(log, registers((EAST, 1, ON, 10)), ON, rules) for rules in (RULES, LOAN, ANY))
    assert usual["products_per_customer"].item() == loan["products_per_customer"].item() == 1.5
    assert usual["contact_penetration"].item() == loan["contact_penetration"].item()
    assert usual["market_penetration"].item() == any_["market_penetration"].item()


def test_product_penetration_is_the_share_of_deal_customers_who_hold_it():
    log = marked(deal(1, 10), deal(1, 11), deal(1, 10), deal(2, 10), deal(3, 11), deal(4, 11), {"product": 12})
    table = product_penetration(log)
    assert table.select("product", "product_holders", "product_penetration").rows() == [(10, 2, 0.5), (11, 3, 0.75)]


def test_a_deal_without_a_product_makes_a_deal_customer_who_holds_none():
    table = product_penetration(marked(deal(1, 10), deal(2)))
    assert table.select("product", "product_penetration").rows() == [(10, 0.5)]


def test_product_penetration_by_branch_divides_by_the_customers_of_that_branch():
    table = product_penetration(marked(deal(1, 10), deal(2, 11), deal(3, 10, branch=SOUTH)), ["branch"])
    shares = table.sort("branch", "product").select("branch", "product", "product_penetration").rows()
    assert shares == [(EAST, 10, 0.5), (EAST, 11, 0.5), (SOUTH, 10, 1.0)]


def test_product_penetration_of_an_empty_log_is_empty():
    assert product_penetration(marked()).height == 0
