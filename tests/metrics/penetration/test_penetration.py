"""Penetration, the ladder and the attach rate: two owners of one territory, one who moves on the 10th, registers above
and below the number of customers, holdings from before the log, a territory without a register."""

from datetime import date, timedelta

import polars as pl
import pytest

from metrics.definitions import Definitions
from metrics.penetration.penetration import COUNTED, penetration, product_penetration
from tests.support.builders import EAST, LI, SOUTH, WANG, ZHAO
from tests.support.metrics.territories import (
    HILL,
    LAKE,
    MARKET,
    ON,
    cells_of,
    customer,
    deal,
    holding,
    owner,
    register,
)

LOAN, ANY = Definitions(penetration_customers="loan"), Definitions(contact_customers="any")


def whole(*rows: dict, **about) -> dict:
    return penetration(cells_of(*rows, **about).table).row(0, named=True)


def by(key: str, *rows: dict, **about) -> dict:
    """key → row."""
    return {row[key]: row for row in penetration(cells_of(*rows, **about).table, [key]).to_dicts()}


def test_two_owners_share_potential_and_customers_whoever_won_them():
    rows = [deal(1, manager=LI), deal(2, manager=LI), deal(3, manager=LI)]
    here = {"customers": [customer(one, LAKE) for one in (1, 2, 3)], "registers": [register(LAKE, 10)]}
    half = by("manager", *rows, **here, owners=[owner(LAKE, WANG), owner(LAKE, LI)])
    assert {who: (row["potential_customers"], row["deal_customers"]) for who, row in half.items()} == {
        WANG: (5, 1.5),
        LI: (5, 1.5),
    }
    assert {row["market_penetration"] for row in half.values()} == {0.3}
    stated = by("manager", *rows, **here, owners=[owner(LAKE, WANG, share=0.6), owner(LAKE, LI, share=0.3)])
    assert {who: row["deal_customers"] for who, row in stated.items()} == {WANG: 1.8, LI: 0.9, None: 0.3}
    assert sum(row["deal_customers"] for row in stated.values()) == whole(*rows, **here)["deal_customers"] == 3


def test_an_owner_who_moves_on_the_10th_owns_nothing_from_then_on():
    about = {"customers": [customer(1, LAKE)], "registers": [register(LAKE, 4)], "owners": [owner(LAKE, WANG)]}
    early = deal(1, day=date(2026, 11, 2))
    before = by("manager", early, **about, on=date(2026, 11, 9))
    after = by("manager", early, **about, on=date(2026, 11, 10), posted=[(WANG, SOUTH), (LI, EAST)])
    assert before[WANG]["market_penetration"] == 0.25 and set(before) == {WANG}
    assert after[None]["market_penetration"] == 0.25 and set(after) == {None}


def test_a_register_below_its_customers_is_shown_above_one_and_not_capped():
    customers = [customer(one, LAKE) for one in (1, 2, 3)]
    row = whole(deal(1), deal(2), deal(3), customers=customers, registers=[register(LAKE, 2)])
    assert row["market_penetration"] == 1.5


def test_a_customer_counts_once_however_many_deals_and_contacts_they_have():
    customers = [customer(one, LAKE) for one in (1, 2, 3)]
    rows = [deal(1), deal(1), deal(2), deal(None), {"customer": 3}, {"customer": 3, "manager": LI}]
    row = whole(*rows, customers=customers, registers=[register(LAKE, 8)])
    assert (row["market_penetration"], row["contact_penetration"]) == (0.25, 0.125)


def test_customers_outside_any_register_are_counted_and_stand_in_no_ratio():
    rows = [deal(1), deal(2), {"customer": 3}, {"customer": 4, "effective": False}]
    customers = [customer(1, HILL), customer(2), customer(3, None, manager=LI), customer(4)]
    about = {"customers": customers, "registers": [register(LAKE, 10)], "owners": [owner(HILL, LI), owner(LAKE, WANG)]}
    row = whole(*rows, **about)
    assert (row["outside_register"], row["deal_customers"], row["market_penetration"]) == (3, 0, 0)
    assert {who: one["outside_register"] for who, one in by("manager", *rows, **about).items()} == {WANG: 1, LI: 2}
    places = by("territory", *rows, **about)
    assert (places[HILL]["outside_register"], places[HILL]["market_penetration"]) == (1, None)
    assert (places[None]["outside_register"], places[LAKE]["potential_customers"]) == (2, 10)


