"""Territories from a file: registers, and who owns which part of them from which day."""

from datetime import date

import pytest

from dashboard.shell.store import operator
from db.models import Audit, Customer, Territory, TerritoryOwner
from db.people import staffing
from tests.support.builders import EAST, LI, SOUTH, WANG, bank, far_region, regional
from tests.support.sheets import bring, counts, file, held_values, numbers, problems, row, trail

HEADER = "支行,辖区,登记日期,潜在客户数,来源,工号,份额,开始,结束"
COUNTED = "东湖支行,东湖社区,2026-01-01,1200,工商登记"
OWNER = (TerritoryOwner.manager_id, TerritoryOwner.from_day, TerritoryOwner.to_day, TerritoryOwner.share)


def territories(viewer, *rows: str, **options):
    return file(viewer, "territories", "\n".join((HEADER, *rows)), **options)


@pytest.mark.both_engines
def test_two_owners_of_one_territory_come_with_one_register(store, viewer):
    bank(store)
    rows = [f"{COUNTED},1001,60%,2026-11-01,", f"{COUNTED},1002,0.4,,2026-12-31", f"{COUNTED},,,,"]
    assert numbers(territories(viewer, *rows)) == (3, 2, 1, 0)
    assert held_values(store, *OWNER) == {
        (WANG, date(2026, 11, 1), None, 0.6),
        (LI, None, date(2026, 12, 31), 0.4),
    }
    held = counts(store)
    assert held["territory_register"] == 1
    assert numbers(territories(viewer, *rows)) == (3, 0, 3, 0) and counts(store) == held


def test_a_later_day_ends_what_the_owner_had_and_the_history_can_come_again(sqlite_store):
    viewer = operator(bank(sqlite_store))
    rows = [f"{COUNTED},1001,0.5,2026-01-01,", f"{COUNTED},1001,,2026-11-10,"]
    assert numbers(territories(viewer, rows[0])) == (1, 1, 0, 0)
    assert numbers(territories(viewer, rows[1])) == (1, 1, 0, 0)
    stays = {(WANG, date(2026, 1, 1), date(2026, 11, 9), 0.5), (WANG, date(2026, 11, 10), None, None)}
    assert held_values(sqlite_store, *OWNER) == stays
    assert numbers(territories(viewer, *reversed(rows))) == (2, 0, 2, 0)
    assert held_values(sqlite_store, *OWNER) == stays
    (changed,) = [
        one
        for one in trail(sqlite_store, Audit.entity, Audit.before, Audit.after)
        if one[1] and one[0] == "territory_owner"
    ]
    assert (changed[1]["to_day"], changed[2]["to_day"]) == (None, "2026-11-09")


def test_what_cannot_be_is_refused_at_its_cell(sqlite_store):
    viewer = operator(bank(sqlite_store))
    held = counts(sqlite_store)
    cases = [
        (f"{COUNTED},99,,,", "工号", "Unknown manager"),
        (f"{COUNTED},1003,,,", "工号", "This manager does not work in the territory's branch on these days."),
        (f"{COUNTED},,0.5,,", "工号", "A share and its days are somebody's"),
        (f"{COUNTED},1001,1.5,,", "份额", "A share lies above 0 and is at most 1"),
        (f"{COUNTED},1001,0,,", "份额", "A share lies above 0 and is at most 1"),
        (f"{COUNTED},1001,半,,", "份额", "A share lies above 0 and is at most 1"),
        (f"{COUNTED},1001,,2026-11-02,2026-11-01", "结束", "The last day is before the first"),
    ]
    report = territories(viewer, *(one for one, *_ in cases))
    assert [(column, said) for _, column, _, said in problems(report)] == [(column, said) for _, column, said in cases]
    assert counts(sqlite_store) == held


def test_shares_of_more_than_all_of_it_and_two_figures_for_one_day_are_refused(sqlite_store):
    viewer = operator(bank(sqlite_store))
    too_much = territories(viewer, f"{COUNTED},1001,0.7,,", f"{COUNTED},1002,0.4,,")
    assert [one[0] for one in problems(too_much)] == [2, 3] and too_much.accepted == 0
    assert territories(viewer, f"{COUNTED},1001,0.7,,").accepted == 1
    again = territories(viewer, f"{COUNTED},1002,0.4,2026-11-01,")
    assert problems(again) == [(2, "份额", "0.4", "The shares of this territory add up to more than 1")]
    figures = territories(viewer, f"{COUNTED},1001,,,", "东湖支行,东湖社区,2026-01-01,1300,工商登记,1002,,,")
    assert problems(figures)[0][:3] == (3, "潜在客户数", "1300")


def test_an_owner_who_moves_is_one_of_the_days_before(sqlite_store):
    viewer = operator(bank(sqlite_store))
    staffing.transfer(viewer, WANG, SOUTH, date(2026, 11, 10))
    assert problems(territories(viewer, f"{COUNTED},1001,,2026-11-10,"))[0][1] == "工号"
    assert territories(viewer, f"{COUNTED},1001,,2026-11-09,").accepted == 1


def test_a_region_gives_the_territories_of_its_branches_to_its_own(store):
    far_region(bank(store))
    rows = [f"{COUNTED},1001,,,", f"{COUNTED},1004,,,", "北门支行,北街,2026-01-01,5,普查,,,,"]
    report = territories(regional(store), *rows, accept_valid=True)
    assert numbers(report) == (3, 1, 0, 2)
    assert {said for *_, said in problems(report)} == {
        "This manager is not within your scope",
        "This branch is not within your scope",
    }
    assert held_values(store, Territory.branch_id) == {(EAST,)}


def test_the_log_names_the_territory_of_its_customers(sqlite_store):
    viewer = operator(bank(sqlite_store))
    territories(
        viewer, COUNTED + ",,,,", "南山支行,南山市场,2026-01-01,5,普查,,,,", "东湖支行,西街,2026-01-01,5,普查,,,,"
    )
    report = bring(
        viewer,
        row(customer="甲店", territory="东湖 社区"),
        row(customer="乙店"),
        row(customer="甲店", territory="东湖社区"),
    )
    assert numbers(report)[1:] == (3, 0, 0)
    ids = dict(held_values(sqlite_store, Territory.name, Territory.id))
    assert held_values(sqlite_store, Customer.name, Customer.territory_id) == {
        ("甲店", ids["东湖社区"]),
        ("乙店", None),
    }
    later = bring(
        viewer, row(customer="乙店", territory="西街", customer_kind="初创企业"), row(customer="甲店", territory="西街")
    )
    assert held_values(sqlite_store, Customer.name, Customer.territory_id, Customer.kind) == {
        ("甲店", ids["东湖社区"], None),
        ("乙店", ids["西街"], "startup"),
    }
    assert later.warnings.select("row", "column").rows() == [(3, "territory")]
    elsewhere = bring(viewer, row(customer="丙店", territory="南山市场"))
    assert problems(elsewhere) == [(2, "territory", "南山市场", "Unknown territory of this branch")]
