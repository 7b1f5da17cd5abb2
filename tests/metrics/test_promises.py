"""What was promised for a day or a week against the log: each case worked out by hand."""

from datetime import date, timedelta

import polars as pl
import pytest

from metrics import promises as reconciling
from metrics.frames import PROMISE
from metrics.periods import Period, week
from metrics.promises import SPAN, against_promise, as_closed, by_week, kept_by, on_leave, promised_when_closed, streaks
from metrics.promises import together as of_team
from tests.support.builders import EAST, LI, MONDAY, WANG, ZHAO
from tests.support.metrics.small_frames import calendar, counts, posted, promises

TUESDAY = MONDAY + timedelta(1)
WEEK = week(MONDAY)
NO_RESULTS = {"manager": pl.Int32, "branch": pl.Int32, "day": pl.Date, "measure": pl.String} | dict.fromkeys(
    ("promised", "done"), pl.Int64
)
NO_LEAVE = pl.DataFrame(schema={"branch": pl.Int32, "manager": pl.Int32, "day": pl.Date, "away": pl.Float64})


def done(*rows: dict) -> pl.DataFrame:
    """Counts by branch, manager and day, of Monday unless told; nothing late."""
    days = [{"day": MONDAY} | row for row in rows]
    plain = counts(*({name: value for name, value in row.items() if name != "day"} for row in days))
    named = {"branch": pl.lit(EAST, pl.Int32), "late": pl.lit(0, pl.Int64)}
    return plain.with_columns(pl.Series("day", [row["day"] for row in days], pl.Date), **named)


def against(measured: pl.DataFrame, said: pl.DataFrame, over: bool = True, leave: pl.DataFrame = NO_LEAVE):
    return against_promise(measured, measured.select(*SPAN, *reconciling.NAMES, "late"), said, leave, over)


def results(*rows: tuple[int, int | None, int], day: date = MONDAY) -> pl.DataFrame:
    """What a day was closed with: manager, consultations promised and done."""
    full = [(manager, EAST, day, "consultations", promised, number) for manager, promised, number in rows]
    return pl.DataFrame(full, NO_RESULTS, orient="row")


def said(*rows: tuple[int, date, int], late: bool = False) -> pl.DataFrame:
    """Consultations promised: manager, first day, how many."""
    full = [(manager, EAST, day, "consultations", target, late) for manager, day, target in rows]
    return pl.DataFrame(full, PROMISE, orient="row")


def a_week(*by_day: int, manager: int = WANG) -> pl.DataFrame:
    """The consultations of a manager's week, day by day from Monday, added up."""
    return by_week(
        done(*({"manager": manager, "day": MONDAY + timedelta(n), "consultations": c} for n, c in enumerate(by_day)))
    )


def case(table: pl.DataFrame) -> tuple:
    return table.select("promise_status", "kept", "shortfall").row(0)


# One promise of ten consultations a day, or of ten in a week, and what came of it. Three on Monday, two on each day after
# make eleven in a week; and so on.
@pytest.mark.parametrize(
    ("of_day", "of_week", "expected"),
    [
        (10, (2, 2, 2, 2, 2), ("kept", True, 0.0)),
        (11, (3, 2, 2, 2, 2), ("over_kept", True, 0.0)),
        (4, (1, 1, 1, 1, 0), ("not_kept", False, 0.6)),
        (0, (0, 0, 0, 0, 0), ("not_kept", False, 1.0)),
    ],
    ids=["kept", "over-kept", "missed", "nothing done"],
)
def test_a_promise_is_kept_over_kept_or_missed(of_day, of_week, expected):
    promised = said((WANG, MONDAY, 10))
    assert case(against(done({"manager": WANG, "consultations": of_day}), promised)) == expected
    assert case(against(a_week(*of_week), promised)) == expected


@pytest.mark.parametrize("number", [0, 10, 12])
def test_until_the_time_is_over_a_promise_is_in_progress(number):
    day = done({"manager": WANG, "consultations": number}, {"manager": LI})
    table = against(day, said((WANG, MONDAY, 10)), over=False)
    assert dict(table.select("manager", "promise_status").iter_rows()) == {WANG: "running", LI: "not_promised"}
    team = of_team(table)
    assert (team["running"], team["all_kept"], team["not_kept"], team["consultations"]) == (1, 0, 0, number)


def leave_of(grain: str, days: dict[date, float]) -> pl.DataFrame:
    span = WEEK if grain == "week" else Period(MONDAY, MONDAY)
    return on_leave(posted(span, leave=days), calendar(span), grain)


def all_week(away: float) -> dict[date, float]:
    return {MONDAY + timedelta(n): away for n in range(5)}


@pytest.mark.parametrize(("grain", "days"), [("day", {MONDAY: 1.0}), ("week", all_week(1.0))])
def test_who_was_on_leave_all_through_is_absent_and_judged_by_nothing(grain, days):
    """A week is its five working days: the weekend, on which nobody is on leave, makes nobody present."""
    leave = leave_of(grain, days)
    table = against(done({"manager": WANG}), said((WANG, MONDAY, 10)), leave=leave)
    assert case(table) == ("absent", False, 1.0)
    assert kept_by(table, "manager", table).select("of", "to", "apart").row(0) == (0, 0, 0)
    assert streaks(table).is_empty()
    without = against(done({"manager": WANG}), promises(), leave=leave)
    assert without["promise_status"].to_list() == ["absent"]