def test_a_holding_from_before_the_log_counts_in_the_stock_and_in_no_flow():
    loan = {"family": "loan"}
    rows = [deal(1, 10, **loan), deal(1, 20, family="cross_sell"), deal(2, 10, **loan)]
    held = [holding(2, 20), holding(3, 10, **loan), holding(1, 20), holding(4, 20, until=ON - timedelta(1))]
    customers = [customer(one, LAKE) for one in (1, 2, 3, 4)]
    about = {"customers": customers, "registers": [register(LAKE, 10)], "holdings": held}
    row = whole(*rows, **about)
    assert (row["deal_customers"], row["loan_customers"], row["product_customers"]) == (3, 3, 3)
    assert (row["products_held"], row["products_per_customer"]) == (5, 5 / 3)
    assert (row["loan_deals"], row["attached_loan_deals"], row["attach_rate"]) == (2, 1, 0.5)
    assert row["won_customers"] == 0  # both held a product before their first deal
    assert whole(*rows, customers=customers, registers=about["registers"])["won_customers"] == 2


def test_a_holding_begins_and_ends_on_its_days():
    about = {"customers": [customer(1, LAKE)], "registers": [register(LAKE, 4)]}
    held = holding(1, 20, since=date(2026, 3, 1), until=date(2026, 9, 30))
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 9, 30), date(2026, 10, 1)]
    assert [whole(**about, holdings=[held], on=on)["deal_customers"] for on in days] == [0, 1, 1, 0]


def test_the_ladder_goes_from_the_visit_to_the_loan():
    rows = [{"customer": 1}, {"customer": 2}, {"customer": 3}, {"customer": 4, "effective": False}]
    rows += [{"kind": "approval", "customer": 1}, {"kind": "approval", "customer": 2}, deal(1, family="loan")]
    customers = [customer(one, LAKE, complete=one != 3) for one in (1, 2, 3, 4, 5)]
    row = whole(*rows, customers=customers, registers=[register(LAKE, 8)])
    ladder = ("contact_penetration", "file_coverage", "approval_coverage", "loan_coverage")
    assert [row[name] for name in ladder] == [3 / 8, 3 / 8, 2 / 8, 1 / 8]  # the fifth was never met


def test_what_lies_after_the_day_is_not_in_the_stock():
    later = ON + timedelta(1)
    rows = [deal(1, day=later), {"customer": 1, "day": later}, deal(2)]
    about = {"customers": [customer(1, LAKE, complete=True), customer(2, LAKE)], "registers": [register(LAKE, 4)]}
    row = whole(*rows, **about)
    assert [row[f"{name}_customers"] for name in ("consulted", "on_file", "deal")] == [0, 0, 1]


def test_the_bases_are_those_of_the_definitions():
    rows = [deal(1, family="loan"), deal(1, family="cross_sell"), deal(2, family="cross_sell"), deal(3)]
    rows += [{"customer": 4}, {"customer": 5, "effective": False}]
    about = {"customers": [customer(one, LAKE) for one in range(1, 6)], "registers": [register(LAKE, 10)]}
    usual, loan, any_ = (whole(*rows, rules=rules, **about) for rules in (Definitions(), LOAN, ANY))
    assert [one["market_penetration"] for one in (usual, loan, any_)] == [0.3, 0.1, 0.3]
    assert [one["contact_penetration"] for one in (usual, loan, any_)] == [0.1, 0.1, 0.2]
    assert usual["deal_customers"] == loan["deal_customers"] == 3


def test_a_loan_of_before_keeps_a_customer_from_being_won_where_loans_count():
    rows = [deal(1, 10, family="loan"), deal(2, 10, family="loan")]
    held = [holding(1, 11, family="loan"), holding(2, 20)]
    about = {"customers": [customer(1, LAKE), customer(2, LAKE)], "registers": [register(LAKE, 9)], "holdings": held}
    assert [whole(*rows, rules=rules, **about)["won_customers"] for rules in (Definitions(), LOAN)] == [0, 1]


