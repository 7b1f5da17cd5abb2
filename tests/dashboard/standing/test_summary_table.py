"""The summary as a table for people: what a workbook holds of plans."""

from datetime import date

import pytest

from dashboard.shell.store import operator
from dashboard.standing import summary_report, summary_table
from db.access import Viewer
from db.engine import Store
from metrics.catalog import MEASURES
from metrics.definitions import interpret
from metrics.periods import month

BY = ["branch", "manager"]


@pytest.fixture(scope="module")
def region(region_template) -> Viewer:
    store = Store(f"sqlite:///{region_template}", mark=interpret)
    yield operator(store)
    store.close()


def headings(viewer: Viewer, day: date, through: date) -> list[str]:
    table, total, _rules = summary_report.summary(viewer, month(day), through, BY)
    return summary_table.with_total(table, total, BY).columns


def test_a_running_month_has_gap_need_and_projection_of_each_measure(region):
    found = headings(region, date(2026, 11, 20), date(2026, 11, 19))
    assert found.count("咨询量：进度差（个百分点）") == found.count("咨询量：日均需完成") == 1
    assert "成交金额：日均需完成 (万元)" in found and "成交金额：预计达成 (万元)" in found


def test_a_month_that_is_over_has_no_column_of_what_is_still_to_come(region):
    found = headings(region, date(2026, 10, 20), date(2026, 11, 19))
    assert len([one for one in found if "进度差" in one]) == len(MEASURES)
    assert not [one for one in found if "日均需完成" in one or "预计达成" in one]


def test_the_numbers_are_those_of_the_report(region):
    table, _total, _rules = summary_report.summary(region, month(date(2026, 11, 20)), date(2026, 11, 19), BY)
    shown = summary_table.for_people(table, BY)
    for row, cells in zip(table.to_dicts(), shown.to_dicts(), strict=True):
        gap, need = row["deals_pace_gap"], row["deal_amount_needed_per_day"]
        assert cells["成交量：进度差（个百分点）"] == (None if gap is None else pytest.approx(gap * 100, abs=0.051))
        assert cells["成交金额：日均需完成 (万元)"] == (None if need is None else pytest.approx(need / 1e6, abs=0.0051))
