"""Rates on funnel plots: what a unit's cases are, and cohorts that count only who was observed for long enough."""

from datetime import date

import polars as pl
import pytest

from metrics.catalog import CONVERSION_RATE, COUNTS, DEAL_RATE
from metrics.comparison.rates import cohort_rates, period_lines, period_rates
from metrics.metric import measure
from tests.support.builders import EAST, SOUTH
from tests.support.metrics.small_frames import BRANCHES, marked

DAY = date(2026, 11, 3)


def rows(branch: int, consultations: int, deals: int, first: int) -> list[dict]:
    """Each deal on an opportunity that was consulted in the same period."""
    usual = {"branch": branch, "day": DAY}
    made = [
        usual | {"kind": "consultation", "customer": first + n, "opportunity": first + n} for n in range(consultations)
    ]
    return made + [usual | {"kind": "deal", "customer": first + n, "opportunity": first + n} for n in range(deals)]


def test_cases_are_those_of_both_counts_and_a_small_branch_is_not_blamed_for_chance():
    log = marked(*rows(EAST, 100, 40, 0), *rows(SOUTH, 100, 5, 1000)).lazy()
    table = period_rates(log, measure(log, COUNTS, ["branch"], BRANCHES), CONVERSION_RATE, "branch")
    assert table.select("of", "to", "shared", "cases", "rate").rows() == [
        (40, 100, 40, 140, 0.4),
        (5, 100, 5, 105, 0.05),
    ]
    assert table["place"].to_list() == ["clearly_higher", "clearly_lower"]
    small = marked(*rows(EAST, 100, 25, 0), *rows(SOUTH, 4, 0, 1000)).lazy()
    table = period_rates(small, measure(small, COUNTS, ["branch"], BRANCHES), CONVERSION_RATE, "branch")
    assert table["place"].to_list() == ["within", "within"]
    assert not period_lines(table).is_empty()


def test_who_has_nothing_to_divide_by_has_no_place():
    log = marked(*rows(EAST, 10, 2, 0)).lazy()
    table = period_rates(log, measure(log, COUNTS, ["branch"], BRANCHES), DEAL_RATE, "branch")
    assert table["rate"].null_count() == 2 and table["place"].null_count() == 2
    assert period_lines(table).is_empty()


def case(branch: int, observed: int, **ends: int) -> dict:
    nothing = dict.fromkeys(("applied", "dealt", "rejected", "withdrawn"))
    return {"branch": branch, "observed": observed} | nothing | ends


def test_a_cohort_counts_who_was_observed_for_the_horizon_and_the_end_that_came_first():
    cohort = pl.DataFrame(
        [
            case(EAST, 50, applied=3, dealt=10),
            case(EAST, 50, applied=3, rejected=9, dealt=30),
            case(EAST, 50, dealt=45),
            case(EAST, 20, applied=1, dealt=2),
            case(SOUTH, 60, withdrawn=5, applied=8),
        ],
        schema_overrides={"branch": pl.Int32},
    )
    dealt = cohort_rates(cohort, BRANCHES, "dealt", 40, "branch")
    assert dealt.select("of", "to", "immature").rows() == [(1, 3, 1), (0, 1, 0)]
    applied = cohort_rates(cohort, BRANCHES, "applied", 40, "branch")
    assert applied.select("of", "to").rows() == [(2, 3), (0, 1)]
    assert applied["rate"].to_list() == pytest.approx([2 / 3, 0])
    assert (dealt["cases"] == dealt["to"]).all()
