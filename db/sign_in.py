"""Signing in: a session a browser holds by an opaque cookie, found again on every rerun, ended from the server.

Whoever guesses passwords is slowed down, never locked out with the one he guesses for: a device that has signed in before
is counted by itself (OWASP, "Slow down online guessing attacks with device cookies"), and no wait is long."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from db import passwords, people
from db.access import PLACE, Viewer, alive, holds
from db.engine import Store, Write, now
from db.errors import Refused
from db.models import Account, Branch, ChangeCounter, FailedSignIn, Posting, SignIn

WINDOW = timedelta(minutes=15)  # failures older than this no longer slow anybody down
FREE_TRIES, TRIES_AT_AN_ADDRESS = 5, 50
TRIES_BY_STRANGERS = 100  # on one account, from wherever: after them an address it is new to has one free try
LONGEST_WAIT = timedelta(seconds=30)
UNKNOWN = "unknown"  # in the trail, whoever is not known: what was typed may be a password
WORTH_WRITING = timedelta(minutes=1)  # a session's end is moved no oftener
WRONG = "The name or the password is wrong."
WAIT = "Too many wrong passwords: wait {seconds} seconds, then try again."


@dataclass(frozen=True)
class Browser:
    """Where a request comes from: its address, and the device cookie it was once given (None for a new one). `idle` and
    `longest` say how long a session there lasts."""

    address: str
    device: str | None
    idle: timedelta
    longest: timedelta


@dataclass(frozen=True)
class Cookies:
    """What the browser is given: the session's token, and its name as a device."""

    token: str
    device: str


def by_password(store: Store, login: str, password: str, browser: Browser) -> Cookies:
    """Raises Refused with one and the same message for an unknown name, a wrong password and a disabled account, or
    with the seconds to wait after too many failures."""
    login = login.strip()
    if not login.isprintable():
        raise Refused(WRONG)
    with store.noting(UNKNOWN) as write:  # a try has failed until it is shown to be right: many at once count as many
        account = write.session.scalars(select(Account).where(Account.login == login)).first()
        device = known_device(write.session, account, browser)
        wait = seconds_to_wait(write, login, browser, device)
        if wait:
            raise Refused(WAIT, seconds=wait)
        write.session.execute(delete(FailedSignIn).where(FailedSignIn.at < write.now - timedelta(days=1)))
        failure = FailedSignIn(at=write.now, login_hash=digest(login), address=browser.address, device_hash=device)
        write.session.add(failure)
        write.session.flush()
        hashed = account.password_hash if account is not None and account.disabled_at is None else None
        known = None if account is None else (account.id, account.login)
    if not passwords.fits(password, hashed):
        identity, name = known or (None, UNKNOWN)
        with store.noting(name) as write:
            write.audit("fail", "sign_in", identity, None, {"address": browser.address})
        raise Refused(WRONG)
    return begin(store, login, browser)


def begin(store: Store, login: str, browser: Browser) -> Cookies:
    """A new session of an account whose identity is proven. Raises Refused when it is not there or disabled."""
    with store.noting(login) as write:
        account = write.session.scalars(select(Account).where(Account.login == login)).first()
        if account is None or account.disabled_at is not None:
            raise Refused(WRONG)
        cookies = Cookies(secrets.token_urlsafe(32), browser.device or secrets.token_urlsafe(32))
        longest = write.now + browser.longest
        idle = browser.longest if account.role == "screen" else browser.idle  # nobody clicks on a wall
        begun = SignIn(
            token_hash=digest(cookies.token),
            account_id=account.id,
            device_hash=digest(cookies.device),
            address=browser.address,
            began_at=write.now,
            idle_minutes=round(idle / timedelta(minutes=1)),
            lasts_until=min(write.now + idle, longest),
            expires_at=longest,
        )
        write.session.add(begun)
        for device in (None, digest(cookies.device)):
            write.session.execute(delete(FailedSignIn).where(*same_source(login, browser, device)))
        write.session.flush()
        write.audit("sign_in", "session", begun.id, None, {"address": browser.address})
    return cookies


