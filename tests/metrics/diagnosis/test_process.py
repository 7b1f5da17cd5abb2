"""How somebody's work runs: points, limits, whether it has changed, and whether it reaches the plan."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from metrics.diagnosis.process import CHARTED, SIGNALS, chart, charts, is_sparse, points, targets, verdict
from metrics.frames import ACTIVITY, POSTING_DAY
from metrics.periods import Period
from tests.support.sweep import SEED, scaled

MONDAY = date(2026, 3, 2)


def weeks(*consultations: float, applications: float = 0, days: float = 5) -> pl.DataFrame:
    rows = [
        {"point": MONDAY + timedelta(7 * week), "days": days, "consultations": one, "applications": applications}
        | {"deals": 0.0, "deal_amount": 0.0}
        for week, one in enumerate(map(float, consultations))
    ]
    return pl.DataFrame(rows, schema_overrides={"days": pl.Float64, "applications": pl.Float64})


def log(*rows: tuple[date, str]) -> pl.LazyFrame:
    facts = [{"id": place, "day": day, "kind": kind, "counted": True} for place, (day, kind) in enumerate(rows)]
    return pl.DataFrame(facts, ACTIVITY).lazy()


def posted(*away: float) -> pl.DataFrame:
    days = [MONDAY + timedelta(one) for one in range(len(away))]
    ids = {"manager": 1, "branch": 1, "region": 1}
    return pl.DataFrame([ids | {"day": day, "away": part} for day, part in zip(days, away, strict=True)], POSTING_DAY)


def calendar(number: int) -> pl.DataFrame:
    days = [MONDAY + timedelta(one) for one in range(number)]
    return pl.DataFrame({"day": days, "is_workday": [one.weekday() < 5 for one in days]})


def test_a_week_without_a_working_day_is_left_out_and_leave_is_no_low_week():
    period = Period(MONDAY, MONDAY + timedelta(20))
    there = posted(*[0.0] * 7, *[1.0] * 7, 1.0, 1.0, 1.0, 0.5, *[0.0] * 3)
    visits = log((MONDAY, "consultation"), (MONDAY, "consultation"), (MONDAY + timedelta(18), "consultation"))
    found = points(visits, there, calendar(21), period, "week")
    assert found.select("point", "days", "consultations").rows() == [
        (MONDAY, 5.0, 2.0),
        (MONDAY + timedelta(14), 1.5, 1.0),
    ]
    assert chart(found, "consultations")["value"].to_list() == pytest.approx([0.4, 1 / 1.5])


def test_by_working_day_weekends_have_no_point():
    period = Period(MONDAY, MONDAY + timedelta(7))
    found = points(log((MONDAY + timedelta(5), "consultation")), posted(*[0.0] * 8), calendar(8), period, "day")
    assert found["point"].to_list() == [MONDAY + timedelta(one) for one in (0, 1, 2, 3, 4, 7)]
    assert found["consultations"].sum() == 0


def test_a_rate_has_limits_by_its_cases_and_none_above_one():
    found = chart(weeks(20, 20, 5, applications=5), "application_rate")
    assert found["value"].to_list() == [0.25, 0.25, 1.0] and found["high"].max() <= 1
    narrow, wide = (found["high"] - found["low"]).to_list()[1:]
    assert narrow < wide


def test_a_rate_of_more_applications_than_consultations_is_no_share_and_no_failure():
    found = chart(weeks(2, 2, 2, applications=6), "application_rate")
    assert found["centre"].to_list() == [3.0] * 3 and not found["low"].is_nan().any()


def test_shares_of_very_many_cases_have_limits_by_how_neighbours_differ():
    found = weeks(*[100_000] * 6).with_columns(
        applications=pl.Series([30_000.0, 31_000, 29_000, 30_500, 29_500, 30_000])
    )
    assert not chart(found, "application_rate")["beyond"].any()


def test_without_points_there_is_a_chart_of_nothing():
    nothing = weeks(1).clear()
    assert all(one.is_empty() for one in charts(nothing).values())
    assert verdict(chart(nothing, "deals"), 1.0) == verdict(chart(nothing, "deals"), None)


def test_targets_are_those_of_a_working_day_and_ratios_of_plans():
    rows = [("consultations", 160, 20.0), ("applications", 80, 20.0), ("deals", None, 20.0), ("deal_amount", 0, 20.0)]
    found = targets(pl.DataFrame(rows, ["measure", "plan", "days"], orient="row"))
    assert found == dict.fromkeys(CHARTED) | {"consultations": 8.0, "applications": 4.0, "application_rate": 0.5}


def test_seven_weeks_below_are_a_change_for_the_worse_since_their_first():
    found = chart(weeks(*[30, 34] * 8, *[20, 21] * 4), "consultations")
    said = verdict(found, 4.0)
    assert (said.signal in ("beyond", "shift"), said.better, said.trial) == (True, False, False)
    assert verdict(chart(weeks(*[28, 36] * 8, *[26, 27] * 4), "consultations"), None).since == MONDAY + timedelta(
        7 * 16
    )


def test_seven_rising_weeks_are_a_change_for_the_better():
    said = verdict(chart(weeks(20, 40, 22, 38, 20, 40, 22, 23, 24, 25, 26, 27, 28), "consultations"), None)
    assert (said.signal, said.better, said.since) == ("trend", True, MONDAY + timedelta(7 * 6))


def test_noise_is_called_noise_and_says_whether_the_plan_comes_by_itself():
    found = chart(weeks(*[30, 34, 28, 36] * 4), "consultations")
    assert [verdict(found, one).reach for one in (2.0, 6.4, 12.0, None)] == ["always", "chance", "never", None]
    assert verdict(found, 6.4).signal is None
    assert verdict(chart(weeks(30, 34), "consultations"), 6.4).trial


def test_points_of_few_cases_speak_only_by_one_beyond_what_chance_gives():
    quiet = weeks(*[0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1])
    found = chart(quiet, "consultations")
    assert is_sparse(quiet, "consultations") and not found.select(pl.any_horizontal(SIGNALS)).to_series().any()
    busy = chart(weeks(*[0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 9]), "consultations")
    assert busy["beyond"].to_list() == [False] * 11 + [True]


@pytest.mark.parametrize("rate", [0.4, 2.0, 6.0])
def test_steady_work_is_seldom_called_changed(rate):
    """Poisson visits at one rate, 26 weeks each: the last week is a signal in no more than one of ten."""
    rng, called, tried = np.random.default_rng(SEED), 0, scaled(sweep=2_000, test=150)
    for _case in range(tried):
        counts = rng.poisson(rate * 5, 26)
        called += verdict(chart(weeks(*counts), "consultations"), None).signal is not None
    assert called / tried < 0.1
