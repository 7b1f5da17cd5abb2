"""Tables of a meeting: everything stored is escaped, every status has a word and an icon, nothing is capped."""

import polars as pl
import pytest
from markupsafe import Markup

from dashboard.widgets import formats, grids
from metrics.catalog import CONVERSION_RATE, DEALS
from metrics.metric import AMOUNT
from metrics.statuses import STATUSES

HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)")
STANDING = {"status": "on_pace", "attainment": 1.3, "time_progress": 0.7}


def written(column: grids.Column, **row) -> str:
    return column.cell(row)


@pytest.mark.parametrize("text", HOSTILE)
def test_stored_names_stay_text(text):
    table = pl.DataFrame({"manager_name": [text], "branch": [1]})
    columns = [grids.text("manager_name", text), grids.link("manager_name", text, lambda row: f"?branch={text}")]
    page = grids.html(table, columns, {"manager_name": text, "branch": None})
    assert "<script" not in page and "<img" not in page and text not in page
    assert page.count("<a ") == 1 and page.count("<td") == 4


@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_that_gives_text_is_escaped_without_asking_for_it(text):
    table = pl.DataFrame({"note": [text]})
    columns = [grids.Column("备注", lambda row: row["note"]), grids.number("note", "备注", str)]
    page = grids.html(table, columns, {"note": text})
    assert text not in page and page.count("<td") == 4 and page.count("<") == page.count(">") == page.count("</") * 2


@pytest.mark.parametrize("text", HOSTILE)
def test_what_goes_into_a_cells_markup_is_escaped_and_the_markup_stands(text):
    cell = grids.Column("备注", lambda row: Markup("<b>{}</b>").format(row["note"]) + grids.small(row["note"]))
    page = grids.html(pl.DataFrame({"note": [text]}), [cell, grids.Column("", lambda row: grids.long(text, text))])
    assert page.count("<b>") == page.count("</b>") == 1 and page.count("<small>") == 2
    assert text not in page and "<script" not in page and "<img" not in page


def test_a_missing_name_is_a_dash():
    assert written(grids.text("manager_name", "客户经理"), manager_name=None) == "—"


def test_the_total_stands_below_the_rows():
    page = grids.html(pl.DataFrame({"name": ["甲", "乙"]}), [grids.text("name", "名")], {"name": "合计"})
    assert page.index("甲") < page.index("乙") < page.index('class="total"') < page.index("合计")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_row_that_is_a_card_has_its_headings_in_its_cells(text):
    columns = [grids.text("name", text), grids.Column("客户", lambda row: "张三", left=True, title=True)]
    page = grids.html(pl.DataFrame({"name": ["甲"]}), columns, cards=True)
    assert 'class="cx cx-list"' in page and '<td class="t cx-title" data-heading="客户">张三</td>' in page
    assert text not in page and page.count("data-heading") == 2
    assert "data-heading" not in grids.html(pl.DataFrame({"name": ["甲"]}), columns)


def test_a_table_without_rows_has_its_headings():
    page = grids.html(pl.DataFrame({"name": []}, {"name": pl.String}), [grids.text("name", "客户经理")])
    assert "客户经理" in page and "<td" not in page


@pytest.mark.parametrize("status", STATUSES.values(), ids=STATUSES)
def test_every_status_is_a_word_with_an_icon_not_colour_alone(status):
    pill = grids.pill(status.code)
    assert f" cx-{status.tone}" in pill
    assert f">{status.icon} " in pill
    assert status.label not in pill  # it is said in Chinese


def test_attainment_above_the_plan_is_not_cut_off():
    assert written(grids.bullet(), **STANDING).endswith("130.0%")
    far = written(grids.bullet(), **STANDING | {"attainment": 4.0})
    assert far.endswith("400.0%") and "width:100.0%" in far


def test_the_bar_marks_where_time_stands():
    assert f"left:{0.7 / 1.3 * 100:.1f}%" in written(grids.bullet(), **STANDING)
    assert "<b" not in written(grids.bullet(), **STANDING | {"time_progress": None})


def test_without_a_plan_there_is_a_word_and_no_bar():
    cell = written(grids.bullet(), **STANDING | {"attainment": None})
    assert "无计划" in cell and "cx-bar" not in cell and "%" not in cell


def test_without_a_plan_in_english(english):
    assert "No plan" in written(grids.bullet(), **STANDING | {"attainment": None})


def test_a_pair_sets_actual_beside_target():
    assert written(grids.pair("done", "plan", "成交"), done=3, plan=5.0) == "3 <small>/ 5</small>"
    assert written(grids.pair("done", "plan", "成交"), done=0, plan=0.2) == "0 <small>/ 0.2</small>"
    assert written(grids.pair("done", "plan", "成交"), done=3, plan=None) == "3 <small>/ —</small>"
    amounts = written(grids.pair("done", "plan", "金额", AMOUNT), done=100_000_000, plan=None)
    assert amounts == "100.00 万元 <small>/ —</small>"


def test_a_rate_of_few_cases_says_so_instead_of_its_limits():
    row = {"conversion_rate": 0.5, "conversion_rate_low": 0.1, "conversion_rate_high": 0.9, "consultations": 4}
    few = written(grids.metric(CONVERSION_RATE, 10), **row)
    assert few.startswith("50.0%") and "样本不足" in few and "10–90%" not in few
    enough = written(grids.metric(CONVERSION_RATE, 10), **row | {"consultations": 10})
    assert "10–90%" in enough and "样本不足" not in enough


def test_a_rate_of_nothing_is_a_dash():
    row = {"conversion_rate": None, "conversion_rate_low": None, "conversion_rate_high": None, "consultations": 0}
    assert written(grids.metric(CONVERSION_RATE, 10), **row) == "—"


def test_a_heading_brings_its_formula():
    column = grids.metric(DEALS)
    assert (column.heading, column.help) == ("成交量", formats.formula(DEALS))


def test_sparks_are_drawn_on_one_scale():
    history = pl.DataFrame({"manager": [1, 1, 2, 2], "consultations": [0, 8, 2, 4]})
    column = grids.spark(history, "manager", "consultations", "每周")
    assert written(column, manager=1).count("<i") == 2
    assert "height:100%" in written(column, manager=1) and 'title="0 8"' in written(column, manager=1)
    assert "height:50%" in written(column, manager=2) and "height:100%" not in written(column, manager=2)
    assert "<i" not in written(column, manager=None)


def test_sparks_of_nothing_are_flat():
    empty = pl.DataFrame({"manager": [], "consultations": []}, {"manager": pl.Int32, "consultations": pl.Int64})
    assert "<i" not in written(grids.spark(empty, "manager", "consultations", "每周"), manager=1)
