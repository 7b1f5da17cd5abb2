"""The bank's working-day calendar, 调休 included: read by everybody, changed a day or a year at a time."""

from collections.abc import Mapping
from datetime import date
from typing import cast

import polars as pl
from sqlalchemy import func, insert, select

from db import spans
from db.access import Viewer, scope, writing
from db.calendar.notice import CODES, Notice
from db.engine import Write
from db.errors import Refused
from db.files.columns import NAME
from db.models import CalendarDay
from db.privacy import NOT_STORABLE, unstorable
from db.spans import Span, Stretch
from db.store.parts import CALENDAR as CALENDAR_PART

CALENDAR = {"day": pl.Date, "is_workday": pl.Boolean, "known": pl.Boolean}
NAMED = CALENDAR | {"name": pl.String, "source": pl.String}
CHANGE = {
    "day": pl.Date,
    "was_workday": pl.Boolean,
    "was_named": pl.String,
    "is_workday": pl.Boolean,
    "name": pl.String,
}
SIDES = (("was_workday", "was_named"), ("is_workday", "name"))
NOTICE_OF = "国务院办公厅关于{year}年部分节假日安排的通知"
BY_WEEKDAY = "weekday"  # the source of a day of a known year that no notice names
NEW_YEAR = ("New Year's Day", "元旦")
FIRST_YEAR, LAST_YEAR = 2000, 2100

Days = dict[date, tuple[bool, str | None]]  # whether the day is worked, and its festival


def read(viewer: Viewer, span: Span) -> pl.DataFrame:
    """One row a day of the span (metrics.frames.CALENDAR). A day the calendar does not hold counts by its weekday and
    is not `known`."""

    def read() -> pl.DataFrame:
        return named(viewer, span).select(list(CALENDAR))

    return viewer.cached("working days", span.first, span.last, read=read, same_for_all=True)


def named(viewer: Viewer, span: Span) -> pl.DataFrame:
    """The same with the festival a day is free or worked for, where it has one, and by whose word (NAMED)."""

    def stored() -> pl.DataFrame:
        columns = (CalendarDay.day, CalendarDay.is_workday, CalendarDay.name, CalendarDay.source)
        with viewer.store.reading(CALENDAR_PART) as connection:
            rows = [tuple(row) for row in connection.execute(select(*columns))]
        schema = {"day": pl.Date, "stored": pl.Boolean, "name": pl.String, "source": pl.String}
        return pl.DataFrame(rows, schema, orient="row")

    def read() -> pl.DataFrame:
        days = pl.DataFrame({"day": pl.date_range(span.first, span.last, eager=True)})
        held = viewer.cached("calendar", read=stored, same_for_all=True).filter(
            pl.col("day").is_between(span.first, span.last)
        )
        return (
            days.join(held, on="day", how="left", maintain_order="left")
            .select(
                "day",
                "name",
                "source",
                is_workday=pl.coalesce("stored", by_weekday()),
                known=pl.col("stored").is_not_null(),
            )
            .select(list(NAMED))
        )

    return viewer.cached("days of the calendar", span.first, span.last, read=read, same_for_all=True)


def by_weekday() -> pl.Expr:
    return pl.col("day").dt.weekday() <= 5


def years(viewer: Viewer) -> list[int]:
    """The years of which the calendar holds any day."""
    with viewer.store.reading(CALENDAR_PART) as connection:
        first, last = connection.execute(select(func.min(CalendarDay.day), func.max(CalendarDay.day))).one()
    return list(range(first.year, last.year + 1)) if first else []


def changes(viewer: Viewer, notice: Notice) -> pl.DataFrame:
    """What loading a notice would change (CHANGE): one row a day that is worked or named otherwise than it counts
    now."""
    return differing(viewer, whole_year(viewer, notice))


def as_noticed(viewer: Viewer, notice: Notice) -> pl.DataFrame:
    """The notice's year as it would be (NAMED without the source), and the days before it that the notice names."""
    days = whole_year(viewer, notice)
    said = pl.DataFrame(
        [(day, *rest) for day, rest in days.items()],
        {"day": pl.Date, "works": pl.Boolean, "called": pl.String},
        orient="row",
    )
    held = named(viewer, Stretch(min(days), max(days)))
    both = held.join(said, on="day", how="left", maintain_order="left")
    name = pl.when(pl.col("works").is_null()).then("name").otherwise("called")
    return both.select("day", pl.coalesce("works", "is_workday").alias("is_workday"), name=name)


