"""The activity log from a file: what is refused and where, what is known again, which opportunity a row belongs to."""

import datetime
import random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dashboard.shell.store import operator
from db.files.columns import FORBIDDEN, PART_OF_A_CENT
from db.models import Activity, Branch, Customer, Manager, Posting, Product, Region
from db.privacy import REASON
from tests.support.builders import bank
from tests.support.sheets import (
    bring,
    counts,
    file,
    fresh,
    held_values,
    lines,
    logged,
    numbers,
    problems,
    row,
    sheet,
    workbook,
)
from tests.support.sweep import scaled

pytestmark = pytest.mark.both_engines

ID_NUMBER, CARD = "110101199003071234", "6222021234567890123"


def test_every_problem_of_a_file_is_named_at_its_cell_once(store, viewer):
    bank(store)
    bring(viewer, row(reference="stored", customer="甲"))
    rows = [
        (row(kind="唱歌"), "活动类型", "唱歌", "Not in the list"),
        (row(date="2026-11-21"), "日期", "2026-11-21", "The day lies in the future, or before 2000"),
        (row(amount="-5"), "金额", "-5", "Negative"),
        (row(staff_no="2001", manager="周正"), "工号", "2001", "Unknown manager"),
        (row(manager="李强"), "客户经理", "李强", "This staff number belongs to somebody else"),
        (row(amount="很多"), "金额", "很多", "Not a number"),
        (row(amount="0.125"), "金额", "0.125", PART_OF_A_CENT.split(":")[0]),
        (row(amount="1e99"), "金额", "1e99", "Too large"),
        (row(channel="中介助贷"), "渠道", "中介助贷", FORBIDDEN.split(":")[0]),
        (row(channel="街边"), "渠道", "街边", "Not in the list"),
        (row(note=f"身份证 {ID_NUMBER}"), "备注", f"身份证 {ID_NUMBER}", REASON.split(":")[0]),
        (row(note="1101 0119-9003 071234"), "备注", "1101 0119-9003 071234", REASON.split(":")[0]),
        (
            row(note="６２２２０２１２３４５６７８９０１２３"),
            "备注",
            "６２２２０２１２３４５６７８９０１２３",
            REASON.split(":")[0],
        ),
        (row(note=CARD + " " + "长" * 500), "备注", CARD + " " + "长" * 500, REASON.split(":")[0]),
        (
            row(reference="stored", customer="乙"),
            "外部编号",
            "stored",
            "This reference is stored already with other content",
        ),
        (row(region="山城分行"), "分行", "山城分行", "Unknown region"),
        (row(branch="北门支行"), "支行", "北门支行", "Unknown branch of this region"),
        (row(branch="南山支行"), "支行", "南山支行", "The manager was not posted to this branch on that day"),
        (row(customer="丙"), "客户", "丙", "Unknown customer"),
        (row(product="火箭贷"), "产品", "火箭贷", "Unknown product"),
        (row(effective="也许"), "有效", "也许", "Neither yes nor no"),
        (row(phone="12"), "手机号", "12", "Not a phone number"),
        (row(time="25:00"), "时间", "25:00", "Not a time of day"),
        (row(staff_no=""), "工号", None, "The cell is empty"),
    ]
    held = counts(store)
    sound = row(note="好")
    names = list(
        row(time="", customer="", phone="", product="", amount="", channel="", effective="", note="", reference="")
    )
    content = lines(sheet(sound, *(one for one, *_ in rows), sound, columns=names))
    report = file(viewer, "activities", content)
    expected = [(place, *cell) for place, (_, *cell) in enumerate(rows, 3)]
    assert problems(report) == expected
    assert numbers(report) == (len(rows) + 2, 0, 0, len(rows)) and report.batch is None
    assert counts(store) == held

    rest = file(viewer, "activities", content, accept_valid=True)
    assert numbers(rest) == (len(rows) + 2, 2, 0, len(rows)) and problems(rest) == expected
    assert counts(store)["activity"] == held["activity"] + 2


def test_several_problems_of_one_row_are_all_named(sqlite_store):
    wrong = row(kind="唱歌", amount="-5", channel="中介", staff_no="9", time="noon")
    report = file(operator(bank(sqlite_store)), "activities", lines(sheet(wrong)))
    assert {(number, column) for number, column, *_ in problems(report)} == {
        (2, name) for name in ("活动类型", "金额", "渠道", "工号", "时间")
    }
    assert report.rejected == 1


