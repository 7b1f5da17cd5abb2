"""Signing in: by a password, in the demo by a tap; what is refused says nothing of why."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from dashboard.shell.store import operator
from db.access import Viewer
from db.accounts import accounts, demo_accounts, passwords, sign_in, throttling
from db.codes import ROLES
from db.engine import Store
from db.errors import Refused
from db.models import Account, Audit, SignIn
from metrics.definitions import interpret
from tests.support.builders import BROWSER, EAST, MONDAY, PASSWORD, REGION, WANG, account, bank, enter
from tests.support.sheets import counts, everything, trail


@pytest.fixture
def known(store):
    """The bank, with an account of 王芳."""
    account(bank(store), "wang", "manager", WANG, PASSWORD)
    return store


def refused(store, login: str, password: str) -> str:
    with pytest.raises(Refused) as error:
        sign_in.with_password(store, login, password, BROWSER)
    return str(error.value)


def test_the_right_password_opens_a_session_with_the_role_and_the_place(known):
    cookies = sign_in.with_password(known, " wang ", PASSWORD, BROWSER)
    session = sign_in.find(known, cookies.token)
    assert sign_in.viewer(known, session, MONDAY) == Viewer(known, "wang", "manager", REGION, EAST, WANG, session)


def test_every_role_has_its_place_and_no_more(sqlite_store):
    bank(sqlite_store)
    places = {"manager": WANG, "branch_head": EAST, "screen": EAST, "regional": REGION}
    for role in ROLES:
        account(sqlite_store, f"one-{role}", role, places.get(role))
    found = {role: enter(sqlite_store, f"one-{role}") for role in ROLES}
    assert {role: (one.role, one.region, one.branch, one.manager) for role, one in found.items()} == {
        "manager": ("manager", REGION, EAST, WANG),
        "branch_head": ("branch_head", REGION, EAST, None),
        "screen": ("screen", REGION, EAST, None),
        "regional": ("regional", REGION, None, None),
        "administrator": ("administrator", None, None, None),
        "auditor": ("auditor", None, None, None),
    }


@pytest.mark.both_engines
def test_whatever_is_wrong_is_refused_in_the_same_words(known):
    gone = account(known, "gone", "auditor", password=PASSWORD)
    accounts.disable(operator(known), gone)
    account(known, "by the bank only", "auditor")
    tries = [
        ("wang", "wrong"),
        ("nobody", PASSWORD),
        ("gone", PASSWORD),
        ("by the bank only", ""),
        ("wang", ""),
        ("", ""),
    ]
    assert {refused(known, *one) for one in tries} == {sign_in.WRONG}
    assert counts(known)["session"] == 0


def test_the_password_no_account_has_fits_no_account():
    assert not passwords.verify("", None) and not passwords.verify("x", None)
    assert not passwords.verify(PASSWORD + "x" * 1000, passwords.hash_password(PASSWORD, "wang", "王芳"))


def test_signing_in_failing_and_signing_out_are_in_the_trail(known):
    before = len(trail(known))
    refused(known, "wang", "wrong")
    refused(known, "nobody", "wrong")
    cookies = sign_in.with_password(known, "wang", PASSWORD, BROWSER)
    sign_in.end(sign_in.viewer(known, sign_in.find(known, cookies.token), MONDAY))
    noted = trail(known, Audit.account, Audit.action, Audit.entity, Audit.after)[before:]
    assert noted == [
        ("wang", "fail", "sign_in", {"address": "10.0.0.1"}),
        ("unknown", "fail", "sign_in", {"address": "10.0.0.1"}),
        ("wang", "sign_in", "session", {"address": "10.0.0.1"}),
        ("wang", "sign_out", "session", {"sessions": 1}),
    ]


def test_what_is_typed_or_handed_out_never_stands_in_the_database(known):
    """A name that is not known may be a password typed into the wrong field."""
    refused(known, "my secret!word", "another secret")
    refused(known, "wang", "third secret")
    cookies = sign_in.with_password(known, "wang", PASSWORD, replace(BROWSER, device="device-of-wang"))
    held = everything(known)
    for secret in ("my secret!word", "another secret", "third secret", PASSWORD, cookies.token, cookies.device):
        assert secret not in held
    with known.reading() as connection:
        token, device = connection.execute(select(SignIn.token_hash, SignIn.device_hash)).one()
        hashed = connection.scalar(select(Account.password_hash))
    assert (token, device) == (throttling.digest(cookies.token), throttling.digest("device-of-wang"))
    assert hashed.startswith("$argon2id$")


@pytest.mark.both_engines
def test_a_name_with_characters_no_database_takes_is_refused_like_any_other(known):
    names = ("wa\0ng", "王" * 10_000, "' OR 1=1 --", "half \ud800")
    assert {refused(known, login, "wrong") for login in names} == {sign_in.WRONG}


def test_signing_in_runs_nobodys_page_again(known):
    version = known.counter()
    cookies = sign_in.with_password(known, "wang", PASSWORD, BROWSER)
    sign_in.end(sign_in.viewer(known, sign_in.find(known, cookies.token), MONDAY))
    refused(known, "wang", "wrong")
    assert known.counter() == version


def test_the_demo_is_entered_by_a_tap_as_anybody_in_it(region_url):
    demo = Store(region_url, mark=interpret)
    people = demo_accounts.people(demo, MONDAY)
    assert set(people["role"]) == set(ROLES) and people["login"].is_unique().all()
    for role in ROLES:
        login = people.filter(role=role)["login"][0]
        cookies = demo_accounts.enter(demo, login, BROWSER)
        assert sign_in.viewer(demo, sign_in.find(demo, cookies.token), MONDAY).role == role
    with pytest.raises(Refused):
        demo_accounts.enter(demo, "nobody", BROWSER)
    assert refused(demo, "admin", "") == sign_in.WRONG
    demo.close()


def test_a_database_that_the_demo_did_not_make_is_entered_by_nobody_like_that(sqlite_store):
    account(bank(sqlite_store), "wang", "manager", WANG)
    assert not demo_accounts.is_demo(sqlite_store) and demo_accounts.people(sqlite_store, MONDAY).is_empty()
    with pytest.raises(Refused):
        demo_accounts.enter(sqlite_store, "wang", BROWSER)
    assert counts(sqlite_store)["session"] == 0


def test_a_session_says_whose_it_is_while_it_is_open(known):
    account(known, "li", "auditor", None, PASSWORD)
    sessions = {one: sign_in.find(known, sign_in.start(known, one, BROWSER).token) for one in ("wang", "li")}
    assert {one: sign_in.login_of(known, session) for one, session in sessions.items()} == {"wang": "wang", "li": "li"}
    sign_in.end(sign_in.viewer(known, sessions["li"], MONDAY))
    assert sign_in.login_of(known, sessions["li"]) is None and sign_in.login_of(known, None) is None
    assert sign_in.login_of(known, sessions["wang"]) == "wang"
