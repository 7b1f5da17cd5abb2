"""What came of consultations and after how long: attribution, waiting, and what stands open."""

from datetime import date

import polars as pl
import pytest

from metrics import frames
from metrics.periods import Period
from metrics.reverse_plan.lags import CONSULTED, SPELL, curves, events, median_lag, spells, trials
from metrics.reverse_plan.yielding import outlooks
from tests.support.builders import SOUTH, WANG
from tests.support.metrics import small_frames

THROUGH = date(2026, 11, 30)
CALENDAR = small_frames.calendar(Period(date(2026, 11, 1), THROUGH))
WORKDAYS = CALENDAR.filter(pl.col("is_workday"))["day"].to_list()  # the 21 of November


def case(
    opportunity: int | None, family: str | None = "loan", branch: int = small_frames.EAST, **steps: int | tuple
) -> list:
    """Rows of one opportunity by kind: which working days of November, from 1."""
    return [
        {"opportunity": opportunity, "customer": opportunity or 99, "family": family, "branch": branch}
        | {"kind": kind, "day": WORKDAYS[number - 1]}
        for kind, numbers in steps.items()
        for number in ([numbers] if isinstance(numbers, int) else numbers)
    ]


def told(*cases: list) -> pl.DataFrame:
    return events(small_frames.marked(*(row for one in cases for row in one)), CALENDAR, THROUGH)


def stood(*cases: list) -> list[tuple]:
    table = spells(told(*cases))
    assert table.columns == SPELL
    return table.select("step", "start", "until", "applied", "dealt").rows()


def test_only_the_last_consultation_before_the_application_has_led_to_it():
    assert stood(case(1, consultation=(1, 3), application=5, deal=9)) == [
        (0, 1, 3, None, None),
        (0, 3, 5, 5, 9),
        (1, 5, 9, None, 9),
    ]


def test_a_deal_without_an_application_is_the_last_consultations():
    assert stood(case(1, "cross_sell", consultation=(1, 3), deal=3)) == [(0, 1, 3, None, None), (0, 3, 3, None, 3)]


def test_a_visit_after_the_application_changes_nothing():
    assert stood(case(1, consultation=(1, 4), application=2)) == [(0, 1, 2, 2, None), (1, 2, None, None, None)]


def test_an_opportunity_stands_at_its_furthest_step():
    rows = case(1, consultation=1, application=2, investigation=4, acceptance=5)
    assert [row[:3] for row in stood(rows)] == [(0, 1, 2), (1, 2, 4), (3, 4, None)]


@pytest.mark.parametrize("end", ["rejected", "withdrawn"])
def test_what_was_refused_stands_no_longer(end):
    assert stood(case(1, consultation=1, application=2, **{end: 6})) == [(0, 1, 2, 2, None), (1, 2, 6, None, None)]


def test_two_visits_of_a_day_and_ineffective_ones_count_once():
    rows = case(1, consultation=(2, 2)) + [row | {"effective": False} for row in case(1, consultation=4)]
    assert stood(rows) == [(0, 2, None, None, None)]


def test_in_another_branch_it_is_another_opportunity():
    rows = case(1, consultation=1, application=2), case(1, branch=SOUTH, contract=5, deal=6)
    assert stood(*rows) == [(0, 1, 2, 2, None), (1, 2, None, None, None), (7, 5, 6, None, 6)]


# -- curves -----------------------------------------------------------------------------------------------------------


def by_lag(ages: dict[int, int], lags: list[int], horizon: int = 4) -> pl.DataFrame:
    """The curve of consultations by age (how many of each) and of what came after which lags."""
    tried = [(1, WANG, 0, age, count) for age, count in ages.items()]
    came = [(1, 0, "deal", lag) for lag in lags]
    came_by = {"branch": pl.Int64, "family": pl.Int64, "route": pl.String, "lag": pl.Int64}
    return curves(
        pl.DataFrame(tried, ["branch", "manager", "family", "age", "trials"], orient="row"),
        pl.DataFrame(came, came_by, orient="row"),
        ["deal"],
        horizon,
    )