def test_one_reference_with_two_contents_in_a_file_is_refused(sqlite_store):
    viewer = operator(bank(sqlite_store))
    rows = [row(reference="r", note="一"), row(reference="r", note="一"), row(reference="r", note="二")]
    report = bring(viewer, *rows)
    assert problems(report) == [(4, "外部编号", "r", "This reference is in the file twice with different content")]
    assert numbers(bring(viewer, *rows[:2])) == (2, 1, 1, 0)


def test_what_a_file_names_is_created_when_asked(store, viewer):
    report = bring(
        viewer,
        row(customer="甲", phone="13812345678", product="乡村振兴贷"),
        row(date="2026-11-18", branch="南山支行", customer="乙"),
        row(region="山城分行", branch="北门支行", staff_no="0042", manager="周正", product="Umbrella"),
    )
    assert numbers(report) == (3, 3, 0, 0)
    assert held_values(store, Region.name) == {("江城分行",), ("山城分行",)}
    assert held_values(store, Branch.name) == {("东湖支行",), ("南山支行",), ("北门支行",)}
    assert held_values(store, Manager.staff_no) == {("1001",), ("0042",)}
    assert held_values(store, Customer.name, Customer.phone) == {("甲", "13812345678"), ("乙", None)}
    assert {("乡村振兴贷", "loan"), ("Umbrella", "cross_sell")} <= held_values(store, Product.name_zh, Product.family)
    stays = held_values(store, Posting.branch_id, Posting.from_day, Posting.to_day)
    assert {(str(first), str(last)) for _, first, last in stays} == {
        ("None", "2026-11-17"),
        ("2026-11-18", "None"),
        ("None", "None"),
    }


def test_rows_without_reference_are_counted_however_they_are_ordered(sqlite_store):
    viewer = operator(bank(sqlite_store))
    rows = [row(note="一"), row(note="二"), row(note="一")]
    assert numbers(bring(viewer, *rows)) == (3, 3, 0, 0)
    assert numbers(bring(viewer, *rows)) == (3, 0, 3, 0)
    assert numbers(bring(viewer, *reversed(rows))) == (3, 0, 3, 0)
    assert numbers(bring(viewer, *rows, row(note="一"))) == (4, 1, 3, 0)


def test_a_stored_row_stays_a_duplicate_when_its_manager_has_moved(sqlite_store):
    viewer = operator(bank(sqlite_store))
    bring(viewer, row(reference="r"))
    file(viewer, "people", "region,branch,staff_no,manager,from\n江城分行,南山支行,1001,王方,2026-11-02")
    assert numbers(bring(viewer, row(reference="r"), create_missing=False)) == (1, 0, 1, 0)


def test_numbers_typed_as_numbers_in_excel_are_read(sqlite_store):
    viewer = operator(bank(sqlite_store))
    one = row(date=datetime.date(2026, 11, 16), staff_no=1001, customer="甲", phone=13812345678, amount=0.1 + 0.2)
    report = file(viewer, "activities", workbook(活动=sheet(one)), "a.xlsx", create_missing=True)
    assert problems(report) == []
    assert logged(sqlite_store, Activity.day, Activity.amount_cents) == [(datetime.date(2026, 11, 16), 30)]
    assert held_values(sqlite_store, Customer.phone) == {("13812345678",)}


@pytest.mark.parametrize(
    "kinds, opportunities",
    [
        (["咨询", "申请", "成交"], [0, 0, 0]),
        (["申请", "成交", "申请"], [0, 0, 1]),
        (["申请", "拒贷", "申请", "放弃", "咨询"], [0, 0, 1, 1, 2]),
        (["申请", "申请"], [0, 0]),
    ],
)
def test_an_end_closes_the_opportunity_and_a_new_need_begins_another(sqlite_store, kinds, opportunities):
    viewer = operator(bank(sqlite_store))
    rows = [
        row(date=f"2026-11-{day:02}", kind=kind, customer="甲", product="信用贷款") for day, kind in enumerate(kinds, 2)
    ]
    bring(viewer, *random.Random(1).sample(rows, len(rows)))
    found = [one for _, one in sorted(logged(sqlite_store, Activity.day, Activity.opportunity_id))]
    assert [found.index(one) for one in found] == [opportunities.index(one) for one in opportunities]