def test_who_kept_it_although_on_leave_kept_it():
    leave = leave_of("day", {MONDAY: 1.0})
    table = against(done({"manager": WANG, "consultations": 10}), said((WANG, MONDAY, 10)), leave=leave)
    assert case(table) == ("kept", True, 0.0)


@pytest.mark.parametrize(
    ("grain", "days", "away"),
    [
        ("day", {MONDAY: 0.5}, 0.5),
        ("week", {MONDAY: 1.0, TUESDAY: 1.0, MONDAY + timedelta(2): 0.5}, 0.5),
        ("week", {MONDAY + timedelta(5): 1.0}, 0.0),
    ],
    ids=["half a day", "half a week", "a Saturday"],
)
def test_leave_of_a_part_scales_no_promise(grain, days, away):
    """Two and a half of five working days are half a week; five of ten promised stay half of it missed."""
    table = against(done({"manager": WANG, "consultations": 5}), said((WANG, MONDAY, 10)), leave=leave_of(grain, days))
    assert table.select("away", "promise_status", "consultations_promise", "shortfall").row(0) == (
        away,
        "not_kept",
        10,
        0.5,
    )


def test_of_a_week_off_on_which_a_branch_worked_every_day_counts():
    festival = Period(date(2026, 10, 1), date(2026, 10, 1))
    there = posted(festival, leave=[festival.first])
    assert on_leave(there, calendar(festival), "day")["away"].to_list() == [1.0]


@pytest.mark.parametrize("promised", [promises(), promises((WANG, "deals", 0))], ids=["none", "of nothing"])
def test_who_promised_nothing_has_no_promise(promised):
    for measured in (done({"manager": WANG, "consultations": 7}), a_week(7)):
        table = against(measured, promised)
        assert case(table) == ("not_promised", None, None)
        assert table["deals_promise"].item() is None
        assert kept_by(table, "manager", table)["to"].item() == 0


def test_what_was_promised_late_is_shown_as_it_turned_out_and_kept_apart():
    for measured in (done({"manager": WANG, "consultations": 9}), a_week(3, 3, 3)):
        table = against(measured, said((WANG, MONDAY, 9), late=True))
        assert table.select("promise_status", "made_late").row(0) == ("kept", True)
        assert kept_by(table, "manager", table).select("of", "to", "apart", "kept_share").row(0) == (0, 0, 1, None)
        assert streaks(table).is_empty()


def test_what_is_logged_after_closing_is_kept_apart_and_changes_no_promise():
    """Wang's day was closed with three of five; two more were logged since. Li's was not closed."""
    log = done({"manager": WANG, "consultations": 5}, {"manager": LI, "consultations": 4})
    closed, then = results((WANG, 5, 3)), said((WANG, MONDAY, 4), (LI, MONDAY, 4))
    table = as_closed(log, closed)
    assert table.select("manager", "consultations", "late").rows() == [(WANG, 3, 2), (LI, 4, 0)]
    promised = promised_when_closed(then, closed)
    assert sorted(promised.select("manager", "target").rows()) == [(WANG, 5), (LI, 4)]
    rows = against_promise(table, table, promised, NO_LEAVE).select("manager", "promise_status", "late").rows()
    assert rows == [(WANG, "not_kept", 2), (LI, "kept", 0)]


def test_a_week_is_the_sum_of_its_days_as_they_were_closed():
    """Monday was closed with three, Tuesday with two and five were logged later; Wednesday is open with four: nine of ten,
    and five late."""
    number = dict(zip((MONDAY, TUESDAY, MONDAY + timedelta(2)), (3, 7, 4), strict=True))
    log = done(*({"manager": WANG, "day": day, "consultations": n} for day, n in number.items()))
    closed = pl.concat([results((WANG, None, 3)), results((WANG, None, 2), day=TUESDAY)])
    table = against(by_week(as_closed(log, closed)), said((WANG, MONDAY, 10)))
    assert table.select("consultations", "late", "promise_status").row(0) == (9, 5, "not_kept")


def test_what_was_closed_and_withdrawn_since_stays_as_it_was_closed():
    log = done().clear()
    assert as_closed(log, results((WANG, 3, 3))).select("consultations", "late").rows() == [(3, 0)]


def test_a_promise_taken_back_after_closing_stays_as_it_was_closed():
    assert promised_when_closed(promises(), results((WANG, 5, 3)))["target"].to_list() == [5]
    closed_without = promised_when_closed(said((WANG, MONDAY, 2)), results((WANG, None, 3)))
    assert closed_without.is_empty()


def test_where_no_day_was_closed_everything_stays():
    log, none = done({"manager": WANG, "consultations": 5}), results()
    assert as_closed(log, none).equals(log.select(*SPAN, *reconciling.NAMES, "late"))
    assert promised_when_closed(said((WANG, MONDAY, 4)), none).equals(said((WANG, MONDAY, 4)))


