"""Accounts: who may sign in, as what, and where. Nobody raises their own rights, and the bank is never without an
administrator."""

from collections.abc import Generator
from contextlib import contextmanager

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db import identity
from db.access import Viewer, scope, writing, writing_note
from db.accounts import passwords
from db.accounts.logins import named
from db.accounts.sign_in import end_sessions
from db.codes import ROLES
from db.engine import Store, Write
from db.errors import Refused
from db.models import Account, Branch, Manager, Region, SignIn
from db.rights import PLACE
from db.store.parts import ACCOUNTS, NOTHING

ACCOUNT = {
    "account": pl.Int64,
    "login": pl.String,
    "name": pl.String,
    "role": pl.String,
    "region_name": pl.String,
    "branch_name": pl.String,
    "staff_no": pl.String,
    "disabled": pl.Boolean,
}
LOGIN_LENGTH = 60
PROGRAMS = ("operator", "oidc", "unknown", "draft", "simulation", "jobs", "hand-over", "sessions", "retention")
AUDITED = ("login", "name", "role", "region_id", "branch_id", "manager_id")


def listing(viewer: Viewer) -> pl.DataFrame:
    """All accounts (ACCOUNT), by role and login; a place that the role does not have is null."""
    scope(viewer, "read_accounts")
    statement = (
        select(
            Account.id,
            Account.login,
            Account.name,
            Account.role,
            Region.name,
            Branch.name,
            Manager.staff_no,
            Account.disabled_at.is_not(None),
        )
        .outerjoin(Branch, Branch.id == Account.branch_id)
        .outerjoin(Region, Region.id == func.coalesce(Account.region_id, Branch.region_id))
        .outerjoin(Manager, Manager.id == Account.manager_id)
        .order_by(Account.role, Account.login)
    )
    with viewer.store.reading() as connection:
        return pl.DataFrame([tuple(row) for row in connection.execute(statement)], ACCOUNT, orient="row")


def identity_of(viewer: Viewer, login: str) -> int | None:
    """The id of the account a sign-in name stands for; None when there is none."""
    scope(viewer, "read_accounts")
    with viewer.store.reading() as connection, Session(connection) as session:
        account = named(session, login)
        return None if account is None else account.id


def add(
    viewer: Viewer, login: str, name: str, role: str, place: int | None, password: str | None, must_change: bool = True
) -> int:
    """A new account; `place` is the id of the manager, branch or region the role holds for (access.PLACE). Without a
    password it can be entered by the bank's own sign-in only. Raises Refused for a login that is taken, a role or place
    that does not exist, or a weak password."""
    login, name = cleaned_names(login, name)
    with managing_accounts(viewer) as write:
        if named(write.session, login) is not None:
            raise Refused("“{login}” has an account already.", login=login)
        must_change = must_change and password is not None
        place_held = place_columns(write.session, role, place)
        account = Account(login=login, name=name, must_change=must_change, **place_held)
        if password is not None:
            account.password_hash = passwords.hash_password(password, *known_of(write.session, account))
        write.session.add(account)
        write.session.flush()
        write.audit("add", "account", account.id, None, account_facts(account))
        return account.id


def known_of(session: Session, account: Account) -> tuple[str, ...]:
    """What others know of whoever holds an account, and would try first."""
    number = session.scalar(select(Manager.staff_no).where(Manager.id == account.manager_id))
    return (account.login, account.name, *([number] if number else []))


