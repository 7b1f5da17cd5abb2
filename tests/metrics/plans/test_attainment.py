"""Plan against actual: attainment beside time progress, and the word for the gap between them."""

from datetime import date

import polars as pl
import pytest

from metrics.definitions import Definitions
from metrics.periods import Period
from metrics.plans.attainment import STATUSES, against_plan, days_gone, next_tier, status, time_basis
from metrics.plans.spreading import planned, spread
from tests.support.builders import EAST, LI, SOUTH, WANG
from tests.support.metrics.small_frames import BRANCHES, NOVEMBER, RULES, calendar, counts, plans, posted

CALENDAR = calendar(NOVEMBER)
MID = date(2026, 11, 16)  # 11 of November's 21 working days are gone
KEY = {"manager": pl.Int32}


def by_manager(*rows: tuple[int, float | None]) -> pl.DataFrame:
    full = [(manager, "deals", plan) for manager, plan in rows]
    return pl.DataFrame(full, KEY | {"measure": pl.String, "plan": pl.Float64}, orient="row")


def gone(through: date = MID, by=("manager",), leave=()) -> pl.DataFrame:
    both = pl.concat([posted(NOVEMBER, leave=leave), posted(NOVEMBER, manager=LI)])
    return days_gone(both, CALENDAR, NOVEMBER, through, by)


def deals(long: pl.DataFrame) -> list[dict]:
    return long.filter(pl.col("measure") == "deals").to_dicts()


def one(done: int, plan: float | None, through: date = MID, leave=()) -> dict:
    long = against_plan(
        counts({"manager": WANG, "deals": done}),
        by_manager((WANG, plan)),
        gone(through, leave=leave),
        RULES,
        ["manager"],
    )
    return deals(long)[0]


def test_a_manager_with_no_activity_shows_the_full_gap():
    row = one(0, 21)
    assert row["attainment"] == 0.0 and row["pace_gap"] == -row["time_progress"] == pytest.approx(-11 / 21)
    assert row["needed_per_day"] == 2.1 and row["status"] == "far_behind"


@pytest.mark.parametrize("plan", [None, 0.0])
def test_plan_attainment_is_null_without_a_plan_or_with_a_plan_of_nothing(plan):
    row = one(7, plan)
    assert row["attainment"] is row["pace_gap"] is row["needed_per_day"] is row["plan"] is None
    assert row["actual"] == 7 and row["status"] == "no_plan" and row["time_progress"] is not None


def test_130_percent_stays_130_percent_and_nothing_is_needed():
    row = one(26, 20)
    assert row["attainment"] == 1.3 and row["status"] == "on_pace" and row["needed_per_day"] == 0


def test_needed_per_day_is_null_when_no_day_is_left():
    row = one(5, 20, through=NOVEMBER.last)
    assert row["time_progress"] == 1.0 and row["needed_per_day"] is None and row["pace_gap"] == -0.75


def test_a_branch_is_the_sum_of_actuals_over_the_sum_of_plans():
    """The mean of the two percentages would be (100 % + 10 %) ÷ 2 = 55 %; the branch stands at 28 %."""
    parts = spread(
        plans({"manager": WANG, "target": 5}, {"manager": LI, "target": 20}),
        pl.concat([posted(NOVEMBER), posted(NOVEMBER, manager=LI)]),
        CALENDAR,
        NOVEMBER,
    )
    table = planned(parts, BRANCHES, ["branch"])
    done = counts({"branch": EAST, "deals": 5 + 2}, key="branch")
    row = deals(against_plan(done, table, gone(by=()), RULES, ["branch"]))[0]
    assert row["plan"] == 25.0 and row["attainment"] == 0.28 != (5 / 5 + 2 / 20) / 2


def test_leave_enters_the_managers_own_time_progress_only():
    away = [date(2026, 11, day) for day in (2, 3, 4, 5, 6)]
    assert one(0, 20, leave=away)["time_progress"] == 6 / 16
    assert gone(leave=away, by=()).row(0) == (21, 11)
    both = gone(leave=away).sort("manager")
    assert both.rows() == [(WANG, 16, 6), (LI, 21, 11)]


def test_leave_changes_no_plan():
    target = plans({"manager": WANG, "target": 21})
    first_week = Period(date(2026, 11, 2), date(2026, 11, 6))
    there, away = posted(NOVEMBER), posted(NOVEMBER, leave=first_week.days())
    assert spread(target, away, CALENDAR, first_week).equals(spread(target, there, CALENDAR, first_week))
    assert spread(target, away, CALENDAR, first_week)["plan"].item() == 5.0


def words(*gaps: float, chance: float | None = 0.001, rules: Definitions = RULES) -> list[str]:
    facts = {"pace_gap": gaps, "plan": [1.0] * len(gaps), "chance": pl.Series([chance] * len(gaps), dtype=pl.Float64)}
    return pl.DataFrame(facts).select(status(rules)).to_series().to_list()