def test_what_is_new_is_so_in_the_period_alone():
    rows = [deal(1, day=date(2026, 10, 30)), deal(1), deal(2), {"customer": 3}]
    rows += [{"customer": 4, "day": date(2026, 10, 9)}, {"customer": 4}]
    about = {"customers": [customer(one, LAKE) for one in (1, 2, 3, 4)], "registers": [register(LAKE, 9)]}
    row = whole(*rows, **about, first=date(2026, 11, 1))
    assert (row["won_customers"], row["newly_consulted_customers"], row["deal_customers"]) == (1, 1, 2)


def test_the_attach_rate_goes_by_the_manager_of_the_loan_deal_and_by_the_period():
    loan, card = {"family": "loan"}, {"family": "cross_sell"}
    rows = [deal(1, 10, manager=LI, **loan), deal(1, 20, manager=WANG, **card), deal(2, 10, manager=LI, **loan)]
    rows += [deal(3, 10, **loan), deal(3, 20, day=date(2026, 10, 30), **card), deal(None, 10, **loan)]
    about = {"customers": [customer(one) for one in (1, 2, 3)], "first": date(2026, 11, 1)}
    rates = {who: row["attach_rate"] for who, row in by("manager", *rows, **about).items()}
    assert rates == {LI: 0.5, WANG: 0}
    row = whole(*rows, **about)
    assert (row["loan_deals"], row["attach_rate"]) == (4, 0.25)
    assert 0.25 > row["attach_rate_low"] > 0.04 and 0.25 < row["attach_rate_high"] < 0.7  # Wilson of 1 in 4


def test_products_go_by_the_customers_manager_and_by_nobody_once_that_one_has_moved():
    rows = [deal(1, 10), deal(1, 20), deal(2, 10), deal(3)]
    customers = [customer(1), customer(2, manager=LI), customer(3, manager=ZHAO)]
    found = by("manager", *rows, customers=customers)
    facts = {who: (row["product_customers"], row["products_per_customer"]) for who, row in found.items()}
    assert facts == {WANG: (1, 2), LI: (1, 1), None: (1, 0)}
    table = product_penetration(cells_of(*rows, customers=customers), ["branch"])
    assert table.select("branch", "product", "product_penetration").rows() == [(EAST, 10, 2 / 3), (EAST, 20, 1 / 3)]


def test_a_customer_handed_to_another_branch_stays_in_their_territory():
    moved = customer(1, LAKE, branch=SOUTH, manager=ZHAO)
    found = by("branch", deal(1, 10), customers=[moved], registers=[register(LAKE, 4), register(MARKET, 4)])
    assert [found[branch]["deal_customers"] for branch in (EAST, SOUTH)] == [1, 0]
    assert [found[branch]["product_customers"] for branch in (EAST, SOUTH)] == [0, 1]


def test_everyone_has_a_row_also_with_nothing_at_all():
    everyone = pl.DataFrame({"manager": [WANG, LI]}, schema={"manager": pl.Int32})
    table = penetration(
        cells_of(registers=[register(LAKE, 7)], owners=[owner(LAKE, WANG)]).table, ["manager"], everyone
    )
    assert table.select("manager", "potential_customers", "market_penetration").rows() == [(WANG, 7, 0), (LI, 0, None)]


def test_nothing_at_all_is_one_empty_row():
    row = whole()
    assert {row[name] for name in COUNTED} == {0}
    assert {row[name] for name in ("market_penetration", "attach_rate", "attach_rate_low", "file_coverage")} == {None}
    assert penetration(cells_of().table, ["branch"]).is_empty() and product_penetration(cells_of()).is_empty()


def test_a_register_of_nobody_gives_no_ratio():
    row = whole(deal(1), customers=[customer(1, LAKE)], registers=[register(LAKE, 0)])
    assert (row["deal_customers"], row["market_penetration"]) == (1, None)


@pytest.mark.parametrize("keys", [["branch"], ["manager"], ["territory"], ["branch", "manager"]])
def test_what_is_nobodys_comes_last(keys):
    customers = [customer(1, LAKE), customer(2)]
    table = penetration(cells_of(deal(1), deal(2), customers=customers, registers=[register(LAKE, 3)]).table, keys)
    assert table.rows() == table.sort(keys, nulls_last=True).rows()