def load_notice(viewer: Viewer, notice: Notice) -> int:
    """Makes the notice's year known: its days off and worked weekends as it says, all others by their weekday. The
    December days that the next notice has freed or used stay. Gives how many days changed; the trail has old and new.

    Raises NotAllowed without the right."""
    scope(viewer, "manage_calendar")
    with writing(viewer) as write:
        days = whole_year(viewer, notice)
        changed = differing(viewer, days)
        source = NOTICE_OF.format(year=notice.year)
        set_days(write, {day: said for day, said in days.items() if day in notice.days}, source)
        set_days(write, {day: said for day, said in days.items() if day not in notice.days}, BY_WEEKDAY)
        before, after = ({str(row["day"]): trail_text(row, *names) for row in changed.to_dicts()} for names in SIDES)
        write.audit("set", CalendarDay.__tablename__, notice.year, before, {"source": source} | after)
    return changed.height


def set_day(viewer: Viewer, day: date, is_workday: bool, name: str | None = None) -> None:
    """Corrects one day, old → new in the trail. Raises Refused for a day that stands so already, or a name that cannot
    be stored."""
    scope(viewer, "manage_calendar")
    name = (name or "").strip() or None
    name = CODES.get(name, name)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Refused("{day} is outside this calendar: choose another day.", day=day)
    if unstorable(name):
        raise Refused(NOT_STORABLE)
    for holds, message in NAME:
        if name and not pl.select(holds(pl.lit(name))).item():
            raise Refused(message)
    with writing(viewer) as write:
        changed = differing(viewer, {day: (is_workday, name)})
        if changed.is_empty():
            raise Refused("{day} is already set like that.", day=day)
        set_days(write, {day: (is_workday, name)}, viewer.account)
        before, after = ({str(day): trail_text(changed.row(0, named=True), *names)} for names in SIDES)
        write.audit("set", CalendarDay.__tablename__, None, before, after)


def trail_text(row: Mapping[str, object], works: str, name: str) -> str | None:
    """A day as the trail has it; None where it was not known."""
    if row[works] is None:
        return None
    return " ".join(filter(None, ("works" if row[works] else "free", cast(str | None, row[name]))))


def whole_year(viewer: Viewer, notice: Notice) -> Days:
    """Every day the notice decides: those it names, and the others of its year by their weekday."""
    year = spans.of_year(notice.year)
    held = named(viewer, year).filter(pl.col("day").dt.month() == 12, pl.col("name").is_in(NEW_YEAR))
    of_the_next = set(held["day"])
    rest = {day: (day.weekday() < 5, None) for day in year.days() if day not in of_the_next}
    return rest | notice.days


def differing(viewer: Viewer, days: Days) -> pl.DataFrame:
    """The days that are stored otherwise, or not yet (CHANGE); `was_workday` is null for a day that is not known."""
    wanted = pl.DataFrame(
        [(day, *said) for day, said in sorted(days.items())],
        {"day": pl.Date, "is_workday": pl.Boolean, "name": pl.String},
        orient="row",
    )
    held = named(viewer, Stretch(min(days), max(days)))
    held = held.select("day", was_workday=pl.when("known").then("is_workday"), was_named=pl.when("known").then("name"))
    both = wanted.join(held, on="day", how="left", maintain_order="left")
    other = pl.col("is_workday").ne_missing(pl.col("was_workday")) | pl.col("name").ne_missing(pl.col("was_named"))
    return both.filter(other).select(list(CHANGE))


def set_days(write: Write, days: Days, source: str) -> None:
    """Stores the days as they are said to be. Those that are so already keep their source."""
    write.touch(CALENDAR_PART)
    if not days:
        return
    between = CalendarDay.day.between(min(days), max(days))
    held = {one.day: one for one in write.session.scalars(select(CalendarDay).where(between))}
    new = []
    for day, (is_workday, name) in days.items():
        one = held.get(day)
        if one is None:
            new.append({"day": day, "is_workday": is_workday, "name": name, "source": source})
        elif (one.is_workday, one.name) != (is_workday, name):
            one.is_workday, one.name, one.source = is_workday, name, source
    if new:
        write.session.execute(insert(CalendarDay), new)
    write.session.flush()


def complete(write: Write, year: int) -> None:
    """Makes a year known whose notice is stored: the days it does not hold follow their weekday."""
    span = spans.of_year(year)
    held = set(write.session.scalars(select(CalendarDay.day).where(CalendarDay.day.between(span.first, span.last))))
    set_days(write, {day: (day.weekday() < 5, None) for day in span.days() if day not in held}, BY_WEEKDAY)
