"""Leave by hand: on working days only, within one's scope, a half day as half of one's own time, old → new in the
trail."""

from datetime import date

import pytest
from sqlalchemy import update

from dashboard.shell.store import operator
from db.access import Viewer
from db.calendar import calendar
from db.errors import NotAllowed, Refused
from db.models import Absence, Audit, Posting
from db.people import leave, people
from metrics.periods import Period
from metrics.plans.attainment import days_gone
from tests.support.builders import EAST, LI, SOUTH, SUN, WANG, ZHAO, bank, far_region, head, manager, regional
from tests.support.sheets import counts, file, held_values, numbers, problems, trail

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
MONDAY, TUESDAY = date(2026, 11, 16), date(2026, 11, 17)


def held(store) -> set[tuple]:
    return held_values(store, Absence.manager_id, Absence.day, Absence.part)


def administrator(store) -> Viewer:
    return Viewer(store, "admin", "administrator")


def entries(store) -> list[tuple]:
    rows = trail(store, Audit.action, Audit.entity, Audit.entity_id, Audit.before, Audit.after)
    return [rest for action, entity, *rest in rows if entity == "absence" and action in ("set", "void")]


def test_leave_is_on_working_days_and_the_number_is_told(store):
    bank(store)
    assert leave.record(head(store), WANG, date(2026, 9, 30), date(2026, 10, 10)) == 4
    assert held(store) == {(WANG, date(2026, *day), "full") for day in ((9, 30), (10, 8), (10, 9), (10, 10))}
    assert entries(store) == [[WANG, None, {f"2026-{day}": "full" for day in ("09-30", "10-08", "10-09", "10-10")}]]


@pytest.mark.both_engines
def test_the_same_again_changes_nothing_and_another_part_is_set_with_the_old_one_in_the_trail(store):
    bank(store)
    by = administrator(store)
    assert leave.record(by, WANG, MONDAY, TUESDAY) == 2
    before = counts(store)["audit"]
    assert leave.record(by, WANG, MONDAY, TUESDAY) == 0 and counts(store)["audit"] == before
    assert leave.record(by, WANG, TUESDAY, TUESDAY, "morning") == 1
    assert held(store) == {(WANG, MONDAY, "full"), (WANG, TUESDAY, "morning")}
    assert entries(store)[-1] == [WANG, {"2026-11-17": "full"}, {"2026-11-17": "morning"}]


def test_a_day_is_taken_back(store):
    bank(store)
    leave.record(head(store), WANG, MONDAY, TUESDAY, "afternoon")
    leave.withdraw(head(store), WANG, MONDAY)
    assert held(store) == {(WANG, TUESDAY, "afternoon")}
    assert entries(store)[-1] == [WANG, {"2026-11-16": "afternoon"}, None]
    with pytest.raises(Refused, match="No leave is recorded for 2026-11-16"):
        leave.withdraw(head(store), WANG, MONDAY)


def test_a_half_day_is_half_of_ones_own_time_and_nothing_of_the_branchs(store):
    bank(store)
    viewer = head(store)
    leave.record(viewer, WANG, date(2026, 11, 9), date(2026, 11, 9), "morning")
    days, there = calendar.read(viewer, NOVEMBER), people.posting_days(viewer, NOVEMBER)
    own = days_gone(there, days, NOVEMBER, MONDAY, ["manager"])
    assert {who: (gone, of) for who, of, gone in own.select("manager", "days", "days_gone").iter_rows()} == {
        WANG: (10.5, 20.5),
        LI: (11, 21),
    }
    assert days_gone(there, days, NOVEMBER, MONDAY).row(0) == (21, 11)


