"""What meetings decide and leave behind: promises, the day closed in the evening, agendas, notes, commitments."""

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, key_to


class Promise(Base):
    """What a manager said they would do in a day or a week (codes.PROMISED_FOR), of which `day` is the first day.
    `confirmed_at` when they said so themselves; `late` where it was made or changed when half of that time was over."""

    __tablename__ = "promise"
    __table_args__ = (UniqueConstraint("manager_id", "grain", "day", "measure"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    manager_id: Mapped[int] = key_to("manager")
    branch_id: Mapped[int] = key_to("branch")
    grain: Mapped[str] = mapped_column(server_default="day")
    day: Mapped[date]
    measure: Mapped[str]
    target: Mapped[int] = mapped_column(BigInteger)
    confirmed_at: Mapped[datetime | None]
    late: Mapped[bool] = mapped_column(server_default=false())


class ClosedDay(Base):
    """A branch's day whose evening meeting is over: its rows are changed by the branch head alone."""

    __tablename__ = "closed_day"
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    closed_at: Mapped[datetime]
    closed_by: Mapped[str]


class WorkedDayOff(Base):
    """A day off by the bank's calendar on which a branch works: its head has said so."""

    __tablename__ = "worked_day_off"
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)


class DayResult(Base):
    """What a manager had promised and done when the evening meeting closed the day; what is logged later changes neither."""

    __tablename__ = "day_result"
    __table_args__ = (UniqueConstraint("manager_id", "day", "measure"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = key_to("branch", index=True)
    manager_id: Mapped[int] = key_to("manager")
    day: Mapped[date]
    measure: Mapped[str]
    promised: Mapped[int | None] = mapped_column(BigInteger)
    done: Mapped[int] = mapped_column(BigInteger)


class Meeting(Base):
    """A meeting of a branch: `day` is the day it is about, or the first of the week, month or quarter; `held_on` the day it
    was begun, empty before that was written down. `item` is the key of the item in hand, `item_since` the moment it was
    taken up; both are empty when the meeting is over. A `forgotten` one was ended by no person: it is over since
    `last_written_at`, the moment of what was last written in it."""

    __tablename__ = "meeting"
    __table_args__ = (UniqueConstraint("branch_id", "kind", "day"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = key_to("branch")
    kind: Mapped[str]
    day: Mapped[date]
    held_on: Mapped[date | None]
    started_at: Mapped[datetime]
    started_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    chair: Mapped[str]
    item: Mapped[str | None]
    item_since: Mapped[datetime | None]
    last_written_at: Mapped[datetime]
    forgotten: Mapped[bool]


class MeetingItem(Base):
    """An item as the agenda had it when the meeting began. `title` is empty for the items every bank has."""

    __tablename__ = "meeting_item"
    __table_args__ = (UniqueConstraint("meeting_id", "key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = key_to("meeting")
    place: Mapped[int]
    key: Mapped[str]
    title: Mapped[str | None]
    minutes: Mapped[int]
    used_seconds: Mapped[int]
    reached: Mapped[bool]


class MeetingNote(Base):
    """What one person wrote down about one item."""

    __tablename__ = "meeting_note"
    __table_args__ = (UniqueConstraint("meeting_id", "item", "author"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = key_to("meeting")
    item: Mapped[str]
    author: Mapped[str]
    text: Mapped[str]
    written_at: Mapped[datetime]


class OwnReason(Base):
    """Why somebody has not kept what they promised, in their own words: what they say of it in the meeting that reconciles
    it."""

    __tablename__ = "own_reason"
    __table_args__ = (UniqueConstraint("meeting_id", "manager_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = key_to("meeting")
    manager_id: Mapped[int] = key_to("manager")
    text: Mapped[str]
    written_at: Mapped[datetime]


class Attendance(Base):
    """Who was at a meeting (codes.ATTENDANCE)."""

    __tablename__ = "attendance"
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), primary_key=True)
    manager_id: Mapped[int] = mapped_column(ForeignKey("manager.id"), primary_key=True)
    state: Mapped[str]


class Commitment(Base):
    """Who does what by when, as a meeting left it; the branch head where nobody is named. Open until it is done or
    dropped. `about_id` and `reaction` where it is the answer to somebody being behind."""

    __tablename__ = "commitment"
    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = key_to("branch", index=True)
    meeting_id: Mapped[int] = key_to("meeting", index=True)
    item: Mapped[str]
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("manager.id"))
    about_id: Mapped[int | None] = mapped_column(ForeignKey("manager.id"))
    reaction: Mapped[str | None]
    text: Mapped[str]
    due: Mapped[date]
    agreed_on: Mapped[date]
    done_on: Mapped[date | None]
    dropped_on: Mapped[date | None]
    reason: Mapped[str | None]


class Deputy(Base):
    """Who stands in for a branch's head from a day to a day, both included."""

    __tablename__ = "deputy"
    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = key_to("branch", index=True)
    manager_id: Mapped[int] = key_to("manager", index=True)
    from_day: Mapped[date]
    to_day: Mapped[date]
    named_by: Mapped[str]
    named_at: Mapped[datetime]


class Agenda(Base):
    """The items of a kind of meeting from a day on: a branch's own, or what its region presets. `items` are lists of key,
    title (None for the items every bank has), minutes and whether it is held."""

    __tablename__ = "agenda"
    id: Mapped[int] = mapped_column(primary_key=True)
    region_id: Mapped[int] = key_to("region", index=True)
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    kind: Mapped[str]
    from_day: Mapped[date]
    items: Mapped[list[tuple[str, str | None, int, bool]]] = mapped_column(JSON)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]
