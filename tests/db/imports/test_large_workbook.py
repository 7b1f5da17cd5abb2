"""A worksheet of many rows comes in portions too, and to the same as in one write. A large one has more than five rows
here."""

import shutil

import pytest
from sqlalchemy import select

from dashboard.shell.store import operator
from db.engine import Store
from db.imports.large import intake
from db.imports.report import Report
from db.models import ImportBatch
from metrics.definitions import interpret
from tests.db.imports.test_large import content, rows, small_portions, two_regions  # noqa: F401
from tests.support.sheets import counts, file, numbers, problems, sheet, trail, workbook


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


def bring(store: Store, wanted: list[dict], **sheets: list[list]) -> Report:
    return file(operator(store), "activities", workbook(log=sheet(*wanted), **sheets), "log.xlsx", create_missing=True)


def test_it_comes_to_the_same_as_one_write(sqlite_store, monkeypatch, sqlite_template, tmp_path, portions):
    wanted, beside = rows(2, 40), [["年度说明"], ["请按月填写"]]
    report = bring(two_regions(sqlite_store), wanted, 说明=beside)
    assert len(portions) > 1 and sum(portions) == 40
    shutil.copy(sqlite_template, tmp_path / "whole.db")
    whole = two_regions(Store(f"sqlite:///{tmp_path / 'whole.db'}", mark=interpret))
    with monkeypatch.context() as patched:
        patched.setattr(intake, "ROWS", 1_000)
        expected = bring(whole, wanted, 说明=beside)
    assert sum(portions) == 40  # the other one came in no portion
    assert numbers(report) == numbers(expected) == (40, 40, 0, 0)
    assert report.unused == expected.unused == ("说明",)
    assert content(sqlite_store) == content(whole)
    with sqlite_store.reading() as connection:
        assert connection.scalars(select(ImportBatch.file_name)).all() == ["log.xlsx"]
    assert trail(sqlite_store)[-1] == trail(whole)[-1]
    assert numbers(bring(sqlite_store, wanted, 说明=beside)) == (40, 0, 40, 0)
    whole.close()


def test_a_row_in_error_is_named_with_its_place_and_stores_nothing(sqlite_store):
    wanted = rows(4, 30)
    wanted[20] |= {"kind": "火箭"}
    report = bring(two_regions(sqlite_store), wanted)
    assert [one[:3] for one in problems(report) if one[0] == 22] == [(22, "活动类型", "火箭")]
    assert report.refused and counts(sqlite_store)["activity"] == 0


def test_rows_of_several_worksheets_come_at_once(sqlite_store, portions):
    wanted = rows(2, 20)
    report = bring(two_regions(sqlite_store), wanted[:10], more=sheet(*wanted[10:]))
    assert report.accepted == 20 and portions == []
