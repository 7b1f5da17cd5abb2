"""How a meeting ends: by whoever runs it, or, where nobody ended it, once its day is over."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, func, select, update

from db.engine import BANK_TIME, Store, Write, bank_day
from db.jobs import ACCOUNT, job
from db.meetings.agenda import trail_code
from db.models import Meeting, MeetingItem
from db.store.parts import NOTHING, meetings_of

LONGEST_ITEM = 4 * 3600  # seconds: an item that nobody put down did not last all day


def put_down(write: Write, held: Meeting, at: datetime) -> None:
    """Adds what the item in hand took until a moment."""
    if held.item is None or held.item_since is None:
        return
    seconds = max(0, min(int((at - held.item_since).total_seconds()), LONGEST_ITEM))
    of_item = (MeetingItem.meeting_id == held.id, MeetingItem.key == held.item)
    write.session.execute(update(MeetingItem).where(*of_item).values(used_seconds=MeetingItem.used_seconds + seconds))


def close(write: Write, held: Meeting, at: datetime) -> None:
    """It is over since a moment; nothing is in hand."""
    put_down(write, held, at)
    held.ended_at, held.item, held.item_since = at, None, None
    write.session.flush()
    write.audit("end", "meeting", held.branch_id, None, {"kind": trail_code(held.kind), "day": held.day})


def is_over(last_written_at: datetime, ended_at: datetime | None) -> bool:
    """Whether a meeting is over: ended, or nothing was written in it today, where the bank is."""
    return ended_at is not None or last_written_at < day_begins(bank_day())


def day_begins(day: date) -> datetime:
    """The first moment of a bank's day, as moments are stored."""
    return datetime.combine(day, time()) - BANK_TIME


def end_forgotten(write: Write, *which: ColumnElement[bool]) -> None:
    """Ends meetings nobody ended, at the moment of what was last written in them. The day of an evening meeting stays
    open: nobody has said that its numbers stand."""
    for held in write.session.scalars(select(Meeting).where(Meeting.ended_at.is_(None), *which)):
        write.touch(meetings_of(held.branch_id))
        held.forgotten = True
        close(write, held, held.last_written_at)


@job("meetings nobody ended", every=timedelta(minutes=10))
def end_of_earlier_days(store: Store, _today: date) -> None:
    """Ends the meetings of days that are over."""
    earlier = Meeting.last_written_at < day_begins(bank_day())
    with store.reading(*NOTHING) as connection:
        found = connection.scalar(select(func.count(Meeting.id)).where(Meeting.ended_at.is_(None), earlier))
    if found:
        with store.writing(ACCOUNT) as write:
            end_forgotten(write, earlier)
