"""From the remaining plan back to consultations a day: by hand on literal frames, and the laws that always hold."""

from datetime import date

import polars as pl
import pytest

from metrics import frames
from metrics.periods import month
from metrics.reverse_plan.deadline import REACH, reach
from metrics.reverse_plan.experience import experience
from metrics.reverse_plan.reverse_plan import NEED, most_demanding
from tests.support.builders import EAST, LI, WANG
from tests.support.metrics import small_frames
from tests.support.metrics.needs import CALENDAR, EVENING, NOVEMBER, RULES, WINDOW, WORKDAYS, planned, remaining

ALONE = small_frames.posted(WINDOW)


def sold_at_once(days: list[date], a_day: int, every: int, branch: int = EAST, manager: int = WANG) -> list[dict]:
    """So many consultations a day, every n-th of them a cross-sold product opened on the spot, the others about
    nothing."""
    rows = []
    first = days[0].toordinal() * 10
    for number, day in enumerate(day for day in days for _ in range(a_day)):
        one = {"day": day, "customer": first + number, "manager": manager, "branch": branch}
        if number % every:
            rows.append(one)
        else:
            about = one | {"opportunity": first + number, "family": "cross_sell"}
            rows += [about, about | {"kind": "deal", "amount_cents": 500_00}]
    return rows


OCTOBER = [day for day in WORKDAYS if day.month == 10]


SO_FAR = [day for day in WORKDAYS if day.month == 11 and day <= EVENING]


NINE_A_DAY = small_frames.marked(*sold_at_once(OCTOBER, 9, 9), *sold_at_once(SO_FAR, 6, 9))


def only(table: pl.DataFrame, *columns: str) -> tuple:
    return table.select(columns or table.columns).row(0)


def test_needs_14_a_day_best_month_so_far_9():
    """One of nine consultations becomes a deal on the spot, nine days are left, 14 deals are wanting: 14 ÷ (9 ×
    1/9)."""
    table = planned(NINE_A_DAY, remaining((WANG, "deals", 22, 8)), posting_days=ALONE)
    needed, best, best_month, usual, word = only(table, "needed", "best", "best_month", "usual", "feasibility")
    assert needed == pytest.approx(14)
    assert (best, best_month, usual, word) == (9, date(2026, 10, 1), 7.5, "out_of_reach")
    assert only(table, "remaining", "pipeline", "days_left") == (14, 0, 9)
    assert only(table, "chance", "eventual") == pytest.approx((1 / 9, 1 / 9))


def test_the_interval_is_fiellers_where_only_the_rate_is_uncertain():
    """26 deals of 234 consultations, and a beta posterior of their rate; the pipeline is empty, so low × high is
    known."""
    table = planned(NINE_A_DAY, remaining((WANG, "deals", 22, 8)), posting_days=ALONE)
    low, high = only(table, "needed_low", "needed_high")
    assert 8 < low < 12 and 17 < high < 40
    assert 2 / (1 / low + 1 / high) == pytest.approx(
        14, rel=1e-6
    )  # symmetric on the scale of what a consultation brings


@pytest.mark.parametrize(
    ("plan", "word"),
    [
        (22, "out_of_reach"),
        (18, "beyond"),
        (17, "stretch"),
        (16, "stretch"),
        (15, "usual"),
        (9, "usual"),
        (8, "done"),
        (3, "done"),
    ],
)
def test_what_is_asked_is_told_by_the_best_and_the_usual_month(plan, word):
    table = planned(NINE_A_DAY, remaining((WANG, "deals", plan, 8)), posting_days=ALONE)
    assert only(table, "feasibility") == (word,)


def test_leave_and_half_days_ask_for_more_on_the_days_left():
    away = {date(2026, 11, 18): 1.0, date(2026, 11, 19): 0.5}
    table = planned(NINE_A_DAY, remaining((WANG, "deals", 22, 8)), posting_days=small_frames.posted(WINDOW, leave=away))
    assert only(table, "days_left", "needed") == pytest.approx((7.5, 14 * 9 / 7.5))


def test_consultations_need_no_detour():
    table = planned(NINE_A_DAY, remaining((WANG, "consultations", 180, 72)), posting_days=ALONE)
    assert only(table, "needed", "needed_low", "needed_high", "pipeline") == (12, 12, 12, 0)


