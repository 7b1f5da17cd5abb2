"""`report penetration`: the contract as JSON, the same numbers as table, CSV and Excel; parts add up to the whole."""

import csv
import json

import fastexcel
import polars as pl
import pytest

from tests.support.command_line import call

COUNTS = (
    "potential_customers",
    "consulted_customers",
    "on_file_customers",
    "approved_customers",
    "loan_customers",
    "deal_customers",
    "outside_register",
)
RATIOS = ("market_penetration", "contact_penetration", "products_per_customer", "attach_rate")


@pytest.fixture
def report(configured, region_url, capsys):
    def run(*options: str, on: str = "2026-11-20", language: str = "zh", expected: int = 0) -> str:
        asked = ("--lang", language, "report", "penetration", "--on", on, *options, "--database", region_url)
        code, said, wrong = call(capsys, *asked)
        assert code == expected, wrong
        return said if expected == 0 else wrong

    return run


def test_the_contract_holds_by_every_key_and_parts_add_up(report):
    whole = json.loads(report("--json"))
    assert (whole["kind"], whole["on"], whole["by"], whole["rows"]) == ("penetration", "2026-11-20", [], [])
    assert {*COUNTS, *RATIOS} <= whole["total"].keys() and whole["total"]["deal_customers"] > 50
    for key, named in (
        ("region", {"region"}),
        ("branch", {"branch"}),
        ("manager", {"staff_no", "manager"}),
        ("territory", {"branch", "territory"}),
    ):
        answer = json.loads(report("--by", key, "--json"))
        assert answer["total"] == whole["total"] and answer["definitions"] == 1
        assert named <= answer["rows"][0].keys()
        for name in (*COUNTS, "products_held", "loan_deals"):
            assert sum(row[name] for row in answer["rows"]) == pytest.approx(whole["total"][name]), (key, name)


def test_what_nobody_owns_stands_under_no_manager_and_comes_last(report):
    rows = json.loads(report("--by", "manager", "--json"))["rows"]
    assert (rows[-1]["staff_no"], rows[-1]["manager"]) == (None, None) and rows[-1]["potential_customers"] > 0
    assert [row["staff_no"] for row in rows[:-1]] == sorted(row["staff_no"] for row in rows[:-1])
    assert "未分配" in report("--by", "manager") and "Unassigned" in report("--by", "manager", language="en")


def test_by_product_who_holds_it_of_those_with_any(report):
    answer = json.loads(report("--by", "product", "--json"))
    assert {"product", "product_holders", "product_penetration"} == answer["rows"][0].keys()
    share = answer["rows"][0]["product_holders"] / answer["total"]["product_customers"]
    assert answer["rows"][0]["product_penetration"] == pytest.approx(share)


def test_by_product_as_a_file_for_people_has_no_total(report, tmp_path):
    assert report("--by", "product", "--csv", str(tmp_path / "products.csv")) == ""
    lines = (tmp_path / "products.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("产品") and len(lines) > 5


def test_of_a_period_the_attach_rate_is_its_own_and_what_is_new_is_said(report):
    ever = json.loads(report("--json"))["total"]
    month = json.loads(report("--from", "2026-11-01", "--json"))
    assert month["from"] == "2026-11-01" and month["total"]["loan_deals"] < ever["loan_deals"]
    assert 0 < month["total"]["won_customers"] < ever["deal_customers"] == month["total"]["deal_customers"]


def test_before_there_was_anything_every_ratio_is_null(report):
    total = json.loads(report("--json", on="2001-01-01"))["total"]
    assert {total[name] for name in COUNTS} == {0} and {total[name] for name in RATIOS} == {None}


def test_excel_and_csv_hold_the_same(report, tmp_path):
    answer = json.loads(report("--by", "branch", "--json"))
    sheet, text = tmp_path / "渗透率.xlsx", tmp_path / "penetration.csv"
    assert report("--by", "branch", "--xlsx", str(sheet), "--csv", str(text)) == ""
    potential = [one["potential_customers"] for one in (*answer["rows"], answer["total"])]
    book = fastexcel.read_excel(sheet)
    assert book.sheet_names == ["渗透率", "说明"]
    assert pl.DataFrame(book.load_sheet("渗透率"))["潜在客户"].to_list() == potential
    with text.open(encoding="utf-8-sig", newline="") as file:
        assert [int(one["潜在客户"]) for one in csv.DictReader(file)] == potential


def test_a_key_nobody_knows_and_days_out_of_order_are_no_call(report):
    assert "--by" in report("--by", "channel", expected=2)
    assert "--on" in report("--from", "2026-12-01", expected=2)
    assert "--on" in report(on="1999-01-01", expected=2)
