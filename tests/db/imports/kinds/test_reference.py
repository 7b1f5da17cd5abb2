"""People, plans, territories, the calendar and leave from files: each row says how one thing shall be."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from dashboard.shell.store import operator
from db.errors import Refused
from db.models import Absence, Audit, CalendarDay, Manager, Plan, Posting, Territory, TerritoryRegister
from tests.support.builders import EAST, LI, SOUTH, WANG, bank
from tests.support.sheets import counts, file, fresh, held_values, numbers, problems
from tests.support.sweep import scaled

PEOPLE = "region,branch,staff_no,manager,joined_on,left_on,from,to"
NOVEMBER = date(2026, 11, 1)


def stays(store, staff_no="1001") -> list[tuple]:
    chosen = select(Posting.branch_id, Posting.from_day, Posting.to_day).join(Manager)
    with store.reading() as connection:
        found = connection.execute(chosen.where(Manager.staff_no == staff_no).order_by(Posting.from_day.nulls_first()))
        return [(branch, first and str(first), last and str(last)) for branch, first, last in found]


def trail(store, entity: str) -> list[tuple]:
    with store.reading() as connection:
        chosen = select(Audit.before, Audit.after).where(Audit.entity == entity).order_by(Audit.id)
        return [tuple(one) for one in connection.execute(chosen)]


def people(viewer, *rows: str, **options):
    return file(viewer, "people", "\n".join((PEOPLE, *rows)), **options)


@pytest.mark.both_engines
def test_a_transfer_closes_the_earlier_posting_and_again_changes_nothing(store, viewer):
    bank(store)
    moved = "江城分行,南山支行,1001,王芳,,,2026-11-02,"
    assert numbers(people(viewer, moved)) == (1, 1, 0, 0)
    assert stays(store) == [(EAST, None, "2026-11-01"), (SOUTH, "2026-11-02", None)]
    held = counts(store)
    assert numbers(people(viewer, moved)) == (1, 0, 1, 0) and counts(store) == held


def test_a_file_that_tells_the_whole_history_can_come_again(sqlite_store):
    viewer = operator(sqlite_store)
    history = [
        "江城分行,南山支行,1001,王芳,,,2026-07-01,",
        "江城分行,东湖支行,1001,王芳,2024-03-01,,,",
        "江城分行,东湖支行,1001,王芳,,2026-12-31,2026-11-02,",
        "江城分行,东湖支行,1002,李强,,,,",
    ]
    assert numbers(people(viewer, *history)) == (4, 4, 0, 0)
    first = [(1, "2024-03-01", "2026-06-30"), (2, "2026-07-01", "2026-11-01"), (1, "2026-11-02", "2026-12-31")]
    branches = {one: place for place, one in enumerate(dict.fromkeys(one for one, *_ in stays(sqlite_store)), 1)}
    assert [(branches[branch], *days) for branch, *days in stays(sqlite_store)] == first
    held = counts(sqlite_store)
    assert numbers(people(viewer, *reversed(history))) == (4, 0, 4, 0)
    assert counts(sqlite_store) == held


def test_a_list_without_days_means_the_stay_there_is(sqlite_store):
    viewer = operator(bank(sqlite_store))
    people(viewer, "江城分行,南山支行,1001,王芳,2024-03-01,,2026-11-02,")
    held = counts(sqlite_store)
    again = people(viewer, "江城分行,南山支行,1001,王芳,,,,")
    assert numbers(again) == (1, 0, 1, 0) and counts(sqlite_store) == held


def test_another_branch_needs_a_day(sqlite_store):
    viewer = operator(bank(sqlite_store))
    report = people(viewer, "江城分行,南山支行,1001,王芳,2024-03-01,,,")
    assert problems(report) == [(2, "from", None, "Posted to another branch already")]
    twice = people(viewer, "江城分行,南山支行,9,周正,,,,", "江城分行,东湖支行,9,周正,,,,")
    assert problems(twice) == [(3, "from", None, "Two branches from one day on")]


def test_a_wrong_branch_from_the_same_day_is_corrected(sqlite_store):
    viewer = operator(bank(sqlite_store))
    people(viewer, "江城分行,南山支行,1001,王芳,,,2026-11-02,")
    people(viewer, "江城分行,东湖支行,1001,王芳,,,2026-11-02,")
    assert stays(sqlite_store) == [(EAST, None, "2026-11-01"), (EAST, "2026-11-02", None)]
    assert trail(sqlite_store, "posting")[-1][0]["branch_id"] == SOUTH


def test_leaving_ends_the_posting_and_the_name_is_corrected_with_a_trail(store, viewer):
    bank(store)
    people(viewer, "江城分行,东湖支行,1002,李刚,,2026-10-31,,")
    assert stays(store, "1002") == [(EAST, None, "2026-10-31")]
    assert held_values(store, Manager.staff_no, Manager.name) >= {("1002", "李刚")}
    (before, after), *_ = trail(store, "manager")
    assert (before["name"], after["name"], after["left_on"]) == ("李强", "李刚", "2026-10-31")


def test_days_the_wrong_way_round_and_two_names_are_refused(sqlite_store):
    viewer = operator(bank(sqlite_store))
    rows = ["江城分行,东湖支行,7,周正,2026-11-02,2026-11-01,,", "江城分行,东湖支行,8,孙,,,2026-11-02,2026-11-01"]
    rows += ["江城分行,东湖支行,9,周正,,,,", "江城分行,东湖支行,9,周政,,,,"]
    found = problems(people(viewer, *rows))
    assert [one[:3] for one in found] == [(2, "left_on", "2026-11-01"), (3, "to", "2026-11-01"), (5, "manager", "周政")]


DAYS = st.sampled_from(["", "2026-07-01", "2026-09-01", "2026-11-02"])
STAY = st.tuples(st.sampled_from(["东湖支行", "南山支行"]), st.sampled_from("12"), DAYS, DAYS, DAYS, DAYS)


@settings(max_examples=scaled(sweep=500, test=10), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(STAY, min_size=1, max_size=4), min_size=1, max_size=3))
def test_nobody_is_ever_posted_to_two_branches_on_one_day(sqlite_template, files):
    with fresh(sqlite_template) as store:
        viewer = operator(store)
        for rows in files:
            written = [f"江城分行,{branch},{number},王,{','.join(days)}" for branch, number, *days in rows]
            report = people(viewer, *written, accept_valid=True)
            assert report.accepted + report.duplicates + report.rejected == report.rows
        for number in "12":
            held = [(first or "", last or "9") for _, first, last in stays(store, number)]
            assert all(before[1] < after[0] for before, after in pairwise(held)), held


@pytest.mark.both_engines
def test_plans_of_every_level_are_set_and_changed_with_a_trail(store, viewer):
    bank(store)
    header = "月份,层级,名称,工号,指标,产品,目标"
    rows = [
        '2026-11,分行,江城分行,,成交金额,,"1,200,000.50"',
        "2026年11月,支行,东湖支行,,成交量,,40",
        "2026-11,客户经理,,1001,咨询量,,120",
        "2026-11,manager,李强,,applications,信用,30",
    ]
    assert numbers(file(viewer, "plans", "\n".join((header, *rows)))) == (4, 4, 0, 0)
    columns = (Plan.region_id, Plan.branch_id, Plan.manager_id, Plan.measure, Plan.target)
    assert held_values(store, *columns) == {
        (1, None, None, "deal_amount", 120_000_050),
        (None, EAST, None, "deals", 40),
        (None, None, WANG, "consultations", 120),
        (None, None, LI, "applications", 30),
    }
    held = counts(store)
    assert numbers(file(viewer, "plans", "\n".join((header, *rows)))) == (4, 0, 4, 0) and counts(store) == held
    more = file(viewer, "plans", f"{header}\n2026-11,支行,东湖支行,,成交量,,44")
    assert more.accepted == 1 and counts(store)["plan"] == 4
    (before, after) = trail(store, "plan")[-1]
    assert (before["target"], after["target"], after["branch_id"]) == (40, 44, EAST)


def test_every_problem_of_a_plan_is_named_at_its_cell_once(sqlite_store):
    viewer = operator(bank(sqlite_store))
    rows = [
        ("2026-11,支行,北门支行,,成交量,,1", "名称", "北门支行", "Unknown branch or region"),
        ("2026-11,分行,北方分行,,成交量,,2", "名称", "北方分行", "Unknown branch or region"),
        ("2026-11,客户经理,,77,成交量,,3", "工号", "77", "Unknown manager"),
        ("2026-11,客户经理,周正,,成交量,,4", "名称", "周正", "Unknown manager"),
        ("2026-11,支行,,,成交量,,5", "名称", None, "The cell is empty"),
        ("2026-11,支行,东湖支行,,成交量,,12.5", "目标", "12.5", "Not a whole number"),
        ("2026-11,支行,东湖支行,,成交金额,,0.125", "目标", "0.125", "More than two decimals"),
        ("2026-11,支行,东湖支行,,成交金额,,1e99", "目标", "1e99", "Too large"),
        ("2026-11,支行,东湖支行,,成交量,,-1", "目标", "-1", "Negative"),
        ("2026-11,支行,东湖支行,,利润,,1", "指标", "利润", "Not in the list"),
        ("下月,支行,东湖支行,,成交量,,1", "月份", "下月", "Not a month"),
        ("2026-11,总行,东湖支行,,成交量,,1", "层级", "总行", "Not in the list"),
        ("2026-11,支行,东湖支行,,成交量,火箭贷,1", "产品", "火箭贷", "Unknown product"),
        ("2026-12,支行,东湖支行,,成交量,,1", None, None, None),
        (
            "2026-12,支行,东湖支行,,成交量,,2",
            "目标",
            "2",
            "The same entry is in the file twice with different values",
        ),
    ]
    held = counts(sqlite_store)
    report = file(viewer, "plans", "\n".join(("月份,层级,名称,工号,指标,产品,目标", *(one for one, *_ in rows))))
    assert problems(report) == [(place, *cell) for place, (_, *cell) in enumerate(rows, 2) if cell[0]]
    assert counts(sqlite_store) == held


def test_tiers_are_compared_with_those_stored_once_all_rows_are_in(sqlite_store):
    viewer = operator(bank(sqlite_store))
    header = "月份,层级,名称,指标,档位,目标"
    stored = "2026-11,支行,东湖支行,成交量,"
    assert file(viewer, "plans", f"{header}\n{stored}目标,20\n{stored}冲刺,30").accepted == 2
    # Above today's higher tier, and the higher one follows in the file: taken. Above it for good: refused.
    assert file(viewer, "plans", f"{header}\n{stored}目标,40\n{stored}冲刺,50").accepted == 2
    with pytest.raises(Refused, match="at least as much"):
        file(viewer, "plans", f"{header}\n{stored}目标,60")
    assert held_values(sqlite_store, Plan.tier, Plan.target) == {("target", 40), ("stretch", 50)}


def test_one_holder_has_one_plan_a_month_measure_and_product(store):
    bank(store)
    one = {"month": NOVEMBER, "measure": "deals", "target": 1}
    for holder in ({"region_id": 1}, {"branch_id": 1}, {"manager_id": 1}, {"branch_id": 1, "product_id": 1}):
        with store.writing("test") as write:
            write.session.add(Plan(**one, **holder))
        with pytest.raises(IntegrityError), store.writing("test") as write:
            write.session.add(Plan(**one, **holder))
    for holder in ({}, {"branch_id": 2, "manager_id": 2}):
        with pytest.raises(IntegrityError), store.writing("test") as write:
            write.session.add(Plan(**one, **holder))
    assert counts(store)["plan"] == 4


@pytest.mark.both_engines
def test_a_register_is_dated_and_corrected(store, viewer):
    bank(store)
    header = "支行,辖区,辖区类型,登记日期,潜在客户数,来源"
    rows = ["东湖支行,东湖社区,社区,2026-01-01,1200,工商登记", '东湖支行,东湖社区,社区,2026-07-01,"1,300",工商登记']
    assert numbers(file(viewer, "territories", "\n".join((header, *rows)))) == (2, 2, 0, 0)
    assert numbers(file(viewer, "territories", "\n".join((header, *rows)))) == (2, 0, 2, 0)
    assert held_values(store, Territory.name, Territory.kind) == {("东湖社区", "社区")}
    assert file(viewer, "territories", f"{header}\n东湖支行,东湖社区,社区,2026-07-01,1350,普查").accepted == 1
    assert held_values(store, TerritoryRegister.potential_customers) == {(1200,), (1350,)}


def test_a_register_refuses_what_cannot_be(store, viewer):
    bank(store)
    rows = [
        "北门支行,甲,社区,2026-01-01,1,普查",
        "东湖支行,甲,社区,2026-01-01,1.5,普查",
        "东湖支行,甲,社区,2026-01-01,3e9,普查",
    ]
    report = file(viewer, "territories", "\n".join(("支行,辖区,类型,截至日期,潜在客户数,来源", *rows)))
    assert problems(report) == [
        (2, "支行", "北门支行", "Unknown branch"),
        (3, "潜在客户数", "1.5", "Not a whole number"),
        (4, "潜在客户数", "3e9", "Too large"),
    ]


@pytest.mark.both_engines
def test_the_calendar_is_corrected_day_by_day(store, viewer):
    rows = "日期,是否工作日,说明\n2026-11-21,是,调休\n2027-01-01,否,元旦"
    assert numbers(file(viewer, "calendar", rows)) == (2, 2, 0, 0)
    assert numbers(file(viewer, "calendar", rows)) == (2, 0, 2, 0)
    assert {(date(2026, 11, 21), True, "调休"), (date(2027, 1, 1), False, "元旦")} <= held_values(
        store, CalendarDay.day, CalendarDay.is_workday, CalendarDay.name
    )
    wrong = file(viewer, "calendar", "日期,是否工作日\n2026-11-23,也许\n2026-11-24,是\n2026-11-24,否")
    assert [one[:3] for one in problems(wrong)] == [(2, "是否工作日", "也许"), (4, "是否工作日", "否")]


@pytest.mark.both_engines
def test_leave_is_stored_once_a_manager_and_day(store, viewer):
    bank(store)
    rows = "工号,日期\n1001,2026-11-23\n1001,2026-11-23\n1002,2026年11月23日"
    assert numbers(file(viewer, "absences", rows)) == (3, 2, 1, 0)
    assert numbers(file(viewer, "absences", rows)) == (3, 0, 3, 0)
    assert held_values(store, Absence.manager_id, Absence.day) == {(WANG, date(2026, 11, 23)), (LI, date(2026, 11, 23))}
    assert problems(file(viewer, "absences", "工号,日期\n77,2026-11-23")) == [(2, "工号", "77", "Unknown manager")]
