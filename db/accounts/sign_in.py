"""Signing in: a session a browser holds by an opaque cookie, found again on every rerun, ended from the server.

Whoever guesses passwords is slowed down, never locked out with the one they guess for: a device that has signed in
before is counted by itself (OWASP, "Slow down online guessing attacks with device cookies"), and no wait is long."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any, cast

import polars as pl
from sqlalchemy import ColumnElement, CursorResult, DateTime, Integer, Select, bindparam, delete, select, update
from sqlalchemy.orm import Session

from db import identity
from db.access import Viewer, alive, gone, is_current, stands_in
from db.accounts import extending, logins, passwords, throttling
from db.accounts.throttling import Browser
from db.engine import Store, Write, now
from db.errors import Refused
from db.models import Account, Branch, FailedSignIn, SignIn
from db.people import people
from db.rights import DEPUTY, PLACE
from db.store.parts import NOTHING

UNKNOWN = "unknown"  # in the trail, whoever is not known: what was typed may be a password
WRONG = "The name or the password is wrong."


@dataclass(frozen=True)
class Cookies:
    """What the browser is given: the session's token, and its name as a device."""

    token: str
    device: str


def with_password(store: Store, login: str, password: str, browser: Browser) -> Cookies:
    """Raises Refused with one and the same message for an unknown name, a wrong password and a disabled account, or
    throttling.MustWait after too many failures."""
    login = identity.half_width(login)
    if not login.isprintable():
        raise Refused(WRONG)
    with store.reading(*NOTHING) as connection, Session(connection) as session:
        admit(session, login, browser)  # whoever has to wait keeps nobody from writing
    with store.noting(UNKNOWN) as write:  # a try has failed until it is shown to be right: many at once count as many
        account, login, device, place = admit(write.session, login, browser)
        whence = {"address": browser.address, "device_hash": device, "place_hash": place}
        write.session.add(FailedSignIn(at=write.now, login_hash=throttling.digest(login), **whence))
        write.session.flush()
        hashed = account.password_hash if account is not None and account.disabled_at is None else None
        known = None if account is None else (account.id, account.login)
    if not passwords.verify(password, hashed):
        account_id, name = known or (None, UNKNOWN)
        with store.noting(name) as write:
            write.audit("fail", "sign_in", account_id, None, {"address": browser.address})
        raise Refused(WRONG)
    return start(store, login, browser)


def admit(session: Session, login: str, browser: Browser) -> tuple[Account | None, str, str | None, str | None]:
    """Whose name it is, the name as it is counted by, and the hashes of the device where it is known and of the place in
    line where one had to be held. Raises MustWait where the password is not to be looked at yet."""
    account = logins.named(session, login)
    login = login.lower() if account is None else account.login
    device = throttling.known_device(session, account, browser)
    return account, login, device, throttling.look(session, login, browser, device)


def start(store: Store, login: str, browser: Browser) -> Cookies:
    """A new session of an account whose identity is proven. Raises Refused when it is not there or disabled."""
    with store.noting(login) as write:
        account = logins.named(write.session, login)
        if account is None or account.disabled_at is not None:
            raise Refused(WRONG)
        login = write.account = account.login
        cookies = Cookies(secrets.token_urlsafe(32), browser.device or secrets.token_urlsafe(32))
        longest = write.now + browser.longest
        idle = browser.longest if account.role == "screen" else browser.idle  # nobody clicks on a wall
        begun = SignIn(
            token_hash=throttling.digest(cookies.token),
            account_id=account.id,
            device_hash=throttling.digest(cookies.device),
            address=browser.address,
            began_at=write.now,
            idle_minutes=round(idle / timedelta(minutes=1)),
            lasts_until=min(write.now + idle, longest),
            expires_at=longest,
        )
        write.session.add(begun)
        for device in (None, throttling.digest(cookies.device)):
            write.session.execute(delete(FailedSignIn).where(*throttling.same_source(login, browser, device)))
        write.session.flush()
        write.audit("sign_in", "session", begun.id, None, {"address": browser.address})
    return cookies


def find(store: Store, token: str | None) -> int | None:
    """The id of the session a token stands for, None when it has ended."""
    if not token:
        return None
    statement = select(SignIn.id).join(Account, Account.id == SignIn.account_id)
    with store.reading(*NOTHING) as connection:
        return connection.execute(statement.where(SignIn.token_hash == throttling.digest(token), alive())).scalar()


