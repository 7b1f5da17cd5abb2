"""What has been kept for as long as it is to be kept, and is deleted: by numbers of days that the caller is set to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

from sqlalchemy import CursorResult, Delete, delete, func, select, update
from sqlalchemy.orm import Session

from db.delivery.messages import SENDING, WAITING
from db.engine import Store, Write
from db.models import Activity, Draft, FailedSignIn, Message, SignIn

ACCOUNT = "retention"
AT_ONCE = 5_000  # notes in one write: others write in between


@dataclass(frozen=True)
class Days:
    """For how many days each is kept: drafts from when they were typed, failed sign-ins from when they happened, sessions
    from their end, messages from when they were queued, notes from the day of the visit. 0 notes: until the customer is
    forgotten."""

    drafts: int
    failed_sign_ins: int
    sessions: int
    messages: int
    notes: int


def delete_old(store: Store, today: date, days: Days) -> dict[str, int]:
    """Deletes what is older, and gives how many of each; the trail says how many, and nothing of what they said. Rows of
    the trail itself are never deleted, nor is a message that is still to be sent."""
    return {**records(store, days), "notes": notes(store, today, days.notes)}


def records(store: Store, days: Days) -> dict[str, int]:
    ended = func.coalesce(SignIn.ended_at, SignIn.lasts_until)
    with store.noting(ACCOUNT) as write:
        kinds = ("drafts", "failed_sign_ins", "sessions", "messages")
        before = {name: write.now - timedelta(getattr(days, name)) for name in kinds}
        done = (Message.queued_at < before["messages"], Message.status.not_in((WAITING, SENDING)))
        deleted = {
            "drafts": count_of(write.session, delete(Draft).where(Draft.at < before["drafts"])),
            "failed_sign_ins": count_of(
                write.session, delete(FailedSignIn).where(FailedSignIn.at < before["failed_sign_ins"])
            ),
            "sessions": count_of(write.session, delete(SignIn).where(ended < before["sessions"])),
            "messages": count_of(write.session, delete(Message).where(*done)),
        }
        note(write, deleted)
    return deleted


def notes(store: Store, today: date, keep: int) -> int:
    """Takes the notes of visits out of the log; the visits go on to count."""
    deleted = 0
    while keep and (found := old_notes(store, today - timedelta(keep))):
        with store.writing(ACCOUNT) as write:
            theirs = update(Activity).where(Activity.id.in_(found))
            write.session.execute(theirs.values(note=None, version=write.version))
            note(write, {"notes": len(found)})
        deleted += len(found)
    return deleted


def old_notes(store: Store, before: date) -> Collection[int]:
    wanted = select(Activity.id).where(Activity.day < before, Activity.note.is_not(None)).limit(AT_ONCE)
    with store.reading() as connection:
        return list(connection.scalars(wanted))


def files(store: Store, deleted: dict[str, int]) -> None:
    """Says in the trail how many files went that lay beside the database."""
    if any(deleted.values()):
        with store.noting(ACCOUNT) as write:
            note(write, deleted)


def count_of(session: Session, statement: Delete) -> int:
    return cast(CursorResult[()], session.execute(statement)).rowcount


def note(write: Write, deleted: dict[str, int]) -> None:
    """Says in the trail how many went, where any did."""
    some = {name: number for name, number in deleted.items() if number}
    if some:
        write.audit("expire", "retention", None, None, some)
