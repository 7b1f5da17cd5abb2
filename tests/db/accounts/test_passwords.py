"""Passwords: strong enough, changed by their owner, replaced by an administrator; the sessions before end."""

import re

import pytest
import zxcvbn.frequency_lists

from dashboard.shell.store import operator
from db.accounts import accounts, passwords, sign_in
from db.errors import NotAllowed, Refused
from db.models import Account, Manager
from tests.support.builders import BROWSER, PASSWORD, WANG, account, bank, enter, signed_in
from tests.support.sheets import held_values, trail

pytestmark = pytest.mark.slow

WEAK = [
    "",
    "short1!",
    "123456789012",
    "aaaaaaaaaaaaaaa",
    "ababababababab",
    "my-WangFang-pass",
    "somebody called wangfang",
    "x1!y" * 51,
    "woaini1314",
    "qwertyuiop",
    "1qaz2wsx3edc",
    "Password@2026",
    "wangfang-2026",
    "fangwang1990",
    "王芳20260801",
    "yinhang@2026",
    "1314520aini",
]


@pytest.fixture
def wang(sqlite_store):
    account(bank(sqlite_store), "wangfang", "manager", WANG, PASSWORD)
    return enter(sqlite_store, "wangfang")


def opens(store, password: str) -> bool:
    try:
        return bool(sign_in.with_password(store, "wangfang", password, BROWSER))
    except Refused as error:
        assert str(error) == sign_in.WRONG
        return False


@pytest.mark.parametrize("password", WEAK)
def test_a_weak_password_is_refused_wherever_one_is_set(wang, password):
    store, held = wang.store, held_values(wang.store, Account.login, Account.password_hash)
    for change in (
        lambda: accounts.add(operator(store), "w2", "wangfang", "auditor", None, password),
        lambda: accounts.set_password(operator(store), 1, password),
        lambda: accounts.change_own_password(wang, PASSWORD, password),
    ):
        with pytest.raises(Refused):
            change()
    assert held_values(store, Account.login, Account.password_hash) == held


def test_ones_own_password_is_changed_with_the_present_one_and_ends_the_other_sessions(wang):
    there = enter(wang.store, "wangfang")
    accounts.change_own_password(wang, PASSWORD, "blue-kettle-42")
    assert sign_in.is_open(wang) and not sign_in.is_open(there)
    assert opens(wang.store, "blue-kettle-42") and not opens(wang.store, PASSWORD)
    assert ("wangfang", "change_password", "account") in trail(wang.store)


@pytest.mark.parametrize("old, new", [("wrong", "blue-kettle-42"), (PASSWORD, PASSWORD), (PASSWORD, "weak")])
def test_a_wrong_equal_or_weak_password_changes_nothing(wang, old, new):
    there = enter(wang.store, "wangfang")
    with pytest.raises(Refused):
        accounts.change_own_password(wang, old, new)
    assert sign_in.is_open(there) and opens(wang.store, PASSWORD)


def test_a_password_that_was_handed_over_must_be_changed(wang):
    store = wang.store
    chief = signed_in(store, "administrator")
    assert not accounts.must_change(store, wang.sign_in)
    handed = passwords.generate()
    accounts.set_password(chief, 1, handed)
    assert not sign_in.is_open(wang) and opens(store, handed) and not opens(store, PASSWORD)
    again = enter(store, "wangfang")
    assert accounts.must_change(store, again.sign_in)
    accounts.change_own_password(again, handed, "blue-kettle-42")
    assert not accounts.must_change(store, again.sign_in) and not accounts.must_change(store, 99)


def test_an_account_without_a_password_has_none_to_change(sqlite_store):
    viewer = signed_in(bank(sqlite_store), "auditor")
    assert not accounts.must_change(sqlite_store, viewer.sign_in)
    with pytest.raises(Refused):
        accounts.change_own_password(viewer, "", "blue-kettle-42")


def test_the_password_of_somebody_who_is_not_there_is_not_set(sqlite_store):
    with pytest.raises(Refused):
        accounts.set_password(operator(bank(sqlite_store)), 99, PASSWORD)


def test_a_session_that_has_ended_changes_no_password(wang):
    sign_in.end(wang)
    with pytest.raises(NotAllowed):
        accounts.change_own_password(wang, PASSWORD, "blue-kettle-42")
    assert opens(wang.store, PASSWORD)


def test_invented_passwords_are_strong_and_never_the_same():
    invented = {passwords.generate() for _ in range(100)}
    assert len(invented) == 100 and all(passwords.hash_password(one, "wangfang", "王芳") for one in list(invented)[:2])


