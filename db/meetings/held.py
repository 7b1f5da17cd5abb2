"""Meetings as they were held, or are being held."""

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
from sqlalchemy import or_, select

from db.access import Viewer, may, within
from db.meetings import agenda, ending
from db.models import Attendance, Branch, Meeting, MeetingItem, MeetingNote, OwnReason
from db.spans import Span
from db.store.parts import meetings_of

NOTE = {"item": pl.String, "author": pl.String, "text": pl.String, "written_at": pl.Datetime}
HELD = {
    "meeting": pl.Int32,
    "branch": pl.Int32,
    "kind": pl.String,
    "day": pl.Date,
    "started_at": pl.Datetime,
    "ended_at": pl.Datetime,
    "item": pl.String,
    "title": pl.String,
    "minutes": pl.Int64,
    "used_seconds": pl.Int64,
    "reached": pl.Boolean,
}


@dataclass(frozen=True)
class HeldItem:
    """`used` are seconds, without those that run."""

    key: str
    title: str
    minutes: int
    used: int
    reached: bool


@dataclass(frozen=True)
class Held:
    """A meeting that was begun. Moments are UTC. While it runs `item` is the key of the item in hand, taken up at
    `since`. One that nobody ended runs on the day of what was last written in it, and is over since then."""

    meeting: int
    branch: int
    kind: str
    day: date
    held_on: date | None
    started_at: datetime
    ended_at: datetime | None
    last_written_at: datetime
    was_forgotten: bool
    chair: str
    item: str | None
    since: datetime | None
    items: tuple[HeldItem, ...]

    @property
    def running(self) -> bool:
        return not ending.is_over(self.last_written_at, self.ended_at)

    @property
    def over_since(self) -> datetime | None:
        """None while it runs."""
        return None if self.running else self.ended_at or self.last_written_at

    @property
    def forgotten(self) -> bool:
        """Whether it is over without anybody having ended it."""
        return self.was_forgotten or (self.ended_at is None and not self.running)

    def in_hand(self) -> HeldItem | None:
        return next((one for one in self.items if one.key == self.item), None)

    def following(self) -> HeldItem | None:
        """The item after the one in hand; None on the last."""
        keys = [one.key for one in self.items]
        place = keys.index(self.item) + 1 if self.item in keys else len(keys)
        return self.items[place] if place < len(keys) else None


def read(viewer: Viewer, branch: int, kind: str, on: date) -> Held | None:
    """The branch's meeting about the day, week, month or quarter of `on`; None when none was begun, or the viewer does
    not see it."""
    day = agenda.first_day(kind, on)

    def stored() -> Held | None:
        columns = (
            MeetingItem.key,
            MeetingItem.title,
            MeetingItem.minutes,
            MeetingItem.used_seconds,
            MeetingItem.reached,
        )
        seen = within(viewer, "read_meetings", region=Branch.region_id, branch=Meeting.branch_id)
        statement = select(Meeting).join(Branch, Branch.id == Meeting.branch_id)
        statement = statement.where(Meeting.branch_id == branch, Meeting.kind == kind, Meeting.day == day, seen)
        with viewer.store.reading(meetings_of(branch)) as connection:
            found = connection.execute(statement).mappings().first()
            if found is None:
                return None
            asked = select(*columns).where(MeetingItem.meeting_id == found["id"]).order_by(MeetingItem.place)
            items = tuple(held_item(kind, *row) for row in connection.execute(asked))
        return Held(
            found["id"],
            branch,
            kind,
            day,
            found["held_on"],
            found["started_at"],
            found["ended_at"],
            found["last_written_at"],
            found["forgotten"],
            found["chair"],
            found["item"],
            found["item_since"],
            items,
        )

    return viewer.cached("meeting", branch, kind, day, read=stored)


def current(viewer: Viewer, branch: int, on: date) -> Held | None:
    """The meeting of the branch that is in progress on a day, whatever its kind; the latest begun of several."""
    seen = within(viewer, "read_meetings", region=Branch.region_id, branch=Meeting.branch_id)
    days = [(Meeting.kind == kind) & (Meeting.day == agenda.first_day(kind, on)) for kind in agenda.ITEMS]
    statement = select(Meeting.kind).join(Branch, Branch.id == Meeting.branch_id)
    statement = statement.where(Meeting.branch_id == branch, Meeting.ended_at.is_(None), or_(*days), seen)

    def stored() -> tuple[str, ...]:
        with viewer.store.reading(meetings_of(branch)) as connection:
            return tuple(connection.scalars(statement.order_by(Meeting.started_at.desc(), Meeting.id.desc())))

    kinds = viewer.cached("meetings nobody has ended", branch, on, read=stored)
    begun = (read(viewer, branch, kind, on) for kind in kinds)
    return next((one for one in begun if one is not None and one.running), None)


