"""Files as people bring them: nothing dropped without a word, no second spelling a second thing, the true reason."""

import pytest
import xlsxwriter
from sqlalchemy import func, select

from dashboard.shell.store import operator
from db.files import columns, table
from db.imports import doubles
from db.imports.kinds import activities, plans
from db.imports.kinds.setting import SEVERAL_BRANCHES
from db.models import Activity, Customer, Manager, Opportunity, Plan
from tests.support.builders import bank
from tests.support.sheets import bring, counts, file, held_values, logged, numbers, problems, row, sheet
from tests.support.written_files import excel

pytestmark = pytest.mark.slow

ERRORS = ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"]
SAMPLES = {  # one good row of each kind that a file of text columns can be made of
    "activities": {
        "date": "2026-11-16",
        "region": "江城分行",
        "branch": "东湖支行",
        "staff_no": "1001",
        "manager": "王芳",
        "kind": "咨询",
        "customer": "甲店",
        "phone": "13800000001",
        "product": "信用贷款",
        "opportunity": "S1",
        "reference": "r1",
        "channel": "路演",
        "method": "走访",
        "customer_kind": "个体工商户",
        "note": "想装修",
    },
    "people": {
        "region": "江城分行",
        "branch": "东湖支行",
        "staff_no": "2001",
        "manager": "钱七",
        "joined_on": "2020-01-01",
    },
    "plans": {
        "month": "2026-11",
        "region": "",
        "level": "branch",
        "name": "东湖支行",
        "measure": "deals",
        "product": "信用卡",
        "target": "5",
    },
    "territories": {
        "branch": "东湖支行",
        "territory": "北街",
        "kind": "商圈",
        "as_of": "2026-01-01",
        "potential_customers": "500",
        "source": "普查",
    },
    "holdings": {
        "branch": "东湖支行",
        "staff_no": "1001",
        "customer": "乙店",
        "product": "信用卡",
        "since": "2020-01-01",
    },
    "calendar": {"day": "2026-11-16", "is_workday": "是", "name": "调休"},
    "absences": {"staff_no": "1001", "day": "2026-11-16", "part": "全天"},
}


@pytest.fixture
def viewer(sqlite_store):
    return operator(bank(sqlite_store))