def test_one_count_missed_is_a_promise_not_kept():
    table = against(
        done({"manager": WANG, "consultations": 8, "deals": 0}),
        promises((WANG, "consultations", 4), (WANG, "deals", 1)),
    )
    assert case(table) == ("not_kept", False, 0.5)


def test_the_furthest_from_their_promise_comes_first_then_who_promised_nothing_and_who_kept_it_last():
    everyone = [{"manager": one, "consultations": number} for one, number in ((1, 9), (2, 5), (3, 1), (4, 6), (5, 0))]
    table = against(
        done(*everyone), promises(*((one, "consultations", 5) for one in (2, 3, 4)), (5, "consultations", 2))
    )
    assert table["manager"].to_list() == [5, 3, 1, 2, 4]
    assert table["kept"].to_list() == [False, False, None, True, True]
    assert table["shortfall"].to_list() == [1.0, 0.8, None, 0.0, 0.0]
    assert table["promise_status"].to_list() == ["not_kept", "not_kept", "not_promised", "kept", "over_kept"]


def test_a_measure_they_did_not_promise_is_not_held_against_them():
    row = against(done({"manager": LI, "applications": 2}), promises((LI, "applications", 2))).row(0, named=True)
    assert row["kept"] and row["shortfall"] == 0.0
    assert row["consultations_promise"] is None and row["applications_promise"] == 2


def test_a_promise_of_nothing_does_not_dilute_what_was_missed():
    row = against(done({"manager": LI}), promises((LI, "deals", 0), (LI, "consultations", 4)))
    assert row["shortfall"].item() == 1.0


def test_more_than_promised_does_not_make_up_for_another_measure():
    log = done({"manager": LI, "consultations": 40, "applications": 1})
    row = against(log, promises((LI, "consultations", 4), (LI, "applications", 2)))
    assert case(row) == ("not_kept", False, 0.25)


def test_a_promised_amount_is_no_promised_count():
    assert case(against(done({"manager": LI}), promises((LI, "deal_amount", 5_000_000))))[0] == "not_promised"


def test_without_any_promise_everyone_is_listed_by_id():
    table = against(done({"manager": ZHAO}, {"manager": WANG}), promises())
    assert table["manager"].to_list() == [WANG, ZHAO] and not table["promised"].any()


@pytest.mark.parametrize("manager", [WANG, ZHAO])
def test_a_promise_of_somebody_else_does_not_leak(manager):
    table = against(done({"manager": manager}), promises((LI, "deals", 1)))
    assert table.select("manager", "promised").rows() == [(manager, False)]


def test_the_team_adds_up_only_those_who_promised_and_counts_more_than_promised_as_kept():
    log = done({"manager": 1, "deals": 3}, {"manager": 2, "deals": 1}, {"manager": 3, "deals": 5})
    team = of_team(against(log, promises((1, "deals", 2), (2, "deals", 2))))
    assert (team["over_kept"], team["all_kept"], team["not_kept"], team["not_promised"]) == (1, 1, 1, 1)
    assert (team["deals"], team["deals_promise"]) == (4, 4)
    assert team["consultations_promise"] == 0


def spans(*rows: tuple[int, date, bool | None]) -> pl.DataFrame:
    """Promises of one consultation: manager, first day, kept, missed, or (None) made late and missed."""
    log = done(*({"manager": one, "day": day, "consultations": 1 if kept else 0} for one, day, kept in rows))
    in_time = said(*((one, day, 1) for one, day, kept in rows if kept is not None))
    late = said(*((one, day, 1) for one, day, kept in rows if kept is None), late=True)
    return against(log, pl.concat([in_time, late]))


def test_a_streak_ends_at_the_last_promise_that_was_missed_and_lasts_over_those_not_judged():
    days = [MONDAY + timedelta(n) for n in range(4)]
    wang = [(WANG, day, kept) for day, kept in zip(days, (False, True, None, True), strict=True)]
    li = [(LI, days[0], True), (LI, days[1], False)]
    assert streaks(spans(*wang, *li)).rows() == [(WANG, 2)]


def test_the_rate_of_promises_kept_has_its_limits():
    """One of two: Wilson's 95 % limits are 9.5–90.5 %. Of one who promised nothing there is no rate."""
    table = spans((WANG, MONDAY, True), (WANG, TUESDAY, False), (WANG, MONDAY + timedelta(2), None))
    units = pl.DataFrame({"manager": [WANG, LI]}, {"manager": pl.Int32})
    wang, li = kept_by(table, "manager", units).to_dicts()
    assert (wang["of"], wang["to"], wang["apart"], wang["kept_share"]) == (1, 2, 1, 0.5)
    assert (round(wang["kept_share_low"], 3), round(wang["kept_share_high"], 3)) == (0.095, 0.905)
    assert (li["to"], li["kept_share"]) == (0, None)
    branch = kept_by(table, "branch", pl.DataFrame({"branch": [EAST]}, {"branch": pl.Int32})).row(0, named=True)
    assert (branch["of"], branch["to"]) == (1, 2)
