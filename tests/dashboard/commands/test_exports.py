"""`export parquet` and `cluster summary`: the log for other engines, and the same numbers there."""

import json
import os
import shutil

import polars as pl
import pytest
from sqlalchemy import select

from dashboard.shell.store import open_store
from db.models import Audit
from tests.support.command_line import call

NOVEMBER = ("--from", "2026-11-01", "--to", "2026-11-30")


@pytest.fixture
def run(configured, region_url, capsys):
    def run(*options: str) -> tuple[int, str, str]:
        return call(capsys, "--lang", "en", *options)

    return run


@pytest.fixture
def exported(run, region_url, tmp_path):
    code, said, wrong = run("export", "parquet", str(tmp_path / "out"), "--json", "--database", region_url)
    assert (code, wrong) == (0, "")
    return tmp_path / "out", json.loads(said)


def test_the_export_says_what_it_wrote_and_names_no_customer(exported, run, region_url):
    folder, said = exported
    assert said["rows"] == sum(pl.read_parquet(one).height for one in folder.glob("current/activity/*/part.parquet"))
    assert len(said["written"]) == 4 and said["rows"] > 1_000
    names = {one.stem: pl.read_parquet(one).columns for one in folder.glob("current/names/*.parquet")}
    assert names.keys() == {"region", "branch", "manager", "product"} and "staff_no" in names["manager"]
    code, again, _wrong = run("export", "parquet", str(folder), "--database", region_url)
    assert code == 0 and "months written: 0" in again


def test_the_trail_says_how_many_rows_were_taken_away(exported, region_url):
    with open_store(region_url).engine.connect() as connection:
        (after,) = connection.execute(select(Audit.after).where(Audit.entity == "activity_log")).scalars()
    assert after["rows"] == exported[1]["rows"] > 0


def test_a_folder_without_an_export_is_said(run, tmp_path):
    code, _said, wrong = run("cluster", "summary", str(tmp_path), *NOVEMBER)
    assert code == 1 and "holds no export" in wrong and "Traceback" not in wrong


@pytest.mark.slow
@pytest.mark.parametrize("by", ["", "branch,manager", "product,channel", "day"])
def test_a_cluster_gives_the_numbers_of_the_report(exported, run, region_url, by):
    """Two worker processes, a core each."""
    pytest.importorskip("pyspark", reason="pyspark is not installed: pip install pyspark")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("PySpark needs Java, and there is none here")
    keys = ("--by", by) if by else ()
    code, said, _wrong = run(
        "cluster", "summary", str(exported[0]), *NOVEMBER, *keys, "--master", "local-cluster[2,1,1024]", "--json"
    )
    assert code == 0
    theirs = json.loads(said)["rows"]
    report = json.loads(run("report", "summary", *NOVEMBER, *keys, "--json", "--database", region_url)[1])
    ours = [row for row in (report["rows"] if by else [report["total"]]) if row["contacts"] or row["applications"]]
    assert len(theirs) >= len(ours) >= 1
    known = [{name: row.get(name) for name in theirs[0]} for row in ours]
    assert [row for row in theirs if row in known] == known
