"""ID and bank card numbers are seen however they are written, and a masked name or phone gives away no more than it
may."""

from collections import Counter

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from db.identity.phones import PHONE
from db.privacy import holds_secret, masked_name, masked_phone, no_secret

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


@settings(deadline=None)
@given(st.text("0123456789 -x年,.１２\u200b", max_size=40))
def test_a_file_and_a_form_judge_alike(text):
    assert pl.select(no_secret(pl.lit(text, pl.String))).item() == (not holds_secret(text))


def masked(mask, text: str | None) -> str | None:
    return pl.select(mask(pl.lit(text, pl.String))).item()


def shown(mask, text: str) -> int:
    """How many characters of the text stand in its mask, stars aside."""
    return sum((Counter(masked(mask, text).replace("*", "")) & Counter(text)).values())


@pytest.mark.parametrize(
    "name, expected",
    [("张三", "张*"), ("江城市东湖餐饮店", "江*"), ("王", "王*"), ("", "*"), ("𠮷野", "𠮷*"), (None, None)],
)
def test_a_masked_name_keeps_its_first_character(name, expected):
    assert masked(masked_name, name) == expected


@pytest.mark.parametrize(
    "phone, expected",
    [("13812341234", "138****1234"), ("02787654321", "027****4321"), ("8765432", "****32"), ("", "****"), (None, None)],
)
def test_a_masked_phone_keeps_its_ends(phone, expected):
    assert masked(masked_phone, phone) == expected


@settings(deadline=None)
@given(st.text(max_size=40))
@example("王小明")
@example("***")
def test_a_masked_name_shows_one_character_and_not_how_many_there_are(name):
    assert shown(masked_name, name) <= 1 and len(masked(masked_name, name)) <= 2
    assert len(name) < 2 or name.strip("*") == "" or masked(masked_name, name) == masked(masked_name, name[0] + name)


@settings(deadline=None)
@given(st.from_regex(PHONE.pattern, fullmatch=True))
@example("13812341234")
@example("8765432")
def test_a_masked_phone_shows_seven_digits_at_most_and_never_all(phone):
    hidden = len(phone) - len(masked(masked_phone, phone).replace("*", ""))
    assert len(masked(masked_phone, phone).replace("*", "")) <= 7 and hidden >= 3
    assert phone not in masked(masked_phone, phone)
    assert len(phone) > 8 or hidden >= 5
