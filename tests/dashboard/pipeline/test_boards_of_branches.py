"""Who sees several branches sees the pipeline of each beside the others'."""

from dataclasses import replace
from datetime import timedelta

import pytest
from polars.testing import assert_frame_equal

from dashboard.pipeline import gather
from dashboard.shell.store import open_store, operator
from dashboard.standing import bank_rules
from dashboard.standing.part import Part
from db.access import Viewer
from db.log.entry import Entry
from db.people import people
from db.recording import recording
from metrics.periods import Period
from tests.conftest import FRIDAY

ROLES = [("regional", 1), ("auditor", None)]


@pytest.fixture
def bank(region_url, configured):
    configured.database_url = region_url
    yield (store := open_store(region_url))
    store.close()


def visit(store, branch: int, name: str) -> None:
    viewer = operator(store)
    manager = people.managers(viewer, Period(FRIDAY, FRIDAY), branch)["manager"][0]
    entry = Entry("consultation", FRIDAY, customer_name=name, product=1, met_decider=True, need_recorded=True)
    recording.record(viewer, manager, entry, name, FRIDAY)


def assert_whole(viewer: Viewer, day=FRIDAY) -> None:
    """The boards of the branches together are the board of everything."""
    found = gather.board(viewer, day)
    whole = gather.compute(viewer, day, bank_rules.definitions(viewer, day))
    assert whole.table.height > 100
    assert_frame_equal(found.table, whole.table, check_row_order=False)
    assert_frame_equal(found.breaches, whole.breaches, check_row_order=False)
    assert (found.lists(day), found.days, found.rules) == (whole.lists(day), whole.days, whole.rules)


@pytest.mark.parametrize(("role", "region"), ROLES)
def test_the_boards_of_the_branches_are_the_board_of_all(bank, role, region):
    viewer = Viewer(bank, role, role, region)
    assert_whole(viewer)
    visit(bank, 1, "新店")
    assert_whole(viewer)
    assert_whole(viewer, FRIDAY - timedelta(7))


def test_a_branch_asked_for_by_itself_is_its_part_of_the_region(bank):
    viewer = Viewer(bank, "regional", "regional", 1)
    alone, whole = gather.board(viewer, FRIDAY, Part(branch=2)), gather.board(viewer, FRIDAY)
    assert_frame_equal(alone.table, whole.of(Part(branch=2)).table, check_row_order=False)
    assert alone.lists(FRIDAY) == whole.of(Part(branch=2)).lists(FRIDAY)


@pytest.mark.parametrize(("role", "region"), ROLES)
def test_a_write_in_one_branch_leaves_the_boards_of_the_others_as_they_are(bank, role, region):
    viewer = Viewer(bank, role, role, region)
    before = gather.each(viewer, FRIDAY, [1, 2])
    visit(bank, 1, "新店")
    after = gather.each(replace(viewer), FRIDAY, [1, 2])
    assert after[1] is before[1] and after[0].table.height == before[0].table.height + 1
