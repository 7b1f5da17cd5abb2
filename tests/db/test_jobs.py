"""The work of the day: done when it is due, by one process at a time, whoever fails or dies at it."""

from datetime import date, datetime, timedelta

import pytest

from db import engine, jobs
from db.engine import Store
from db.jobs import LEASE, REGISTRY, Job, tick
from db.models import JobLease

pytestmark = pytest.mark.both_engines
TODAY = date(2026, 11, 20)


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands until it is moved."""

    class Clock:
        moment = datetime(2026, 11, 20, 0, 30)

        def now(self) -> datetime:
            return self.moment

        def move(self, by: timedelta) -> None:
            self.moment += by

    held = Clock()
    monkeypatch.setattr(engine, "now", held.now)
    monkeypatch.setattr(jobs, "now", held.now)
    return held


@pytest.fixture
def done(monkeypatch) -> list[date]:
    """One job, once an hour, and the days for which it was done."""
    days: list[date] = []
    monkeypatch.setattr(
        jobs, "REGISTRY", {"sweep": Job("sweep", timedelta(hours=1), lambda _store, day: days.append(day))}
    )
    return days


def test_a_job_is_done_when_its_time_has_passed_and_not_before(store, clock, done):
    assert tick(store, TODAY) == ["sweep"]
    assert tick(store, TODAY) == []
    clock.move(timedelta(minutes=59))
    assert tick(store, TODAY) == []
    clock.move(timedelta(minutes=1))
    assert tick(store, TODAY) == ["sweep"] and done == [TODAY, TODAY]


def test_two_processes_do_not_both_do_it(store, url, clock, done):
    other = Store(url)
    token = jobs.take_lease(store, jobs.REGISTRY["sweep"])
    assert token is not None and tick(other, TODAY) == []
    jobs.give_back(store, jobs.REGISTRY["sweep"], token)
    assert tick(other, TODAY) == [] and done == [], "it was begun within the hour"
    other.close()


def test_the_lease_of_a_process_that_died_runs_out(store, clock, done):
    assert jobs.take_lease(store, jobs.REGISTRY["sweep"]) is not None
    clock.move(timedelta(hours=1) - timedelta(minutes=1))
    assert tick(store, TODAY) == []
    clock.move(max(LEASE, timedelta(minutes=1)))
    assert tick(store, TODAY) == ["sweep"]


def test_who_took_too_long_does_not_give_back_the_lease_of_who_came_after(store, clock, done):
    late = jobs.take_lease(store, jobs.REGISTRY["sweep"])
    clock.move(timedelta(hours=1))
    assert jobs.take_lease(store, jobs.REGISTRY["sweep"]) is not None
    jobs.give_back(store, jobs.REGISTRY["sweep"], late)
    with store.noting("test") as write:
        assert write.session.get(JobLease, "sweep").holder is not None


def test_a_job_that_fails_stops_no_other_and_is_due_again(store, clock, done, monkeypatch):
    def fail(_store: Store, _day: date) -> None:
        raise ValueError("no")

    both = {"broken": Job("broken", timedelta(hours=1), fail)} | jobs.REGISTRY
    monkeypatch.setattr(jobs, "REGISTRY", both)
    assert tick(store, TODAY) == ["sweep"] and done == [TODAY]
    clock.move(timedelta(hours=1))
    assert tick(store, TODAY) == ["sweep"]


def test_a_job_wakes_nobody_and_changes_no_number(store, clock, done):
    before = store.version()
    tick(store, TODAY)
    assert store.version() == before


def test_hand_overs_are_a_job():
    from db.customers import handover

    assert REGISTRY["hand_overs"].do is handover.carry_out_due
