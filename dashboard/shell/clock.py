"""The bank's clock: Asia/Shanghai wherever the machine stands, and when a day counts as done."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dashboard.shell.settings import settings

ZONE = ZoneInfo("Asia/Shanghai")
DAY_IS_DONE = time(18, 0)
MORNING_MEETING = time(8, 30)
NOON = time(12, 0)


def now() -> datetime:
    """The present moment, or the one CHENXI_NOW pretends for pictures and trials."""
    return settings().now.replace(tzinfo=ZONE) if settings().now else datetime.now(ZONE)


def utc_now() -> datetime:
    """The real present moment as moments are stored, whatever CHENXI_NOW pretends."""
    return datetime.now(UTC).replace(tzinfo=None)


def local(moment: datetime) -> datetime:
    """A moment as it is stored (UTC), on the bank's clock."""
    return moment.replace(tzinfo=UTC).astimezone(ZONE)


def morning(on: date) -> datetime:
    """When the day's morning meeting begins, on the bank's clock."""
    return datetime.combine(on, MORNING_MEETING)


def today() -> date:
    return now().date()


def done_through(on: date | None = None) -> date:
    """The last day that counts as elapsed: `on` when it is past, or today after 18:00; else the day before it."""
    moment = now()
    on = on or moment.date()
    if on < moment.date() or (on == moment.date() and moment.time() >= DAY_IS_DONE):
        return on
    return min(on, moment.date()) - timedelta(1)