def test_an_amount_is_deals_by_their_mean():
    table = planned(NINE_A_DAY, remaining((WANG, "deal_amount", 22 * 500_00, 8 * 500_00)), posting_days=ALONE)
    assert only(table, "needed")[0] == pytest.approx(14)


def test_without_a_plan_nothing_is_needed_and_nothing_known():
    plan = remaining((WANG, "deals", None, 8), (WANG, "deal_amount", 0, 8))
    table = planned(NINE_A_DAY, plan, posting_days=ALONE)
    for name in ("remaining", "needed", "needed_low", "needed_high"):
        assert table[name].to_list() == [None, None]
    assert table["feasibility"].to_list() == ["unknown", "unknown"]


def test_without_a_day_left_nothing_can_be_asked():
    table = planned(NINE_A_DAY, remaining((WANG, "deals", 22, 8)), posting_days=ALONE, through=NOVEMBER.last)
    assert only(table, "days_left", "needed", "needed_high", "feasibility") == (0, None, None, "unknown")
    table = planned(NINE_A_DAY, remaining((WANG, "deals", 8, 8)), posting_days=ALONE, through=NOVEMBER.last)
    assert only(table, "needed", "feasibility") == (None, "done")


def loans(days: list[date], lag: int, every: int, manager: int = WANG, first: int = 1000) -> list[dict]:
    """A consultation a day, every n-th applied for the next working day and dealt `lag` working days after that."""
    rows = []
    for number, day in enumerate(days):
        one = {"day": day, "customer": first + number, "manager": manager}
        one |= {"opportunity": first + number, "family": "loan"}
        place = WORKDAYS.index(day)
        steps = [("consultation", 0)] + ([("application", 1), ("deal", 1 + lag)] if number % every == 0 else [])
        for kind, later in steps:
            if place + later < len(WORKDAYS) and WORKDAYS[place + later] <= EVENING:
                rows.append(one | {"kind": kind, "day": WORKDAYS[place + later], "amount_cents": None})
    return rows


def test_a_loan_begun_too_late_cannot_count_this_month():
    """Twelve days from the consultation to the deal, nine days left: nothing but the pipeline can still come."""
    log = small_frames.marked(*loans(WORKDAYS[:50], 11, 2))
    table = planned(log, remaining((WANG, "deals", 30, 0)), posting_days=ALONE)
    assert only(table, "chance", "needed", "feasibility") == (0, None, "out_of_reach")
    assert only(table, "eventual")[0] == pytest.approx(0.5, abs=0.1)
    rows = reach(log, CALENDAR, NOVEMBER, EVENING, RULES)
    assert rows.schema == REACH
    said = rows.select("family", "measure", "chance", "typical_lag", "last_day").rows()
    assert said[0][:2] == ("loan", "applications") and said[0][3:] == (1, date(2026, 11, 27))
    assert said[1] == ("loan", "deals", 0, 12, WORKDAYS[WORKDAYS.index(date(2026, 11, 30)) - 12])


def test_a_plan_is_reached_or_the_open_pipeline_covers_it():
    """Loans applied for a day after the consultation, dealt after eleven more: the last ones are under way."""
    log = small_frames.marked(*loans(WORKDAYS[:50], 11, 1))
    plan = remaining((WANG, "deals", 13, 12), (WANG, "consultations", 12, 12))
    table = planned(log, plan, posting_days=ALONE)
    assert table.select("measure", "feasibility").rows() == [("consultations", "done"), ("deals", "covered")]
    assert most_demanding(table).select("measure", "feasibility").rows() == [("deals", "covered")]


def test_the_open_pipeline_is_valued_by_what_became_of_such_cases():
    """All loans applied for are dealt after eleven working days: those of the last days are as good as done."""
    log = small_frames.marked(*loans(WORKDAYS[:50], 11, 1))
    table = planned(log, remaining((WANG, "deals", 30, 0)), posting_days=ALONE)
    applied = log.filter(pl.col("kind") == "application").height
    dealt = log.filter(pl.col("kind") == "deal").height
    due = applied - dealt  # all of them within the nine days left, or nearly
    assert due - 2.5 < only(table, "pipeline")[0] <= due + 1


