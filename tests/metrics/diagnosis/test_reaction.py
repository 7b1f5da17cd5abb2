"""What is done about a reason, and who could lead whom."""

from datetime import date

import polars as pl
import pytest

from metrics.diagnosis.reaction import PROMISING, is_newcomer, promising, reaction, veterans
from metrics.diagnosis.tallies import TALLY

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("reasons", "newcomer", "found"),
    [
        (["consultations"], False, "urge"),
        (["application_rate"], False, "train"),
        (["deal_rate"], False, "train"),
        (["application_rate", "deal_rate"], False, "support"),
        (["consultations"], True, "support"),
        (["days"], False, None),
        (["unallocated"], True, None),
        (["days", "deal_rate"], False, "train"),
        ([], False, None),
    ],
)
def test_the_reaction_follows_from_the_reason(reasons, newcomer, found):
    assert reaction(reasons, -3.0, newcomer) == found


@pytest.mark.parametrize("gap", [0.0, 2.0, None])
def test_who_is_not_behind_needs_no_reaction(gap):
    assert reaction(["consultations"], gap) is None


def test_a_newcomer_is_one_for_half_a_year():
    assert is_newcomer(date(2026, 8, 1), FRIDAY)
    assert not is_newcomer(date(2026, 1, 1), FRIDAY) and not is_newcomer(None, FRIDAY)


STRONG = ("consultations", "application_rate", "deal_rate", "ticket")


def managers(*rows: dict) -> pl.DataFrame:
    usual = {"region": 1, "branch": 1, "reaction": None, "reasons": []}
    usual |= {f"{name}_strong": False for name in STRONG} | dict.fromkeys((f"{name}_low" for name in STRONG), 0.0)
    table = pl.DataFrame([usual | row for row in rows])
    return table.with_columns(pl.col("reaction").cast(pl.String), pl.col("reasons").cast(pl.List(pl.String)))


NEW = {"manager": 1, "reaction": "support", "reasons": ["deal_rate"]}


def strong(manager: int, low: float, **more) -> dict:
    return {"manager": manager, "deal_rate_strong": True, "deal_rate_low": low} | more


def led_by(*rows: dict, products=None, joined=None) -> list[tuple[int, int]]:
    people = [row["manager"] for row in rows]
    mix = [(one, product, 10) for one in people for product in (products or {}).get(one, [1])]
    began = pl.DataFrame(
        {"manager": people, "joined_on": [(joined or {}).get(one) for one in people]},
        {"manager": pl.Int64, "joined_on": pl.Date},
    )
    sold = pl.DataFrame(mix, ["manager", "product", "cases"], orient="row")
    return veterans(managers(*rows), managers(*rows), sold, began, FRIDAY).rows()


def test_the_strongest_veteran_of_the_branch_leads():
    assert led_by(NEW, strong(2, 1.0), strong(3, 2.0), strong(4, 9.0, branch=2)) == [(1, 3)]


def test_where_the_branch_has_none_one_of_the_region_leads():
    assert led_by(NEW, strong(4, 9.0, branch=2), strong(5, 99.0, region=2, branch=3)) == [(1, 4)]


def test_who_is_strong_elsewhere_sells_other_things_or_is_new_does_not_lead():
    elsewhere = {"manager": 2, "consultations_strong": True, "consultations_low": 5.0}
    assert led_by(NEW, elsewhere) == []
    assert led_by(NEW, strong(2, 1.0), products={1: [1], 2: [2]}) == []
    assert led_by(NEW, strong(2, 1.0), joined={2: date(2026, 3, 1)}) == []


def test_who_needs_no_support_is_not_led():
    assert led_by(NEW | {"reaction": "train"}, strong(2, 1.0)) == []


def test_who_may_lead_in_a_region_are_the_few_who_are_surely_high():
    usual = dict.fromkeys(TALLY, 0) | {"region": 1, "branch": 1, "days": 20, "consultations": 40, "applications": 10}
    usual |= {"consulted_applied": 10}
    rows = [usual | {"manager": one, "consultations": 40 + one} for one in range(1, 10)]
    rows.append(usual | {"manager": 10, "consultations": 2, "applications": 2, "consulted_applied": 2})  # all of two
    rows.append(usual | {"manager": 11, "region": 2, "branch": 9})
    rows.append(usual | {"manager": 12, "consultations": 400})
    began = pl.DataFrame(
        {"manager": [12], "joined_on": [date(2026, 6, 1)]}, {"manager": pl.Int32, "joined_on": pl.Date}
    )
    tallied = pl.DataFrame(rows, TALLY)
    found = promising(tallied, began, ["consultations"], FRIDAY)["manager"].to_list()
    assert sorted(found) == [*range(10 - PROMISING, 10), 11], "12 is new, and 11 the only one of their region"
    assert promising(tallied, began, ["days"], FRIDAY).is_empty()
