"""What other systems get wrong, each with their number beside ours (shared notes on peers, read from their code)."""

from datetime import date, timedelta

import polars as pl
import pytest

from metrics import frames
from metrics.catalog import CATALOG, CONVERSION_RATE, DEALS, FUNNEL
from metrics.metric import measure
from metrics.periods import Period, calendar_dimension, month, week
from metrics.plans.attainment import against_plan, days_gone
from metrics.plans.spreading import planned, spread
from metrics.workdays import time_progress, workday_before
from tests.support.builders import EAST, LI, WANG
from tests.support.metrics.small_frames import BRANCHES, NOVEMBER, RULES, calendar, counts, marked, plans, posted

CALENDAR = calendar(NOVEMBER)


def pace(done: list[dict], target: int, through: date) -> list[dict]:
    """Deals of Wang and Li against a November plan of `target` each."""
    both = pl.concat([posted(NOVEMBER), posted(NOVEMBER, manager=LI)])
    targets = plans({"manager": WANG, "target": target}, {"manager": LI, "target": target})
    table = planned(spread(targets, both, CALENDAR, NOVEMBER), BRANCHES, ["manager"])
    days = days_gone(both, CALENDAR, NOVEMBER, through, ["manager"])
    return against_plan(counts(*done), table, days, RULES, ["manager"]).filter(pl.col("measure") == "deals").to_dicts()


def test_frappe_a_lost_opportunity_stays_in_the_denominator():
    rows = [{"customer": 1, "opportunity": 1}, {"customer": 2, "opportunity": 2}]
    log = [*rows, {"kind": "deal", "opportunity": 1}, {"kind": "rejected", "opportunity": 2}]
    lost = {row["opportunity"] for row in log if row.get("kind") == "rejected"}
    theirs = 1 / len([row for row in rows if row["opportunity"] not in lost])
    assert theirs == 1.0
    assert measure(marked(*log), [CONVERSION_RATE])["conversion_rate"].item() == 0.5


def test_frappe_a_stage_entered_again_counts_once():
    entered = [{"kind": "application", "opportunity": 1, "day": date(2026, 11, day)} for day in (3, 17)]
    refused = {"kind": "rejected", "opportunity": 1, "day": date(2026, 11, 10)}
    theirs = len(entered)
    assert theirs == 2
    assert measure(marked(*entered, refused), FUNNEL)["applications"].item() == 1


def test_frappe_every_stage_is_counted_in_the_same_window():
    """Of leads created this month and deals of any month theirs shows 2 deals from 1 lead."""
    old = {"customer": 1, "day": date(2026, 10, 12)}, {"kind": "deal", "day": date(2026, 10, 30)}
    log = marked(*old, {"customer": 2}, {"kind": "deal"})
    inside = log.filter(pl.col("day").is_between(NOVEMBER.first, NOVEMBER.last))
    theirs = log.filter(pl.col("kind") == "deal").height / inside.filter(pl.col("kind") == "consultation").height
    assert theirs == 2.0
    assert measure(inside, [CONVERSION_RATE])["conversion_rate"].item() == 1.0


def test_wukong_a_plan_of_nothing_is_no_plan_and_no_exception():
    with pytest.raises(ZeroDivisionError):
        3 / 0  # noqa: B018  theirs: sum ÷ target of the quarter
    row = pace([{"manager": WANG, "deals": 3}], 0, date(2026, 11, 16))[0]
    assert row["attainment"] is None and row["status"] == "no_plan"


def test_bottlecrm_pace_goes_by_working_days():
    """Monday 2 November closes the first of 21 working days: theirs holds 0 % for day 1 and 1 ÷ 30 for day 2; on the
    last of October, a month of 31 days divided by 30, theirs asks for 100 % a day early."""
    theirs = [(day - 1) / 30 for day in (1, 2, 31)]
    assert theirs == [0.0, 1 / 30, 1.0]
    assert time_progress(CALENDAR, NOVEMBER, date(2026, 11, 1)) == 0.0
    assert time_progress(CALENDAR, NOVEMBER, date(2026, 11, 2)) == 1 / 21
    october = month(date(2026, 10, 1))
    assert time_progress(calendar(october), october, date(2026, 10, 30)) == 1.0, "the 31st is a Saturday"
    assert time_progress(calendar(october), october, date(2026, 10, 29)) < 1.0


def test_bottlecrm_attainment_is_not_capped():
    row = pace([{"manager": WANG, "deals": 26}], 20, date(2026, 11, 16))[0]
    theirs = min(26 / 20, 1.0)
    assert theirs == 1.0 and row["attainment"] == 1.3


