"""The bank's working-day calendar, 调休 included."""

import polars as pl
from sqlalchemy import select

from db.access import Viewer
from db.mirror import Span
from db.models import CalendarDay

CALENDAR = {"day": pl.Date, "is_workday": pl.Boolean, "known": pl.Boolean}


def read(viewer: Viewer, span: Span) -> pl.DataFrame:
    """One row a day of the span (metrics.frames.CALENDAR). A day the calendar does not hold counts by its weekday and
    is not `known`."""

    def stored() -> pl.DataFrame:
        with viewer.store.reading() as connection:
            rows = [tuple(row) for row in connection.execute(select(CalendarDay.day, CalendarDay.is_workday))]
        return pl.DataFrame(rows, {"day": pl.Date, "stored": pl.Boolean}, orient="row")

    days = pl.DataFrame({"day": pl.date_range(span.first, span.last, eager=True)})
    held = viewer.store.remembered("calendar", stored)
    return days.join(held, on="day", how="left", maintain_order="left").select(
        "day",
        is_workday=pl.coalesce("stored", pl.col("day").dt.weekday() <= 5),
        known=pl.col("stored").is_not_null(),
    )