def find(store: Store, token: str | None) -> int | None:
    """The id of the session a token stands for, None when it has ended."""
    if not token:
        return None
    statement = select(SignIn.id).join(Account, Account.id == SignIn.account_id)
    with store.reading() as connection:
        return connection.execute(statement.where(SignIn.token_hash == digest(token), alive())).scalar()


def login_of(store: Store, sign_in: int | None) -> str | None:
    """Whose session it is, None when it has ended."""
    statement = select(Account.login).join(SignIn, SignIn.account_id == Account.id)
    with store.reading() as connection:
        return connection.execute(statement.where(SignIn.id == sign_in, alive())).scalar()


def viewer(store: Store, sign_in: int, today: date) -> Viewer | None:
    """Whoever is in the session, with the place he holds today; None when it has ended, the account is disabled, or the
    manager is posted nowhere any more."""
    columns = (Account.login, Account.role, Account.region_id, Account.branch_id, Account.manager_id, Branch.region_id)
    statement = (
        select(*columns)
        .join(SignIn, SignIn.account_id == Account.id)
        .outerjoin(Branch, Branch.id == Account.branch_id)
        .where(SignIn.id == sign_in, alive())
    )
    with store.reading() as connection:
        found = connection.execute(statement).first()
    if found is None:
        return None
    login, role, region, branch, manager, branch_region = found
    match PLACE.get(role):
        case "manager":
            posted = people.branch_on(store, manager, today)
            return None if posted is None else Viewer(store, login, role, *posted, manager, sign_in)
        case "branch":
            return Viewer(store, login, role, branch_region, branch, None, sign_in)
        case "region":
            return Viewer(store, login, role, region, None, None, sign_in)
    return Viewer(store, login, role, sign_in=sign_in)


def lasts(viewer: Viewer) -> bool:
    """Whether the viewer's session is still open, his account still what it was."""
    with viewer.store.reading() as connection, Session(connection) as session:
        return holds(session, viewer)


def stay(viewer: Viewer) -> None:
    """Somebody did something: the session goes on for as long as it may be idle. One that has ended stays ended."""
    columns = (SignIn.lasts_until, SignIn.expires_at, SignIn.idle_minutes)
    still_open = select(*columns).join(Account, Account.id == SignIn.account_id)
    with viewer.store.reading() as connection:
        held = connection.execute(still_open.where(SignIn.id == viewer.sign_in, alive())).first()
    if held is None:
        return
    until = min(now() + timedelta(minutes=held.idle_minutes), held.expires_at)
    if until - held.lasts_until >= WORTH_WRITING:
        with viewer.store.noting(viewer.account) as write:
            still = (SignIn.id == viewer.sign_in, SignIn.ended_at.is_(None), SignIn.lasts_until > write.now)
            write.session.execute(update(SignIn).where(*still).values(lasts_until=until))


def end(viewer: Viewer, everywhere: bool = False) -> None:
    """Ends this session, or all of the account's."""
    with viewer.store.noting(viewer.account) as write:
        own = select(SignIn.account_id).where(SignIn.id == viewer.sign_in).scalar_subquery()
        which = SignIn.account_id == own if everywhere else SignIn.id == viewer.sign_in
        ended = end_sessions(write, which)
        write.audit("sign_out", "session", viewer.sign_in, None, {"sessions": ended})


def end_sessions(write: Write, which) -> int:
    statement = update(SignIn).where(which, SignIn.ended_at.is_(None)).values(ended_at=write.now)
    return write.session.execute(statement).rowcount


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
    with viewer.store.reading() as connection:
        return pl.DataFrame([tuple(row) for row in connection.execute(statement)], schema, orient="row")