def test_bottlecrm_a_visit_counts_on_its_business_day_whenever_it_was_typed_in():
    """No time of entry reaches metrics at all: the contract has none."""
    assert not [name for name in frames.LOG if "recorded_at" in name or "created" in name]
    late = marked({"customer": 1, "day": date(2026, 10, 31)})
    assert measure(late, [DEALS], ["day"])["day"].to_list() == [date(2026, 10, 31)]


def test_odoo_mondays_count_in_one_week_only():
    monday = date(2026, 11, 16)
    log = [{"kind": "deal", "day": day} for day in (date(2026, 11, 10), monday)]
    mondays = (monday - timedelta(7), monday)
    theirs = sum(first <= row["day"] <= first + timedelta(7) for first in mondays for row in log)
    assert theirs == 3, "Monday is the last day of one of their weeks and the first of the next"
    period = Period(week(mondays[0]).first, week(monday).last)
    by_week = marked(*log).join(calendar_dimension(period), on="day")
    assert measure(by_week, [DEALS], ["week"])["deals"].to_list() == [1, 1]


def test_odoo_and_erpnext_who_did_nothing_shows_the_full_gap():
    """Theirs starts from those who have rows: Li is missing, or their variance is 0."""
    rows = pace([{"manager": WANG, "deals": 11}, {"manager": LI}], 21, date(2026, 11, 16))
    theirs = {WANG: 11 - 21}.get(LI, 0)
    assert theirs == 0
    assert rows[1]["attainment"] == 0.0 and rows[1]["pace_gap"] == pytest.approx(-11 / 21)
    assert (rows[0]["status"], rows[1]["status"]) == ("on_pace", "far_behind")


def test_krayin_stages_come_in_the_order_of_the_procedure():
    sizes = {"consultation": 9, "application": 3, "approval": 5, "deal": 4}
    theirs = sorted(sizes, key=sizes.get, reverse=True)
    log = marked(*[{"kind": kind} for kind, count in sizes.items() for _ in range(count)])
    assert theirs == ["consultation", "approval", "deal", "application"]
    assert measure(log, [DEALS], ["kind"])["kind"].to_list() == ["consultation", "application", "approval", "deal"]
    assert frames.KINDS[:2] == ("consultation", "application") and frames.KINDS.index("contract") < 8
    assert frames.KINDS[8:] == ("deal", "rejected", "withdrawn")


def test_fineract_a_name_has_one_formula():
    names = [metric.name for metric in CATALOG]
    assert len(set(names)) == len(names)


def test_seeds_a_steady_manager_is_not_stopped_on_monday():
    """Theirs compares the last 3 calendar days with the 4 before: on Monday morning mostly a weekend."""
    monday = date(2026, 11, 16)
    worked = CALENDAR.filter(pl.col("is_workday"))["day"].to_list()
    recent = [on for on in worked if monday - timedelta(3) <= on < monday]
    before = [on for on in worked if monday - timedelta(7) <= on < monday - timedelta(3)]
    assert len(recent) / 3 < 0.5 * len(before) / 4, "STOPPED"
    assert workday_before(CALENDAR, monday) == date(2026, 11, 13), "ours looks back by working days"


def test_a_rate_is_totals_over_totals_and_no_mean_of_rates():
    wang = [{"customer": 1}, {"kind": "deal", "customer": 1}]
    li = [{"customer": n, "manager": LI} for n in range(9)]
    log = marked(*wang, *li)
    by_manager = measure(log, [CONVERSION_RATE], ["manager"])["conversion_rate"]
    theirs = by_manager.mean()
    assert theirs == 0.5
    assert measure(log, [CONVERSION_RATE])["conversion_rate"].item() == 0.1


def test_a_month_plan_is_not_repeated_on_every_row_of_the_month():
    log = marked(*[{"kind": "deal", "day": date(2026, 11, day)} for day in (2, 3, 4)])
    target = plans({"manager": WANG, "target": 21})
    theirs = log.join(target.select("manager", "target"), on="manager")["target"].sum()
    assert theirs == 63
    parts = spread(target, posted(NOVEMBER), CALENDAR, NOVEMBER, "day")
    by_day = planned(parts, BRANCHES, ["manager", "day"])
    assert by_day["plan"].sum() == pytest.approx(21) and by_day.height == 21
    assert planned(spread(target, posted(NOVEMBER), CALENDAR, NOVEMBER), BRANCHES, ["branch"]).rows() == [
        (EAST, "deals", 21.0)
    ]


def test_a_rate_of_nothing_is_null_and_not_infinite():
    theirs = pl.DataFrame({"deals": [1.0], "consultations": [0.0]}).select(pl.col("deals") / pl.col("consultations"))
    assert theirs.item() == float("inf")
    assert measure(marked({"kind": "deal"}), [CONVERSION_RATE])["conversion_rate"].item() is None
