"""Accounts: who may sign in, as what and where; each change is in the trail and ends the sessions before it."""

import ast
from pathlib import Path

import polars as pl
import pytest

from dashboard.shell.store import operator
from db.accounts import accounts, sign_in
from db.errors import NotAllowed, Refused
from db.models import Account, Audit
from db.rights import OPERATOR
from tests.support.builders import EAST, LI, REGION, SOUTH, WANG, ZHAO, account, bank, enter, signed_in
from tests.support.sheets import counts, held_values, trail


@pytest.fixture
def chief(sqlite_store):
    """The only administrator, signed in; 王芳 has an account too."""
    account(bank(sqlite_store), "wang", "manager", WANG)
    return signed_in(sqlite_store, "administrator", login="chief")


def identity(viewer, login: str) -> int:
    return dict(accounts.listing(operator(viewer.store)).select("login", "account").iter_rows())[login]


def test_accounts_are_listed_with_their_places(chief):
    for login, role, place in [("head", "branch_head", SOUTH), ("region", "regional", REGION)]:
        accounts.add(chief, login, login, role, place, None)
    accounts.disable(chief, identity(chief, "head"))
    columns = ("login", "role", "region_name", "branch_name", "staff_no", "disabled")
    assert accounts.listing(chief).select(columns).rows() == [
        ("chief", "administrator", None, None, None, False),
        ("head", "branch_head", "江城分行", "南山支行", None, True),
        ("wang", "manager", None, None, "1001", False),
        ("region", "regional", "江城分行", None, None, False),
    ]


def test_every_change_of_an_account_is_in_the_trail_and_no_password_is(chief):
    before = len(trail(chief.store))
    new = accounts.add(chief, " zhao ", " 赵敏 ", "manager", ZHAO, "first-secret-1")
    accounts.change_role(chief, new, "branch_head", SOUTH)
    accounts.change_role(chief, new, "branch_head", SOUTH)
    accounts.set_password(chief, new, "second-secret-2")
    accounts.disable(chief, new)
    accounts.disable(chief, new)
    accounts.enable(chief, new)
    accounts.enable(chief, new)
    noted = trail(chief.store, Audit.account, Audit.action, Audit.entity_id, Audit.before, Audit.after)[before:]
    assert [one[:3] for one in noted] == [
        ("chief", action, new) for action in ("add", "change", "set_password", "disable", "enable")
    ]
    held = {
        "login": "zhao",
        "name": "赵敏",
        "role": "manager",
        "region_id": None,
        "branch_id": None,
        "manager_id": ZHAO,
    }
    changed = held | {"role": "branch_head", "branch_id": SOUTH, "manager_id": None}
    assert [one[3:] for one in noted[:3]] == [(None, held), (held, changed), (None, None)]
    assert "secret" not in repr(noted) and "argon2" not in repr(noted)


@pytest.mark.parametrize("role", ["boss", "operator", "", "manager", "branch_head", "screen", "regional"])
@pytest.mark.parametrize("place", [None, 99])
def test_a_role_or_a_place_that_is_not_there_is_refused(chief, role, place):
    held = counts(chief.store)
    for change in (
        lambda: accounts.add(chief, "new", "新人", role, place, None),
        lambda: accounts.change_role(chief, identity(chief, "wang"), role, place),
        lambda: accounts.from_claims(chief.store, "new", "新人", role, place),
        lambda: accounts.from_claims(chief.store, "wang", "王芳", role, place),
    ):
        with pytest.raises(Refused):
            change()
    assert counts(chief.store) == held


@pytest.mark.parametrize("login", ["", " ", "x", "wang", " wang", "ｗａｎｇ", "wa\u200bng", "x" * 61])
def test_a_login_that_is_taken_or_cannot_be_typed_is_refused(chief, login):
    held = counts(chief.store)
    with pytest.raises(Refused):
        accounts.add(chief, login, "新人", "auditor", None, None)
    assert counts(chief.store) == held


@pytest.mark.parametrize("login", ["a\0b", "a\u202eb", "ａｂ"])
def test_a_login_is_stored_without_what_nobody_can_see_or_type(chief, login):
    accounts.add(chief, login, "新人", "auditor", None, None)
    assert identity(chief, "ab")


def programs() -> set[str]:
    """The names under which the sources themselves write: store.noting("…"), store.writing("…"), ACCOUNT = "…"."""
    root, found = Path(__file__).parents[3], {OPERATOR, sign_in.UNKNOWN}
    for path in (root / "db").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(ast.Attribute(attr="noting" | "writing"), [ast.Constant(str(name)), *_]):
                    found.add(name)
                case ast.Assign([ast.Name("ACCOUNT")], ast.Constant(str(name))):
                    found.add(name)
    return found


