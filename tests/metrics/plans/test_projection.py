"""Where a month will end, and how often the limits around it are right."""

import random
from datetime import date

import polars as pl
import pytest

from metrics.plans.attainment import against_plan, days_gone
from metrics.plans.projection import day_to_day, projected, student
from tests.support.builders import LI, WANG
from tests.support.metrics.small_frames import NOVEMBER, RULES, calendar, counts, marked, posted

CALENDAR = calendar(NOVEMBER)
WORKDAYS = CALENDAR.filter("is_workday")["day"].to_list()
MID = date(2026, 11, 16)  # 11 of 21 working days are gone


def visits(per_day: dict[date, int]) -> list[dict]:
    rows = [{"day": day, "customer": 100 * day.day + n} for day, number in per_day.items() for n in range(number)]
    return rows


def project(per_day: dict[date, int], through: date = MID, measure: str = "consultations") -> dict:
    log = marked(*visits(per_day))
    done = log.filter(pl.col("day") <= through).height
    days = days_gone(posted(NOVEMBER), CALENDAR, NOVEMBER, through, ["manager"])
    plans = pl.DataFrame(schema={"manager": pl.Int32, "measure": pl.String, "plan": pl.Float64})
    standing = against_plan(counts({"manager": WANG, "consultations": done}), plans, days, RULES, ["manager"])
    found = projected(standing, day_to_day(log, through, ["manager"]), ["manager"])
    return found.filter(pl.col("measure") == measure).row(0, named=True)


def test_the_projection_is_what_was_done_over_the_time_progress():
    row = project(dict.fromkeys(WORKDAYS[:11], 2))
    assert row["projection"] == pytest.approx(22 / (11 / 21)) == pytest.approx(42.0)


def test_the_limits_by_hand():
    """Days of 1 and 3 in turn, 11 of them: mean 21/11, s² = (1·6 + 9·5 − 21²/11)/10 = 1.0909; a Poisson count would
    have (21 + ½)/11 = 1.9545, which is more. r = 10 days left, t(10) = 2.228."""
    row = project({day: 1 if n % 2 == 0 else 3 for n, day in enumerate(WORKDAYS[:11])})
    half = 2.228 * (10 * 1.9545 + 100 * 1.9545 / 11) ** 0.5
    assert row["projection_low"] == pytest.approx(max(21, 21 * 21 / 11 - half), rel=1e-3)
    assert row["projection_high"] == pytest.approx(21 * 21 / 11 + half, rel=1e-3)


def test_a_month_in_which_nothing_happened_yet_is_not_taken_for_certain():
    row = project(dict.fromkeys(WORKDAYS[:11], 1), measure="deals")
    assert row["projection"] == row["projection_low"] == 0 < 1 < row["projection_high"] < 8


def test_before_a_day_is_gone_nothing_is_projected_and_after_two_there_are_no_limits():
    none = project({}, date(2026, 10, 31))
    assert none["projection"] is none["projection_low"] is none["projection_high"] is None
    two = project(dict.fromkeys(WORKDAYS[:2], 3), WORKDAYS[1])
    assert two["projection"] == pytest.approx(63) and two["projection_low"] is two["projection_high"] is None


def test_when_no_day_is_left_nothing_is_projected():
    row = project(dict.fromkeys(WORKDAYS, 2), NOVEMBER.last)
    assert row["projection"] is row["projection_low"] is row["projection_high"] is None


def test_what_was_done_after_the_last_day_elapsed_is_not_scaled_up_but_never_lost():
    days = days_gone(posted(NOVEMBER), CALENDAR, NOVEMBER, WORKDAYS[0], ["manager"])
    plans = pl.DataFrame(schema={"manager": pl.Int32, "measure": pl.String, "plan": pl.Float64})
    standing = against_plan(counts({"manager": WANG, "deals": 40}), plans, days, RULES, ["manager"])
    found = projected(standing, day_to_day(marked(), WORKDAYS[0], ["manager"]), ["manager"])
    assert found.filter(pl.col("measure") == "deals")["projection"].item() == 40


def test_everyone_keeps_his_row_and_the_order_of_rows_stays():
    both = pl.concat([posted(NOVEMBER), posted(NOVEMBER, manager=LI)])
    days = days_gone(both, CALENDAR, NOVEMBER, MID, ["manager"])
    plans = pl.DataFrame(schema={"manager": pl.Int32, "measure": pl.String, "plan": pl.Float64})
    standing = against_plan(counts({"manager": LI}, {"manager": WANG}), plans, days, RULES, ["manager"])
    found = projected(standing, day_to_day(marked(), MID, ["manager"]), ["manager"])
    assert found.select("manager", "measure").equals(standing.select("manager", "measure"))
    numbers = found.select("projection", "projection_low", "projection_high").unpivot()["value"]
    assert numbers.is_finite().all()


@pytest.mark.parametrize(("freedom", "quantile"), [(2, 4.303), (5, 2.571), (10, 2.228), (30, 2.042)])
def test_students_quantile(freedom, quantile):
    found = pl.select(student(pl.lit(float(freedom)))).item()
    assert found == pytest.approx(quantile, rel=0.05 if freedom == 2 else 0.003)


def draw(rng: random.Random, rate: float) -> int:
    """A count of that mean, by waiting times."""
    number, waited = 0, rng.expovariate(1) if rate else 2.0
    while waited < rate:
        number, waited = number + 1, waited + rng.expovariate(1)
    return number


@pytest.mark.parametrize("rate", [0.2, 1.0, 4.0])
def test_the_month_ends_within_the_limits_about_as_often_as_they_say(rate):
    """300 months of a known daily rate that itself changes from day to day; asked after 11 of 21 days."""
    rng, hits, cases = random.Random(7), 0, 300
    for _case in range(cases):
        daily = [draw(rng, rate * rng.uniform(0.5, 1.5)) for _day in WORKDAYS]
        gone = daily[:11]
        facts = {
            "days": 21.0,
            "days_gone": 11.0,
            "actual": sum(gone),
            "plan": None,
            "measure": "deals",
            "manager": WANG,
        }
        days = {
            "manager": WANG,
            "measure": "deals",
            "done": float(sum(gone)),
            "squares": float(sum(n * n for n in gone)),
        }
        row = projected(pl.DataFrame([facts]), pl.DataFrame([days]), ["manager"]).row(0, named=True)
        hits += row["projection_low"] <= sum(daily) <= row["projection_high"]
    assert 0.92 <= hits / cases <= 0.999
