"""The summary as JSON: the shape other programs rely on."""

import json
from datetime import date

import polars as pl
import pytest

from dashboard.shell.store import operator
from dashboard.standing import summary_report
from dashboard.standing.part import Part, find_part
from dashboard.workdays import working_days
from db.errors import Refused
from metrics.periods import Period
from tests.support.builders import EAST, LI, SOUTH, WANG, ZHAO, bank, head, manager, regional
from tests.support.sheets import bring, file, row

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
MID = date(2026, 11, 16)  # 11 of 21 working days are gone
RATES = [
    f"{name}{side}" for name in ("application_rate", "deal_rate", "conversion_rate") for side in ("", "_low", "_high")
]
NUMBERS = ["contacts", "consultations", "applications", "deals", "deal_amount", "average_ticket", *RATES]
PLANS = """month,level,staff_no,name,measure,target
2026-11,manager,1001,,consultations,4
2026-11,manager,1001,,deal_amount,100000
2026-11,branch,,南山支行,deals,2
"""


@pytest.fixture
def worked(sqlite_store):
    """王芳: two consultations, an application, a deal of 12,345.67 元; 李强 and 赵敏: nothing."""
    viewer = operator(bank(sqlite_store))
    loan = {"customer": "张三", "opportunity": "1", "product": "信用贷款"}
    log = (
        row(customer="张三", channel="路演"),
        row(customer="李四", method="走访"),
        row(kind="申请", **loan, amount="12345.67"),
        row(date="2026-11-17", kind="成交", **loan, amount="12345.67"),
        row(date="2026-11-17", kind="咨询", effective="否"),
    )
    assert bring(viewer, *log).accepted == 5
    assert file(viewer, "plans", PLANS).accepted == 3
    return viewer


def asked(viewer, *by: str, part: Part = Part(), period: Period = NOVEMBER) -> dict:
    table, total, rules = summary_report.summary(viewer, period, MID, list(by), part)
    return json.loads(
        json.dumps(summary_report.as_json(table, total, rules, period, by, working_days.calendar_known(viewer, period)))
    )


def test_the_answer_has_the_keys_of_the_contract_in_their_order(worked):
    answer = asked(worked, "branch", "manager")
    keys = ["kind", "from", "to", "by", "definitions", "rows", "total", "time_basis", "calendar_known"]
    assert list(answer) == keys
    assert (answer["kind"], answer["from"], answer["to"]) == ("summary", "2026-11-01", "2026-11-30")
    assert (answer["by"], answer["definitions"]) == (["branch", "manager"], 1)
    after = [*NUMBERS, "plan", "attainment", "time_progress", "pace"]
    for one in answer["rows"]:
        assert list(one) == ["branch", "staff_no", "manager", *after]
    assert list(answer["total"]) == after


def test_amounts_are_yuan_and_rates_shares(worked):
    first = asked(worked, "manager")["rows"][0]
    assert (first["staff_no"], first["manager"]) == ("1001", "王芳")
    numbers = {name: first[name] for name in NUMBERS[:5]}
    assert numbers == {
        "contacts": 3,
        "consultations": 2,
        "applications": 1,
        "deals": 1,
        "deal_amount": 12345.67,
    }
    assert (first["application_rate"], first["deal_rate"], first["conversion_rate"]) == (0.5, 1.0, 0.5)
    assert 0 < first["conversion_rate_low"] < 0.5 < first["conversion_rate_high"]
    assert first["plan"] == {"consultations": 4, "deal_amount": 100000}
    assert first["attainment"] == {
        "consultations": 0.5,
        "applications": None,
        "deals": None,
        "deal_amount": pytest.approx(0.1234567),
    }
    assert first["time_progress"] == pytest.approx(11 / 21)


def test_everyone_has_a_row_and_nothing_logged_is_nought_with_no_rate(worked):
    rows = asked(worked, "manager")["rows"]
    assert [one["staff_no"] for one in rows] == ["1001", "1002", "1003"]
    for silent in rows[1:]:
        assert [silent[name] for name in NUMBERS[:5]] == [0, 0, 0, 0, 0]
        assert {silent[name] for name in ("average_ticket", *RATES)} == {None}
        assert silent["plan"] == {} and set(silent["attainment"].values()) == {None}


def test_a_branch_stands_against_its_own_plan_and_the_total_against_all(worked):
    answer = asked(worked, "branch")
    assert [one["branch"] for one in answer["rows"]] == sorted(["东湖支行", "南山支行"])
    plans = {one["branch"]: one["plan"] for one in answer["rows"]}
    assert plans == {"东湖支行": {"consultations": 4, "deal_amount": 100000}, "南山支行": {"deals": 2}}
    assert answer["total"]["plan"] == {"consultations": 4, "deals": 2, "deal_amount": 100000}
    assert answer["total"]["attainment"]["deals"] == 0.5


def test_a_plan_of_one_product_is_attained_by_product_and_a_product_nobody_sold_has_its_row(worked):
    rows = "month,level,staff_no,measure,product,target\n2026-11,manager,1001,deals,信用贷款,4\n"
    assert file(worked, "plans", rows + "2026-11,manager,1002,deals,理财,20").accepted == 2
    found = {one["product"]: one for one in asked(worked, "product")["rows"]}
    assert found["理财"]["deals"] == 0 and found["理财"]["attainment"]["deals"] == 0.0
    assert found["理财"]["pace"]["deals"]["status"] == "far_behind"
    assert found["信用贷款"]["plan"] == {"deals": 4}
    by_manager = asked(worked, "manager", "product")["rows"]
    assert [one["product"] for one in by_manager if one["staff_no"] == "1002"] == ["理财"]
    assert by_manager[-1]["staff_no"] == "1003" and by_manager[-1]["product"] is None