def test_a_login_that_the_trail_uses_for_a_program_is_refused(chief):
    assert programs() == set(accounts.PROGRAMS)
    for login in programs():
        with pytest.raises(Refused, match="program"):
            accounts.add(chief, login.upper(), "新人", "auditor", None, None)


def test_only_an_administrator_or_an_auditor_reads_the_list(chief):
    auditor, own = signed_in(chief.store, "auditor"), enter(chief.store, "wang")
    assert accounts.listing(auditor).height == 3
    assert accounts.identity_of(auditor, "wang") == identity(chief, "wang")
    assert accounts.identity_of(auditor, "nobody") is None
    for read in (accounts.listing, lambda one: accounts.identity_of(one, "wang")):
        with pytest.raises(NotAllowed):
            read(own)


def test_the_only_administrator_may_be_made_what_they_are(chief):
    accounts.change_role(operator(chief.store), identity(chief, "chief"), "administrator", None)
    assert sign_in.is_open(chief)


def test_another_role_or_place_ends_the_sessions(chief):
    viewer = enter(chief.store, "wang")
    accounts.change_role(chief, identity(chief, "wang"), "manager", WANG)
    assert sign_in.is_open(viewer)
    accounts.change_role(chief, identity(chief, "wang"), "manager", ZHAO)
    assert not sign_in.is_open(viewer) and enter(chief.store, "wang").manager == ZHAO
    accounts.change_role(chief, identity(chief, "wang"), "auditor", None)
    assert enter(chief.store, "wang").role == "auditor"


def test_an_account_that_is_not_there_is_not_changed(chief):
    for change in (
        lambda: accounts.change_role(chief, 99, "auditor", None),
        lambda: accounts.disable(chief, 99),
        lambda: accounts.enable(chief, 99),
    ):
        with pytest.raises(Refused, match="no such account"):
            change()


def test_the_bank_has_no_account_before_the_first_one_is_made(sqlite_store):
    assert not accounts.exist(sqlite_store)
    account(sqlite_store, "chief", "administrator")
    assert accounts.exist(sqlite_store)


def test_what_the_banks_own_sign_in_says_makes_an_account_and_keeps_it_current(chief):
    store, before = chief.store, len(trail(chief.store))
    accounts.from_claims(store, "li", "李强", "manager", LI)
    viewer = enter(store, "li")
    accounts.from_claims(store, "li", "李强", "manager", LI)
    assert sign_in.is_open(viewer) and viewer.manager == LI
    accounts.from_claims(store, "li", "李强", "branch_head", EAST)
    assert not sign_in.is_open(viewer) and enter(store, "li").branch == EAST
    noted = [one for one in trail(store)[before:] if one[0] == "oidc"]
    assert noted == [("oidc", "add", "account"), ("oidc", "change", "account")]
    numbers = [one[1] for one in trail(store, Audit.account, Audit.entity_id) if one[0] == "oidc"]
    assert numbers == [identity(chief, "li")] * 2
    assert held_values(store, Account.login, Account.password_hash) >= {("li", None)}


def test_an_account_that_was_disabled_here_is_not_opened_by_the_banks_own_sign_in(chief):
    accounts.disable(chief, identity(chief, "wang"))
    held = held_values(chief.store, Account.__table__)
    for role, place in (("manager", WANG), ("administrator", None)):
        with pytest.raises(Refused):
            accounts.from_claims(chief.store, "wang", "somebody called wang", role, place)
    assert held_values(chief.store, Account.__table__) == held


def test_managers_without_an_account_get_one_under_their_number_in_the_trail_with_its_own(chief):
    """王芳 has one already; 李强's number is somebody else's name, and the last one's is too short to sign in by."""
    numbers = {WANG: "1001", LI: "AUDIT", ZHAO: "1003", ZHAO + 1: "7"}
    accounts.add(chief, "audit", "审计员", "auditor", None, None)
    staff = pl.DataFrame(
        {"manager": list(numbers), "staff_no": list(numbers.values()), "manager_name": ["王芳", "李强", "赵敏", "周正"]}
    )
    before = len(trail(chief.store))
    issued = accounts.add_managers(chief, staff)
    assert issued.select("manager", "staff_no", "manager_name").rows() == [(ZHAO, "1003", "赵敏")]
    noted = trail(chief.store, Audit.action, Audit.entity, Audit.entity_id, Audit.after)[before:]
    assert [one[:3] for one in noted] == [("add", "account", identity(chief, "1003"))]
    assert noted[0][3]["manager_id"] == ZHAO and noted[0][3]["role"] == "manager"
    assert accounts.must_change(chief.store, enter(chief.store, "1003").sign_in)
    with pytest.raises(NotAllowed):
        accounts.add_managers(enter(chief.store, "wang"), staff)
