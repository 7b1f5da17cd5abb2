"""Whoever guesses passwords is slowed down, never locked out with the person they guess for: a device that has signed
in before is counted by itself (OWASP, "Slow down online guessing attacks with device cookies"), no wait is long, and
whoever has waited is looked at before those who go on asking."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from db.accounts import places
from db.engine import now
from db.errors import Refused
from db.models import Account, FailedSignIn, SignIn

WINDOW = timedelta(minutes=15)  # failures older than this no longer slow anybody down

FREE_TRIES, TRIES_AT_AN_ADDRESS = 5, 50

TRIES_BY_STRANGERS = 100  # on one account, from wherever: after them an address it is new to has one free try

LONGEST_WAIT = timedelta(seconds=30)

PACE = timedelta(seconds=10)  # between two tries at one address of those who have waited for their place in line

WAIT = "Too many wrong passwords: wait {seconds} s, then try again."


@dataclass(frozen=True)
class Browser:
    """Where a request comes from: its address, and the device cookie it was once given (None for a new one). `idle` and
    `longest` say how long a session there lasts, `place` is the one in line that it was given when it had to wait."""

    address: str
    device: str | None
    idle: timedelta
    longest: timedelta
    place: str | None = None


class MustWait(Refused):
    """Too many failures: to be tried again in `seconds`; with the place in line that is to be shown then."""

    def __init__(self, seconds: int, place: str | None) -> None:
        super().__init__(WAIT, seconds=seconds)
        self.place = place


def look(session: Session, login: str, browser: Browser, device: str | None) -> str | None:
    """The hash of the place in line by which a try is looked at now; None where nobody has to wait. Raises MustWait
    where it is too early."""
    wait = seconds_to_wait(session, login, browser, device)
    if wait == 0:
        return None
    if device is not None:
        raise MustWait(wait, None)
    source = (digest(login), browser.address)
    waited = places.waited(browser.place, source)
    hashed = digest(browser.place or "")
    if waited is None or session.scalar(select(exists().where(FailedSignIn.place_hash == hashed))):
        raise MustWait(wait, places.give(source))
    before = (FailedSignIn.address == browser.address, FailedSignIn.place_hash.is_not(None))
    _number, last = recent(session, *before)
    left = max(LONGEST_WAIT - waited, timedelta(0) if last is None else last + PACE - now())
    if left > timedelta(0):
        raise MustWait(min(wait, in_seconds(left)), browser.place)
    return hashed


def known_device(session: Session, account: Account | None, browser: Browser) -> str | None:
    """The device's hash, when it has signed in to this account before."""
    if account is None or browser.device is None:
        return None
    hashed = digest(browser.device)
    before = exists().where(SignIn.device_hash == hashed, SignIn.account_id == account.id)
    return hashed if session.scalar(select(before)) else None


def seconds_to_wait(session: Session, login: str, browser: Browser, device: str | None) -> int:
    """Seconds until the next try is looked at: twice as many after each failure beyond the free ones, from the same
    source for the same account; for strangers also when their address tried too many names, or too many strangers tried
    this one."""
    own, stranger = same_source(login, browser, device), FailedSignIn.device_hash.is_(None)
    tries = [(recent(session, *own), FREE_TRIES)]
    if device is None:
        tries.append((recent(session, stranger, FailedSignIn.address == browser.address), TRIES_AT_AN_ADDRESS))
        if recent(session, stranger, FailedSignIn.login_hash == digest(login))[0] >= TRIES_BY_STRANGERS:
            tries.append((recent(session, *own), 1))
    waits = [timedelta(0)]
    for (number, last), free in tries:
        if last is not None and number >= free:
            wait = min(timedelta(seconds=2.0 ** min(number - free + 1, 10)), LONGEST_WAIT)
            waits.append(last + wait - now())
    return in_seconds(max(waits))


def in_seconds(wait: timedelta) -> int:
    return max(0, -(-wait // timedelta(seconds=1)))


def recent(session: Session, *source: ColumnElement[bool]) -> tuple[int, datetime | None]:
    """How many failures lately, and when the last one was; what a clock that was set back has yet to come to is none."""
    lately = FailedSignIn.at.between(now() - WINDOW + timedelta.resolution, now())
    failures = select(func.count(), func.max(FailedSignIn.at)).where(*source, lately)
    return tuple(session.execute(failures).one())


def same_source(login: str, browser: Browser, device: str | None) -> tuple[ColumnElement[bool], ...]:
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