def test_who_has_no_plan_is_said_to_have_none_in_words(worked):
    silent = asked(worked, "manager")["rows"][1]
    for measure in silent["pace"].values():
        assert (measure["status"], measure["word"], measure["pace_gap"]) == ("no_plan", "无计划", None)


def test_the_pace_names_status_gap_need_and_where_it_leads(worked):
    pace = asked(worked, "manager")["rows"][0]["pace"]["consultations"]
    assert (pace["status"], pace["word"], pace["icon"]) == ("watch", "关注", "○")
    assert pace["pace_gap"] == pytest.approx(0.5 - 11 / 21) and pace["needed_per_day"] == pytest.approx(0.2)
    assert pace["projection"] == pytest.approx(2 / (11 / 21), abs=1e-4)
    assert pace["projection_low"] == 2 < pace["projection"] < pace["projection_high"]


def test_a_year_without_a_notice_is_named(worked):
    assert asked(worked)["calendar_known"] is True
    assert asked(worked, period=Period(date(2031, 1, 1), date(2031, 1, 5)))["calendar_known"] is False


@pytest.mark.parametrize("key", ["day", "week", "month"])
def test_days_weeks_and_months_are_iso_and_all_there(worked, key):
    rows = asked(worked, key)["rows"]
    said = [one[key] for one in rows]
    assert said == sorted(said) and len(said) == {"day": 30, "week": 6, "month": 1}[key]
    assert said[0] == {"day": "2026-11-01", "week": "2026-10-26", "month": "2026-11-01"}[key]
    assert sum(one["deals"] for one in rows) == 1


@pytest.mark.parametrize("key", ["channel", "method"])
def test_what_has_no_plan_says_so_and_comes_last_without_a_name(worked, key):
    rows = asked(worked, key)["rows"]
    assert rows[-1][key] is None and len(rows) == 2
    assert all(one["plan"] == {} and one["time_progress"] is None for one in rows)


@pytest.mark.parametrize("by", [["manager", "week"], ["branch", "product"], ["region", "day"], ["week", "channel"]])
def test_the_parts_add_up_to_the_total(worked, by):
    answer = asked(worked, *by)
    for name in NUMBERS[:5]:
        assert sum(one[name] for one in answer["rows"]) == pytest.approx(answer["total"][name])


def test_rows_are_sorted_by_their_keys(worked):
    rows = asked(worked, "branch", "manager", "week")["rows"]
    keys = [(one["branch"], one["staff_no"], one["week"]) for one in rows]
    assert keys == sorted(keys) and len(keys) == 3 * 6


def test_a_part_of_the_bank_is_named_by_name_or_staff_number(worked):
    def found(**names) -> Part:
        return find_part(worked, **{"region": None, "branch": None, "manager": None, **names}, period=NOVEMBER)

    assert found() == Part()
    assert found(branch="南山支行") == Part(branch=SOUTH)
    assert found(manager="1002") == Part(manager=LI) == found(manager="李强")
    for unknown in ("没有", "", "99"):
        with pytest.raises(Refused):
            found(manager=unknown)


def test_a_branch_alone_has_its_people_and_its_plan(worked):
    answer = asked(worked, "manager", part=Part(branch=SOUTH))
    assert [one["staff_no"] for one in answer["rows"]] == ["1003"]
    assert (answer["total"]["deals"], answer["total"]["plan"]) == (0, {"deals": 2})


def test_a_manager_alone_has_one_row_and_his_plan(worked):
    answer = asked(worked, "manager", part=Part(manager=WANG))
    assert len(answer["rows"]) == 1
    assert answer["total"]["plan"] == {"consultations": 4, "deal_amount": 100000}


def test_everyone_sees_his_own_part_only(worked):
    store = worked.store
    for viewer, staff in (
        (manager(store), ["1001"]),
        (head(store, EAST), ["1001", "1002"]),
        (head(store, SOUTH), ["1003"]),
        (regional(store), ["1001", "1002", "1003"]),
    ):
        assert [one["staff_no"] for one in asked(viewer, "manager")["rows"]] == staff


def test_an_empty_bank_has_a_total_and_no_rows(sqlite_store):
    answer = asked(operator(sqlite_store), "manager")
    assert answer["rows"] == []
    assert answer["total"]["consultations"] == 0 and answer["total"]["conversion_rate"] is None


def test_two_managers_of_one_name_are_two_rows(worked):
    with worked.store.writing("test") as write:
        from sqlalchemy import update

        from db.models import Manager

        write.session.execute(update(Manager).where(Manager.id == ZHAO).values(name="王芳"))
    rows = asked(worked, "manager")["rows"]
    assert [(one["staff_no"], one["manager"]) for one in rows] == [("1001", "王芳"), ("1002", "李强"), ("1003", "王芳")]
    with pytest.raises(Refused):
        find_part(worked, None, None, "王芳", NOVEMBER)


def test_the_frame_behind_it_is_as_long_as_the_answer(worked):
    table, total, _rules = summary_report.summary(worked, NOVEMBER, MID, ["manager"])
    assert isinstance(table, pl.DataFrame) and table.height == 3 and total.height == 1
