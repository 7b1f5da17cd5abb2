"""The audit trail as it is read: names for numbers, words for codes and fields, one line a deed."""

from datetime import date
from io import BytesIO
from zipfile import ZipFile

import fastexcel
import polars as pl
import pytest

from dashboard.audit import trail_view, wording
from dashboard.shell.language import speak
from db.access import Viewer
from db.audit import trail
from db.errors import NotAllowed, Refused
from db.meetings import promises
from db.people import leave, staffing
from db.recording import moving
from tests.support.builders import LI, WANG, bank, head
from tests.support.sheets import bring, row

FRIDAY = date(2026, 11, 20)


@pytest.fixture
def cast(sqlite_store):
    yield bank(sqlite_store)
    speak("zh")


def deeds(store, role: str = "auditor") -> list[tuple[str, str, list[str]]]:
    """What the reader sees, the latest first: action, to what, and a text a part."""
    viewer = Viewer(store, role, role)
    day = trail.latest_day(viewer)
    found = wording.deeds(wording.worded(viewer, trail.entries(viewer, trail.Wanted(day, day))))
    return [
        (one["action"], trail_view.about(one), [" · ".join(part["changes"]) for part in one["parts"]]) for one in found
    ]


def test_promises_of_one_moment_are_one_line_with_their_parts(cast):
    promises.set_promises(head(cast), FRIDAY, {WANG: {"consultations": 3, "deals": 1}, LI: {"deals": 2}})
    ((action, about, parts),) = deeds(cast)
    assert (action, about) == ("承诺", "承诺 王芳 · 1001、李强 · 1002")
    assert parts[0] == "日期: 2026-11-20 · 指标: 咨询量 · 目标值: — → 3" and len(parts) == 3


def test_amounts_are_said_in_ten_thousands_of_yuan(cast):
    promises.set_promises(head(cast), FRIDAY, {WANG: {"deal_amount": 50_000_000}})
    assert deeds(cast)[0][2] == ["日期: 2026-11-20 · 指标: 成交金额 · 目标值: — → 50.00 万元"]


def test_what_was_refused_is_said_in_words(cast):
    with pytest.raises(NotAllowed):
        staffing.add_branch(head(cast), "江城分行", "新支行")
    assert deeds(cast)[0] == ("越权拒绝", "管理人员", ["角色: 支行负责人"])


def test_a_customer_is_masked_and_an_opportunity_called_by_customer_and_product(cast):
    assert bring(head(cast), row(customer="张三丰", product="信用贷款", kind="申请")).accepted == 1
    moving.plan_step(head(cast), 1, "call_again", FRIDAY, seen=(None, None), today=FRIDAY)
    action, about, (change,) = deeds(cast)[0]
    assert (action, about) == ("推进商机", "商机 信用贷款 · 张*")
    assert "张三丰" not in str(deeds(cast)) and change.endswith("下一步期限: — → 2026-11-20")
    assert "张三丰" not in str(deeds(cast, "administrator")), "the administrator sees customers masked"


def test_what_was_taken_away_is_said_with_its_period(cast):
    asked = {"from": "2026-11-01", "to": "2026-11-30", "by": ["manager"]}
    trail.exported(Viewer(cast, "auditor", "auditor"), "summary", asked, 3)
    said = "首日: 2026-11-01 · 截止日期: 2026-11-30 · 汇总维度: 客户经理 · 行数: 3"
    assert deeds(cast)[0] == ("导出", "汇总", [said])


def test_leave_is_of_somebody_on_a_day(cast):
    leave.record(head(cast), WANG, FRIDAY, FRIDAY)
    assert deeds(cast)[0] == ("设置", "请假 王芳 · 1001", ["2026-11-20: 全天"])


def test_the_file_says_the_same_words(cast):
    promises.set_promises(head(cast), FRIDAY, {WANG: {"deals": 1}})
    viewer = Viewer(cast, "auditor", "auditor")
    day = trail.latest_day(viewer)
    rows = trail_view.as_rows(viewer, trail.entries(viewer, trail.Wanted(day, day)))
    assert trail_view.headings() == ["时间", "账号", "操作", "对象", "名称", "变更前 → 变更后"]
    assert rows[0][2:] == ("承诺", "承诺", "王芳 · 1001", "日期: 2026-11-20 · 指标: 成交量 · 目标值: — → 1")


def test_the_file_has_the_whole_of_what_is_asked_for_and_no_formula(cast, monkeypatch):
    monkeypatch.setattr(trail_view, "AT_ONCE", 3)
    with cast.noting("=1+1") as write:
        for number in range(10):
            write.audit("set", "plan", None, {"target": number}, {"target": number + 1})
    viewer = Viewer(cast, "auditor", "auditor")
    day = trail.latest_day(viewer)
    wanted = trail.Wanted(day, day, account="=1+1")
    content, number = trail_view.workbook(viewer, wanted)
    table = pl.DataFrame(fastexcel.read_excel(content).load_sheet(0))
    assert table.columns == trail_view.headings() and number == table.height == 10
    assert table["账号"].to_list() == ["=1+1"] * 10 and table.row(0)[-1] == "目标值: 9 → 10"
    with ZipFile(BytesIO(content)) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml"), "a text, not a formula"
    monkeypatch.setattr(trail_view, "MOST", 9)
    with pytest.raises(Refused):
        trail_view.workbook(viewer, wanted)
