"""Whoever guesses passwords is slowed down, never locked out with the person they guess for: a device that has signed
in before is counted by itself (OWASP, "Slow down online guessing attacks with device cookies"), and no wait is long."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from db.engine import Write
from db.models import Account, FailedSignIn, SignIn

WINDOW = timedelta(minutes=15)  # failures older than this no longer slow anybody down

FREE_TRIES, TRIES_AT_AN_ADDRESS = 5, 50

TRIES_BY_STRANGERS = 100  # on one account, from wherever: after them an address it is new to has one free try

LONGEST_WAIT = timedelta(seconds=30)


@dataclass(frozen=True)
class Browser:
    """Where a request comes from: its address, and the device cookie it was once given (None for a new one). `idle` and
    `longest` say how long a session there lasts."""

    address: str
    device: str | None
    idle: timedelta
    longest: timedelta


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
        if last is not None and number >= free:
            wait = min(timedelta(seconds=2.0 ** min(number - free + 1, 10)), LONGEST_WAIT)
            waits.append(last + wait - write.now)
    return max(0, -(-max(waits) // timedelta(seconds=1)))


def recent(write: Write, *source: ColumnElement[bool]) -> tuple[int, datetime | None]:
    """How many failures lately, and when the last one was; what a clock that was set back has yet to come to is none."""
    lately = FailedSignIn.at.between(write.now - WINDOW + timedelta.resolution, write.now)
    failures = select(func.count(), func.max(FailedSignIn.at)).where(*source, lately)
    return tuple(write.session.execute(failures).one())


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
