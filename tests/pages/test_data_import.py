"""Import: a file is looked at cell by cell, its good rows are taken or none, and a batch can be undone by its rows."""

import fastexcel
import polars as pl
import pytest
from sqlalchemy import func, select
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from dashboard.shell.store import operator
from dashboard.widgets import workbooks
from db.engine import Store
from db.models import Activity, Audit, ClosedDay, ImportBatch
from db.people import people
from db.recording import recording
from tests.conftest import FRIDAY
from tests.support.pages import AS, ROOT, cards, everything_said, healthy, look, tables
from tests.support.sheets import counts, held_values, lines, logged, sheet, workbook
from tests.support.sweep import scaled

pytestmark = pytest.mark.slow

ROLES = ("manager", "branch_head", "regional", "administrator")
BAD = {  # what is wrong in every twenty-fifth row: column, cell, rule, hint
    "kind": ("活动类型", "唱歌", "不在列表中", "请选用"),
    "date": ("日期", "2026-13-01", "日期无法识别", "2026-11-20"),
    "amount": ("金额", "-5", "出现负数", "请核对正负号"),
    "channel": ("渠道", "中介助贷", "严禁通过中介助贷获客", "请改选"),
    "staff_no": ("工号", "999999", "该客户经理不在您的权限范围内", "请核对"),
}


def someone(store: Store, branch: int = 1) -> dict:
    """A manager of a branch, as the columns of a file name them."""
    staff = people.postings(operator(store)).filter(pl.col("branch") == branch, pl.col("to_day").is_null())
    one = staff.row(0, named=True)
    places = {"region": one["region_name"], "branch": one["branch_name"]}
    return places | {"staff_no": one["staff_no"], "manager": one["manager_name"]}


def entry(store: Store, n: int, **cells) -> dict:
    day = {"date": f"2026-10-{n % 28 + 1:02}", "kind": "咨询", "customer": f"客户{n:04}", "phone": f"139{n:08}"}
    return day | someone(store) | {"amount": "", "channel": "", "note": f"第{n}行"} | cells


def brought(app, content: bytes, name: str = "十月.xlsx"):
    app.file_uploader[0].set_value((name, content, "application/octet-stream"))
    return app.run()


def press(app, label: str):
    found = [one for one in app.button if label in one.label]
    assert found, [one.label for one in app.button]
    return found[0].click().run()


def downloads(app) -> list[str]:
    return [one.proto.label for one in app.get("download_button")]


def numbers(app) -> list[int]:
    shown = cards(app)
    return [int(shown[label][0].replace(",", "")) for label in ("文件行数", "可导入", "系统已有", "待修改")]


def entries(store: Store) -> int:
    with store.reading() as connection:
        held = (
            select(func.count())
            .select_from(Activity)
            .where(Activity.batch_id.is_not(None), Activity.voided_at.is_(None))
        )
        return connection.scalar(held)


def returned(app) -> pl.DataFrame:
    """The file as it can be downloaded again."""
    report = app.session_state["kept"]["upload"]["report"][1]
    content = workbooks.with_reasons(report.sheets, report.problems)
    return pl.DataFrame(fastexcel.read_excel(content).load_sheet(0))


@pytest.fixture
def page(own_demo):
    return healthy(look("data_import", as_="head-1"))


