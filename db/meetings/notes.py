"""What is written down while a meeting runs: one text an item and author, so that nobody writes over anybody else; and
one reason a manager who has not kept their promise."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.access import Viewer, scope, writing
from db.errors import Conflict, Refused
from db.meetings import running
from db.models import Account, MeetingItem, MeetingNote, OwnReason
from db.people import people
from db.privacy import validate_text
from db.store.parts import ACCOUNTS

RECONCILE = ("evening", "weekly")  # meetings in which promises are reconciled
CHANGED = "You changed this note on another device meanwhile: both texts are shown."


def write_note(viewer: Viewer, meeting: int, item: str, text: str, seen: str) -> None:
    """Stores the viewer's own note of an item in place of the one they `saw` (empty where there was none); an empty text
    takes it away. Stored again it changes nothing.

    Raises Conflict where they wrote something else meanwhile, on another device: nothing is lost, both are shown; Refused
    when the meeting does not run, for an item that is not on its agenda, and for what may not be stored; NotAllowed
    outside the viewer's scope."""
    scope(viewer, "write_meeting_note")
    validate_text(text)
    with writing(viewer) as write:
        running.running(viewer, write, meeting, "write_meeting_note")
        on_agenda = select(MeetingItem.id).where(MeetingItem.meeting_id == meeting, MeetingItem.key == item)
        if write.session.scalar(on_agenda) is None:
            raise Refused("There is no such item on the agenda.")
        author = author_of(write.session, write.account)
        own = (MeetingNote.meeting_id == meeting, MeetingNote.item == item, MeetingNote.author == author)
        held = write.session.scalars(select(MeetingNote).where(*own)).first()
        stored = held.text if held else ""
        if stored == text:
            return
        if stored != seen:
            raise Conflict(CHANGED)
        if held is None:
            note = MeetingNote(meeting_id=meeting, item=item, author=author, text=text, written_at=write.now)
            write.session.add(note)
            write.session.flush()
        elif text:
            held.text, held.written_at = text, write.now
        else:
            write.session.delete(held)


def write_reason(viewer: Viewer, meeting: int, text: str, seen: str) -> None:
    """Stores why the viewer has not kept what they promised, in place of what they `saw` (empty where there was nothing); an
    empty text takes it away. Stored again it changes nothing.

    Raises Conflict where they wrote something else meanwhile, on another device; Refused when the meeting does not run, or
    is none in which promises are reconciled, and for what may not be stored; NotAllowed outside the viewer's scope."""
    scope(viewer, "give_reason")
    validate_text(text)
    with writing(viewer) as write:
        held = running.running(viewer, write, meeting, "write_meeting_note")
        if held.kind not in RECONCILE:
            raise Refused("Reasons are given in the evening meeting, or in the weekly one.")
        if viewer.manager is None:
            raise Refused(people.NOT_POSTED)
        own = (OwnReason.meeting_id == meeting, OwnReason.manager_id == viewer.manager)
        found = write.session.scalars(select(OwnReason).where(*own)).first()
        stored = found.text if found else ""
        if stored == text:
            return
        if stored != seen:
            raise Conflict(CHANGED)
        if found is None:
            row = OwnReason(meeting_id=meeting, manager_id=viewer.manager, text=text, written_at=write.now)
            write.session.add(row)
        elif text:
            found.text, found.written_at = text, write.now
        else:
            write.session.delete(found)


def author_now(viewer: Viewer) -> str:
    """The name under which the viewer's notes stand."""

    def read() -> str:
        with viewer.store.reading(ACCOUNTS) as connection, Session(connection) as session:
            return author_of(session, viewer.account)

    return viewer.cached("author of notes", viewer.account, read=read)


def author_of(session: Session, login: str) -> str:
    """Who writes, by the name of their account and, because names repeat, its sign-in name."""
    name = session.scalar(select(Account.name).where(Account.login == login))
    return login if name is None or name == login else f"{name} ({login})"
