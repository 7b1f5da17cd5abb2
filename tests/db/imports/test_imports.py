"""A file goes in whole or not at all, every problem names its cell, and the same file again stores nothing."""

from types import SimpleNamespace

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.shell.store import operator
from db.errors import Refused
from db.imports.imports import Report, batches, import_file
from db.imports.kinds import BY_NAME
from db.imports.undo import undo_batch
from db.log import activity
from tests.support import sheets
from tests.support.builders import bank
from tests.support.sheets import TODAY, bring, counts, file, lines, numbers, problems, row, sheet, workbook
from tests.support.sweep import scaled

LATEST = SimpleNamespace(first=TODAY.replace(2000), last=TODAY)


@pytest.mark.slow
@pytest.mark.skipif(not sheets.BPI.exists(), reason="the BPI 2012 log is not here")
def test_a_real_log_comes_once_can_be_withdrawn_and_can_come_again(store, viewer):
    content = sheets.BPI.read_bytes()
    name = sheets.BPI.name
    first = file(viewer, "activities", content, name, create_missing=True)
    assert numbers(first) == (72_605, 72_605, 0, 0)
    held = counts(store)
    assert (held["activity"], held["manager"], held["import_batch"]) == (72_605, 63, 1)
    log = activity.read(viewer, LATEST)
    totals = dict(log.group_by("kind").agg(pl.len()).collect().iter_rows())
    assert (totals["consultation"], totals["application"], totals["deal"]) == (44_829, 5_113, 2_246)
    assert log.filter(pl.col("kind") == "deal").select(pl.col("amount_cents").sum()).collect().item() == 3_529_033_800

    again = file(viewer, "activities", content, name)
    assert numbers(again) == (72_605, 0, 72_605, 0) and again.batch is None
    assert counts(store) == held

    assert undo_batch(viewer, first.batch).rows == 72_605
    assert activity.read(viewer, LATEST).collect().is_empty()
    with pytest.raises(Refused, match="undone already"):
        undo_batch(viewer, first.batch)
    anew = file(viewer, "activities", content, name)
    assert numbers(anew) == (72_605, 72_605, 0, 0)
    assert activity.read(viewer, LATEST).collect().height == 72_605
    assert batches(viewer)["undone_at"].is_null().to_list() == [True, False]


def test_a_workbook_with_chinese_headings_and_a_gbk_csv_say_the_same(sqlite_store):
    viewer = operator(bank(sqlite_store))
    rows = sheet(row(customer="湖滨书店", amount="1,200", note="看店"), row(staff_no="1002", manager="李强"))
    book = file(viewer, "activities", workbook(活动=rows), "活动.xlsx", create_missing=True)
    assert numbers(book) == (2, 2, 0, 0)
    again = file(viewer, "activities", lines(rows).decode().encode("gbk"))
    assert numbers(again) == (2, 0, 2, 0)


def test_columns_may_stand_in_any_order_in_either_language(sqlite_store):
    viewer = operator(bank(sqlite_store))
    one = row(customer="湖滨书店", product="信用贷款", channel="路演")
    assert bring(viewer, one).accepted == 1
    backwards = sheet(one, columns=list(reversed(one)), chinese=False)
    assert numbers(file(viewer, "activities", lines(backwards))) == (1, 0, 1, 0)


def test_columns_the_format_does_not_know_are_named_and_ignored(sqlite_store):
    viewer = operator(bank(sqlite_store))
    rows = sheet(row(心情="好", 错误原因="金额：不是数字"))
    report = file(viewer, "activities", lines(rows))
    assert [heading for _sheet, heading in report.ignored] == ["心情", "错误原因"]
    assert report.accepted == 1


def test_a_sheet_of_instructions_beside_the_table_is_ignored(sqlite_store):
    viewer = operator(bank(sqlite_store))
    book = workbook(填写说明=[["说明", "日期"], ["请填写日期", "2026-11-20"]], 活动=sheet(row()))
    assert numbers(file(viewer, "activities", book, "a.xlsx")) == (1, 1, 0, 0)