def add_managers(viewer: Viewer, staff: pl.DataFrame) -> pl.DataFrame:
    """An account, with a password to hand over once, for each of these managers (manager, staff_no, manager_name) who
    has none: the same rows with `password`. They sign in by their staff number; who is known under it already, or whose
    number cannot be a sign-in name, is left out. All at once, or none."""
    issued = []
    with managing_accounts(viewer) as write:
        known = {login.lower() for login in write.session.scalars(select(Account.login))}
        placed = set(write.session.scalars(select(Account.manager_id)))
        for row in staff.unique("manager", keep="first", maintain_order=True).to_dicts():
            login = row["staff_no"]
            if row["manager"] in placed or login.lower() in known or not 2 <= len(login) <= LOGIN_LENGTH:
                continue
            password = passwords.generate()
            hashed = passwords.hash_password(password, login, row["manager_name"])
            place = place_columns(write.session, "manager", row["manager"])
            account = Account(login=login, name=row["manager_name"], password_hash=hashed, must_change=True, **place)
            write.session.add(account)
            write.session.flush()
            write.audit("add", "account", account.id, None, account_facts(account))
            issued.append(row | {"password": password})
    return pl.DataFrame(issued, staff.schema | {"password": pl.String})


def change_role(viewer: Viewer, identity: int, role: str, place: int | None) -> None:
    """Gives the account another role or place; its sessions end. Raises Refused for one's own account, for the last
    administrator, or when the role or the place does not exist."""
    with managing_accounts(viewer) as write:
        account = get_other_account(write, viewer, identity)
        before = account_facts(account)
        keep_an_administrator(write, account, still=role == "administrator")
        for name, value in place_columns(write.session, role, place).items():
            setattr(account, name, value)
        if account_facts(account) != before:
            end_sessions(write, SignIn.account_id == identity)
            write.audit("change", "account", identity, before, account_facts(account))


def disable(viewer: Viewer, identity: int) -> None:
    """Nobody enters by this account any more; whoever is in is out at the next click. Raises Refused for one's own
    account and for the last administrator."""
    with managing_accounts(viewer) as write:
        account = get_other_account(write, viewer, identity)
        keep_an_administrator(write, account, still=False)
        if account.disabled_at is None:
            account.disabled_at = write.now
            end_sessions(write, SignIn.account_id == identity)
            write.audit("disable", "account", identity, {"disabled": False}, {"disabled": True})


def enable(viewer: Viewer, identity: int) -> None:
    with managing_accounts(viewer) as write:
        account = get_other_account(write, viewer, identity)
        if account.disabled_at is not None:
            account.disabled_at = None
            write.audit("enable", "account", identity, {"disabled": True}, {"disabled": False})


def set_password(viewer: Viewer, identity: int, password: str, must_change: bool = True) -> None:
    """A new password for somebody, to be changed at the first sign-in; their sessions end."""
    with managing_accounts(viewer) as write:
        account = get_account(write, identity)
        account.password_hash = passwords.hash_password(password, *known_of(write.session, account))
        account.must_change = must_change
        end_sessions(write, SignIn.account_id == identity)
        write.audit("set_password", "account", identity, None, None)


def change_own_password(viewer: Viewer, old: str, new: str) -> None:
    """Ends every other session of the account. Raises Refused when the old one is wrong or the new one weak."""
    with viewer.store.reading() as connection, Session(connection) as session:
        account = own_account(session, viewer)
        hashed, known = account.password_hash, known_of(session, account)
    if not passwords.verify(old, hashed):
        with writing_note(viewer) as write:
            write.audit("fail", "password", viewer.sign_in, None, None)
        raise Refused("The current password is wrong.")
    if old == new:
        raise Refused("That is your current password: choose another.")
    sealed = passwords.hash_password(new, *known)
    with writing(viewer) as write:
        write.touch(ACCOUNTS)
        account = own_account(write.session, viewer)
        account.password_hash, account.must_change = sealed, False
        end_sessions(write, (SignIn.account_id == account.id) & (SignIn.id != viewer.sign_in))
        write.audit("change_password", "account", account.id, None, None)