def login_of(store: Store, sign_in: int | None) -> str | None:
    """Whose session it is, None when it has ended."""
    statement = select(Account.login).join(SignIn, SignIn.account_id == Account.id)
    with store.reading(*NOTHING) as connection:
        return connection.execute(statement.where(SignIn.id == sign_in, alive())).scalar()


def viewer(store: Store, sign_in: int, today: date) -> Viewer | None:
    """Whoever is in the session, with the place they hold today; None when it has ended, the account is disabled, or
    the manager is posted nowhere any more."""
    with store.reading(*NOTHING) as connection:
        found = connection.execute(select_viewer(), {"sign_in": sign_in, "now": now()}).first()
    if found is None:
        return None
    login, role, region, branch, manager, branch_region = found
    match PLACE.get(role):
        case "manager":
            posted = None if manager is None else people.branch_on(store, manager, today)
            return None if posted is None else Viewer(store, login, role, *posted, manager, sign_in)
        case "branch":
            return Viewer(store, login, role, branch_region, branch, None, sign_in)
        case "region":
            return Viewer(store, login, role, region, None, None, sign_in)
    return Viewer(store, login, role, sign_in=sign_in)


@cache
def select_viewer() -> Select[*tuple[Any, ...]]:
    """The account of a session, and its branch's region; built once, as every page asks for it."""
    columns = (Account.login, Account.role, Account.region_id, Account.branch_id, Account.manager_id, Branch.region_id)
    return (
        select(*columns)
        .join(SignIn, SignIn.account_id == Account.id)
        .outerjoin(Branch, Branch.id == Account.branch_id)
        .where(SignIn.id == bindparam("sign_in", type_=Integer()), alive(bindparam("now", type_=DateTime())))
    )


def deputy(viewer: Viewer, today: date) -> Viewer | None:
    """What a manager is besides while they stand in for their branch's head: somebody who runs its meetings, and sees no
    more of it than the meeting room does. None for everybody else."""
    if viewer.role != "manager":
        return None
    with viewer.store.reading(*NOTHING) as connection:
        named = stands_in(connection, viewer.manager, viewer.branch, today)
    return replace(viewer, role=DEPUTY, manager=None) if named else None


def is_open(viewer: Viewer) -> bool:
    """Whether the viewer's session is still open, their account still what it was."""
    with viewer.store.reading(*NOTHING) as connection, Session(connection) as session:
        return is_current(session, viewer)


def ended(store: Store, viewers: Sequence[Viewer]) -> list[Viewer]:
    """Those of whom that is not so."""
    with store.reading(*NOTHING) as connection, Session(connection) as session:
        return gone(session, viewers)


def extend(viewer: Viewer) -> None:
    """Somebody did something: the session goes on for as long as it may be idle. One that has ended stays ended."""
    if viewer.sign_in is not None:
        extending.of(viewer.store).note(viewer.sign_in, now())


def end(viewer: Viewer, everywhere: bool = False) -> None:
    """Ends this session, or all of the account's."""
    with viewer.store.noting(viewer.account) as write:
        own = select(SignIn.account_id).where(SignIn.id == viewer.sign_in).scalar_subquery()
        which = SignIn.account_id == own if everywhere else SignIn.id == viewer.sign_in
        ended = end_sessions(write, which)
        write.audit("sign_out", "session", viewer.sign_in, None, {"sessions": ended})


def end_sessions(write: Write, which: ColumnElement[bool]) -> int:
    """Ends those that are still open, and gives how many."""
    statement = update(SignIn).where(which, SignIn.ended_at.is_(None)).values(ended_at=write.now)
    return cast(CursorResult[()], write.session.execute(statement)).rowcount


def open_sessions(viewer: Viewer) -> pl.DataFrame:
    """The viewer's own sessions that have not ended, the latest first: began_at, address, is_this."""
    own = select(SignIn.account_id).where(SignIn.id == viewer.sign_in).scalar_subquery()
    statement = (
        select(SignIn.began_at, SignIn.address, SignIn.id == viewer.sign_in)
        .join(Account, Account.id == SignIn.account_id)
        .where(SignIn.account_id == own, alive())
        .order_by(SignIn.id.desc())
    )
    schema = {"began_at": pl.Datetime, "address": pl.String, "is_this": pl.Boolean}
    with viewer.store.reading(*NOTHING) as connection:
        return pl.DataFrame([tuple(row) for row in connection.execute(statement)], schema, orient="row")
