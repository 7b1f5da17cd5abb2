"""Numbers as branch staff write them, in both languages."""

from datetime import date

import pytest

from dashboard.widgets import formats
from metrics.catalog import CATALOG, CONTACTS, CONVERSION_RATE
from metrics.metric import AMOUNT, COUNT

YUAN = 100
WAN = 10_000 * YUAN


@pytest.mark.parametrize(
    ("cents", "written"),
    [
        (0, "0.00 万元"),
        (12 * WAN, "12.00 万元"),
        (123_456_789, "123.46 万元"),
        (1_234 * WAN, "1,234.00 万元"),
        (9_999 * WAN, "9,999.00 万元"),
        (10_000 * WAN, "1.00 亿元"),
        (123_456 * WAN, "12.35 亿元"),
        (-10_000 * WAN, "-1.00 亿元"),
        (None, "—"),
    ],
)
def test_amounts_are_written_in_wan_and_from_one_yi_in_yi(cents, written):
    assert formats.amount(cents) == written


@pytest.mark.parametrize(
    ("cents", "written"),
    [(0, "¥0"), (12 * WAN, "¥120,000"), (100 * WAN, "¥1.00M"), (123_456 * WAN, "¥1,234.56M"), (None, "—")],
)
def test_amounts_in_english_are_yuan_and_from_one_million_millions(cents, written, english):
    assert formats.amount(cents) == written


@pytest.mark.parametrize(("value", "written"), [(0, "0.0%"), (0.1234, "12.3%"), (1.3, "130.0%"), (None, "—")])
def test_shares_have_one_decimal_and_no_ceiling(value, written):
    assert formats.share(value) == written


@pytest.mark.parametrize(("value", "number"), [(0.1234, "+12.3"), (-0.1, "-10.0"), (0.0, "+0.0")])
def test_differences_are_points_with_their_sign(value, number):
    assert formats.points(value) == f"{number} 个百分点"


def test_differences_are_points_in_english(english):
    assert formats.points(-0.031) == "-3.1 points"


def test_an_interval_says_both_ends_with_one_sign():
    assert formats.interval(0.021, 0.118) == "2–12%"
    assert formats.interval(None, 0.1) == "—"


def test_counts_have_thousands_separators():
    assert formats.count(44829) == "44,829"
    assert formats.count(0) == "0"


@pytest.mark.parametrize(
    ("value", "written"), [(3.0, "3"), (0.2, "0.2"), (2.98, "3"), (0, "0"), (1234.5, "1,234.5"), (None, "—")]
)
def test_a_part_of_a_plan_keeps_one_decimal(value, written):
    assert formats.target(value) == written


def test_what_is_needed_a_day_does_not_read_as_nothing():
    assert formats.a_day(0.4) == "0.4"
    assert formats.a_day(None) == "—"
    assert formats.a_day(15 * WAN, AMOUNT) == "15.00 万元"


def test_days_are_written_with_their_weekday():
    assert formats.day(date(2026, 11, 20)) == "11月20日(周五)"
    assert formats.day(date(2026, 11, 1)) == "11月1日(周日)"
    assert formats.day(None) == "—"


def test_days_and_months_in_english(english):
    assert formats.day(date(2026, 11, 20)) == "Fri 20 Nov"
    assert formats.month(date(2026, 11, 1)) == "November 2026"


def test_months_are_written_in_chinese():
    assert formats.month(date(2026, 1, 1)) == "2026年1月"


@pytest.mark.parametrize("metric", CATALOG, ids=lambda one: one.name)
def test_nothing_of_any_unit_is_a_dash_not_a_nought(metric):
    assert formats.FORMAT[metric.unit](None) == "—"
    assert formats.FORMAT[metric.unit](0) != "—"


def test_a_ratio_is_explained_by_what_it_divides():
    assert formats.formula(CONVERSION_RATE) == "成交量 ÷ 咨询量"
    assert formats.formula(CONTACTS) != CONTACTS.formula


@pytest.mark.parametrize(
    ("point", "low", "high", "written"),
    [(118, 102, 134, "118 (102–134)"), (208, 208, 208, "208"), (20.4, 20.2, 20.4, "20"), (118, None, None, "118")],
)
def test_where_it_will_end_says_its_limits_where_they_are_two(point, low, high, written):
    assert formats.projection({"projection": point, "projection_low": low, "projection_high": high}) == written


@pytest.mark.parametrize(("value", "written"), [(0.04, "0"), (-0.04, "0"), (0.0, "0"), (1.26, "+1.3"), (-7.1, "−7.1")])
def test_a_difference_has_a_sign_unless_it_is_written_as_nothing(value, written):
    assert formats.signed(value, lambda number: f"{number:.1f}".removesuffix(".0")) == written


@pytest.mark.parametrize(
    ("left", "a_day", "unit", "written"),
    [
        (4, 0.2, COUNT, "20 天内 4 笔"),  # nobody does a part of one
        (0.5, 0.025, COUNT, "20 天内 1 笔"),
        (20, 1.0, COUNT, "1.0"),
        (0, 0.0, COUNT, "0.0"),
        (WAN * 4, WAN * 0.2, AMOUNT, "0.20 万元"),
        (None, None, COUNT, formats.NOTHING),
    ],
)
def test_of_less_than_one_a_day_the_whole_ones_and_their_days_are_said(left, a_day, unit, written):
    row = {"needed_per_day": a_day, "days": 22, "days_gone": 2, "plan": left, "actual": 0}
    assert formats.needed(row, unit) == written
