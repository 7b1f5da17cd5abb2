"""Small frames for the tests of metrics: the bank's real calendar, and rows that name only what matters."""

from collections.abc import Iterable
from datetime import date
from functools import cache

import polars as pl

from db.seed import calendar_day
from metrics import frames
from metrics.definitions import Definitions, mark
from metrics.periods import Period
from tests.support.builders import EAST, REGION, SOUTH, WANG, log

RULES = Definitions()
BRANCHES = pl.DataFrame(
    {"region": [REGION, REGION], "branch": [EAST, SOUTH]}, schema={"region": pl.Int32, "branch": pl.Int32}
)
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))  # 21 working days


@cache
def is_workday(day: date) -> bool:
    return calendar_day(day)["is_workday"]


def calendar(period: Period) -> pl.DataFrame:
    rows = [(day, is_workday(day), True) for day in period.days()]
    return pl.DataFrame(rows, frames.CALENDAR, orient="row")


def marked(*rows: dict, rules: Definitions = RULES) -> pl.DataFrame:
    return mark(log(*rows), [rules])


def posted(
    period: Period, branch: int = EAST, manager: int = WANG, leave: Iterable[date] | dict[date, float] = ()
) -> pl.DataFrame:
    leave = leave if isinstance(leave, dict) else dict.fromkeys(leave, 1.0)
    rows = [(manager, branch, REGION, day, leave.get(day, 0.0)) for day in period.days()]
    return pl.DataFrame(rows, frames.POSTING_DAY, orient="row")


def plans(*rows: dict) -> pl.DataFrame:
    usual = dict.fromkeys(frames.PLAN) | {"month": date(2026, 11, 1), "measure": "deals"}
    return pl.DataFrame([usual | row for row in rows], frames.PLAN)


def promises(*rows: tuple[int, str, int]) -> pl.DataFrame:
    full = [(manager, EAST, date(2026, 11, 16), measure, target, False) for manager, measure, target in rows]
    return pl.DataFrame(full, frames.PROMISE, orient="row")


def counts(*rows: dict, key: str = "manager") -> pl.DataFrame:
    """What `measure` gives for the counts by manager (or `key`)."""
    usual = {"consultations": 0, "applications": 0, "deals": 0, "deal_amount": 0}
    schema = {key: pl.Int32} | dict.fromkeys(usual, pl.Int64)
    return pl.DataFrame([usual | row for row in rows], schema)
