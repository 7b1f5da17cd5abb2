"""What is proposed for a day: what the plans ask of it as far as it is doable, in whole ones."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.periods import Period
from metrics.reverse_plan.proposals import proposals
from metrics.reverse_plan.reverse_plan import NEED
from tests.support.builders import EAST, LI, WANG
from tests.support.metrics import small_frames
from tests.support.metrics.needs import WINDOW, WORKDAYS, planned, remaining


def needs(*rows: dict) -> pl.DataFrame:
    usual = dict.fromkeys(NEED) | {"manager": WANG, "branch": EAST, "days_left": 10.0, "feasibility": "usual"}
    return pl.DataFrame([usual | {"days": 1.0} | row for row in rows], NEED | {"days": pl.Float64})


def consultations(need: float | None, **more) -> dict:
    return {"measure": "consultations", "needed": need, "remaining": (need or 0) * 10, **more}


def test_the_most_that_any_plan_asks_for_is_proposed_and_whose_plan_it_is():
    table = proposals(needs(consultations(4.3), {"measure": "deals", "needed": 7.2, "remaining": 3.0}))
    assert table.row(0, named=True) == {
        "manager": WANG,
        "consultations": 8,
        "applications": None,
        "deals": None,
        "asked_by": "deals",
    }


def test_what_is_out_of_reach_for_new_visits_asks_for_none():
    late = {"measure": "deals", "needed": 453.0, "remaining": 8.0, "feasibility": "out_of_reach"}
    assert proposals(needs(consultations(4.0), late))["consultations"].item() == 4
    nobody = proposals(needs(late)).row(0, named=True)
    assert (nobody["consultations"], nobody["asked_by"], nobody["deals"]) == (None, None, 1)


def test_of_a_plan_of_consultations_no_more_is_proposed_than_is_doable():
    row = proposals(needs(consultations(36_205.9, limit=9.5, feasibility="out_of_reach")))
    assert row["consultations"].item() == 10


@pytest.mark.parametrize(
    ("missing", "limit", "whole"), [(4, None, None), (5, None, 1), (14, None, 1), (30, 0.7, 1), (-3, None, None)]
)
def test_deals_are_proposed_to_the_nearest_whole_one(missing, limit, whole):
    deals = {"measure": "deals", "needed": None, "remaining": float(missing), "own_limit": limit}
    assert proposals(needs(deals))["deals"].item() == whole


def test_nothing_is_proposed_to_who_is_on_leave_or_has_no_day_left():
    both = needs(consultations(4.0), consultations(5.0, manager=LI, days=0.0))
    assert proposals(both).select("manager", "consultations").rows() == [(WANG, 4), (LI, None)]
    over = {"measure": "applications", "remaining": 4.0, "days_left": 0.0, "needed": None}
    assert proposals(needs(over))["applications"].item() is None
    assert proposals(needs()).is_empty()
    without_plan = [consultations(None, limit=6.0), {"measure": "deals", "own_limit": 2.0}]
    assert proposals(needs(*without_plan)).row(0)[1:] == (None, None, None, None)


@given(st.floats(0.0, 500.0), st.floats(0.0, 500.0), st.floats(0.1, 50.0))
def test_a_proposal_meets_every_doable_need_and_asks_for_nothing_beyond(own, deals, limit):
    rows = [
        consultations(own, limit=limit, feasibility="out_of_reach" if own > limit else "usual"),
        {
            "measure": "deals",
            "needed": deals,
            "limit": limit,
            "feasibility": "out_of_reach" if deals > limit else "usual",
        },
    ]
    found = proposals(needs(*rows))["consultations"].item() or 0
    assert found >= min(own, limit) - 1e-6 and found >= (deals if deals <= limit else 0) - 1e-6
    assert found <= limit + 1


def test_of_a_week_the_own_working_days_are_asked_for_and_rounded_once():
    """Four working days at 4.3 are 17.2 consultations; of three deals over ten days left 1.2."""
    rows = [consultations(4.3, days=4.0), {"measure": "deals", "remaining": 3.0, "days": 4.0}]
    assert proposals(needs(*rows)).select("consultations", "deals").row(0) == (18, 1)
    half = consultations(4.3, days=2.5)
    assert proposals(needs(half))["consultations"].item() == 11


def test_a_week_in_two_months_is_asked_for_by_the_plans_of_both():
    """Two days of a month that needs 4.3 a day, three of one that needs 2.0: 14.6; without a plan for one, the other's."""
    november, december = consultations(4.3, days=2.0), consultations(2.0, days=3.0)
    assert proposals(needs(november, december))["consultations"].item() == 15
    assert proposals(needs(november, consultations(None, days=3.0)))["consultations"].item() == 9


def test_promises_kept_every_day_reach_the_plan():
    """Ten deals and 60 consultations in ten days; each evening what was proposed is done."""
    met, dealt = 60.0, 10.0
    for left in range(10, 0, -1):
        rows = consultations(met / left, remaining=met, days_left=float(left))
        deals = {"measure": "deals", "remaining": dealt, "days_left": float(left)}
        day = proposals(needs(rows, deals)).row(0, named=True)
        met, dealt = met - (day["consultations"] or 0), dealt - (day["deals"] or 0)
    assert met <= 0 and dealt <= 0


@pytest.mark.parametrize(
    ("plan", "word"), [(15, "usual"), (50, "beyond"), (56, "out_of_reach"), (3_000_000, "out_of_reach")]
)
@pytest.mark.parametrize("manager", [WANG, LI])
def test_more_than_the_declared_multiple_of_the_best_month_is_out_of_reach(plan, word, manager):
    """Four a day in October, nine days left: 1.5 × 4 a day are 54. Li has no month yet, and is measured by Wang's."""
    october = [day for day in WORKDAYS if day.month == 10]
    log = small_frames.marked(*({"day": day, "customer": n} for day in october for n in range(4)))
    joined = small_frames.posted(Period(date(2026, 11, 16), WINDOW.last), manager=LI)
    stays = pl.concat([small_frames.posted(WINDOW), joined])
    row = planned(log, remaining((manager, "consultations", plan, 0)), posting_days=stays).row(0, named=True)
    assert row["limit"] == row["own_limit"] == 6.0
    assert row["feasibility"] == (word if manager == WANG or word == "out_of_reach" else "unknown")
