"""A metric declared once is right everywhere: ratios with and without limits, and amounts besides that of the deals."""

import csv
import io
import json
import sys

import fastexcel
import polars as pl
import pytest

from dashboard.comparison import sections  # noqa: F401  loaded before their FUNNEL is replaced
from dashboard.standing import boards  # noqa: F401
from metrics import catalog
from metrics.metric import AMOUNT, ratio, total
from tests.support.command_line import call
from tests.support.pages import healthy, look, tables

pytestmark = pytest.mark.slow

LARGE = total(
    "large_amount",
    "Amount of large deals",
    where=lambda col: (col("kind") == "deal") & (col("amount_cents") >= 20_000_000),
    value="amount_cents",
    formula="sum of the amounts of deals of 200,000 yuan or more",
    source="test",
)
RATIOS = {
    name: ratio(f"amount_a_visit_{name}", "Amount a visit", interval=limits, **facts)
    for name, limits in (("with_limits", True), ("without", False))
    for facts in ({"of": LARGE, "to": catalog.CONSULTATIONS, "unit": AMOUNT, "source": "test"},)
}
WAN = "{heading} (万元)"


@pytest.fixture
def demo(configured, region_url):
    configured.database_url, configured.demo = region_url, True


@pytest.fixture
def summary(demo, capsys):
    def run(*options: str) -> str:
        words = ("--lang", "zh", "report", "summary", "--from", "2026-11-01", "--to", "2026-11-30", *options)
        code, said, wrong = call(capsys, *words)
        assert (code, wrong) == (0, "")
        return said

    return run


@pytest.fixture(params=RATIOS)
def added(request):
    """A second total of amounts and a ratio of it, in the funnel of every module, also of those that a test imports."""
    one, before = RATIOS[request.param], {name: getattr(catalog, name) for name in ("FUNNEL", "FUNNEL_RATIOS")}
    longer = {"FUNNEL": (*before["FUNNEL"], LARGE, one), "FUNNEL_RATIOS": (*before["FUNNEL_RATIOS"], one)}

    def everywhere(those: dict[str, tuple], instead: dict[str, tuple]) -> None:
        for module in [one for key, one in sys.modules.items() if key.startswith(("metrics", "dashboard"))]:
            for name in those:
                if getattr(module, name, None) is those[name]:
                    setattr(module, name, instead[name])

    everywhere(before, longer)
    yield one
    everywhere(longer, before)


def test_json_says_amounts_in_yuan(added, summary):
    answer = json.loads(summary("--by", "manager", "--json"))
    for row in (*answer["rows"], answer["total"]):
        assert 0 <= row["large_amount"] <= row["deal_amount"]
        expected = row["large_amount"] / row["consultations"] if row["consultations"] else None
        assert row[added.name] == pytest.approx(expected, abs=1e-4)
        assert (f"{added.name}_low" in row) == added.interval
    assert answer["total"]["large_amount"] > 0


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_files_say_amounts_in_ten_thousands_of_yuan(added, summary, form, tmp_path):
    target = tmp_path / f"summary.{form}"
    summary("--by", "branch", f"--{form}", str(target))
    answer = json.loads(summary("--by", "branch", "--json"))
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(target.read_text("utf-8-sig"))))
    else:
        rows = pl.DataFrame(fastexcel.read_excel(target).load_sheet("汇总")).to_dicts()
    for row, said in zip(rows, (*answer["rows"], answer["total"]), strict=True):
        for heading, name in (("Amount of large deals", LARGE.name), ("Amount a visit", added.name)):
            assert float(row[WAN.format(heading=heading)]) == pytest.approx(said[name] / 1e4, abs=0.0051)
    limits = [heading for heading in rows[0] if heading.startswith("Amount a visit") and "限" in heading]
    assert len(limits) == (2 if added.interval else 0)


def test_the_terminal_shows_it_without_its_limits(added, summary):
    said = summary("--by", "branch")
    assert said.count("visit") == 1 and "下限" not in said
    total = json.loads(summary("--by", "branch", "--json"))["total"]
    assert f"{round(total[added.name] / 1e4, 2):,}" in said


@pytest.mark.parametrize(("page", "who"), [("weekly_meeting", "head-1"), ("branch_comparison", "region-1")])
def test_screens_say_amounts_in_ten_thousands_of_yuan(added, demo, page, who):
    app = healthy(look(page, who, section="activity"))
    (table,) = [one for one in tables(app) if "Amount a visit" in one[0]]
    cells = [row[table[0].index("Amount a visit")] for row in table[1:]]
    assert any(cell.startswith(tuple("123456789")) or "万元" in cell for cell in cells)
    assert all("万元" in cell for cell in cells if not cell.startswith("—"))


def test_the_average_ticket_is_on_screen_in_json_and_in_files(demo, summary, tmp_path):
    answer = json.loads(summary("--by", "branch", "--json"))["total"]
    assert answer["average_ticket"] == pytest.approx(answer["deal_amount"] / answer["deals"], abs=1e-4)
    target = tmp_path / "summary.csv"
    summary("--csv", str(target))
    (row,) = csv.DictReader(io.StringIO(target.read_text("utf-8-sig")))
    assert float(row["笔均金额 (万元)"]) == pytest.approx(answer["average_ticket"] / 1e4, abs=0.0051)
    (table,) = [
        one
        for one in tables(healthy(look("branch_comparison", "region-1", section="activity")))
        if "笔均金额" in one[0]
    ]
    assert table[-1][table[0].index("笔均金额")] == f"{answer['average_ticket'] / 1e4:,.2f} 万元"
