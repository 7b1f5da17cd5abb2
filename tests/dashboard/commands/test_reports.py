"""`report summary`: the same numbers as JSON, table, CSV and Excel; and the totals of a real log."""

import csv
import json
from pathlib import Path

import fastexcel
import polars as pl
import pytest

from dashboard.shell.store import open_store, operator
from dashboard.standing import summary_report
from metrics.periods import Period
from tests.conftest import FRIDAY
from tests.support.command_line import ROOT, call

NOVEMBER = ("--from", "2026-11-01", "--to", "2026-11-30")
TOTALS = ("contacts", "consultations", "applications", "deals", "deal_amount")
BPI = ROOT.parent / "shared" / "data" / "bpi2012" / "activities.csv.gz"


@pytest.fixture
def summary(configured, region_url, capsys):
    def run(*options: str, language: str = "zh") -> str:
        code, said, wrong = call(
            capsys, "--lang", language, "report", "summary", *NOVEMBER, *options, "--database", region_url
        )
        assert (code, wrong) == (0, "")
        return said

    return run


def test_json_has_the_numbers_of_the_report(summary, region_url):
    answer = json.loads(summary("--by", "branch", "--by", "manager", "--json"))
    store = open_store(region_url)
    period = Period(FRIDAY.replace(day=1), FRIDAY.replace(day=30))
    found = summary_report.summary(operator(store), period, FRIDAY.replace(day=19), ["branch", "manager"])
    store.close()
    table, total, rules = found
    assert answer == json.loads(
        json.dumps(summary_report.as_json(table, total, rules, period, ["branch", "manager"], True))
    )
    assert len(answer["rows"]) == 12 and answer["total"]["consultations"] > 100


def test_one_list_of_keys_is_as_good_as_several_options(summary):
    assert summary("--by", "branch,manager", "--json") == summary("--by", "branch", "--by", "manager", "--json")


@pytest.mark.parametrize(("language", "words"), [("zh", ("客户经理", "合计")), ("en", ("Manager", "Total"))])
def test_the_table_speaks_the_language(summary, language, words):
    said = summary("--by", "manager", language=language)
    assert all(word in said for word in words)


def test_a_manager_without_a_plan_is_said_to_have_none(summary):
    assert "无计划" in summary("--by", "manager")
    assert "no plan" in summary("--by", "manager", language="en")


def test_excel_holds_the_numbers_with_their_total_and_meaning(summary, tmp_path):
    target = tmp_path / "汇总.xlsx"
    assert summary("--by", "manager", "--xlsx", str(target)) == ""
    book = fastexcel.read_excel(target)
    found = pl.DataFrame(book.load_sheet("汇总"))
    answer = json.loads(summary("--by", "manager", "--json"))
    assert found["成交量"].to_list() == [one["deals"] for one in (*answer["rows"], answer["total"])]
    amounts = [round(one["deal_amount"] / 10_000, 2) for one in (*answer["rows"], answer["total"])]
    assert found["成交金额 (万元)"].to_list() == amounts
    assert book.sheet_names == ["汇总", "说明"]


def test_csv_holds_the_same(summary, tmp_path):
    target = tmp_path / "summary.csv"
    summary("--by", "branch", "--csv", str(target), language="en")
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    answer = json.loads(summary("--by", "branch", "--json"))
    assert [int(one["Deals"]) for one in rows] == [one["deals"] for one in (*answer["rows"], answer["total"])]
    assert [one["Branch"] for one in rows] == [*(one["branch"] for one in answer["rows"]), "Total"]


def test_one_manager_and_one_branch_can_be_asked_for(summary):
    everyone = json.loads(summary("--by", "branch,manager", "--json"))["rows"]
    one = everyone[3]
    assert json.loads(summary("--manager", one["staff_no"], "--json"))["total"]["deals"] == one["deals"]
    (branch,) = json.loads(summary("--by", "branch", "--branch", one["branch"], "--json"))["rows"]
    assert branch["deals"] == sum(row["deals"] for row in everyone if row["branch"] == one["branch"])


def test_time_stands_where_it_is_asked_for(summary):
    def progress(day: str) -> float:
        return json.loads(summary("--json", "--as-of", day))["total"]["time_progress"]

    assert progress("2026-10-31") == 0.0
    assert progress("2026-11-16") == pytest.approx(11 / 21)
    assert progress("2026-12-31") == 1.0


def test_what_came_after_the_day_that_is_asked_for_is_left_out(summary):
    month, by_then = (json.loads(summary("--json", *asked))["total"] for asked in ((), ("--as-of", "2026-11-16")))
    days = json.loads(summary("--by", "day", "--json"))["rows"]
    assert by_then["deals"] == sum(one["deals"] for one in days if one["day"] <= "2026-11-16") < month["deals"]


@pytest.fixture(scope="module")
def real(tmp_path_factory, sqlite_template) -> str:
    """A real loan process, imported through the command line (tests/support/command_line.py)."""
    if not BPI.exists():
        pytest.skip(f"no real log at {BPI}")
    import shutil
    import subprocess
    import sys

    path = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("bpi") / "bpi.db"))
    words = ["import", "activities", str(BPI), "--create-missing", "--json", "--database", f"sqlite:///{path}"]
    done = subprocess.run([sys.executable, "-m", "dashboard", *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rejected"] == 0
    return f"sqlite:///{path}"


def of_real(capsys, url: str, *by: str) -> dict:
    keys = [word for key in by for word in ("--by", key)]
    words = ("report", "summary", "--from", "2011-10-01", "--to", "2012-03-31", "--json", "--database", url)
    code, said, _wrong = call(capsys, *words, *keys)
    assert code == 0
    return json.loads(said)


@pytest.mark.slow
def test_a_real_log_has_its_known_totals(real, configured, capsys):
    answer = of_real(capsys, real, "manager")
    assert len(answer["rows"]) == 63
    assert [answer["total"][name] for name in TOTALS] == [44829, 35416, 5113, 2246, 35290338]


@pytest.mark.slow
@pytest.mark.parametrize("by", ["manager", "day", "week", "month", "branch", "region", "product", "channel", "method"])
def test_a_real_log_has_the_same_totals_by_any_split(real, configured, capsys, by):
    rows = of_real(capsys, real, by)["rows"]
    assert [round(sum(one[name] for one in rows), 2) for name in TOTALS] == [44829, 35416, 5113, 2246, 35290338]