@pytest.mark.parametrize(
    ("gap", "word"),
    [
        (0.0, "on_pace"),
        (-0.001, "watch"),
        (0.55 - 0.65, "watch"),
        (-0.1001, "behind"),
        (0.35 - 0.65, "behind"),
        (-0.3001, "far_behind"),
        (0.2, "on_pace"),
    ],
)
def test_the_thresholds_themselves_belong_to_the_better_word(gap, word):
    assert words(gap) == [word]


def test_the_thresholds_are_the_definitions_own():
    strict = Definitions(watch_below=0.05, behind_below=0.0, far_behind_below=-0.05)
    assert words(0.05, 0.04, -0.04, -0.06, rules=strict) == ["on_pace", "watch", "behind", "far_behind"]


def test_the_furthest_behind_sorts_first():
    assert pl.Series(words(0.1, -0.2, -0.4, -0.05), dtype=pl.Enum(STATUSES)).sort().to_list() == [
        "far_behind",
        "behind",
        "watch",
        "on_pace",
    ]


@pytest.mark.parametrize(("chance", "word"), [(0.05, "far_behind"), (0.0501, "watch"), (0.9, "watch"), (None, "watch")])
def test_whoever_may_be_behind_by_chance_is_watched(chance, word):
    assert words(-0.4, chance=chance) == [word]
    assert words(0.1, chance=chance) == ["on_pace"], "on pace needs no test"


def test_a_period_without_a_working_day_has_no_plan_and_no_pace():
    weekend = Period(date(2026, 11, 14), date(2026, 11, 15))
    parts = spread(plans({"manager": WANG, "target": 21}), posted(NOVEMBER), CALENDAR, weekend)
    days = days_gone(posted(NOVEMBER), CALENDAR, weekend, weekend.last, ["manager"])
    long = against_plan(
        counts({"manager": WANG, "deals": 2}), planned(parts, BRANCHES, ["manager"]), days, RULES, ["manager"]
    )
    row = deals(long)[0]
    assert row["actual"] == 2 and row["days"] == 0 and row["status"] == "no_plan"
    assert row["plan"] is row["time_progress"] is row["needed_per_day"] is None


def test_whoever_was_away_all_the_time_is_neither_behind_nor_on_pace():
    row = one(0, 20, leave=NOVEMBER.days())
    assert row["time_progress"] is row["pace_gap"] is None and row["status"] == "away"


def test_there_is_one_row_a_manager_and_measure():
    done = counts({"manager": WANG}, {"manager": LI})
    long = against_plan(done, by_manager((WANG, 5.0), (LI, 6.0)), gone(), RULES, ["manager"])
    assert not long.select("manager", "measure").is_duplicated().any()
    assert long["measure"].to_list()[:4] == ["consultations", "applications", "deals", "deal_amount"]
    assert long.height == 8


@pytest.mark.parametrize("twice", ["plans", "days"])
def test_a_plan_or_a_day_joined_twice_is_an_error_and_no_number(twice):
    target, days = by_manager((WANG, 5.0)), gone()
    doubled = [
        pl.concat([frame] * 2) if name == twice else frame for name, frame in (("plans", target), ("days", days))
    ]
    with pytest.raises(pl.exceptions.ComputeError):
        against_plan(counts({"manager": WANG}), *doubled, RULES, ["manager"])


def test_on_the_calendar_basis_every_day_counts():
    every = time_basis(CALENDAR, Definitions(time_basis="calendar"))
    assert days_gone(posted(NOVEMBER), every, NOVEMBER, MID).row(0) == (30, 16)
    assert time_basis(CALENDAR, RULES) is CALENDAR


def test_a_manager_has_his_days_in_each_branch_he_was_posted_to():
    stays = pl.concat(
        [posted(Period(NOVEMBER.first, date(2026, 11, 9))), posted(Period(date(2026, 11, 10), NOVEMBER.last), SOUTH)]
    )
    days = days_gone(stays, CALENDAR, NOVEMBER, MID, ["branch", "manager"]).sort("branch")
    assert days.rows() == [(EAST, WANG, 6, 6), (SOUTH, WANG, 15, 5)]
    assert days_gone(stays, CALENDAR, NOVEMBER, MID, ["manager"]).row(0) == (WANG, 21, 11)


@pytest.mark.parametrize(
    ("actual", "tiers", "found"),
    [
        (18, {"stretch": 24, "challenge": 30}, ("stretch", 24, 0.75)),
        (27, {"stretch": 24, "challenge": 30}, ("challenge", 30, 0.9)),
        (33, {"stretch": 24, "challenge": 30}, ("challenge", 30, 1.1)),
        (18, {"stretch": 6, "challenge": 0}, None),
        (18, {}, None),
    ],
)
def test_the_next_tier_is_the_lowest_not_reached_and_never_one_below_the_plan(actual, tiers, found):
    assert next_tier(actual, 20, tiers) == found
