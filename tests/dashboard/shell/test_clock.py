"""The bank's clock stands in Shanghai, and a day is done at 18:00."""

import os
import time
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from dashboard.shell import clock

FRIDAY, THURSDAY = date(2026, 11, 20), date(2026, 11, 19)
ZONES = ("UTC", "Asia/Shanghai", "America/Los_Angeles", "Pacific/Kiritimati")


@pytest.fixture(params=ZONES)
def zone(request, monkeypatch):
    """The time zone of the machine."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    os.environ.pop("TZ")
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("at", "done"),
    [
        (datetime(2026, 11, 20, 0, 0), THURSDAY),
        (datetime(2026, 11, 20, 17, 59, 59), THURSDAY),
        (datetime(2026, 11, 20, 18, 0), FRIDAY),
        (datetime(2026, 11, 20, 23, 59), FRIDAY),
    ],
)
def test_a_day_counts_as_gone_from_eighteen_on(at, done, configured):
    configured.now = at
    assert clock.done_through() == done
    assert clock.done_through(FRIDAY) == done


def test_a_past_day_is_done_and_a_future_one_never_counts_ahead(configured):
    assert clock.done_through(date(2026, 11, 3)) == date(2026, 11, 3)
    assert clock.done_through(date(2026, 12, 31)) == THURSDAY


@pytest.mark.parametrize(
    ("utc", "day", "done"),
    [
        (datetime(2026, 11, 19, 15, 59), THURSDAY, THURSDAY),
        (datetime(2026, 11, 19, 16, 0), FRIDAY, THURSDAY),
        (datetime(2026, 11, 20, 9, 59), FRIDAY, THURSDAY),
        (datetime(2026, 11, 20, 10, 0), FRIDAY, FRIDAY),
    ],
)
def test_the_time_zone_of_the_machine_does_not_matter(utc, day, done, zone, configured):
    configured.now = None
    with time_machine.travel(utc.replace(tzinfo=ZoneInfo("UTC")), tick=False):
        assert clock.today() == day
        assert clock.done_through() == done
        assert clock.now().utcoffset() == timedelta(hours=8)


def test_a_pretended_moment_is_bank_time(zone, configured):
    assert clock.now() == datetime(2026, 11, 20, 8, 30, tzinfo=ZoneInfo("UTC"))