def test_two_sheets_are_one_file_and_a_problem_names_its_sheet(sqlite_store):
    viewer = operator(bank(sqlite_store))
    other = [["金额(元)", "方式"] + sheet(row())[0], ["很多", "走访", *row().values()]]
    book = workbook(东湖=sheet(row()), 南山=other)
    report = file(viewer, "activities", book, "a.xlsx")
    assert numbers(report) == (2, 0, 0, 1) and report.batch is None
    assert report.problems.drop("problem").rows() == [("南山", 2, "金额(元)", "很多")]


def test_a_missing_column_is_named_and_nothing_is_stored(sqlite_store):
    viewer = operator(bank(sqlite_store))
    held = counts(sqlite_store)
    columns = [name for name in row() if name not in ("staff_no", "kind")]
    report = file(viewer, "activities", lines(sheet(row(), columns=columns)), accept_valid=True)
    assert problems(report) == [
        (1, "staff_no", None, "The column is missing"),
        (1, "kind", None, "The column is missing"),
    ]
    assert report.refused and counts(sqlite_store) == held


def test_headings_alone_are_an_empty_file_not_an_error(sqlite_store):
    report = file(operator(sqlite_store), "activities", lines(sheet(row())[:1]))
    assert numbers(report) == (0, 0, 0, 0) and report.batch is None and not report.refused


def test_a_dry_run_says_the_same_numbers_and_stores_nothing(sqlite_store):
    viewer = operator(sqlite_store)
    rows = [row(customer="甲", reference="a"), row(customer="甲", reference="a"), row(kind="唱歌")]
    held = counts(sqlite_store)
    options = {"accept_valid": True}
    dry = bring(viewer, *rows, dry_run=True, **options)
    assert numbers(dry) == (3, 1, 1, 1) and dry.batch is None
    assert counts(sqlite_store) == held
    assert numbers(bring(viewer, *rows, **options)) == numbers(dry)


def test_undo_refuses_what_is_not_a_batch_of_activities(sqlite_store):
    viewer = operator(bank(sqlite_store))
    people = file(viewer, "people", "region,branch,staff_no,manager\n江城分行,北门支行,1009,周正")
    with pytest.raises(Refused, match="import a corrected file"):
        undo_batch(viewer, people.batch)
    with pytest.raises(Refused, match="no import batch 99"):
        undo_batch(viewer, 99)


NASTY = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        f"0000-01-01 9999-12-31 0001-01-01 2026-02-30 20261120 2026-11 2026-13 24:00 -0 1e99 NaN inf true #N/A {{0}} %s "
        f"=1+1 ' {'9' * 30} 中介 1001 东湖支行 王芳 manager deals 是 咨询 成交 credit_loan".split()
    ),
)


@settings(max_examples=scaled(sweep=1_500, test=40), deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
@pytest.mark.slow
def test_no_text_in_cells_gives_anything_but_a_report_or_a_refusal(sqlite_store, data):
    viewer = operator(sqlite_store)
    kind = data.draw(st.sampled_from(sorted(BY_NAME)))
    columns = [one.name for one in BY_NAME[kind].columns]
    rows = data.draw(st.lists(st.lists(NASTY, min_size=len(columns), max_size=len(columns)), min_size=1, max_size=4))
    options = data.draw(
        st.fixed_dictionaries(dict.fromkeys(("create_missing", "accept_valid", "dry_run"), st.booleans()))
    )
    quoted = [['"' + cell.replace('"', '""') + '"' for cell in one] for one in rows]
    content = "\n".join(",".join(one) for one in [columns, *quoted]).encode(errors="replace")
    try:
        report = import_file(viewer, kind, "a.csv", content, TODAY, **options)
    except Refused:
        return
    assert isinstance(report, Report)
    assert report.problems.select("sheet", "row", "column").is_duplicated().sum() == 0
    stored = report.accepted > 0 and not options["dry_run"]
    assert (report.batch is not None) == stored
