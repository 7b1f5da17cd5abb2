"""What a plan needs, on small frames."""

from datetime import date

import polars as pl
from hypothesis import strategies as st

from metrics.definitions import Definitions
from metrics.periods import Period
from metrics.reverse_plan.reverse_plan import NEED, REMAINING, reverse_plan
from tests.support.builders import EAST, LI, SOUTH, WANG, ZHAO
from tests.support.metrics import small_frames

RULES = Definitions()


WINDOW = Period(date(2026, 9, 1), date(2026, 12, 31))


CALENDAR = small_frames.calendar(WINDOW)


NOVEMBER = small_frames.NOVEMBER


EVENING = date(2026, 11, 17)  # the 12th working day of November's 21


WORKDAYS = CALENDAR.filter(pl.col("is_workday"))["day"].to_list()


THERE = pl.concat(
    [
        small_frames.posted(WINDOW, EAST, WANG),
        small_frames.posted(WINDOW, EAST, LI),
        small_frames.posted(WINDOW, SOUTH, ZHAO),
    ]
)


def remaining(*rows: tuple, branch: int = EAST) -> pl.DataFrame:
    """(manager, measure, plan, actual)."""
    full = [(manager, branch, measure, plan, actual) for manager, measure, plan, actual in rows]
    return pl.DataFrame(full, REMAINING, orient="row", strict=False)


def planned(log: pl.DataFrame, plan: pl.DataFrame, **other) -> pl.DataFrame:
    given_to = {"posting_days": THERE, "period": NOVEMBER, "through": EVENING, "definitions": RULES} | other
    table = reverse_plan(log, CALENDAR, remaining=plan, **given_to)
    assert table.schema == NEED
    for name, kind in NEED.items():
        if kind == pl.Float64:
            assert table[name].drop_nulls().is_finite().all(), name
    return table


KINDS = ("consultation", "consultation", "consultation", "application", "investigation", "contract", "deal", "rejected")


row = st.tuples(
    st.sampled_from(((WANG, EAST), (LI, EAST), (ZHAO, SOUTH))),
    st.sampled_from(KINDS),
    st.one_of(st.none(), st.integers(1, 12)),
    st.integers(0, 53),
)
