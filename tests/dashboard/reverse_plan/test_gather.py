"""Reverse planning on the small region: the same need whoever asks, for the month at hand and for one to come."""

import shutil
from datetime import date, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dashboard.reverse_plan import gather
from dashboard.shell.store import operator
from dashboard.standing.book import open_book
from dashboard.standing.part import Part
from db.access import Viewer
from db.engine import Store
from db.log.entry import Entry
from db.people import people
from db.recording import recording
from metrics.definitions import interpret
from metrics.periods import Period, month
from metrics.reverse_plan.reverse_plan import NEED

ON = date(2026, 11, 20)
DECEMBER = Period(date(2026, 12, 1), date(2026, 12, 31))


@pytest.fixture(scope="module")
def region(region_template) -> Store:
    store = Store(f"sqlite:///{region_template}", mark=interpret)
    yield store
    store.close()


def head(store: Store, branch: int = 1) -> Viewer:
    return Viewer(store, "head", "branch_head", 1, branch)


@pytest.fixture
def friday(configured):
    return configured


def needs(viewer: Viewer, manager: int | None = None, branch: int = 1) -> pl.DataFrame:
    part = Part(branch=branch) if manager is None else Part(manager=manager)
    book = open_book(viewer, ON, part)
    return gather.of_month(book, book.month())


def test_a_managers_need_does_not_change_with_who_asks(region, friday):
    by_head = needs(head(region))
    by_region = needs(Viewer(region, "region", "regional", 1))
    assert_frame_equal(by_head, by_region)
    team = people.managers(head(region), month(ON), 1)["manager"].to_list()
    moved = people.managers(Viewer(region, "r", "regional", 1), month(ON)).filter(pl.col("manager").is_duplicated())
    for one in [number for number in team if number not in moved["manager"]][:3]:
        own = needs(Viewer(region, "their own", "manager", 1, 1, one), one)
        assert_frame_equal(own, by_head.filter(pl.col("manager") == one))


def test_consultations_need_is_what_is_missing_over_the_days_left(region, friday):
    rows = needs(head(region)).filter(pl.col("measure") == "consultations", pl.col("remaining") > 0)
    assert rows.height and (rows["needed"] - rows["remaining"] / rows["days_left"]).abs().max() < 1e-9


def test_a_month_to_come_is_begun_with_all_its_days(region, friday):
    done, through = gather.done_so_far(open_book(head(region), ON, Part(branch=1)), DECEMBER)
    assert done.is_empty() and through == date(2026, 11, 19)
    plans = pl.DataFrame({"manager": [1], "branch": [1], "measure": ["deals"], "plan": [9.0], "actual": [0.0]})
    row = gather.needs(head(region), plans, DECEMBER, through, 1).row(0, named=True)
    assert row["days_left"] == 23.0 and row["remaining"] == 9.0 and row["needed"] > 0


def test_nobody_needs_nothing(region, friday):
    nobody = pl.DataFrame(schema={"manager": pl.Int32, "branch": pl.Int32, "measure": pl.String, "plan": pl.Float64})
    assert gather.needs(head(region), nobody, DECEMBER, ON, 1).schema == NEED


def test_what_is_still_in_time_is_told_by_family(region, friday):
    book = open_book(head(region), ON, Part(branch=1))
    found = gather.still_in_time(book, book.month())
    deals = found.filter(pl.col("measure") == "deals")
    assert set(deals["family"].cast(pl.String)) == {"loan", "cross_sell"}
    chances = dict(deals.select(pl.col("family").cast(pl.String), "chance").iter_rows())
    assert 0 <= chances["loan"] < chances["cross_sell"] < 1


def test_an_entry_of_the_day_lets_nobody_read_again_what_was_learned_before_it(
    region_template, tmp_path, friday, monkeypatch
):
    store = Store(f"sqlite:///{shutil.copy(region_template, tmp_path)}", mark=interpret)
    read, frames = [], gather.learning_frames
    monkeypatch.setattr(gather, "learning_frames", lambda *asked: read.append(asked) or frames(*asked))
    who = people.managers(head(store), month(ON), 1)["manager"][0]

    def record(day: date) -> None:
        recording.record(operator(store), who, Entry("consultation", day, note="路过"), str(day), ON)

    before, asked = needs(head(store)), len(read)
    record(ON)
    assert_frame_equal(needs(head(store)), before)
    assert len(read) == asked > 0
    record(ON - timedelta(1))
    needs(head(store))
    assert len(read) > asked
    store.close()


def test_what_was_made_of_the_same_rows_outlives_whatever_is_written(region, tmp_path):
    shutil.copy(region.url.removeprefix("sqlite:///"), tmp_path / "own.db")
    own, made = Store(f"sqlite:///{tmp_path / 'own.db'}", mark=interpret), []

    def ask(*rows: int) -> list[int]:
        def make() -> pl.DataFrame:
            made.append(rows)
            return pl.DataFrame({"row": rows})

        return gather.cached_by_rows(operator(own), ("needs", rows), make)["row"].to_list()

    assert ask(1, 2) == [1, 2]
    manager = people.managers(operator(own), month(ON))["manager"][0]
    recording.record(operator(own), manager, Entry("consultation", ON), "one", ON)
    assert ask(1, 2) == [1, 2] and ask(1, 3) == [1, 3]
    assert made == [(1, 2), (1, 3)]
    own.close()