def workbook(*rows: list, merge: tuple = (), hidden: int | None = None, formats: dict | None = None) -> bytes:
    def fill(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet("log")
        shown = {place: book.add_format({"num_format": code}) for place, code in (formats or {}).items()}
        for number, cells in enumerate(rows):
            for place, cell in enumerate(cells):
                if cell != "":
                    page.write(number, place, cell, shown.get(place) if number else None)
        for first, last, place, value in merge:
            page.merge_range(first, place, last, place, value)
        if hidden is not None:
            page.set_row(hidden, None, None, {"hidden": True})

    return excel(fill)


def taken(viewer, kind: str, content: bytes, name: str = "log.xlsx", **options):
    return file(viewer, kind, content, name, **{"create_missing": True} | options)


def warned(report) -> list[tuple]:
    return report.warnings.select("row", "column", "problem").rows()


@pytest.mark.parametrize("kind", SAMPLES)
def test_an_error_word_is_no_value_in_any_text_column_of_any_kind(viewer, kind):
    cells = SAMPLES[kind]
    assert numbers(file(viewer, kind, f"{','.join(cells)}\n{','.join(cells.values())}\n", create_missing=True))[3] == 0
    for place, name in enumerate(cells):
        word = ERRORS[place % len(ERRORS)]
        content = ",".join(cells) + "\n" + ",".join((cells | {name: word}).values()) + "\n"
        report = file(viewer, kind, content, create_missing=True)
        said = [(column, value, problem) for _, _, column, value, problem in report.problems.iter_rows()]
        assert (name, word, columns.ERROR) in said and report.accepted == 0, name


@pytest.mark.parametrize("word", ["无", "-", "/", "N/A", "——", "未知", "（无）"])
def test_a_placeholder_names_nobody(viewer, word):
    report = bring(viewer, row(customer=word), row(customer=word, date="2026-11-17"))
    assert numbers(report) == (2, 2, 0, 0) and held_values(viewer.store, Customer.name) == set()
    assert logged(viewer.store, Activity.effective, Activity.customer_id) == [(False, None)] * 2
    assert warned(report) == [(line, "客户", activities.NOBODY) for line in (2, 3)]


def test_a_placeholder_is_no_branch_and_no_staff_number(viewer):
    report = bring(viewer, row(branch="无"), row(staff_no="-"), row(manager="/"))
    assert [(column, said) for _, column, _, said in problems(report)] == [
        (column, "This names nothing") for column in ("支行", "工号", "客户经理")
    ]


@pytest.mark.parametrize(
    "spelling", ["1001", "１００１", '="1001"', "'1001", "10 01", "\u202d1001\u202c", "1\u200b001"]
)
def test_a_staff_number_is_one_in_every_spelling(viewer, spelling):
    before = counts(viewer.store)["manager"]
    content = f'日期,分行,支行,工号,客户经理,活动类型\n2026-11-16,江城分行,东湖支行,"{spelling.replace(chr(34), chr(34) * 2)}",王 芳,咨询\n'
    assert file(viewer, "activities", content, create_missing=True).accepted == 1
    assert counts(viewer.store)["manager"] == before


@pytest.mark.parametrize("kind", ["activities", "people"])
def test_names_equal_in_their_normal_form_are_never_made_twice(viewer, kind):
    spellings = ("Ｘ支行(新)", "X支行（新）", "x支行(新\u200b)", "X 支行 (新)")
    rows = [
        SAMPLES[kind] | {"branch": branch, "staff_no": number, "region": "江城 分行"}
        for branch, number in zip(spellings, ("b9", "B9", "Ｂ９", "b 9"), strict=True)
    ]
    content = "\n".join([",".join(rows[0]), *(",".join(one.values()) for one in rows)])
    before = counts(viewer.store)
    report = file(viewer, kind, content, create_missing=True)
    after = counts(viewer.store)
    assert report.rejected == 0, report.problems
    assert [after[one] - before[one] for one in ("region", "branch", "manager")] == [0, 1, 1]


def test_a_customer_is_one_in_every_width_and_with_every_middle_dot(viewer):
    shop = ("江北(东湖)商店", "江北（东湖）商店", "江北(东湖)商店\u202c", "江北(东\u200b湖)商店", "江北(东湖) 商店")
    person = [f"阿依努尔{dot}买提" for dot in "·•・．"]
    report = bring(viewer, *(row(customer=one) for one in (*shop, *person)))
    assert report.accepted == 9 and held_values(viewer.store, Customer.name) == {(shop[0],), (person[0],)}


def test_the_same_rows_spelled_otherwise_are_known_again(viewer):
    bring(viewer, row(customer="江北(东湖)商店", product="信用贷款", kind="成交", amount="85000"))
    again = bring(
        viewer, row(customer="江北（东湖） 商店", product="信用", kind="deal", amount="8.5万元", staff_no="１００１")
    )
    assert numbers(again) == (1, 0, 1, 0)


def test_merged_text_is_that_of_each_row_and_a_merged_number_nobodys(viewer):
    rows = sheet(*(row(date=f"2026-11-{day}", customer="") for day in (10, 11, 12)))
    report = taken(viewer, "activities", workbook(*rows, merge=[(1, 3, 6, "甲店")]))
    assert report.accepted == 3
    assert [one is not None for (one,) in logged(viewer.store, Activity.customer_id)] == [True] * 3
    deals = sheet(*(row(date=f"2026-11-{day}", kind="成交", customer="甲店", amount="") for day in (13, 14)))
    report = taken(viewer, "activities", workbook(*deals, merge=[(1, 2, 7, 80_000)]))
    assert [(line, column) for line, column, _, _ in problems(report)] == [(3, "金额")]


def test_a_hidden_row_counts_and_is_named(viewer):
    report = taken(viewer, "activities", workbook(*sheet(row(customer="甲店"), row(customer="乙店")), hidden=1))
    assert report.accepted == 2 and warned(report) == [(2, None, table.HIDDEN_ROW)]


def test_numbers_are_what_their_formats_show(viewer):
    people = [["分行", "支行", "工号", "客户经理", "入职日期"], ["江城分行", "东湖支行", 77, "郑七", "2020-01-01"]]
    assert taken(viewer, "people", workbook(*people, formats={2: "00000"})).accepted == 1
    assert ("00077",) in held_values(viewer.store, Manager.staff_no)
    plan = [["月份", "层级", "工号", "指标", "目标"], ["2026-11", "客户经理", "1001", "成交金额", 0.8]]
    report = taken(viewer, "plans", workbook(*plan, formats={4: "0%"}))
    assert problems(report) == [(2, "目标", "80%", "A share is no amount")]
    assert problems(taken(viewer, "plans", workbook(*plan))) == [
        (2, "目标", "0.8", plans.LESS_THAN_A_YUAN.split(":")[0])
    ]


@pytest.mark.parametrize(
    ("heading", "cents"),
    [("金额(万元)", 85_000_00), ("金额（千元）", 8_500_00), ("金额/元", 8_50), ("金额（单位：万元）", 85_000_00)],
)
def test_a_unit_in_a_heading_is_obeyed(viewer, heading, cents):
    head, cells = sheet(row(kind="成交", customer="甲店", amount="8.5"))
    head[head.index("金额")] = heading
    report = file(viewer, "activities", "\n".join((",".join(head), ",".join(cells))), create_missing=True)
    assert report.accepted == 1 and logged(viewer.store, Activity.amount_cents) == [(cents,)]


def test_a_unit_over_the_table_is_obeyed_for_amounts_alone(viewer):
    content = (
        "单位：万元,,,,\n月份,层级,工号,指标,目标\n2026-11,manager,1001,deals,5\n2026-11,manager,1001,deal_amount,8.5\n"
    )
    report = file(viewer, "plans", content)
    assert report.accepted == 2 and held_values(viewer.store, Plan.target) == {(5,), (85_000_00,)}
    assert report.left_out["row"].to_list() == [1]


def test_headers_of_two_rows_are_read_together(viewer):
    content = "基本信息,,,,,,业务信息,\n日期,分行,支行,工号,客户经理,活动类型,客户,产品\n2026-11-16,江城分行,东湖支行,1001,王芳,咨询,甲店,信用贷款\n"
    assert file(viewer, "activities", content, create_missing=True).accepted == 1
    content = "日期,分行,支行,工号,客户经理,业务,,\n,,,,,活动类型,客户,产品\n2026-11-17,江城分行,东湖支行,1001,王芳,咨询,甲店,信用贷款\n"
    assert file(viewer, "activities", content, create_missing=True).accepted == 1


def test_a_column_that_may_count_is_named_and_can_be_mapped_or_left_out(viewer):
    content = (
        "日期,分行,支行,工号,客户经理,活动类型,客户,贷款金额\n2026-11-16,江城分行,东湖支行,1001,王芳,成交,甲店,85000\n"
    )
    report = file(viewer, "activities", content, create_missing=True)
    assert problems(report) == [(1, "贷款金额", None, "This column is not known, and may be one that counts")]
    assert report.ignored == {("file.csv", "贷款金额"): "amount"} and report.accepted == 0
    dry = {"create_missing": True, "dry_run": True}
    assert file(viewer, "activities", content, mapping={"贷款金额": ""}, **dry).accepted == 1
    assert file(viewer, "activities", content, mapping={"贷款金额": "amount"}, create_missing=True).accepted == 1
    assert logged(viewer.store, Activity.amount_cents) == [(85_000_00,)]


def test_a_renamed_manager_is_taken_by_their_number_and_a_stranger_is_not(viewer):
    file(viewer, "people", "分行,支行,工号,客户经理\n江城分行,东湖支行,1001,王芳芳\n")
    report = bring(viewer, row(customer="甲店"))
    assert report.accepted == 1 and warned(report)[0][:2] == (2, "客户经理")
    assert bring(viewer, row(manager="别人", customer="乙店")).rejected == 1


def test_a_name_that_stands_for_several_has_a_way_in(viewer):
    people = "分行,支行,工号,客户经理,入职日期\n江城分行,城关支行,D1,钱一,2020-01-01\n山城分行,城关支行,E1,孙一,2020-01-01\n山城分行,城关支行,E2,孙一,2020-01-01\n"
    assert file(viewer, "people", people).accepted == 3
    head = "月份,层级,分行,名称,指标,目标\n"
    assert (
        problems(file(viewer, "plans", f"{head}2026-11,branch,,城关支行,deals,5\n"))[0][3]
        == SEVERAL_BRANCHES.split(":")[0]
    )
    assert file(viewer, "plans", f"{head}2026-11,branch,山城分行,城关支行,deals,5\n").accepted == 1
    report = file(viewer, "plans", f"{head}2026-11,manager,,孙一,deals,5\n")
    assert problems(report)[0][3] == "Several managers have this name"
    territory = "分行,支行,辖区,登记日期,潜在客户数,来源\n{},城关支行,北街,2026-01-01,500,普查\n"
    assert problems(file(viewer, "territories", territory.format("")))[0][3] == SEVERAL_BRANCHES.split(":")[0]
    assert file(viewer, "territories", territory.format("山城 分行")).accepted == 1


def test_doubles_are_taken_and_named(viewer):
    deal = row(kind="成交", customer="甲店", product="信用贷款", amount="80000")
    report = bring(viewer, deal, deal)
    assert report.accepted == 2 and warned(report) == [(3, None, doubles.IN_FILE)]
    report = bring(viewer, deal | {"amount": "90000"})
    assert report.accepted == 1 and warned(report) == [(2, None, doubles.STORED)]


def test_a_moment_in_the_day_column_is_a_day_and_perhaps_a_time(viewer):
    days = ("2026/11/16 0:00", "2026/11/16 0:00:00", "2026-11-16 14:30:00", "2026年11月16日 9时05分")
    assert (
        bring(viewer, *(row(date=one, time="", customer=f"店{place}") for place, one in enumerate(days))).accepted == 4
    )
    assert sorted(str(one) for (one,) in logged(viewer.store, Activity.time)) == [
        "09:05:00",
        "14:30:00",
        "None",
        "None",
    ]


def test_an_opportunity_number_is_one_in_every_spelling(viewer):
    rows = [
        row(kind=kind, customer="甲店", opportunity=number)
        for kind, number in (("咨询", "S-01"), ("申请", "ｓ-０１"), ("成交", "'s-01"))
    ]
    assert bring(viewer, *rows).accepted == 3
    with viewer.store.reading() as connection:
        assert connection.scalar(select(func.count(Opportunity.id))) == 1