# -- whoever guesses -------------------------------------------------------------------------------------------------


def known_device(session: Session, account: Account | None, browser: Browser) -> str | None:
    """The device's hash, when it has signed in to this account before."""
    if account is None or browser.device is None:
        return None
    hashed = digest(browser.device)
    before = select(SignIn.id).where(SignIn.device_hash == hashed, SignIn.account_id == account.id).limit(1)
    return hashed if session.scalar(before) else None


def seconds_to_wait(write: Write, login: str, browser: Browser, device: str | None) -> int:
    """Seconds until the next try is looked at: twice as many after each failure beyond the free ones, from the same
    source for the same account; for strangers also when their address tried too many names, or too many strangers tried
    this one."""
    own, stranger = same_source(login, browser, device), FailedSignIn.device_hash.is_(None)
    tries = [(recent(write, *own), FREE_TRIES)]
    if device is None:
        tries.append((recent(write, stranger, FailedSignIn.address == browser.address), TRIES_AT_AN_ADDRESS))
        if recent(write, stranger, FailedSignIn.login_hash == digest(login))[0] >= TRIES_BY_STRANGERS:
            tries.append((recent(write, *own), 1))
    waits = [timedelta(0)]
    for (number, last), free in tries:
        if number >= free:
            wait = min(timedelta(seconds=2.0 ** min(number - free + 1, 10)), LONGEST_WAIT)
            waits.append(last + wait - write.now)
    return max(0, -(-max(waits) // timedelta(seconds=1)))


def recent(write: Write, *source) -> tuple[int, datetime | None]:
    """How many failures lately, and when the last one was."""
    failures = select(func.count(), func.max(FailedSignIn.at)).where(*source, FailedSignIn.at > write.now - WINDOW)
    return tuple(write.session.execute(failures).one())


def same_source(login: str, browser: Browser, device: str | None) -> tuple:
    """Failures for this account from this device, or from strangers at this address."""
    if device is not None:
        return FailedSignIn.login_hash == digest(login), FailedSignIn.device_hash == device
    return (
        FailedSignIn.login_hash == digest(login),
        FailedSignIn.device_hash.is_(None),
        FailedSignIn.address == browser.address,
    )


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


# -- the demo --------------------------------------------------------------------------------------------------------

DEMO_PERSON = {"login": pl.String, "name": pl.String, "role": pl.String, "branch_name": pl.String}


def is_demo(store: Store) -> bool:
    """Whether `demo` made this database, and nobody's data is in it."""
    with store.reading() as connection:
        return connection.execute(select(ChangeCounter.is_demo)).scalar_one()


def demo_people(store: Store, today: date) -> pl.DataFrame:
    """Whom one may enter the demo as (DEMO_PERSON), managers with the branch they work in today. Nobody in any other
    database."""
    if not is_demo(store):
        return pl.DataFrame(schema=DEMO_PERSON)
    begun = or_(Posting.from_day.is_(None), Posting.from_day <= today)
    lasting = or_(Posting.to_day.is_(None), Posting.to_day >= today)
    posted = (Posting.manager_id == Account.manager_id) & begun & lasting
    statement = (
        select(Account.login, Account.name, Account.role, Branch.name)
        .outerjoin(Posting, posted)
        .outerjoin(Branch, Branch.id == func.coalesce(Account.branch_id, Posting.branch_id))
        .where(Account.disabled_at.is_(None), Account.manager_id.is_(None) | Posting.id.is_not(None))
        .order_by(Branch.id, Account.login)
    )
    with store.reading() as connection:
        return pl.DataFrame([tuple(row) for row in connection.execute(statement)], DEMO_PERSON, orient="row")


def enter_demo(store: Store, login: str, browser: Browser) -> Cookies:
    """Enters as one of the demo's people. Raises Refused in any database `demo` did not make."""
    if not is_demo(store):
        raise Refused(WRONG)
    return begin(store, login, browser)
