"""Work of the day that nobody clicks for: each job registered once, done by one process at a time under a lease."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from db.engine import Store, now
from db.models import JobLease
from db.store.parts import NOTHING

LEASE = timedelta(minutes=10)  # after which a process that holds it is taken for dead
ACCOUNT = "jobs"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """`do` gets the store and the bank's day; it is done again once `every` has passed since it was begun last, and
    must not mind being done twice."""

    name: str
    every: timedelta
    do: Callable[[Store, date], None]


REGISTRY: dict[str, Job] = {}


def job(name: str, every: timedelta) -> Callable[[Callable[[Store, date], None]], Callable[[Store, date], None]]:
    """Registers a function as a job. Features do; whoever runs jobs imports the features."""

    def register(do: Callable[[Store, date], None]) -> Callable[[Store, date], None]:
        REGISTRY[name] = Job(name, every, do)
        return do

    return register


def tick(store: Store, today: date) -> list[str]:
    """Does every job that is due and that no other process is doing, and gives their names. One that fails is logged,
    stops none of the others, and is due again when its time has passed."""
    done = []
    for one in REGISTRY.values():
        token = take_lease(store, one)
        if token is None:
            continue
        try:
            one.do(store, today)
            done.append(one.name)
        except Exception:
            log.exception("the job %s failed", one.name)
        finally:
            give_back(store, one, token)
    return done


def take_lease(store: Store, one: Job) -> str | None:
    """A token while the job is this process's to do; None where it is not due, or another process is at it."""
    if not due(store, one):  # most ticks find nothing to do, and need not wait for those who write
        return None
    token = secrets.token_hex(8)
    with store.noting(ACCOUNT) as write:
        lease = write.session.get(JobLease, one.name)
        if lease is None:
            lease = JobLease(name=one.name, holder=None, leased_until=None, begun_at=None)
            write.session.add(lease)
        elif not is_due(lease.begun_at, lease.leased_until, one, write.now):
            return None
        lease.holder, lease.leased_until, lease.begun_at = token, write.now + LEASE, write.now
    return token


def due(store: Store, one: Job) -> bool:
    statement = select(JobLease.begun_at, JobLease.leased_until).where(JobLease.name == one.name)
    with store.reading(*NOTHING) as connection:
        held = connection.execute(statement).first()
    return held is None or is_due(held.begun_at, held.leased_until, one, now())


def is_due(begun_at: datetime | None, leased_until: datetime | None, one: Job, now: datetime) -> bool:
    if leased_until is not None and leased_until > now:
        return False
    return begun_at is None or begun_at + one.every <= now


def give_back(store: Store, one: Job, token: str) -> None:
    with store.noting(ACCOUNT) as write:
        lease = write.session.get(JobLease, one.name)
        if lease is not None and lease.holder == token:  # else it took too long, and another process has it
            lease.holder, lease.leased_until = None, None
