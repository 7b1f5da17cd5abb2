"""The steps of opportunities, and the calendar they lie in."""

from datetime import date, timedelta

import polars as pl

from metrics import frames
from metrics.periods import Period
from tests.support.metrics import small_frames

TODAY = date(2026, 11, 20)
FIRST = date(2026, 8, 3)
CALENDAR = small_frames.calendar(Period(FIRST, TODAY + timedelta(30)))


def day(text: str) -> date:
    month, number = text.split("-")
    return date(2026, int(month), int(number))


def steps(opportunity: int = 1, family: str | None = "loan", **taken: str) -> pl.DataFrame:
    """The steps of one opportunity by kind: month-day, several with commas between."""
    rows = [
        (opportunity, family, kind, day(one))
        for kind, days in taken.items()
        for one in days.replace(" ", "").split(",")
    ]
    return pl.DataFrame(rows, frames.STEP, orient="row")
