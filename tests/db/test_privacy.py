"""ID and bank card numbers are seen however they are written, and a masked name or phone gives away no more than it
may."""

from collections import Counter

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from db.access import Viewer
from db.errors import Refused
from db.identity.phones import PHONE
from db.limits import LONGEST_TEXT
from db.models import Customer
from db.privacy import (
    holds_secret,
    masked_name,
    masked_phone,
    no_identity,
    no_secret,
    open_to,
    seen_whole,
    unstorable,
    validate_text,
    without_numbers,
)
from tests.support import builders
from tests.support.builders import EAST, FAR, LI, NORTH, REGION, SOUTH, SUN, WANG, ZHAO

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


@pytest.mark.parametrize("text", ["\x00", "一\x1f二", "half \ud800", "\x7f"])
def test_what_no_database_takes_is_refused(text):
    assert unstorable(text)
    with pytest.raises(Refused, match="cannot be stored"):
        validate_text(text)


def test_lines_and_tabs_may_be_stored_and_a_text_may_be_so_long():
    assert not unstorable("一行\n二行\t列") and not unstorable(None) and not unstorable("")
    validate_text("好" * LONGEST_TEXT)
    validate_text(None)
    validate_text("好" * 3, longest=3)
    with pytest.raises(Refused, match="Too long"):
        validate_text("好" * (LONGEST_TEXT + 1))
    with pytest.raises(Refused, match="Too long"):
        validate_text("好" * 4, longest=3)
    with pytest.raises(Refused, match="never stored"):
        validate_text("110101199003071234")


def test_a_number_of_the_banks_own_may_be_as_long_as_a_cards_but_no_identity():
    found = pl.DataFrame({"number": ["6222021234567890123", "110101199003071234"]}).select(
        no_identity(pl.col("number"))
    )
    assert found["number"].to_list() == [True, False]


def test_what_may_be_a_phone_is_taken_out_of_a_text():
    assert without_numbers("老板 138 1234-5678 和 1234567，共5000") == "老板 … 和 …，共5000"
    assert without_numbers("123456") == "123456"


@pytest.fixture
def customers(sqlite_store):
    """One each of 王芳's and 李强's in the east, 赵敏's in the south and 孙梅's of the other region."""
    builders.far_region(builders.bank(sqlite_store))
    held = {1: (WANG, EAST), 2: (LI, EAST), 3: (ZHAO, SOUTH), 4: (SUN, NORTH)}
    with sqlite_store.writing("test") as write:
        for number, (manager, branch) in held.items():
            write.session.add(
                Customer(id=number, name=f"客户{number}", kind="individual", manager_id=manager, branch_id=branch)
            )
    return sqlite_store


@pytest.mark.parametrize(
    "role, place, whole, opened",
    [
        ("manager", (REGION, EAST, WANG), {1}, {1}),
        ("branch_head", (REGION, EAST, None), {1, 2}, {1, 2}),
        ("branch_head", (REGION, SOUTH, None), {3}, {3}),
        ("regional", (REGION, None, None), set(), {1, 2, 3}),
        ("regional", (FAR, None, None), set(), {4}),
        ("regional", (FAR + 1, None, None), set(), set()),
        ("auditor", (None, None, None), set(), {1, 2, 3, 4}),
        ("administrator", (None, None, None), set(), {1, 2, 3, 4}),
        ("screen", (REGION, EAST, None), set(), set()),
        ("deputy", (REGION, EAST, None), set(), set()),
        ("operator", (None, None, None), {1, 2, 3, 4}, {1, 2, 3, 4}),
    ],
)
def test_who_sees_a_customer_whole_and_who_may_open_their_page(customers, role, place, whole, opened):
    viewer = Viewer(customers, "somebody", role, *place)
    with customers.reading() as connection:
        assert set(connection.scalars(select(Customer.id).where(seen_whole(viewer)))) == whole
        assert set(connection.scalars(select(open_to(viewer)))) - {None} == opened