def from_claims(store: Store, login: str, name: str, role: str, place: int | None) -> None:
    """The account of somebody whom the bank's own sign-in knows, made or brought up to date with what it says of them.
    Raises Refused when it is disabled here, or names a role or place that does not exist."""
    login, name = cleaned_names(login, name)
    with store.writing("oidc") as write:
        write.touch(ACCOUNTS)
        account = named(write.session, login)
        stated = {"name": name, **place_columns(write.session, role, place)}
        if account is None:
            account = Account(login=login, must_change=False, **stated)
            write.session.add(account)
            write.session.flush()
            write.audit("add", "account", account.id, None, account_facts(account))
            return
        if account.disabled_at is not None:
            raise Refused("This account was disabled here: ask the administrator.")
        before = account_facts(account)
        if before | stated != before:
            if account.role == "administrator":
                keep_an_administrator(write, account, still=role == "administrator")
            for key, value in stated.items():
                setattr(account, key, value)
            end_sessions(write, SignIn.account_id == account.id)
            write.audit("change", "account", account.id, before, account_facts(account))


def cleaned_names(login: str, name: str) -> tuple[str, str]:
    """Both without blanks around them. Raises Refused for what is no name, or is a program's in the audit trail."""
    login, name = identity.half_width(login), identity.clean(name)
    if not 2 <= len(login) <= LOGIN_LENGTH or not name or not (login + name).isprintable():
        raise Refused("Give a sign-in name of 2 to {number} characters, and the person's name.", number=LOGIN_LENGTH)
    if login.lower() in PROGRAMS:
        raise Refused("“{login}” is a program's name in the audit trail: choose another.", login=login)
    return login, name


def exist(store: Store) -> bool:
    """Whether anybody can sign in at all."""
    with store.reading(*NOTHING) as connection:
        return connection.execute(select(Account.id).limit(1)).first() is not None


def must_change(store: Store, session: int) -> bool:
    """Whether the password of whoever is in the session was handed over, and has to be replaced first."""
    statement = select(Account.must_change).join(SignIn, SignIn.account_id == Account.id)
    with store.reading(*NOTHING) as connection:
        return bool(connection.execute(statement.where(SignIn.id == session)).scalar())


@contextmanager
def managing_accounts(viewer: Viewer) -> Generator[Write]:
    scope(viewer, "manage_accounts")
    with writing(viewer) as write:
        write.touch(ACCOUNTS)
        yield write


def get_account(write: Write, identity: int) -> Account:
    account = write.session.get(Account, identity)
    if account is None:
        raise Refused("There is no such account.")
    return account


def get_other_account(write: Write, viewer: Viewer, identity: int) -> Account:
    account = get_account(write, identity)
    if account.login == viewer.account:
        raise Refused("You cannot change your own role or account: ask another administrator.")
    return account


def own_account(session: Session, viewer: Viewer) -> Account:
    signed_in = select(Account).join(SignIn, SignIn.account_id == Account.id).where(SignIn.id == viewer.sign_in)
    return session.scalars(signed_in).one()


def keep_an_administrator(write: Write, account: Account, still: bool) -> None:
    """Raises Refused when the change would leave nobody who can manage accounts."""
    if still or account.role != "administrator" or account.disabled_at is not None:
        return
    others = select(Account.id).where(
        Account.role == "administrator", Account.disabled_at.is_(None), Account.id != account.id
    )
    if write.session.scalar(others.limit(1)) is None:
        raise Refused("This is the last administrator: make another one first.")


def place_columns(session: Session, role: str, place: int | None) -> dict[str, str | int | None]:
    """The role with its place as the account's columns; Refused when one of them does not exist."""
    if role not in ROLES:
        raise Refused("Choose a role from the list.")
    level = PLACE.get(role)
    if level is not None:
        model = {"manager": Manager, "branch": Branch, "region": Region}[level]
        if place is None or session.get(model, place) is None:
            raise Refused("Choose the {level} the role is for.", level=level)
    return {"role": role} | {f"{one}_id": place if one == level else None for one in ("region", "branch", "manager")}


def account_facts(account: Account) -> dict[str, object]:
    return {name: getattr(account, name) for name in AUDITED}