STAFF = ("100012", "王军敏")
EASY = [
    *("wangjunmin2026", "Wangjunmin@2026", "junminwang88", "wangjm2026!", "WJM19900101", "100012abcd", "王军敏2026abc"),
    *("woaini520520", "5201314woaini", "woaiwojia1", "wodemima2026", "zhongguo888", "nihao123456", "Yinhang@123"),
    *("Chenxi2026!!", "P@ssw0rd2026", "Aa@123456789", "1q2w3e4r5t6y", "qazwsxedcrfv", "abcd1234efgh", "zhangwei2026"),
]
HARD = ["blue-kettle-42", "correct horse 7", "窗外的三只麻雀在数豆子", "绿皮火车开往海边2020"]


def test_none_of_the_commonest_passwords_is_taken():
    common = zxcvbn.frequency_lists.FREQUENCY_LISTS["passwords"][:10_000]
    long = [one for one in common if len(one) >= passwords.SHORTEST]
    assert len(long) > 200 and [one for one in long if not passwords.is_easy(one, STAFF)] == []


@pytest.mark.parametrize("password", EASY)
def test_what_people_choose_is_not_taken(password):
    assert passwords.is_easy(password, STAFF)


@pytest.mark.parametrize("password", HARD)
def test_words_that_have_nothing_to_do_with_each_other_are_taken(password):
    assert not passwords.is_easy(password, STAFF)


def test_the_staff_number_is_not_taken_under_a_login_of_another_name(sqlite_store):
    account(bank(sqlite_store), "wangfang", "manager", WANG, PASSWORD)
    (number, _name) = min(held_values(sqlite_store, Manager.staff_no, Manager.name))
    with pytest.raises(Refused, match="guess"):
        accounts.set_password(operator(sqlite_store), 1, f"{number}-kettle-lane")


# Each is easy for the habit in it alone: with any other word in its place it would be taken.
HABITUAL = (
    "woaini7x#x77 ainiv&#&k7 woaiwojiav wodemima#vxz mima9#%v%# nihaovq#z& zhongguov&9%xk beijing%7z9qv7 "
    "shanghaixqx%&9k zhimakaimen9 laopo%x%## laogongk&qx baobaoqkkzv%9 tiankong7&# 1314q7qvqvz 5201314x%%&## "
    "1314520xv7zx% 168%v&%7&z yinhang&7k9 daikuanq7x kehuzk%%x9 jinglik%zqq kehujingli&&xx#z jinrong&v# "
    "%z%zx79v9520 lampcloudbank kq2020lampq 2049stonecloud caiwu%q&%v gongsi%qvx& bangong#xqx xiaoweix&%# chenxi7#9qx admin7xv&&x% loan#k#&q9x"
)


@pytest.mark.parametrize("password", HABITUAL.split())
def test_a_habit_makes_a_password_easy_whatever_stands_behind_it(password):
    assert passwords.is_easy(password, ())


@pytest.mark.parametrize(
    "password, known, easy",
    [
        ("abcd.Kq7#vx9&Zt", ("abcd",), True),
        ("abc.Kq7#vx9&Zt%", ("abc",), False),
        ("Kq7#.liNana.vx9&Z", ("Li Nana",), True),
        ("Kq7#.nanali.vx9&Z", ("Li Nana",), True),
        ("Kq7#.zhangjg.vx9&Z", ("张建国",), True),
        ("Kq7#.zhangjianguo.v", ("张建国",), True),
        ("Kq7#.jianguozhang.v", ("张建国",), True),
        ("Kq7#.zjg.vx9&Z2m", ("张建国",), False),
        ("Kq7#.vx9&Z2m.pT", ("张建国",), False),
        ("aaaabbbbccccdddd", (), True),
    ],
)
def test_a_name_makes_a_password_easy_as_it_is_typed_and_three_letters_do_not(password, known, easy):
    assert passwords.is_easy(password, known) == easy


def test_a_password_is_as_long_as_it_may_be_and_compared_to_its_end():
    longest = "Kq7#vx9&Zt" * 20
    hashed = passwords.hash_password(longest)
    assert passwords.verify(longest, hashed) and not passwords.verify(longest[:-1], hashed)
    assert not passwords.verify(longest + "x", hashed)
    assert passwords.verify("Kq7#vx9&Zt", passwords.hash_password("Kq7#vx9&Zt"))
    for refused in (longest + "x", "Kq7#vx9&Z"):
        with pytest.raises(Refused):
            passwords.hash_password(refused)


def test_a_password_to_hand_over_is_four_times_four_signs():
    assert re.fullmatch("[a-km-np-z2-9]{4}(-[a-km-np-z2-9]{4}){3}", passwords.generate())
