"""The morning's promise against the evening's log."""

from datetime import timedelta

import polars as pl
import pytest

from metrics.promises import against_promise, as_closed, streaks, together
from tests.support.builders import EAST, LI, MONDAY, WANG, ZHAO
from tests.support.metrics.small_frames import counts, promises


def test_who_reached_every_promised_count_kept_it():
    table = against_promise(
        counts({"manager": WANG, "consultations": 4, "deals": 1}),
        promises((WANG, "consultations", 4), (WANG, "deals", 1)),
    )
    assert table.select("promised", "kept", "shortfall").row(0) == (True, True, 0.0)


def test_one_count_missed_is_a_promise_not_kept():
    table = against_promise(
        counts({"manager": WANG, "consultations": 8, "deals": 0}),
        promises((WANG, "consultations", 4), (WANG, "deals", 1)),
    )
    assert table.select("kept", "shortfall").row(0) == (False, 0.5)


def test_the_furthest_from_his_promise_comes_first_then_who_promised_nothing_and_who_kept_it_last():
    everyone = [{"manager": one, "consultations": done} for one, done in ((1, 9), (2, 5), (3, 1), (4, 6), (5, 0))]
    said = [(manager, "consultations", 5) for manager in (2, 3, 4)]
    table = against_promise(counts(*everyone), promises(*said, (5, "consultations", 2)))
    assert table["manager"].to_list() == [5, 3, 1, 2, 4]
    assert table["kept"].to_list() == [False, False, None, True, True]
    assert table["shortfall"].to_list() == [1.0, 0.8, None, 0.0, 0.0]
    assert table["promise_status"].to_list() == ["not_kept", "not_kept", "not_promised", "kept", "kept"]


def test_a_measure_he_did_not_promise_is_not_held_against_him():
    table = against_promise(counts({"manager": LI, "applications": 2}), promises((LI, "applications", 2)))
    row = table.row(0, named=True)
    assert row["kept"] and row["shortfall"] == 0.0
    assert row["consultations_promise"] is None and row["applications_promise"] == 2


def test_a_promise_of_nothing_is_none():
    row = against_promise(counts({"manager": LI}), promises((LI, "deals", 0))).row(0, named=True)
    assert (row["promised"], row["kept"], row["shortfall"]) == (False, None, None)
    assert (row["promise_status"], row["deals_promise"]) == ("not_promised", None)


@pytest.mark.parametrize("done", [0, 4])
def test_until_the_day_is_over_a_promise_is_in_progress(done):
    day = counts({"manager": LI, "consultations": done}, {"manager": WANG})
    table = against_promise(day, promises((LI, "consultations", 4)), over=False)
    assert table.select("manager", "promise_status").rows() == [(LI, "running"), (WANG, "not_promised")]
    team = together(table)
    assert (team["running"], team["kept"], team["not_kept"], team["consultations"]) == (1, 0, 0, done)


def test_a_promise_of_nothing_does_not_dilute_what_was_missed():
    row = against_promise(counts({"manager": LI}), promises((LI, "deals", 0), (LI, "consultations", 4)))
    assert row["shortfall"].item() == 1.0


def test_more_than_promised_does_not_make_up_for_another_measure():
    done = counts({"manager": LI, "consultations": 40, "applications": 1})
    row = against_promise(done, promises((LI, "consultations", 4), (LI, "applications", 2)))
    assert row.select("kept", "shortfall").row(0) == (False, 0.25)


def test_a_promised_amount_is_no_promised_count():
    table = against_promise(counts({"manager": LI}), promises((LI, "deal_amount", 5_000_000)))
    assert table.select("promised", "kept").row(0) == (False, None)


def test_without_any_promise_everyone_is_listed_by_id():
    table = against_promise(counts({"manager": ZHAO}, {"manager": WANG}), promises())
    assert table["manager"].to_list() == [WANG, ZHAO] and not table["promised"].any()


@pytest.mark.parametrize("manager", [WANG, ZHAO])
def test_a_promise_of_somebody_else_does_not_leak(manager):
    table = against_promise(counts({"manager": manager}), promises((LI, "deals", 1)))
    assert table.select("manager", "promised").rows() == [(manager, False)]


def test_the_teams_evening_adds_up_only_those_who_promised():
    done = counts({"manager": 1, "deals": 3}, {"manager": 2, "deals": 1}, {"manager": 3, "deals": 5})
    team = together(against_promise(done, promises((1, "deals", 2), (2, "deals", 2))))
    assert (team["kept"], team["not_kept"], team["not_promised"]) == (1, 1, 1)
    assert (team["deals"], team["deals_promise"]) == (4, 4)
    assert team["consultations_promise"] == 0


TUESDAY = MONDAY + timedelta(1)


def days(*rows: tuple) -> pl.DataFrame:
    return pl.concat(
        counts({"manager": one, "consultations": done}).with_columns(day=pl.lit(day)) for one, day, done in rows
    )


def said(*rows: tuple) -> pl.DataFrame:
    return pl.concat(
        promises((one, "consultations", target)).with_columns(day=pl.lit(day)) for one, day, target in rows
    )


def test_a_streak_ends_at_the_last_promise_that_was_not_kept():
    done = days((WANG, MONDAY, 3), (WANG, TUESDAY, 4), (LI, MONDAY, 9), (LI, TUESDAY, 0))
    promised = said((WANG, MONDAY, 3), (WANG, TUESDAY, 2), (LI, MONDAY, 3), (LI, TUESDAY, 2))
    assert streaks(done, promised).rows() == [(WANG, 2)]


def test_what_is_logged_after_closing_is_kept_apart_and_changes_no_promise():
    done, promised = days((WANG, MONDAY, 5), (LI, MONDAY, 4)), said((WANG, MONDAY, 4), (LI, MONDAY, 4))
    closed = {"manager": WANG, "branch": EAST, "day": MONDAY, "measure": "consultations", "promised": 5, "done": 3}
    results = pl.DataFrame([closed], schema_overrides={"manager": pl.Int32, "branch": pl.Int32})
    table, then = as_closed(done, promised, results)
    assert table.select("manager", "consultations", "late").rows() == [(WANG, 3, 2), (LI, 4, 0)]
    assert sorted(then.select("manager", "target").rows()) == [(WANG, 5), (LI, 4)]
    assert against_promise(table, then).select("manager", "promise_status").rows() == [
        (WANG, "not_kept"),
        (LI, "kept"),
    ]


def test_where_no_day_was_closed_everything_stays():
    done, promised = days((WANG, MONDAY, 5)), said((WANG, MONDAY, 4))
    none = pl.DataFrame(
        schema={
            "manager": pl.Int32,
            "branch": pl.Int32,
            "day": pl.Date,
            "measure": pl.String,
            "promised": pl.Int64,
            "done": pl.Int64,
        }
    )
    table, then = as_closed(done, promised, none)
    assert table.drop("late").equals(done) and then.equals(promised) and table["late"].to_list() == [0]