def test_within_a_day_without_times_the_procedure_has_its_order(sqlite_store):
    viewer = operator(bank(sqlite_store))
    bring(viewer, *(row(kind=kind, customer="甲", product="信用贷款") for kind in ("成交", "申请", "咨询")))
    assert len({one for (one,) in logged(sqlite_store, Activity.opportunity_id)}) == 1


def test_a_second_file_continues_the_open_opportunity(sqlite_store):
    viewer = operator(bank(sqlite_store))
    for day, kind in [("02", "申请"), ("03", "审批"), ("04", "成交"), ("05", "申请")]:
        bring(viewer, row(date=f"2026-11-{day}", kind=kind, customer="甲", product="信用贷款"))
    first, second, third, fourth = logged(sqlite_store, Activity.opportunity_id)
    assert first == second == third != fourth


def test_another_product_or_customer_is_another_opportunity(sqlite_store):
    viewer = operator(bank(sqlite_store))
    rows = [
        row(customer="甲", product="信用"),
        row(customer="甲", product="抵押贷款"),
        row(customer="乙", product="信用贷款"),
    ]
    bring(viewer, *rows, row(customer="甲"))
    found = [one for (one,) in logged(sqlite_store, Activity.opportunity_id)]
    assert len(set(found[:3])) == 3 and found[3] is None


def test_an_opportunity_number_holds_across_the_branches_of_a_region_only(sqlite_store):
    viewer = operator(sqlite_store)
    rows = [
        row(kind="申请", customer="甲", opportunity="77"),
        row(kind="成交", customer="甲", opportunity="77", branch="南山支行", staff_no="1003", manager="赵敏"),
        row(kind="申请", customer="甲", opportunity="77"),  # re-entry keeps its number
        row(
            kind="申请",
            customer="丁",
            opportunity="77",
            region="山城分行",
            branch="北门支行",
            staff_no="5",
            manager="周正",
        ),
    ]
    bring(viewer, *rows[:2])
    bring(viewer, *rows)
    found = logged(sqlite_store, Activity.opportunity_id, Activity.region_id)
    assert len({one for one, _ in found}) == 2 == len(set(found))


def test_one_phone_is_one_customer_and_one_name_without_another_phone_too(sqlite_store):
    viewer = operator(bank(sqlite_store))
    bring(
        viewer,
        row(customer="甲", phone="138-1234-5678"),
        row(customer="甲店", phone="+86 13812345678"),
        row(customer="甲"),
    )
    bring(viewer, row(customer="甲", note="again"), row(customer="老甲", phone="１３８１２３４５６７８"))
    assert held_values(sqlite_store, Customer.phone) == {("13812345678",)}
    assert len({one for (one,) in logged(sqlite_store, Activity.customer_id)}) == 1


ROWS = st.builds(
    row,
    date=st.sampled_from(["2026-11-16", "2026-11-17", "2026-13-01"]),
    kind=st.sampled_from(["咨询", "申请", "成交", "拒贷", "唱歌"]),
    customer=st.sampled_from(["", "甲", "乙"]),
    product=st.sampled_from(["", "信用贷款", "信用卡"]),
    amount=st.sampled_from(["", "100", "-1"]),
    reference=st.sampled_from(["", "", "", "r1", "r2"]),
)


@settings(max_examples=scaled(sweep=200, test=5), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(ROWS, min_size=1, max_size=9), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(sqlite_template, rows, chance):
    def outcome(order):
        with fresh(sqlite_template) as store:
            report = bring(operator(store), *order, accept_valid=True)
            assert report.accepted + report.duplicates + report.rejected == report.rows
            entries = logged(store, Activity.day, Activity.kind, Activity.amount_cents, Activity.product_id)
            needs = logged(store, Activity.opportunity_id, Activity.kind)
            return numbers(report), sorted(map(str, entries)), len({one for one, _ in needs}), report

    *usual, report = outcome(rows)
    assume(not any("is in the file twice" in problem for *_, problem in problems(report)))  # there the first row holds
    assert outcome(chance.sample(rows, len(rows)))[:-1] == tuple(usual)
