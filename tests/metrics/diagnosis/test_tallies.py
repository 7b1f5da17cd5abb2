"""What each manager did, and how many cases have several of their events in the period."""

from datetime import date

import polars as pl
from polars.testing import assert_frame_equal

from metrics.cases import CELL
from metrics.diagnosis.plan_reference import plan_totals
from metrics.diagnosis.tallies import tallies
from metrics.periods import Period
from tests.support.builders import EAST, LI, REGION, WANG
from tests.support.metrics.small_frames import NOVEMBER, calendar, marked, posted

DAYS = calendar(NOVEMBER)
WEEK = Period(date(2026, 11, 16), date(2026, 11, 20))
MON, TUE = date(2026, 11, 16), date(2026, 11, 17)


def tally(*rows: dict, leave=(), period: Period = WEEK) -> dict:
    found = tallies(marked(*rows).lazy(), posted(NOVEMBER, leave=leave), DAYS, period)
    return found.filter(pl.col("manager") == WANG).row(0, named=True)


def test_days_present_leave_out_leave_and_days_off():
    row = tally(leave={MON: 1.0, TUE: 0.5})
    assert (row["posted"], row["days"]) == (5, 3.5)


def test_cases_with_both_events_in_the_period_are_counted():
    whole = [{"kind": kind, "customer": 1, "opportunity": 1} for kind in ("consultation", "application", "deal")]
    older = [{"kind": kind, "customer": 2, "opportunity": 2} for kind in ("application", "deal")]
    direct = [{"kind": kind, "customer": 3, "opportunity": 3} for kind in ("consultation", "deal")]
    row = tally(*whole, *older, *direct, {"kind": "deal", "amount_cents": 300})
    counts = [row[name] for name in ("consultations", "applications", "deals")]
    assert counts == [2, 2, 4]
    assert [row[name] for name in ("consulted_applied", "consulted_dealt", "applied_dealt", "all_three")] == [
        1,
        2,
        2,
        1,
    ]
    assert (row["deal_amount"], row["amount_squares"]) == (300, 90_000)


def test_what_lies_outside_the_period_is_no_event_of_it():
    before = {"customer": 1, "opportunity": 1, "day": date(2026, 11, 13)}
    row = tally(before, {"kind": "application", "customer": 1, "opportunity": 1})
    assert (row["consultations"], row["consulted_applied"]) == (0, 0)


def test_who_did_something_without_being_posted_has_a_row_and_so_has_who_did_nothing():
    found = tallies(marked({"manager": LI, "customer": 1}).lazy(), posted(NOVEMBER), DAYS, WEEK)
    assert found.select("manager", "days", "consultations").rows() == [(WANG, 5.0, 0.0), (LI, 0.0, 1.0)]


def plan(**targets: float) -> pl.DataFrame:
    rows = [(REGION, EAST, WANG, measure, target) for measure, target in targets.items()]
    schema = dict.fromkeys(CELL, pl.Int32) | {"measure": pl.String, "plan": pl.Float64}
    return pl.DataFrame(rows, schema, orient="row")


def asked(measure: str, **targets: float) -> dict:
    actual = tallies(marked().lazy(), posted(NOVEMBER), DAYS, WEEK)
    past = tallies(marked().lazy(), posted(NOVEMBER), DAYS, WEEK)
    known = {"consultations": 100.0, "applications": 50.0, "deals": 10.0, "deal_amount": 5000.0}
    past = past.with_columns(**{name: pl.lit(value) for name, value in known.items()})
    return plan_totals(actual, plan(**targets), past, measure).row(0, named=True)


def test_a_whole_plan_is_taken_as_it_is():
    row = asked("deals", consultations=80, applications=20, deals=6)
    assert (row["days"], row["consultations"], row["applications"], row["deals"]) == (5, 80, 20, 6)
    assert row["borrowed"] == []


def test_what_a_plan_leaves_out_follows_from_the_branchs_usual_rates():
    row = asked("deals", deals=6)
    assert (row["applications"], row["consultations"], row["borrowed"]) == (30, 60, ["consultations", "applications"])


def test_without_a_plan_of_the_measure_nothing_is_asked():
    row = asked("deals", consultations=80)
    assert row["deals"] is None and row["borrowed"] == []


def test_without_a_past_a_rate_stays_unknown():
    actual = tallies(marked().lazy(), posted(NOVEMBER), DAYS, WEEK)
    row = plan_totals(actual, plan(deals=6), actual, "deals").row(0, named=True)
    assert (row["deals"], row["applications"]) == (6, None)


def test_the_frame_does_not_depend_on_the_order_of_rows():
    log = marked({"customer": 1, "opportunity": 1}, {"kind": "deal", "customer": 1, "opportunity": 1}, {"manager": LI})
    straight, turned = (tallies(one.lazy(), posted(NOVEMBER), DAYS, WEEK) for one in (log, log.reverse()))
    assert_frame_equal(straight, turned)
