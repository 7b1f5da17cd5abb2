"""How a month's plan is divided: over working days, branches and the parts of a period, and whose plan stands."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.periods import Period
from metrics.plans.spreading import of_products, over_products, planned, spread, vacant
from tests.support.builders import EAST, LI, REGION, SOUTH, WANG
from tests.support.metrics.small_frames import BRANCHES, NOVEMBER, calendar, plans, posted

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


# -- products ---------------------------------------------------------------------------------------------------------


def test_plans_of_single_products_add_up_where_there_is_none_of_all():
    both = plans(
        {"manager": WANG, "target": 8, "product": 7},
        {"manager": WANG, "target": 3, "product": 9},
        {"manager": LI, "target": 5},
        {"manager": LI, "target": 4, "product": 9},
    )
    found = over_products(both, ALL, CALENDAR, BRANCHES)
    assert found.select("manager", "target").sort("manager").rows() == [(WANG, 11), (LI, 5)]
    assert of_products(both).height == 3


def test_a_branchs_plan_of_one_product_hides_no_managers_plan():
    """王芳 plans 21 in all, and her second branch 5 of one product: the branch's plan is her part, not 5."""
    own = plans({"manager": WANG, "target": 21}, {"branch": SOUTH, "target": 5, "product": 7})
    found = over_products(own, ALL, CALENDAR, BRANCHES)
    assert plan(["branch"], targets=found) == {EAST: 6.0, SOUTH: 15.0} and plan(["region"], targets=found) == {
        REGION: 21.0
    }
    alone = over_products(own.filter(pl.col("manager").is_null()), ALL, CALENDAR, BRANCHES)
    assert plan(["branch"], targets=alone) == plan(["branch"], targets=alone) == {SOUTH: 5.0}
    both = plans({"region": REGION, "target": 90, "product": 7}, {"branch": SOUTH, "target": 5, "product": 7})
    assert plan(["region"], targets=over_products(both, ALL, CALENDAR, BRANCHES)) == {REGION: 5.0}


def test_a_plan_of_one_product_is_planned_by_product():
    own = plans({"manager": WANG, "target": 21, "product": 7}, {"branch": SOUTH, "target": 90, "product": 7})
    rows = planned(parts(targets=own), BRANCHES, ["branch", "product"]).select("branch", "product", "plan").rows()
    assert sorted(rows) == [(EAST, 7, 6.0), (SOUTH, 7, 90.0)]


# -- who comes and goes -----------------------------------------------------------------------------------------------

WHOLE_MONTH = {"from_day": NOVEMBER.first, "to_day": NOVEMBER.last}


def test_what_was_meant_for_days_after_somebody_has_left_is_nobodys_part():
    """Set for the whole of November, 21 working days; they leave on the 9th, after 6: 6 are their part, 15 are
    vacant."""
    gone = posted(Period(NOVEMBER.first, date(2026, 11, 9)))
    own = plans({"manager": WANG, "target": 21} | WHOLE_MONTH)
    assert spread(own, gone, CALENDAR, NOVEMBER)["plan"].item() == 6.0
    assert vacant(own, gone, CALENDAR).select("manager", "vacant").rows() == [(WANG, 15.0)]


def test_a_plan_set_for_the_days_somebody_will_be_there_is_wholly_his():
    late = posted(Period(date(2026, 11, 23), NOVEMBER.last))
    own = plans({"manager": WANG, "target": 12, "from_day": date(2026, 11, 23), "to_day": NOVEMBER.last})
    assert spread(own, late, CALENDAR, NOVEMBER)["plan"].item() == 12.0
    assert vacant(own, late, CALENDAR).is_empty()


def test_a_transfer_leaves_nothing_vacant():
    own = plans({"manager": WANG, "target": 21} | WHOLE_MONTH)
    assert plan(["branch"], targets=own) == {EAST: 6.0, SOUTH: 15.0}
    assert vacant(own, ALL, CALENDAR).is_empty()


def test_the_plan_of_who_is_posted_nowhere_is_vacant_as_a_whole():
    assert vacant(plans({"manager": 99, "target": 9}), ALL, CALENDAR)["vacant"].to_list() == [9.0]


@given(
    st.dates(NOVEMBER.first, NOVEMBER.last),
    st.dates(NOVEMBER.first, NOVEMBER.last),
    st.dates(NOVEMBER.first, NOVEMBER.last),
    st.integers(0, 10_000),
)
@settings(deadline=None, max_examples=40)
def test_what_is_somebodys_part_and_what_is_vacant_make_the_plan(one, other, left, target):
    first, last = sorted((one, other))
    there = posted(Period(NOVEMBER.first, left))
    own = plans({"manager": WANG, "target": target, "from_day": first, "to_day": last})
    meant = CALENDAR.filter(pl.col("is_workday") & pl.col("day").is_between(first, last)).height
    both = spread(own, there, CALENDAR, NOVEMBER)["plan"].sum() + vacant(own, there, CALENDAR)["vacant"].sum()
    assert both == pytest.approx(target if meant else 0)