@pytest.mark.parametrize(
    ("first", "last", "part", "said"),
    [
        (TUESDAY, MONDAY, "full", "ends on 2026-11-16, before it begins on 2026-11-17"),
        (MONDAY, date(2027, 11, 17), "full", "more than a year"),
        (date(2026, 10, 1), date(2026, 10, 7), "full", "No working day lies between 2026-10-01 and 2026-10-07"),
        (MONDAY, MONDAY, "night", "“night” is not a part of a day"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_stores_nothing(store, first, last, part, said):
    bank(store)
    before = counts(store)
    with pytest.raises(Refused, match=said):
        leave.record(head(store), WANG, first, last, part)
    assert counts(store) == before


def test_a_branch_head_records_for_the_days_a_manager_is_posted_to_him(store):
    bank(store)
    with store.writing("test") as write:
        write.session.execute(update(Posting).where(Posting.manager_id == WANG).values(to_day=MONDAY))
        write.session.add(Posting(manager_id=WANG, branch_id=SOUTH, from_day=TUESDAY))
    for by, day in ((head(store), TUESDAY), (head(store, SOUTH), MONDAY)):
        with pytest.raises(NotAllowed, match="not posted"):
            leave.record(by, WANG, day, day)
    with pytest.raises(NotAllowed, match="not posted"):
        leave.record(head(store), WANG, MONDAY, TUESDAY)
    assert held(store) == set()
    assert leave.record(administrator(store), WANG, MONDAY, TUESDAY) == 2
    with pytest.raises(NotAllowed):
        leave.withdraw(head(store), WANG, TUESDAY)
    assert [leave.read(head(store, one), NOVEMBER)["day"].to_list() for one in (EAST, SOUTH)] == [[MONDAY], [TUESDAY]]
    assert leave.read(manager(store, WANG, SOUTH), NOVEMBER)["branch"].to_list() == [EAST, SOUTH]


def test_nobody_is_on_leave_where_he_is_posted_nowhere(store):
    bank(store)
    for one in (ZHAO, SUN, 99):
        with pytest.raises(NotAllowed, match="not posted"):
            leave.record(head(store), one, MONDAY, MONDAY)
    with pytest.raises(Refused, match="not posted"):
        leave.record(administrator(store), 99, MONDAY, MONDAY)


@pytest.mark.parametrize("role", ["manager", "regional", "auditor", "screen"])
def test_who_may_not_record_it_may_not_withdraw_it_either(store, role):
    bank(store)
    viewer = Viewer(store, role, role, 1, EAST, WANG if role == "manager" else None)
    for act in (lambda: leave.record(viewer, WANG, MONDAY, MONDAY), lambda: leave.withdraw(viewer, WANG, MONDAY)):
        with pytest.raises(NotAllowed):
            act()
    assert trail(store)[-1] == (role, "refuse", "record_absences")


def test_everyone_reads_what_is_his(store):
    far_region(bank(store))
    for one in (WANG, LI, ZHAO, SUN):
        leave.record(operator(store), one, MONDAY, MONDAY, "morning")

    def seen(viewer: Viewer) -> list[str]:
        return leave.read(viewer, NOVEMBER)["manager_name"].to_list()

    assert seen(head(store)) == ["王芳", "李强"]
    assert seen(head(store, SOUTH)) == ["赵敏"]
    assert seen(manager(store)) == ["王芳"]
    assert seen(administrator(store)) == ["王芳", "李强", "赵敏", "孙梅"]
    assert seen(regional(store)) == seen(Viewer(store, "auditor", "auditor")) == []
    assert leave.read(head(store), NOVEMBER)["part"].to_list() == ["morning", "morning"]


def test_the_file_has_a_part_of_the_day_and_another_one_sets_it(store, viewer):
    bank(store)
    rows = "工号,日期,时段\n1001,2026-11-16,上午\n1001,2026-11-17,\n1002,2026-11-16,afternoon"
    assert numbers(file(viewer, "absences", rows)) == (3, 3, 0, 0)
    stored = {(WANG, MONDAY, "morning"), (WANG, TUESDAY, "full"), (LI, MONDAY, "afternoon")}
    assert held(store) == stored
    assert numbers(file(viewer, "absences", rows)) == (3, 0, 3, 0)
    assert numbers(file(viewer, "absences", "staff_no,day,part\n1001,2026-11-16,全天")) == (1, 1, 0, 0)
    assert held(store) == stored - {(WANG, MONDAY, "morning")} | {(WANG, MONDAY, "full")}
    (_identity, before, after) = entries(store)[-1]
    assert (before["part"], after["part"], after["day"]) == ("morning", "full", "2026-11-16")


def test_a_part_that_is_none_or_two_of_one_day_are_named(store, viewer):
    bank(store)
    rows = "工号,日期,时段\n1001,2026-11-16,夜里\n1001,2026-11-17,上午\n1001,2026-11-17,下午"
    assert problems(file(viewer, "absences", rows)) == [
        (2, "时段", "夜里", "Not in the list"),
        (4, "时段", "下午", "The same entry is in the file twice with different values"),
    ]
