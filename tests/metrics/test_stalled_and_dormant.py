"""What stands longer than the won ones stood, and who was not met for long."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics import frames, pipeline
from metrics.pipeline import PROCEDURE
from tests.support.metrics.steps import CALENDAR, TODAY, steps

# -- stalled ----------------------------------------------------------------------------------------------------------


def won(*stays: int, family: str = "loan") -> pl.DataFrame:
    """Deals whose application came these working days before the deal."""
    workdays = CALENDAR.filter(pl.col("is_workday") & (pl.col("day") <= TODAY))["day"].to_list()
    rows = [
        (number, family, kind, workdays[place])
        for number, stay in enumerate(stays, 100)
        for kind, place in (("application", -1 - stay), ("deal", -1))
    ]
    return pl.DataFrame(rows, frames.STEP, orient="row")


def stalled(one: pl.DataFrame, cases: pl.DataFrame, share: float = 0.8, small_sample: int = 10) -> list[tuple]:
    table = pipeline.standing(one, CALENDAR, TODAY).with_columns(family=pl.lit("loan").cast(frames.STEP["family"]))
    table = pipeline.with_stalled(table, pipeline.norms(cases, CALENDAR, share), small_sample)
    return list(table.select("cases", "limit", "stalled").iter_rows())


@pytest.mark.parametrize(("since", "expected"), [("11-10", False), ("11-9", True)])  # 8 and 9 working days
def test_stalled_is_longer_than_four_fifths_of_the_won_ones_were(since, expected):
    assert stalled(steps(application=since), won(*range(1, 11))) == [(10, 8, expected)]


def test_too_few_cases_say_nothing():
    assert stalled(steps(application="8-3"), won(*range(1, 10))) == [(9, 8, None)]
    assert stalled(steps(application="8-3"), frames.empty(frames.STEP)) == [(0, None, None)]


def test_only_the_same_step_of_the_same_family_is_compared():
    assert stalled(steps(acceptance="8-3"), won(*range(1, 11))) == [(0, None, None)]
    assert stalled(steps(application="8-3"), won(*range(1, 11), family="cross_sell")) == [(0, None, None)]


def test_what_is_over_is_not_stalled():
    assert stalled(steps(application="8-3", rejected="8-4"), won(*range(1, 11)))[0][2] is None


def test_steps_out_of_order_tell_nothing_of_how_long_one_takes():
    swapped = steps(200, application="11-10", deal="11-3")
    assert stalled(steps(application="8-3"), pl.concat([won(*range(1, 11)), swapped])) == [(10, 8, True)]


@given(st.lists(st.integers(0, 40), min_size=1, max_size=40), st.sampled_from((0.5, 0.8, 0.9)), st.integers(0, 45))
def test_the_limit_is_the_first_stay_that_the_share_of_cases_has_not_exceeded(days, share, age):
    workdays = CALENDAR.filter(pl.col("is_workday") & (pl.col("day") <= TODAY))["day"].to_list()
    one = pl.DataFrame([(1, "loan", "application", workdays[-1 - age])], frames.STEP, orient="row")
    shorter = sum(stay < age for stay in days)
    assert stalled(one, won(*days), share, 1)[0][2] == (shorter >= share * len(days))


def test_each_step_has_its_number_amount_and_stalled_ones_in_the_order_of_the_procedure():
    table = pl.DataFrame(
        {
            "step": ["contract", "application", "application", "contract"],
            "end": [None, None, None, "deal"],
            "expected_amount_cents": [500, 300, None, 900],
            "stalled": [None, True, False, None],
        },
        {"step": pipeline.STANDING["step"], "end": pipeline.STANDING["end"], "expected_amount_cents": pl.Int64}
        | {"stalled": pl.Boolean},
    )
    rows = pipeline.by_step(table).rows()
    assert [row[0] for row in rows] == list(PROCEDURE[:-1])
    assert [row for row in rows if row[1]] == [("application", 2, 300, 1, 2), ("contract", 1, 500, 0, 0)]


# -- dormant ----------------------------------------------------------------------------------------------------------


def workday_ago(number: int) -> str:
    days = CALENDAR.filter(pl.col("is_workday") & (pl.col("day") <= TODAY))["day"].to_list()
    return f"{days[-1 - number]:%m-%d}"


def asleep(one: pl.DataFrame, due: date | None = None, working_days: int = 30) -> bool:
    table = pipeline.standing(one, CALENDAR, TODAY).with_columns(next_step_due=pl.lit(due, pl.Date))
    return table.select(pipeline.dormant(working_days)).item()


@pytest.mark.parametrize(("ago", "expected"), [(0, False), (29, False), (30, True), (45, True)])
def test_dormant_is_who_was_not_met_for_that_many_working_days(ago, expected):
    assert asleep(steps(consultation=workday_ago(ago))) == expected
    assert asleep(steps(consultation=workday_ago(ago)), working_days=ago + 1) is False


def test_what_was_done_last_counts_and_not_since_when_it_stands_there():
    assert not asleep(steps(application=workday_ago(50), consultation=f"{workday_ago(60)}, {workday_ago(3)}"))


@pytest.mark.parametrize("due", [TODAY - timedelta(40), TODAY, TODAY + timedelta(9)])
def test_who_has_a_step_due_is_not_dormant(due):
    assert not asleep(steps(consultation=workday_ago(50)), due)


def test_what_is_over_is_not_dormant():
    assert not asleep(steps(consultation=workday_ago(50), rejected=workday_ago(49)))


def test_the_dormant_are_counted_by_manager_and_how_long_they_have_been_silent():
    table = pl.DataFrame({"branch": [1, 1, 1, 1], "manager": [7, 8, 8, 8], "silence": [30, 59, 60, 400]})
    assert pipeline.by_silence(table).rows() == [(1, 8, 3, 1, 1, 0, 1), (1, 7, 1, 1, 0, 0, 0)]
