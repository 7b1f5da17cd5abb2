"""What a morning page says of one day agrees with itself: needs, proposals, the table to promise in, and words."""

from datetime import date
from math import ceil

import polars as pl
import pytest

from dashboard.meetings import promises
from dashboard.reverse_plan import gather, views
from dashboard.standing import boards
from dashboard.standing.book import open_book
from dashboard.standing.part import Part
from dashboard.workdays import working_days
from db.access import Viewer
from db.engine import Store
from db.people import people
from metrics import periods
from metrics.catalog import MEASURES
from metrics.definitions import interpret
from metrics.reverse_plan.closing import still_possible
from metrics.reverse_plan.proposals import NAMES
from tests.support.sweep import scaled

FRIDAY = date(2026, 11, 20)
MONTH = [date(2026, 11, day) for day in range(1, 31)]


@pytest.fixture(scope="module")
def head(region_template) -> Viewer:
    store = Store(f"sqlite:///{region_template}", mark=interpret)
    yield Viewer(store, "head", "branch_head", 1, 1)
    store.close()


@pytest.mark.parametrize("on", MONTH[:: scaled(sweep=1, test=4)])
def test_needs_proposals_and_promises_of_a_day_agree(head, configured, on):
    book = open_book(head, on, Part(branch=1))
    month = book.month()
    needs, proposed = gather.of_month(book, month), gather.proposed(book, month)
    table = {row["manager"]: row for row in promises.start(head, periods.day(on), 1, proposed).to_dicts()}
    here = set(people.managers(head, periods.day(on), 1)["manager"])
    away = set(people.posting_days(head, periods.day(on)).filter(pl.col("away") >= 1)["manager"])
    stands = {(row["manager"], row["measure"]): row for row in month.standing.to_dicts()}
    for row in proposed.to_dicts():
        own = needs.filter(pl.col("manager") == row["manager"]).to_dicts()
        asked = [one["needed"] or 0 for one in own if one["feasibility"] != "out_of_reach"]
        if row["manager"] in away or not working_days.is_workday(head, on):
            assert [row[name] for name in NAMES] == [None] * 3
        else:
            assert (row["consultations"] or 0) >= max(asked, default=0) - 1e-6, "every need that is doable"
            by = [one for one in own if one["measure"] == row["asked_by"]]
            if by and by[0]["feasibility"] != "out_of_reach":
                assert row["consultations"] == ceil(by[0]["needed"] - 1e-9), "and no more than one of them"
        if row["manager"] in here:
            assert [table[row["manager"]][f"{name}_needed"] for name in NAMES] == [row[name] for name in NAMES]
    for one in needs.filter(pl.col("remaining").is_not_null()).to_dicts():
        plan = stands[one["manager"], one["measure"]]
        assert one["remaining"] == pytest.approx(plan["plan"] - plan["actual"])
        if one["measure"] == "consultations" and one["days_left"] and one["remaining"] > 0:
            assert one["needed"] == pytest.approx(plan["needed_per_day"]), "the need is the plan's own"
        if one["limit"] is not None and one["needed"] is not None and one["needed"] > one["limit"]:
            assert one["feasibility"] == "out_of_reach"
            assert "<b>" not in views.needed(one), "said in words, not as a number"
        shown = boards.needed(plan | {"own_limit": one["own_limit"]}, MEASURES[one["measure"]].unit)
        beyond = one["own_limit"] is not None and (plan["needed_per_day"] or 0) > one["own_limit"]
        assert (shown == "难以完成") == beyond


def test_as_many_are_listed_as_the_words_say(head, configured):
    """The last days of the month: too late for new visits."""
    book = open_book(head, date(2026, 11, 20), Part(branch=1))
    month = book.month()
    for measure in ("applications", "deals"):
        needs = gather.of_month(book, month).filter(pl.col("measure") == measure)
        for row in needs.filter(pl.col("open_cases") > 0).to_dicts():
            log, days = gather.learning_frames(head, month.period, month.through, 1)
            mine = pl.DataFrame({"manager": [row["manager"]], "branch": [1]}, {"manager": pl.Int32, "branch": pl.Int32})
            found = still_possible(log, days, mine, month.period, month.through, month.rules, measure)
            assert found.height == row["open_cases"]
            assert found["chance"].is_sorted(descending=True) and found["chance"].sum() == pytest.approx(
                row["pipeline"], abs=0.35
            )
            listed = gather.still_possible(book, month, measure, [row["manager"]])
            assert set(listed["opportunity"]) <= set(found["opportunity"]) and listed.height <= gather.LISTED


def test_what_can_still_close_is_shown_where_new_visits_come_too_late(head, configured):
    late = {"measure": "deals", "feasibility": "out_of_reach", "open_cases": 3, "needed": 453.0}
    assert "请推进在途 3 笔" in views.too_late(late)
    assert "453" not in str(views.needed(late))
    assert "在途" in views.too_late(late | {"open_cases": 0})
    assert "重新商定计划" in views.too_late(late | {"measure": "consultations"})