def test_the_share_by_lag_is_of_those_watched_that_long():
    """Ten watched for four days, ten made today: what takes two days is a matter of the first ten."""
    table = by_lag({4: 10, 0: 10}, [0, 0, 2])
    assert table["deal"].to_list() == pytest.approx([0.1, 0, 0.1, 0, 0])
    assert table["deal_within"].to_list() == pytest.approx([0.1, 0.1, 0.2, 0.2, 0.2])
    assert table["deal_variance"].to_list() == pytest.approx([0.1 / 20, 0, 0.1 / 10, 0, 0])


def test_young_consultations_do_not_drag_the_rate_down():
    assert by_lag({4: 10, 1: 90}, [3, 3])["deal_within"].to_list()[-1] == pytest.approx(0.2)


def test_what_nobody_was_watched_for_is_unknown_and_counts_nothing():
    assert by_lag({1: 5}, [1])["deal"].to_list() == pytest.approx([0, 0.2, 0, 0, 0])


def test_the_typical_lag_is_the_median_of_what_comes():
    assert by_lag({4: 10}, [0, 2, 3]).select(median_lag("deal")).item() == 2
    assert by_lag({4: 10}, [0, 3]).select(median_lag("deal")).item() == 0
    assert by_lag({4: 10}, []).select(median_lag("deal")).item() is None


def test_trials_are_counted_by_age_up_to_the_horizon():
    rows = told(case(1, consultation=1), case(2, consultation=19), case(None, None, consultation=21))
    table = trials(rows.filter(pl.col("kind") == CONSULTED), 21, 5).sort("age")
    assert table.select("family", "age", "trials").rows() == [(2, 0, 1), (0, 2, 1), (0, 5, 1)]


# -- outlooks ---------------------------------------------------------------------------------------------------------


def looked_up(*cases: list, step: int, left: int) -> list[tuple]:
    """cases, applied, dealt by age 0 to 3."""
    table = outlooks(spells(told(*cases)), 21, left, 8).filter(pl.col("step") == step, pl.col("family") == 0)
    return table.filter(pl.col("age") < 4).select("cases", "applied", "dealt").rows()


def test_a_case_is_one_that_stood_there_that_long_and_was_watched_for_the_days_left():
    won = case(1, application=2, deal=6)  # at age 0, 1, 2 and 3 a deal is 4, 3, 2 and 1 days away
    refused = case(2, application=2, rejected=4)  # stood there for ages 0 and 1
    recent = case(3, application=19)  # of age 0 two days ago: watched for two days since, not for three
    assert looked_up(won, refused, recent, step=1, left=2) == [(3, 0, 0), (2, 0, 0), (1, 0, 1), (1, 0, 1)]
    assert looked_up(won, refused, recent, step=1, left=3) == [(2, 0, 0), (2, 0, 1), (1, 0, 1), (1, 0, 1)]


def test_a_consultation_is_a_case_until_it_is_made_anew():
    visited_again = case(1, consultation=(1, 3), application=5, deal=7)
    assert looked_up(visited_again, step=0, left=2) == [(2, 1, 0), (2, 1, 0), (0, 0, 0), (0, 0, 0)]
    assert looked_up(visited_again, step=0, left=3) == [(2, 1, 0), (2, 1, 1), (0, 0, 0), (0, 0, 0)]


def test_what_was_left_lying_is_a_case_at_every_age():
    assert looked_up(case(1, application=2), step=1, left=2) == [(1, 0, 0)] * 4


def test_nothing_gives_nothing():
    nothing = events(frames.empty(frames.ACTIVITY), CALENDAR, THROUGH)
    assert spells(nothing).is_empty() and outlooks(spells(nothing), 21, 3, 8).is_empty()