def held_item(kind: str, key: str, title: str | None, minutes: int, used: int, reached: bool) -> HeldItem:
    return HeldItem(key, agenda.item(kind, key, title, minutes, True).title, minutes, used, reached)


def attendance(viewer: Viewer, meeting: int, branch: int) -> dict[int, str]:
    """Who was there: manager → codes.ATTENDANCE."""
    seen = within(viewer, "read_meetings", region=Branch.region_id, branch=Meeting.branch_id)
    statement = select(Attendance.manager_id, Attendance.state).join(Meeting, Meeting.id == Attendance.meeting_id)
    statement = statement.join(Branch, Branch.id == Meeting.branch_id).where(Meeting.id == meeting, seen)

    def stored() -> dict[int, str]:
        with viewer.store.reading(meetings_of(branch)) as connection:
            return {row.manager_id: row.state for row in connection.execute(statement)}

    return viewer.cached("attendance", meeting, read=stored)


def notes(viewer: Viewer, meeting: int, branch: int) -> pl.DataFrame:
    """What was written down in a meeting, one row an item and author (NOTE), as they came."""
    seen = within(viewer, "read_meetings", region=Branch.region_id, branch=Meeting.branch_id)
    columns = (MeetingNote.item, MeetingNote.author, MeetingNote.text, MeetingNote.written_at)
    statement = select(*columns).join(Meeting, Meeting.id == MeetingNote.meeting_id)
    statement = statement.join(Branch, Branch.id == Meeting.branch_id).where(Meeting.id == meeting, seen)

    def stored() -> pl.DataFrame:
        with viewer.store.reading(meetings_of(branch)) as connection:
            rows = [tuple(row) for row in connection.execute(statement.order_by(MeetingNote.id))]
        return pl.DataFrame(rows, NOTE, orient="row")

    return viewer.cached("meeting notes", meeting, read=stored)


def reasons(viewer: Viewer, meeting: int, branch: int) -> dict[int, str]:
    """Why promises were not kept, in the words of whose they are, as far as the viewer may read it: manager → text. The
    branch's screen, and with it what goes to its groups, reads none."""
    if not may(viewer, "read_reasons"):
        return {}
    seen = within(
        viewer, "read_reasons", region=Branch.region_id, branch=Meeting.branch_id, manager=OwnReason.manager_id
    )
    statement = select(OwnReason.manager_id, OwnReason.text).join(Meeting, Meeting.id == OwnReason.meeting_id)
    statement = statement.join(Branch, Branch.id == Meeting.branch_id).where(Meeting.id == meeting, seen)

    def stored() -> dict[int, str]:
        with viewer.store.reading(meetings_of(branch)) as connection:
            return {row.manager_id: row.text for row in connection.execute(statement)}

    return viewer.cached("own reasons", meeting, read=stored)


def over(viewer: Viewer, branch: int, span: Span) -> pl.DataFrame:
    """The branch's meetings of these days, one row a meeting and item (HELD): what was planned, used and reached."""
    seen = within(viewer, "read_meetings", region=Branch.region_id, branch=Meeting.branch_id)
    columns = (
        Meeting.id,
        Meeting.branch_id,
        Meeting.kind,
        Meeting.day,
        Meeting.started_at,
        Meeting.ended_at,
        MeetingItem.key,
        MeetingItem.title,
        MeetingItem.minutes,
        MeetingItem.used_seconds,
        MeetingItem.reached,
    )
    statement = select(*columns).join(MeetingItem, MeetingItem.meeting_id == Meeting.id)
    statement = statement.join(Branch, Branch.id == Meeting.branch_id)
    statement = statement.where(Meeting.branch_id == branch, Meeting.day.between(span.first, span.last), seen)

    def stored() -> pl.DataFrame:
        with viewer.store.reading(meetings_of(branch)) as connection:
            rows = [tuple(row) for row in connection.execute(statement.order_by(Meeting.day, MeetingItem.place))]
        return pl.DataFrame(rows, HELD, orient="row")

    return viewer.cached("meetings held", branch, span.first, span.last, read=stored)
