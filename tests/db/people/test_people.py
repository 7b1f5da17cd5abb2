"""Who works where, on which days, and who may see it."""

from datetime import date, timedelta

import polars as pl
import pytest
from sqlalchemy import insert

from dashboard.shell.store import operator
from db.access import Viewer
from db.errors import NotAllowed
from db.models import Absence, Branch, Manager, Posting, Region
from db.people import people
from metrics.periods import Period
from tests.support.builders import EAST, LI, REGION, SOUTH, WANG, ZHAO, bank, head, manager, regional
from tests.support.sheets import TODAY, file

pytestmark = pytest.mark.both_engines

SUN, ZHOU = 4, 5  # whoever has no first day comes first
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
HEADER = "region,branch,staff_no,manager,joined_on,left_on,from,to"


@pytest.fixture
def moved(sqlite_store):
    """王芳 moves to 南山支行 on the 16th, 李强 leaves on the 10th, 周正 joins 东湖支行 on the 25th; 山城分行 has one more."""
    rows = ["江城分行,南山支行,1001,王芳,,,2026-11-16,", "江城分行,东湖支行,1002,李强,,2026-11-10,,"]
    rows += ["江城分行,东湖支行,1009,周正,2026-11-25,,,", "山城分行,北门支行,1010,孙梅,,,,"]
    file(operator(bank(sqlite_store)), "people", "\n".join((HEADER, *rows)))
    return sqlite_store


def posted(viewer, span=NOVEMBER, **options) -> list[tuple[str, str]]:
    return list(people.managers(viewer, span, **options).select("staff_no", "branch_name").iter_rows())


def days(viewer, span=NOVEMBER) -> dict[tuple[int, int], int]:
    counted = people.posting_days(viewer, span).group_by("manager", "branch").len()
    return {(one, branch): number for one, branch, number in counted.iter_rows()}


def test_a_month_names_everyone_who_was_posted_on_one_of_its_days(moved):
    everyone = [
        ("1001", "东湖支行"),
        ("1001", "南山支行"),
        ("1002", "东湖支行"),
        ("1003", "南山支行"),
        ("1009", "东湖支行"),
    ]
    assert posted(operator(moved)) == [*everyone, ("1010", "北门支行")]
    assert posted(regional(moved)) == everyone
    assert posted(head(moved)) == [one for one in everyone if one[1] == "东湖支行"]
    assert posted(manager(moved)) == [one for one in everyone if one[1] == "东湖支行" or one[0] == "1001"]
    assert posted(regional(moved), branch=SOUTH) == posted(head(moved, SOUTH)) == [everyone[1], everyone[3]]
    assert posted(head(moved), branch=SOUTH) == posted(head(moved), branch=99) == []


def test_who_left_before_or_joins_after_is_not_in_a_span(moved):
    assert posted(head(moved), Period(date(2026, 11, 11), date(2026, 11, 15))) == [("1001", "东湖支行")]
    assert posted(head(moved), Period(date(2026, 12, 1), date(2026, 12, 1))) == [("1009", "东湖支行")]


def test_posted_days_add_up_over_a_transfer(moved):
    found = days(operator(moved))
    assert (found[WANG, EAST], found[WANG, SOUTH]) == (15, 15)
    assert (found[LI, EAST], found[ZHAO, SOUTH]) == (10, 30)
    assert sorted(found.values()) == [6, 10, 15, 15, 30, 30]


def test_a_branch_head_sees_the_whole_month_of_who_worked_there(moved):
    """The plan of a month is divided over all branches a manager had in it."""
    assert {one for one, _ in days(head(moved))} == {WANG, LI, ZHOU}
    assert days(head(moved, SOUTH)) == {(WANG, EAST): 15, (WANG, SOUTH): 15, (ZHAO, SOUTH): 30}


def test_leave_is_marked_and_stays_within_the_scope(moved):
    with moved.writing("test") as write:
        leave = [(WANG, TODAY), (LI, date(2026, 11, 2)), (SUN, TODAY), (LI, TODAY)]
        write.session.execute(insert(Absence), [{"manager_id": one, "day": day} for one, day in leave])
    absent = people.posting_days(operator(moved), NOVEMBER).filter(pl.col("away") > 0).select("manager", "day")
    assert set(absent.iter_rows()) == {(WANG, TODAY), (LI, date(2026, 11, 2)), (SUN, TODAY)}
    assert set(people.absences(head(moved, SOUTH), NOVEMBER)["manager"]) == {WANG}
    assert set(people.absences(regional(moved), NOVEMBER)["manager"]) == {WANG, LI}


def test_what_is_read_under_one_right_is_kept_once_for_all_who_have_it_in_the_branch(moved):
    by_head = people.posting_days(head(moved), NOVEMBER)
    assert people.posting_days(manager(moved, LI), NOVEMBER) is by_head
    for other in (head(moved, SOUTH), manager(moved, WANG, SOUTH), regional(moved)):
        assert not people.posting_days(other, NOVEMBER).equals(by_head)
    with pytest.raises(NotAllowed):
        people.posting_days(Viewer(moved, "nobody", "nobody", REGION, EAST), NOVEMBER)


def test_branches_are_those_of_the_scope(moved):
    for viewer, expected in [
        (operator(moved), ["东湖支行", "南山支行", "北门支行"]),
        (regional(moved), ["东湖支行", "南山支行"]),
        (head(moved, SOUTH), ["南山支行"]),
        (manager(moved), ["东湖支行"]),
    ]:
        assert people.branches(viewer)["branch_name"].to_list() == expected


@pytest.mark.parametrize("role, place", [("guest", REGION), ("regional", None)])
def test_without_a_right_nothing_is_read(sqlite_store, role, place):
    nobody = Viewer(bank(sqlite_store), "x", role, place)
    for read in (people.branches, people.postings, lambda one: people.managers(one, NOVEMBER)):
        with pytest.raises(NotAllowed):
            read(nobody)
    for read in (people.posting_days, people.absences):
        with pytest.raises(NotAllowed):
            read(nobody, NOVEMBER)


def test_a_bank_without_people_has_empty_frames_of_the_same_types(store, viewer):
    assert people.managers(viewer, NOVEMBER).is_empty() and people.branches(viewer).is_empty()
    assert people.posting_days(viewer, NOVEMBER).schema == pl.Schema(people.POSTING_DAY)
    assert people.absences(viewer, NOVEMBER).is_empty()


def test_the_branch_of_a_day_is_the_one_he_was_posted_to(moved):
    for day, expected in [(15, EAST), (16, SOUTH)]:
        assert people.branch_on(moved, WANG, date(2026, 11, day)) == (REGION, expected)
    assert people.branch_on(moved, LI, date(2026, 11, 10)) == (REGION, EAST)
    assert people.branch_on(moved, LI, date(2026, 11, 11)) is None
    assert people.branch_on(moved, ZHOU, date(2026, 11, 24)) is None
    assert people.branch_on(moved, 99, TODAY) is None


def test_who_has_left_is_nowhere_though_his_posting_is_open(store, viewer):
    with store.writing("test") as write:
        write.session.add_all([Region(id=1, name="甲"), Manager(id=1, staff_no="1", name="乙", left_on=TODAY)])
        write.session.flush()
        write.session.add(Branch(id=1, region_id=1, name="丙"))
        write.session.flush()
        write.session.add(Posting(manager_id=1, branch_id=1))
    assert people.branch_on(store, 1, TODAY) == (1, 1)
    assert people.branch_on(store, 1, TODAY + timedelta(1)) is None
    assert days(viewer) == {(1, 1): 20}