def test_a_large_file_with_bad_rows_one_in_twenty_five(own_demo, page):
    """Of 5,000 in the sweep 4,800 are previewed, 200 come back with cell, rule and hint; after ten edits an undo keeps and names the ten."""
    kinds, number_of_rows = list(BAD), scaled(sweep=5_000, test=1_250)
    bad_rows = number_of_rows // 25
    good_rows = number_of_rows - bad_rows
    rows = [
        entry(own_demo, n, **({(bad := kinds[n // 25 % len(kinds)]): BAD[bad][1]} if n % 25 == 7 else {}))
        for n in range(number_of_rows)
    ]
    content = workbook(活动=sheet(*rows))
    held = counts(own_demo)

    brought(page, content)
    assert numbers(healthy(page)) == [number_of_rows, good_rows, 0, bad_rows]
    assert counts(own_demo) == held
    good, problems = tables(page)
    assert problems[0] == ["行号", "列", "内容", "错误原因", "修改建议"] and len(problems) == 1 + min(bad_rows, 50)
    for number, column, value, rule, hint in problems[1:]:
        bad = BAD[kinds[(int(number) - 2) // 25 % len(kinds)]]
        assert (int(number) - 2) % 25 == 7 and (column, value) == bad[:2]
        assert rule.startswith(bad[2]) and bad[3] in hint, (rule, hint)
    assert len(good) == 11 and good[1][0] == "2"
    assert ("前 50 处" in everything_said(page)) == (bad_rows > 50) and "下载带错误原因的文件" in downloads(page)

    back = returned(page)
    reasons = back["错误原因"].drop_nulls()
    assert back.height == number_of_rows and reasons.len() == bad_rows
    for number, said in zip(back["错误原因"].is_not_null().arg_true(), reasons, strict=True):
        column, value, rule, hint = BAD[kinds[number // 25 % len(kinds)]]
        assert number % 25 == 7 and said.startswith(f"{column}: {rule}") and hint in said and f"({value})" in said

    press(page, f"导入 {good_rows:,}")
    assert f"{good_rows:,}" in page.success[0].value and entries(own_demo) == good_rows
    assert healthy(page).file_uploader[0].value is None

    taken = logged(own_demo, Activity.id, Activity.version, Activity.batch_id)
    ids = [(identity, version) for identity, version, batch in taken if batch is not None][:: good_rows // 10]
    assert len(ids) == 10
    for identity, version in ids:
        recording.correct(operator(own_demo), identity, version, FRIDAY, note="改过")
    page.selectbox(key="batch to undo").set_value(1).run()
    press(page, "确认撤销")
    assert f"{good_rows - 10:,}" in healthy(page).success[-1].value and entries(own_demo) == 10
    kept = next(one for one in tables(page) if "操作" in one[0])
    assert {int(line[0]) for line in kept[1:]} == {identity for identity, _version in ids}
    assert all("更正" in line[4] and "备注" in line[4] and line[3].startswith("客户") for line in kept[1:])


def test_the_same_file_again_stores_nothing(own_demo, page):
    content = lines(sheet(*(entry(own_demo, n) for n in range(3))))
    press(brought(page, content, "十月.csv"), "导入 3")
    held = counts(own_demo)
    brought(page, content, "十月.csv")
    assert numbers(page) == [3, 0, 3, 0] and not [one for one in page.button if "导入" in one.label]
    assert counts(own_demo) == held


def test_two_taps_store_once(own_demo):
    """Two tabs show the same preview, and both are pressed."""
    first, second = (look("data_import", as_="head-1") for _tab in range(2))
    content = lines(sheet(*(entry(own_demo, n) for n in range(3))))
    for app in (first, second):
        brought(app, content, "十月.csv")
    for app in (first, second):
        press(app, "导入 3")
    assert entries(own_demo) == 3 and len(held_values(own_demo, ImportBatch.id)) == 1
    assert "没有" in healthy(second).info[0].value


def test_nothing_is_taken_where_nothing_is_wanted(own_demo, page):
    held = counts(own_demo)
    brought(page, lines(sheet(entry(own_demo, 1))), "十月.csv")
    press(page, "全部不导入")
    assert counts(own_demo) == held and healthy(page).file_uploader[0].value is None
    assert "upload" in page.session_state["kept"] and "report" not in page.session_state["kept"]["upload"]


@pytest.mark.parametrize("leave", ["taken", "refused", "page"])
def test_a_file_is_freed_when_nobody_looks_at_it_any_more(own_demo, page, monkeypatch, leave):
    """Streamlit would hold it until ten minutes after the browser has left."""
    freed = []
    monkeypatch.setattr(MemoryUploadedFileManager, "remove_file", lambda _files, _page, file: freed.append(file))
    brought(page, lines(sheet(entry(own_demo, 1))), "十月.csv")
    held = page.file_uploader[0].value.file_id
    page.run()
    assert freed == []
    match leave:
        case "taken":
            press(page, "导入 1")
        case "refused":
            press(page, "全部不导入")
        case "page":
            page.switch_page("../pages/customers.py").run()
    page.run()
    assert freed == [held]


def test_a_sample_row_left_in_is_not_stored(own_demo, page):
    rows = [entry(own_demo, 1, date="【示例】2026-11-20"), entry(own_demo, 2)]
    brought(page, workbook(活动=sheet(*rows)), "模板.xlsx")
    assert numbers(page) == [1, 1, 0, 0] and "示例" in everything_said(page)
    press(page, "导入 1")
    assert entries(own_demo) == 1


FORMULA = b"PK\x03\x04 not a workbook"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("空.csv", b""),
        ("空.xlsx", b""),
        ("坏.xlsx", FORMULA),
        ("旧.xls", bytes.fromhex("d0cf11e0a1b11ae1") + b"old"),
        ("图.png", b"\x89PNG"),
        ("压缩.csv.gz", b"\x1f\x8b broken"),
        ("![](http://127.0.0.1).xlsx", b"<script>"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_reason(own_demo, name, content, language):
    app = look("data_import", as_="head-1", lang=language)
    held = counts(own_demo)
    brought(app, content, name)
    assert not app.exception and len(app.error) == 1 and "Traceback" not in app.error[0].value
    assert "](http" not in app.error[0].value
    assert counts(own_demo) == held


def test_a_file_of_another_kind_names_the_columns_it_lacks(own_demo, page):
    brought(page, lines([["工号", "日期"], ["100001", "2026-11-20"]]), "请假.csv")
    (problems,) = [one for one in tables(page) if one[0][-1] == "修改建议"]
    assert {"分行", "支行", "客户经理", "活动类型"} <= {line[1].split()[-1] for line in problems[1:]}
    assert not [one for one in page.button if "导入" in one.label]


def test_headings_alone_say_that_there_is_nothing_to_take(own_demo, page):
    brought(page, lines(sheet(entry(own_demo, 1))[:1]), "十月.csv")
    assert "没有" in healthy(page).info[0].value


def test_text_in_a_file_is_shown_as_it_stands(own_demo, page):
    nasty = '<img src=x onerror=alert(1)>![](http://127.0.0.1:9)"'
    rows = [entry(own_demo, 1, kind=nasty), entry(own_demo, 2, note="<b>x</b>")]
    brought(page, workbook(活动=sheet(*(one | {"<i>![](http://127.0.0.1:9)": "x"} for one in rows))), "<b>.xlsx")
    html = "".join(one.proto.body for one in page.get("html"))
    assert "<img" not in html and "<b>x" not in html and "<i>!" not in html
    assert "](http" not in "".join(one.value for one in page.caption)


@pytest.mark.parametrize("role", ROLES)
def test_everyone_chooses_among_the_files_he_may_bring(demo, role):
    app = healthy(look("data_import", as_=AS[role]))
    offered = [list(one.options) for one in app.get("button_group")]
    assert len(offered) == (0 if role == "manager" else 1)
    assert len(app.file_uploader) == 1 and any("模板" in one for one in downloads(app))


def test_a_manager_brings_his_own_rows_only(own_demo):
    app = look("data_import", as_=AS["manager"])
    mine = people.names(operator(own_demo)).filter(pl.col("staff_no") == AS["manager"]).row(0, named=True)
    stay = people.postings(operator(own_demo)).filter(pl.col("staff_no") == AS["manager"]).row(-1, named=True)
    own = {"region": stay["region_name"], "branch": stay["branch_name"]}
    own |= {"staff_no": mine["staff_no"], "manager": mine["manager_name"]}
    other = people.names(operator(own_demo)).filter(pl.col("staff_no") != AS["manager"]).row(0, named=True)
    foreign = {"staff_no": other["staff_no"], "manager": other["manager_name"]}
    brought(app, lines(sheet(entry(own_demo, 1, **own), entry(own_demo, 2, **own | foreign))), "十月.csv")
    assert numbers(app) == [2, 1, 0, 1]
    press(app, "导入 1")
    assert entries(own_demo) == 1 and "下载" in "".join(downloads(app))


def test_the_administrator_brings_people_and_undoes_nothing_of_them(own_demo):
    app = look("data_import", as_=AS["administrator"])
    content = lines([["分行", "支行", "工号", "姓名"], ["江城分行", "新开支行", "900009", "周正"]])
    press(brought(app, content, "人员.csv"), "导入 1")
    assert "1" in healthy(app).success[0].value and "人员.csv" in everything_said(app)
    assert not [one for one in app.selectbox if one.key == "batch to undo"]


def test_an_undo_that_is_refused_says_why(own_demo):
    app = look("data_import", as_=AS["manager"])
    press(brought(app, lines(sheet(entry(own_demo, 1))), "十月.csv"), "导入 1")
    app.selectbox(key="batch to undo").set_value(1).run()
    day, branch = logged(own_demo, Activity.day, Activity.branch_id)[-1]
    with own_demo.writing("test") as write:
        write.session.add(ClosedDay(branch_id=branch, day=day, closed_at=write.now, closed_by="head-1"))
    press(app, "确认撤销")
    assert not app.exception and "已在夕会后锁定" in app.error[0].value and entries(own_demo) == 1


def test_an_import_and_its_undoing_stand_in_the_trail(own_demo, page):
    press(brought(page, lines(sheet(entry(own_demo, 1))), "十月.csv"), "导入 1")
    page.selectbox(key="batch to undo").set_value(1).run()
    press(page, "确认撤销")
    found = held_values(own_demo, Audit.account, Audit.action, Audit.entity_id)
    assert {("head-1", "import", 1), ("head-1", "undo", 1)} <= found


def test_the_page_is_short():
    assert len((ROOT / "pages" / "data_import.py").read_text().splitlines()) <= 40
