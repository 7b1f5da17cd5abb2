"""Cohorts: what became of the opportunities of a period, and what is not known yet."""

from datetime import date

import polars as pl
import pytest

from metrics.diagnosis import cohorts
from metrics.intervals import wilson
from metrics.periods import Period
from tests.support.builders import LI, WANG
from tests.support.metrics.small_frames import calendar, marked

OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))
YEAR = calendar(Period(date(2026, 9, 1), date(2026, 12, 31)))
START, THROUGH = date(2026, 10, 12), date(2026, 11, 20)


def step(kind: str, one: int, day: date = START, **more) -> dict:
    return {"kind": kind, "customer": one, "opportunity": one, "day": day} | more


def cases(*rows: dict, through: date = THROUGH) -> pl.DataFrame:
    return cohorts.cases(marked(*rows), YEAR, OCTOBER, through)


def curve(cohort: pl.DataFrame, end: str, horizon: int = 10) -> list[float]:
    return cohorts.curves(cohort, horizon).filter(pl.col("end") == end)["share"].to_list()


def test_days_are_working_days_since_the_first_consultation():
    row = cases(
        step("consultation", 1), step("application", 1, date(2026, 10, 14)), step("deal", 1, date(2026, 10, 19))
    )
    assert row.select("since", "applied", "dealt", "rejected").row(0) == (START, 2, 5, None)
    assert row["observed"].item() == 29


def test_who_began_before_the_period_is_not_of_it():
    old = [step("consultation", 1, date(2026, 9, 10)), step("consultation", 1), step("deal", 1, date(2026, 10, 15))]
    assert cases(*old).is_empty()


def test_a_deal_before_the_first_consultation_is_no_answer_to_it():
    row = cases(step("deal", 1, date(2026, 10, 9)), step("consultation", 1))
    assert row["dealt"].to_list() == [None]


def test_ends_compete_and_an_application_counts_though_it_was_rejected():
    done = [
        *(step("consultation", one) for one in (1, 2, 3, 4)),
        *(step("application", one, date(2026, 10, 13)) for one in (1, 2)),
        step("deal", 1, date(2026, 10, 15)),
        step("rejected", 2, date(2026, 10, 16)),
        step("withdrawn", 3, date(2026, 10, 12)),
    ]
    found = cases(*done)
    assert curve(found, "applied", 4) == [0, 0.5, 0.5, 0.5, 0.5]
    assert curve(found, "dealt", 4) == [0, 0, 0, 0.25, 0.25]
    assert curve(found, "rejected", 4) == [0, 0, 0, 0, 0.25]
    assert curve(found, "withdrawn", 4) == [0.25] * 5


def test_what_is_not_observed_for_long_enough_is_no_failure():
    """Of two old cases one was dealt after a week; two of the last day say nothing of it yet."""
    old = [step("consultation", 1), step("consultation", 2), step("deal", 1, date(2026, 10, 19))]
    young = [step("consultation", one, date(2026, 10, 30)) for one in (3, 4)]
    found = cases(*old, *young, through=date(2026, 10, 30))
    assert curve(found, "dealt", 8)[-1] == 0.5
    assert cohorts.maturity(found, 8).row(0) == (4, 0.5)


def test_consultations_that_double_within_the_month_do_not_lower_the_cohort_rate():
    """A true quarter deals, after ten working days; only the first half of the month has had them."""
    first = [step("consultation", one, date(2026, 10, 12)) for one in range(100)]
    second = [step("consultation", one, date(2026, 10, 29)) for one in range(100, 300)]
    deals = [step("deal", one, date(2026, 10, 26)) for one in range(25)]
    found = cases(*first, *second, *deals, through=date(2026, 10, 31))
    assert len(deals) / 300 == pytest.approx(0.083, abs=0.001)
    assert curve(found, "dealt", 10)[-1] == pytest.approx(0.25)


def test_by_manager_each_has_their_own():
    rows = [step("consultation", 1), step("deal", 1), step("consultation", 2, manager=LI)]
    found = cohorts.curves(cases(*rows), 1, ["manager"]).filter(pl.col("end") == "dealt", pl.col("day") == 1)
    assert found.select("manager", "share").rows() == [(WANG, 1.0), (LI, 0.0)]


def test_the_rate_at_a_horizon_has_wilsons_limits_once_all_were_observed():
    rows = [*(step("consultation", one) for one in range(20)), *(step("deal", one) for one in range(5))]
    low, high = wilson(pl.Series([5]), pl.Series([20]))
    expected = {"low": low[0], "high": high[0]}
    assert cohorts.rate_at(cases(*rows), "dealt", 10) == pytest.approx({"share": 0.25} | expected)
    none = cohorts.rate_at(cases(*rows[:20]), "dealt", 10)
    assert none["share"] == 0 and none["low"] == 0 and none["high"] == pytest.approx(0.1611, abs=5e-5)


def test_without_cases_there_is_nothing_and_no_failure():
    nothing = cases()
    assert cohorts.curves(nothing, 3, ["manager"]).is_empty()
    assert cohorts.maturity(nothing, 3).row(0) == (0, None)
    assert curve(nothing, "dealt", 1) == [0.0, 0.0]
