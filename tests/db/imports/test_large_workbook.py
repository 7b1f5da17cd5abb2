"""A workbook of many rows comes in portions too, whether they stand on one worksheet or several, and to the same as in one
write. A large one has more than five rows here."""

import random
import shutil
from io import BytesIO
from itertools import groupby

import pytest
import xlsxwriter
from sqlalchemy import select

from dashboard.shell.store import operator
from db.engine import Store
from db.imports.large import intake
from db.imports.report import Report
from db.models import ImportBatch
from metrics.definitions import interpret
from tests.db.imports.test_large import content, rows, small_portions, two_regions  # noqa: F401
from tests.support.sheets import counts, file, numbers, problems, sheet, trail, workbook
from tests.support.sweep import parts

BESIDE = [["年度说明"], ["请按月填写"]]


@pytest.fixture
def portions(monkeypatch) -> list[int]:
    """How many rows each portion has that is stored."""
    found: list[int] = []
    stored = intake.Intake.put

    def put(self, one, *others):
        found.append(one.good.height)
        return stored(self, one, *others)

    monkeypatch.setattr(intake.Intake, "put", put)
    return found


@pytest.fixture
def whole(monkeypatch, sqlite_template, tmp_path):
    """Brings the same workbook into a bank of its own, in one write."""
    shutil.copy(sqlite_template, tmp_path / "whole.db")
    store = two_regions(Store(f"sqlite:///{tmp_path / 'whole.db'}", mark=interpret))

    def brought(*files: bytes, **options) -> tuple[Store, list[Report]]:
        with monkeypatch.context() as patched:
            patched.setattr(intake, "ROWS", 1_000)
            return store, [bring(store, one, **options) for one in files]

    yield brought
    store.close()


def bring(store: Store, book: bytes, **options) -> Report:
    return file(operator(store), "activities", book, "log.xlsx", **{"create_missing": True} | options)


def months(wanted: list[dict], sheets: int) -> bytes:
    """The rows divided over so many worksheets, each from row 2."""
    each = -(-len(wanted) // sheets)
    divided = {f"{12 - place}月": wanted[place * each : (place + 1) * each] for place in range(sheets)}
    return workbook(**{name: sheet(*some) for name, some in divided.items()}, 说明=BESIDE)


def with_merged_branches(wanted: list[dict]) -> bytes:
    """As people write it: a branch's name stands once beside its rows, in a block of merged cells."""
    target = BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    for region, of_region in groupby(sorted(wanted, key=lambda one: one["region"]), lambda one: one["region"]):
        some = sorted(of_region, key=lambda one: one["branch"])
        page, cells = book.add_worksheet(region), sheet(*some)
        place = cells[0].index("支行")
        for number, line in enumerate(cells):
            page.write_row(number, 0, line)
        branches = [line[place] for line in cells]
        for branch in set(branches[1:]):
            first, many = branches.index(branch), branches.count(branch)
            if many > 1:
                page.merge_range(first, place, first + many - 1, place, branch)
    book.close()
    return target.getvalue()


def assert_same(report: Report, expected: Report) -> None:
    assert numbers(report) == numbers(expected)
    assert report.unused == expected.unused and report.ignored == expected.ignored and report.free == expected.free
    assert sorted(report.good.rows()) == sorted(expected.good.rows())
    assert report.problems.rows() == expected.problems.rows()
    assert report.warnings.rows() == expected.warnings.rows()
    assert report.left_out.rows() == expected.left_out.rows()
    assert [one.name for one in report.sheets] == [one.name for one in expected.sheets]


@pytest.mark.parametrize("sheets", [1, 6])
def test_it_comes_to_the_same_as_one_write(sqlite_store, whole, portions, sheets):
    book = months(rows(2, 40), sheets)
    report = bring(two_regions(sqlite_store), book)
    assert len(portions) > 1 and sum(portions) == 40
    other, (expected, again) = whole(book, book)
    assert sum(portions) == 40  # the other one came in no portion
    assert_same(report, expected)
    assert report.unused == ("说明",)
    assert content(sqlite_store) == content(other)
    with sqlite_store.reading() as connection:
        assert connection.scalars(select(ImportBatch.file_name)).all() == ["log.xlsx"]
    assert trail(sqlite_store)[-1] == trail(other)[-1]
    assert_same(bring(sqlite_store, book), again)


@pytest.mark.parametrize("seed", parts(40, 2))
def test_random_workbooks_come_to_the_same(sqlite_store, whole, seed):
    """With cells in error, entries that stand on two worksheets, and blocks of merged cells."""
    rng, wanted = random.Random(seed), rows(seed, 50)
    for _wrong in range(rng.randrange(4)):
        rng.choice(wanted).update(rng.choice([{"kind": "火箭"}, {"staff_no": "9999"}, {"amount": "很多"}]))
    wanted += rng.sample(wanted, 5)
    book = rng.choice([lambda: months(wanted, rng.choice([2, 5])), lambda: with_merged_branches(wanted)])()
    accept = rng.choice([True, False])
    report = bring(two_regions(sqlite_store), book, accept_valid=accept)
    other, [expected] = whole(book, accept_valid=accept)
    assert_same(report, expected)
    assert content(sqlite_store) == content(other)


def test_merged_cells_are_read_whole_wherever_a_portion_ends(sqlite_store, whole, portions):
    book = with_merged_branches(rows(2, 40))
    report = bring(two_regions(sqlite_store), book)
    assert sum(portions) == report.accepted == 40
    other, [expected] = whole(book)
    assert_same(report, expected)
    assert content(sqlite_store) == content(other)


def test_a_row_in_error_is_named_with_its_sheet_and_place_and_stores_nothing(sqlite_store):
    wanted = rows(4, 30)
    wanted[20] |= {"kind": "火箭"}
    report = bring(two_regions(sqlite_store), months(wanted, 3))
    assert [one[:3] for one in problems(report) if one[0] == 2] == [(2, "活动类型", "火箭")]
    assert set(report.problems.filter(row=2)["sheet"]) == {"10月"}
    assert report.refused and counts(sqlite_store)["activity"] == 0


def test_a_heading_that_is_missing_on_one_worksheet_stores_nothing(sqlite_store, whole):
    wanted = rows(4, 30)
    lacking = sheet(*({name: cell for name, cell in one.items() if name != "kind"} for one in wanted[:10]))
    book = workbook(一月=lacking, 二月=sheet(*wanted[10:]))
    report = bring(two_regions(sqlite_store), book)
    _other, [expected] = whole(book)
    assert report.refused and counts(sqlite_store)["activity"] == 0
    assert problems(report)[0] == problems(expected)[0]
    assert report.problems["sheet"][0] == "一月"
