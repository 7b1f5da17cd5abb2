"""How a month's plan is divided: over working days, branches and the parts of a period, and whose plan stands."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.attainment import planned, spread
from metrics.periods import Period
from tests.builders import EAST, LI, REGION, SOUTH, WANG
from tests.metrics.small import BRANCHES, NOVEMBER, calendar, plans, posted

TWO_MONTHS = Period(date(2026, 10, 1), date(2026, 11, 30))
CALENDAR = calendar(TWO_MONTHS)
TRANSFERRED = pl.concat(
    [posted(Period(TWO_MONTHS.first, date(2026, 11, 9))), posted(Period(date(2026, 11, 10), TWO_MONTHS.last), SOUTH)]
)
ALL = pl.concat([TRANSFERRED, posted(TWO_MONTHS, manager=LI)])
TARGETS = plans(
    {"manager": WANG, "target": 21},
    {"manager": LI, "target": 40},
    {"manager": WANG, "target": 18, "month": date(2026, 10, 1)},
    {"branch": SOUTH, "target": 63},
    {"region": REGION, "target": 1_000, "month": date(2026, 10, 1)},
)
ORGANISATION = [(), ("manager",), ("branch",), ("region",), ("branch", "manager")]


def parts(period: Period = NOVEMBER, targets: pl.DataFrame = TARGETS, grain: str | None = None) -> pl.DataFrame:
    return spread(targets, ALL, CALENDAR, period, grain)


def plan(by=(), period: Period = NOVEMBER, targets: pl.DataFrame = TARGETS) -> dict:
    """Key → deals planned; the key of one column is its value."""
    rows = planned(parts(period, targets), BRANCHES, by).rows()
    return {key[0] if len(key) == 1 else tuple(key): deals for *key, _, deals in rows}


def test_a_transfer_on_the_tenth_divides_the_plan_by_the_working_days_in_each_branch():
    """November 2026: working days 2–6 and 9 in the first branch, 15 in the second; the parts make the whole."""
    own = plans({"manager": WANG, "target": 21})
    assert plan(["branch", "manager"], targets=own) == {(EAST, WANG): 6.0, (SOUTH, WANG): 15.0}
    assert plan(["manager"], targets=own) == {WANG: 21.0}
    assert plan(["region"], targets=own) == {REGION: 21.0}


def test_who_joined_in_the_middle_of_a_month_has_his_whole_plan_in_the_days_he_is_there():
    late = posted(Period(date(2026, 11, 23), NOVEMBER.last))
    own = plans({"manager": WANG, "target": 12})
    week = Period(date(2026, 11, 23), date(2026, 11, 29))
    assert spread(own, late, CALENDAR, NOVEMBER)["plan"].item() == 12.0
    assert spread(own, late, CALENDAR, week)["plan"].item() == 10.0


def test_part_of_a_month_has_the_part_of_its_working_days():
    assert plan(["manager"], Period(date(2026, 11, 14), date(2026, 11, 16)))[LI] == pytest.approx(40 / 21)
    assert plan(["manager"], Period(date(2026, 11, 14), date(2026, 11, 15))) == {}


def test_a_branchs_own_plan_stands_before_the_sum_of_its_managers():
    assert plan(["branch"]) == {EAST: 46.0, SOUTH: 63.0}
    assert plan(["region"]) == {REGION: 109.0}
    assert plan(["branch", "manager"])[(SOUTH, WANG)] == 15.0


def test_an_own_plan_stands_for_its_month_only():
    """October has only its managers' plans (a region's too), November's second branch has its own."""
    assert plan(["branch"], TWO_MONTHS) == {EAST: 18.0 + 46.0, SOUTH: 63.0}
    assert plan(["region"], TWO_MONTHS) == {REGION: 1_000.0 + 109.0}
    own = plans({"manager": LI, "target": 9}, {"manager": LI, "target": 7, "month": date(2026, 10, 1)})
    both = pl.concat([own, plans({"branch": EAST, "target": 20})])
    assert plan(["branch"], TWO_MONTHS, both) == {EAST: 20.0 + 7.0}


@pytest.mark.parametrize("grain", ["day", "week", "month"])
@pytest.mark.parametrize("by", ORGANISATION)
def test_days_weeks_and_months_add_up_to_the_period(grain, by):
    whole = planned(parts(TWO_MONTHS), BRANCHES, by)
    split = planned(parts(TWO_MONTHS, grain=grain), BRANCHES, [*by, grain])
    added = split.group_by(*by, "measure").agg(pl.col("plan").sum())
    both = whole.join(added, on=[*by, "measure"], how="full")
    assert both["plan_right"].to_list() == pytest.approx(both["plan"].to_list())


def test_weeks_begin_on_monday_and_a_plan_on_no_working_day_has_no_week():
    weeks = planned(parts(TWO_MONTHS, grain="week"), BRANCHES, ["week"])
    assert {one.weekday() for one in weeks["week"]} == {0}
    first = weeks["week"].min()
    assert first == date(2026, 10, 5), "1 to 7 October is a holiday: the first working day is Thursday the 8th"


@given(st.lists(st.dates(TWO_MONTHS.first, TWO_MONTHS.last - timedelta(1)), max_size=6), st.sampled_from(ORGANISATION))
@settings(deadline=None, max_examples=30)
def test_any_split_of_a_period_adds_up_to_the_whole(cuts, by):
    ends = sorted({*cuts, TWO_MONTHS.last})
    begins = [TWO_MONTHS.first, *(cut + timedelta(1) for cut in ends[:-1])]
    pieces = [planned(parts(Period(*part)), BRANCHES, by) for part in zip(begins, ends, strict=True)]
    added = pl.concat(pieces).group_by(*by, "measure").agg(pl.col("plan").sum()).sort(*by, "measure")
    whole = planned(parts(TWO_MONTHS), BRANCHES, by).sort(*by, "measure")
    assert added["plan"].to_list() == pytest.approx(whole["plan"].to_list())


@given(st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=20)
def test_the_order_of_plans_and_posting_days_does_not_matter(random):
    order, days = list(range(TARGETS.height)), list(range(ALL.height))
    random.shuffle(order)
    random.shuffle(days)
    ours = planned(spread(TARGETS[order], ALL[days], CALENDAR, TWO_MONTHS), BRANCHES, ["branch"]).sort("branch")
    theirs = planned(parts(TWO_MONTHS), BRANCHES, ["branch"]).sort("branch")
    assert ours["plan"].to_list() == pytest.approx(theirs["plan"].to_list())


def test_without_plans_there_is_no_plan():
    nothing = plans()
    for by in ORGANISATION:
        assert plan(by, targets=nothing) == {}
