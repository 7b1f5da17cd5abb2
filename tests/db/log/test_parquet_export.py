"""The log as Parquet: what counts, a file a month, one moment of the store, whole or not at all, again only what changed."""

import json
from datetime import date

import polars as pl
import pytest

from dashboard.shell.store import operator
from db.errors import NotAllowed, Refused
from db.log import mirror, parquet_export
from db.log.entry import Entry
from db.recording import recording
from db.spans import Ever
from tests.support.builders import MONDAY, WANG, bank, manager

NAMES = {"branch": pl.DataFrame({"branch": [1], "branch_name": ["东湖支行"]})}
EARLIER = date(2026, 10, 12)


@pytest.fixture
def store(sqlite_store):
    bank(sqlite_store)
    for day, name in ((EARLIER, "周记面馆"), (MONDAY, "李记五金"), (MONDAY, "赵记茶行")):
        consult(sqlite_store, day, name)
    return sqlite_store


def consult(store, day: date, name: str) -> None:
    met = Entry("consultation", day, customer_name=name, met_decider=True, need_recorded=True)
    recording.record(operator(store), WANG, met, f"{day} {name}", MONDAY)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def rows(folder) -> pl.DataFrame:
    return pl.read_parquet(folder / "current" / "activity", hive_partitioning=True).drop("month").sort("id")


def test_the_rows_are_those_of_the_mirror(store, out):
    done = parquet_export.export(operator(store), out, NAMES)
    ours = mirror.of(store).read(Ever(), {}).with_columns(pl.col(pl.Enum).cast(pl.String)).sort("id").collect()
    assert rows(out).select(ours.columns).equals(ours) and ours.height == done.rows == 3
    assert done.written == ["2026-10", "2026-11"]
    assert pl.read_parquet(out / "current" / "names" / "branch.parquet").equals(NAMES["branch"])
    said = json.loads((out / "current" / "manifest.json").read_text())
    assert said["version"] == store.counter() == done.version and said["columns"] == dict(said["columns"])
    assert "周记面馆" not in json.dumps(said, ensure_ascii=False)


def test_again_only_the_months_that_changed_are_written_and_nothing_where_none_did(store, out):
    first = parquet_export.export(operator(store), out, NAMES)
    october = parquet_export.part(first.folder, "2026-10").stat().st_ino
    assert parquet_export.export(operator(store), out, NAMES).written == []
    consult(store, MONDAY, "孙记布店")
    second = parquet_export.export(operator(store), out, NAMES)
    assert second.written == ["2026-11"] and second.rows == 4
    assert parquet_export.part(second.folder, "2026-10").stat().st_ino == october
    assert rows(out).height == 4
    assert rows_of(first.folder) == 3, "whoever reads the one before goes on"
    consult(store, EARLIER, "钱记小吃")
    assert parquet_export.export(operator(store), out, NAMES).written == ["2026-10"]
    assert not first.folder.exists() and second.folder.exists()


def rows_of(folder) -> int:
    return pl.read_parquet(folder / "activity", hive_partitioning=True).height


def test_one_that_breaks_off_leaves_the_one_before(store, out, monkeypatch):
    parquet_export.export(operator(store), out, NAMES)
    consult(store, MONDAY, "孙记布店")

    def full(*_given):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken, pytest.raises(OSError, match="space"):
        broken.setattr(parquet_export, "publish", full)
        parquet_export.export(operator(store), out, NAMES)
    assert rows(out).height == 3 and list(out.glob(f"*{parquet_export.UNFINISHED}"))
    assert parquet_export.export(operator(store), out, NAMES).rows == 4
    assert rows(out).height == 4 and not list(out.glob(f"*{parquet_export.UNFINISHED}"))


def test_the_first_one_that_broke_off_is_begun_again(store, out):
    (out / f"v3-0123abcd.1{parquet_export.UNFINISHED}" / "activity").mkdir(parents=True)
    assert parquet_export.export(operator(store), out, NAMES).rows == 3
    assert sorted(one.name[0] for one in out.iterdir()) == ["c", "v"]


def test_a_folder_of_something_else_is_left_alone(store, out):
    out.mkdir()
    (out / "letters.txt").write_text("mine")
    with pytest.raises(Refused, match="holds something else"):
        parquet_export.export(operator(store), out, NAMES)
    assert [one.name for one in out.iterdir()] == ["letters.txt"]


def test_who_may_not_export_does_not(store, out):
    with pytest.raises(NotAllowed):
        parquet_export.export(manager(store), out, NAMES)
    assert not out.exists()


def test_an_empty_log_is_an_empty_export(sqlite_store, out):
    done = parquet_export.export(operator(bank(sqlite_store)), out, NAMES)
    assert (done.rows, done.written) == (0, []) and (out / "current" / "manifest.json").exists()