def test_a_richer_pipeline_asks_for_less():
    """The same log; who looks after the open opportunities is another."""
    days = WORKDAYS[20:54]
    log = small_frames.marked(*loans(days, 4, 2), *loans(days, 4, 2, LI, 5000))
    plan = remaining((WANG, "deals", 30, 0), (LI, "deals", 30, 0))
    own = planned(log, plan)
    theirs = log.filter(pl.col("manager") == LI).select("opportunity").unique().with_columns(manager=WANG)
    given_over = planned(log, plan, owners=theirs)
    assert given_over["pipeline"][0] > own["pipeline"][0] + 0.5 and given_over["pipeline"][1] == 0
    assert given_over["needed"][0] < own["needed"][0] and given_over["needed"][1] > own["needed"][1]


def test_a_period_that_has_not_begun_has_all_its_days_and_todays_pipeline():
    december = month(date(2026, 12, 1))
    table = planned(NINE_A_DAY, remaining((WANG, "deals", 23, 0)), posting_days=ALONE, period=december)
    assert only(table, "days_left") == (23,)
    assert only(table, "needed")[0] == pytest.approx(9)


def test_a_newcomer_with_nothing_has_the_rate_of_his_branch():
    plan = remaining((WANG, "deals", 22, 8), (LI, "deals", 14, 0))
    table = planned(NINE_A_DAY, plan)
    assert table["manager"].to_list() == [WANG, LI]
    assert table["needed"].to_list() == pytest.approx([14, 14])
    new = table.row(1, named=True)
    assert (new["best"], new["usual"], new["feasibility"]) == (0, 0, "out_of_reach")  # they were there, and met nobody
    assert new["needed_high"] is None or new["needed_high"] > table["needed_high"][0]


def test_somebody_without_posting_days_has_no_day_left_and_no_history():
    table = planned(NINE_A_DAY, remaining((LI, "deals", 14, 0)), posting_days=ALONE)
    assert only(table, "days_left", "needed", "best", "feasibility") == (0, None, None, "unknown")


def test_a_branch_that_has_never_made_a_deal_knows_nothing():
    log = NINE_A_DAY.filter(pl.col("kind") != "deal")
    table = planned(log, remaining((WANG, "deals", 22, 8), (WANG, "applications", 5, 0)), posting_days=ALONE)
    assert table["needed"].to_list() == [None, None] and set(table["feasibility"]) == {"unknown"}


def test_an_empty_log_gives_a_row_each_and_no_remaining_plan_none():
    nothing = frames.empty(frames.ACTIVITY)
    table = planned(nothing, remaining((WANG, "deals", 22, 8), (WANG, "consultations", 90, 0)))
    assert table["measure"].to_list() == ["consultations", "deals"]
    assert table["needed"].to_list() == [10, None] and set(table["feasibility"]) == {"unknown"}
    assert (
        planned(NINE_A_DAY, remaining()).is_empty() and most_demanding(planned(NINE_A_DAY, remaining())).schema == NEED
    )
    assert reach(nothing, CALENDAR, NOVEMBER, EVENING, RULES).schema == REACH


def test_the_binding_measure_is_the_one_that_asks_for_the_most():
    plan = remaining((WANG, "consultations", 162, 72), (WANG, "deals", 22, 8), (WANG, "applications", None, 0))
    table = most_demanding(planned(NINE_A_DAY, plan, posting_days=ALONE))
    assert table.select("measure", "feasibility").rows() == [("deals", "out_of_reach")]
    late = remaining((WANG, "consultations", 900, 0), (WANG, "deals", 30, 0))
    table = most_demanding(planned(small_frames.marked(*loans(WORKDAYS[:50], 11, 2)), late, posting_days=ALONE))
    assert table.select("measure", "needed").rows() == [("deals", None)]  # no number of them would do
    nothing = most_demanding(planned(NINE_A_DAY, remaining((WANG, "deals", None, 0), (WANG, "consultations", None, 0))))
    assert nothing.select("measure", "needed").rows() == [("consultations", None)]


def test_ten_visits_for_one_need_are_one_case_of_what_a_manager_sells():
    own = [{"day": day, "customer": 1, "opportunity": 1, "family": "loan"} for day in OCTOBER[:10]]
    colleague = [{"day": OCTOBER[0], "customer": 50 + one, "opportunity": 50 + one, "manager": LI} for one in range(30)]
    everyone = pl.DataFrame([(WANG, EAST), (LI, EAST)], {"manager": pl.Int32, "branch": pl.Int32}, orient="row")
    mix = experience(small_frames.marked(*own, *colleague), CALENDAR, EVENING, RULES, everyone).mix
    assert set(mix.filter(pl.col("manager") == WANG)["cases"]) == {1 + RULES.small_sample}
