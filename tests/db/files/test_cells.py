"""How the text in a cell becomes a value, in every spelling branch staff use."""

from datetime import date, time

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.codes import CHANNELS, CUSTOMER_KINDS, KINDS, METHODS
from db.files import cells
from db.identity import phones

THE_DAY = date(2026, 11, 5)


def read(parse, text):
    return pl.select(parse(pl.lit(text, pl.String))).item()


SPELLINGS = (
    "2026-11-05 2026-11-5 2026/11/05 2026/11/5 2026.11.5 20261105 2026年11月5日 2026年11月05日 ２０２６－１１－０５"
)
MIDNIGHTS = ("2026-11-05 00:00:00", "2026-11-05T00:00", "2026-11-05 00:00:00.000")


@pytest.mark.parametrize("text", [*SPELLINGS.split(), *MIDNIGHTS])
def test_a_day_is_read_in_every_spelling(text):
    assert read(cells.day, text) == THE_DAY


@pytest.mark.parametrize(
    "text",
    ["", "11-05", "2026-02-30", "2026-13-01", "05/11/2026", "46331", "0000-01-01", "1899-12-31", "昨天", "２０２６"],
)
def test_what_is_no_day_is_not_guessed_at(text):
    assert read(cells.day, text) is None


@pytest.mark.parametrize(
    "text", ["2026-11", "2026/11", "2026.11", "202611", "2026年11月", "2026-11-05", "2026年11月5日", "20261130"]
)
def test_a_month_is_read_as_its_first_day(text):
    assert read(cells.month, text) == date(2026, 11, 1)


@pytest.mark.parametrize("text", ["11", "2026-13", "2026", "十一月", "0000-01"])
def test_what_is_no_month_is_not_guessed_at(text):
    assert read(cells.month, text) is None


@pytest.mark.parametrize(
    "text, expected",
    [
        ("9:05", time(9, 5)),
        ("09:05", time(9, 5)),
        ("09:05:30", time(9, 5, 30)),
        ("９：０５", time(9, 5)),
        ("2026-11-05 09:05:30", time(9, 5, 30)),
        ("24:00", None),
        ("9", None),
        ("上午", None),
    ],
)
def test_a_time_of_day(text, expected):
    assert read(cells.clock, text) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("120000", 12_000_000),
        ("120,000.50", 12_000_050),
        ("1,234,567", 123_456_700),
        ("¥1,200", 120_000),
        ("￥1200", 120_000),
        ("１２０，０００", 12_000_000),
        ("1.2e5", 12_000_000),
        ("1E5", 10_000_000),
        ("0", 0),
        ("0.1", 10),
        ("1.10", 110),
        ("0.30000000000000004", 30),  # as a spreadsheet adds 0.1 and 0.2
        ("999999999999.99", 99_999_999_999_999),
        ("0.125", None),
        ("1.001", None),
        ("1e-7", None),
        ("1,5", None),
        ("12,50", None),
        ("12万", 12_000_000),
        ("1e99", None),
        ("nan", None),
        ("", None),
    ],
)
def test_an_amount_is_read_to_the_cent_or_not_at_all(text, expected):
    assert read(cells.cents, text) == expected


@given(st.integers(0, 10**14))
def test_every_amount_to_the_cent_comes_through(cents):
    assert read(cells.cents, f"{cents // 100}.{cents % 100:02}") == cents
    assert read(cells.cents, f"{cents // 100:,}.{cents % 100:02}") == cents


@pytest.mark.parametrize("text, expected", [("1200", 1200), ("1,200.0", 1200), ("1200.5", None), ("多", None)])
def test_a_count_is_whole(text, expected):
    assert read(cells.count, text) == expected


@pytest.mark.parametrize("text", ["是", "有效", "TRUE", "Yes", "1", "ｙ", " 是 "])
def test_yes(text):
    assert read(cells.yes_no, text) is True


@pytest.mark.parametrize("text", ["否", "无效", "False", "no", "0"])
def test_no(text):
    assert read(cells.yes_no, text) is False


@pytest.mark.parametrize("codes", [KINDS, CHANNELS, METHODS, CUSTOMER_KINDS])
def test_codes_are_known_by_both_words(codes):
    for one, word in codes.items():
        assert read(cells.code(codes), one.upper()) == read(cells.code(codes), f" {word} ") == one


def test_words_with_an_aside_are_known_without_it():
    parse = cells.code(CUSTOMER_KINDS)
    assert {read(parse, word) for word in ("小微企业", "小微企业主", "小微企业（主）")} == {"small_company"}
    assert {read(parse, word) for word in ("农户", "合作社", "农户 / 合作社")} == {"farmer"}


@pytest.mark.parametrize(
    "text", ["13812345678", "138-1234-5678", "+86 138 1234 5678", "8613812345678", "１３８１２３４５６７８"]
)
def test_a_phone_number_has_one_spelling(text):
    assert read(phones.normal_form, text) == "13812345678"
