"""ID and bank card numbers are seen however they are written; what only resembles one is not."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.privacy import holds_secret, no_secret

SECRETS = [
    "110101199003071234",
    "身份证110101199003071234，请核对",
    "11010119900307123X",
    "11010119900307123x",
    "110101 19900307 1234",
    "110101 1990 0307 1234",
    "110101-19900307-1234",
    "110101-2003-03-07 1234",
    "１１０１０１１９９００３０７１２３４",
    "１１０１０１－１９９００３０７－１２３４",
    "110101–19900307–1234",
    "110101\u200b19900307\u200b1234",
    "6222021234567890",
    "6222021234567890123",
    "6222 0212 3456 7890 123",
    "6222-0212-3456-7890",
    "６２２２　０２１２　３４５６　７８９０",
    "卡号6222021234567890123 5000元",
    "6222 0212 3456 7890 123 5000",
    "约2026-11-20 6222021234567890",
]
HARMLESS = [
    None,
    "",
    "王芳",
    "13812345678",
    "138 1234 5678",
    "13812345678 13912345678",
    "2026-11-20 13812345678",
    "约2026-11-20 13812345678",
    "金额120000.50，2026-11-20",
    "1234567890123456789012345",
    "商机20261120001",
    "110101199013071234",  # no month 13
]


@pytest.mark.parametrize("text", SECRETS)
def test_an_id_or_card_number_is_seen_however_it_is_written(text):
    assert holds_secret(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_such_number_may_stay(text):
    assert not holds_secret(text)


@given(st.text("0123456789 -x年,.１２\u200b", max_size=40))
def test_a_file_and_a_form_judge_alike(text):
    assert pl.select(no_secret(pl.lit(text, pl.String))).item() == (not holds_secret(text))
