"""Nobody raises their own rights, and the bank is never without an administrator."""

import threading

import pytest

from dashboard.shell.store import operator
from db.access import Viewer
from db.accounts import accounts, sign_in
from db.engine import Store
from db.errors import NotAllowed, Refused
from db.models import Account
from metrics.definitions import interpret
from tests.support.builders import EAST, PASSWORD, REGION, WANG, ZHAO, account, bank, signed_in
from tests.support.sheets import counts, held_values, trail

pytestmark = pytest.mark.both_engines


@pytest.fixture
def chief(sqlite_store):
    """The only administrator, signed in; 王芳 has an account too."""
    account(bank(sqlite_store), "wang", "manager", WANG)
    return signed_in(sqlite_store, "administrator", login="chief")


def identity(viewer, login: str) -> int:
    return dict(accounts.listing(operator(viewer.store)).select("login", "account").iter_rows())[login]


def administrators(store) -> set[tuple]:
    held = held_values(store, Account.login, Account.role, Account.disabled_at)
    return {login for login, role, disabled in held if role == "administrator" and disabled is None}


def test_nobody_changes_his_own_role_or_disables_himself(chief):
    account(chief.store, "deputy", "administrator")
    held = counts(chief.store)
    me = identity(chief, "chief")
    for change in (
        lambda: accounts.change_role(chief, me, "auditor", None),
        lambda: accounts.change_role(chief, me, "administrator", None),
        lambda: accounts.disable(chief, me),
        lambda: accounts.enable(chief, me),
    ):
        with pytest.raises(Refused, match="You cannot change your own"):
            change()
    assert counts(chief.store) == held


@pytest.mark.parametrize("role", ["manager", "branch_head", "regional", "screen", "auditor"])
def test_nobody_but_an_administrator_changes_accounts(chief, role):
    place = {"manager": ZHAO, "branch_head": EAST, "regional": REGION, "screen": EAST}.get(role)
    viewer = signed_in(chief.store, role, place, login="curious")
    wang, accounts_before = identity(chief, "wang"), held_values(chief.store, Account.__table__)
    for change in (
        lambda: accounts.add(viewer, "new", "新人", "administrator", None, None),
        lambda: accounts.change_role(viewer, wang, "administrator", None),
        lambda: accounts.change_role(viewer, identity(chief, "curious"), "administrator", None),
        lambda: accounts.disable(viewer, wang),
        lambda: accounts.enable(viewer, wang),
        lambda: accounts.set_password(viewer, wang, PASSWORD),
    ):
        with pytest.raises(NotAllowed):
            change()
    assert held_values(chief.store, Account.__table__) == accounts_before
    assert trail(chief.store)[-6:] == [("curious", "refuse", "manage_accounts")] * 6


def test_the_last_administrator_stays_one_whoever_asks(chief):
    last = identity(chief, "chief")
    accounts.add(chief, "gone", "走了", "administrator", None, None)
    accounts.disable(chief, identity(chief, "gone"))
    for change in (
        lambda: accounts.disable(operator(chief.store), last),
        lambda: accounts.change_role(operator(chief.store), last, "auditor", None),
        lambda: accounts.from_claims(chief.store, "chief", "chief", "auditor", None),
        lambda: accounts.from_claims(chief.store, "chief", "chief", "manager", WANG),
    ):
        with pytest.raises(Refused, match="last administrator"):
            change()
    assert administrators(chief.store) == {"chief"} and sign_in.is_open(chief)


def test_an_administrator_who_is_not_the_last_may_go(chief):
    for login in ("second", "third"):
        account(chief.store, login, "administrator")
    accounts.disable(chief, identity(chief, "second"))
    accounts.from_claims(chief.store, "third", "third", "auditor", None)
    assert administrators(chief.store) == {"chief"}


@pytest.mark.parametrize("change", ["disable", "change_role", "from_claims"])
def test_two_administrators_who_remove_each_other_at_once_leave_one(store, change):
    """Each in a process of their own."""
    people = [signed_in(bank(store), "administrator", login="first"), signed_in(store, "administrator", login="second")]
    numbers = {login: identity(people[0], login) for login in ("first", "second")}
    other, start, refused = Store(store.url, mark=interpret), threading.Barrier(2), []

    def remove(viewer, at: Store, login: str):
        viewer = Viewer(at, viewer.account, viewer.role, sign_in=viewer.sign_in)
        start.wait()
        try:
            match change:
                case "disable":
                    accounts.disable(viewer, numbers[login])
                case "change_role":
                    accounts.change_role(viewer, numbers[login], "auditor", None)
                case "from_claims":
                    accounts.from_claims(at, login, login, "auditor", None)
        except Refused as error:
            refused.append(error)

    work = [(people[0], store, "second"), (people[1], other, "first")]
    threads = [threading.Thread(target=remove, args=one) for one in work]
    [one.start() for one in threads]
    [one.join() for one in threads]
    other.close()
    assert len(administrators(store)) == len(refused) == 1
