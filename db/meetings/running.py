"""A meeting under way: begun, item by item, ended. What comes out of it is written only while it runs."""

from datetime import date

from sqlalchemy import select, update

from db.access import Viewer, check, scope, writing
from db.codes import ATTENDANCE
from db.engine import Write
from db.errors import Refused
from db.meetings import agenda, closing, days_off, ending
from db.meetings.closing import Results
from db.models import Account, Attendance, Branch, Meeting, MeetingItem
from db.people import people
from db.store.parts import meetings_of

NO_SUCH_MEETING = "There is no such meeting within your scope."
NOT_RUNNING = "The meeting is not in progress: what comes out of it is written while it runs."


def start(viewer: Viewer, branch: int, kind: str, on: date, today: date, away: frozenset[int] = frozenset()) -> int:
    """Begins the branch's meeting about the day, week, month or quarter of `on`, by the agenda in force, and gives its id;
    one that was begun already is given as it is. Earlier ones that nobody ended are over, and what the meeting before did not
    reach comes first. `away` are those on
    leave.

    Raises Refused for a day that has not come, or a day off nobody said the branch works on; NotAllowed outside the
    viewer's scope."""
    scope(viewer, "run_meeting")
    if agenda.first_day(kind, on) > today:
        raise Refused("{day} has not come yet.", day=on)
    with writing(viewer) as write:
        region = write.session.scalar(select(Branch.region_id).where(Branch.id == branch))
        check(viewer, "run_meeting", region=region, branch=None if region is None else branch, manager=None)
        assert region is not None, "a branch that may be run is there"
        write.touch(meetings_of(branch))
        day = agenda.first_day(kind, on)
        of_day = (Meeting.branch_id == branch, Meeting.kind == kind, Meeting.day == day)
        begun = write.session.scalar(select(Meeting.id).where(*of_day))
        if begun is not None:
            return begun
        if agenda.GRAINS[kind] == "day":
            days_off.validate(write.session, branch, day)
        ending.end_forgotten(write, Meeting.branch_id == branch, Meeting.kind == kind, Meeting.day < day)
        chair = write.session.scalar(select(Account.name).where(Account.login == write.account)) or write.account
        meeting = Meeting(branch_id=branch, kind=kind, day=day, started_at=write.now, started_by=write.account)
        meeting.held_on, meeting.chair, meeting.item_since = today, chair, write.now
        meeting.last_written_at, meeting.forgotten = write.now, False
        write.session.add(meeting)
        write.session.flush()
        items = [one for one in agenda.in_force(write.session, region, branch, kind, on) if one.held]
        if left_over(write, meeting):
            items.insert(0, agenda.LEFT_OVER)
        for place, one in enumerate(items):
            title = None if agenda.is_preset(kind, one) else one.title
            row = MeetingItem(meeting_id=meeting.id, place=place, key=one.key, title=title, minutes=one.minutes)
            row.used_seconds, row.reached = 0, place == 0
            write.session.add(row)
        meeting.item = items[0].key
        for manager in away:
            write.session.add(Attendance(meeting_id=meeting.id, manager_id=manager, state="on_leave"))
        write.session.flush()
        write.audit("start", "meeting", branch, None, {"kind": agenda.trail_code(kind), "day": day})
        return meeting.id


def left_over(write: Write, meeting: Meeting) -> list[str]:
    """The keys of what the branch's meeting of the kind before this one did not reach."""
    earlier = (Meeting.branch_id == meeting.branch_id, Meeting.kind == meeting.kind, Meeting.day < meeting.day)
    last = select(Meeting.id).where(*earlier).order_by(Meeting.day.desc()).limit(1).scalar_subquery()
    asked = select(MeetingItem.key).where(MeetingItem.meeting_id == last, MeetingItem.reached.is_(False))
    return list(write.session.scalars(asked.order_by(MeetingItem.place)))


def attend(viewer: Viewer, meeting: int, states: dict[int, str]) -> None:
    """Says of managers whether they are there (codes.ATTENDANCE). Raises Refused when the meeting does not run, or for
    somebody who is not posted to the branch; NotAllowed outside the viewer's scope."""
    if not ATTENDANCE.keys() >= set(states.values()):
        raise Refused("Say whether they are present, absent or on leave.")
    with writing(viewer) as write:
        held = running(viewer, write, meeting)
        team = people.managers_then(write.session, held.branch_id, held.day)
        if not team >= states.keys():
            raise Refused(people.NOT_POSTED)
        for manager, state in states.items():
            write.session.merge(Attendance(meeting_id=meeting, manager_id=manager, state=state))


def set_chair(viewer: Viewer, meeting: int, chair: str) -> None:
    """Who chairs it, by name. Raises Refused for no name; NotAllowed outside the viewer's scope."""
    if not chair.strip():
        raise Refused("Name who chairs the meeting.")
    with writing(viewer) as write:
        held = running(viewer, write, meeting)
        before, held.chair = held.chair, chair.strip()
        write.session.flush()
        if before != held.chair:
            write.audit("change", "meeting", held.branch_id, {"chair": before}, {"chair": held.chair})


def go_to(viewer: Viewer, meeting: int, item: str, seen: str | None) -> bool:
    """Takes up another item, from the one that the viewer `saw` in hand; False, and nothing is done, when somebody else
    has gone on meanwhile. Raises Refused for an item that is not on the agenda; NotAllowed outside the viewer's scope."""
    with writing(viewer) as write:
        held = running(viewer, write, meeting)
        of_item = (MeetingItem.meeting_id == meeting, MeetingItem.key == item)
        if write.session.scalar(select(MeetingItem.id).where(*of_item)) is None:
            raise Refused("There is no such item on the agenda.")
        if held.item != seen or held.item == item:
            return False
        ending.put_down(write, held, write.now)
        write.session.execute(update(MeetingItem).where(*of_item).values(reached=True))
        held.item, held.item_since = item, write.now
        return True


def end(viewer: Viewer, meeting: int, results: Results | None = None) -> None:
    """Ends it; what was not reached is left for the next one. An evening meeting closes its day, as `results` had it.
    Ending it again changes nothing. Raises NotAllowed outside the viewer's scope."""
    with writing(viewer) as write:
        held = found(viewer, write, meeting)
        if held.ended_at is not None:
            return
        if ending.is_over(held.last_written_at, None):
            ending.end_forgotten(write, Meeting.id == meeting)
        else:
            ending.close(write, held, write.now)
        if held.kind == "evening":
            closing.close(write, held.branch_id, held.day, results or {})


def resume(viewer: Viewer, meeting: int) -> None:
    """Goes on with a meeting that was ended too early, on the day it was ended; the day that it closed stays closed.
    Raises Refused on a later day; NotAllowed outside the viewer's scope."""
    with writing(viewer) as write:
        held = found(viewer, write, meeting)
        if held.ended_at is None:
            return
        if ending.is_over(held.ended_at, None):
            raise Refused("This meeting ended on an earlier day: what came of it stays as it is.")
        asked = (
            select(MeetingItem.key)
            .where(MeetingItem.meeting_id == meeting)
            .order_by(MeetingItem.reached, MeetingItem.place)
        )
        held.ended_at, held.item, held.item_since = None, write.session.scalars(asked).first(), write.now
        held.last_written_at = write.now
        of_item = (MeetingItem.meeting_id == meeting, MeetingItem.key == held.item)
        write.session.execute(update(MeetingItem).where(*of_item).values(reached=True))
        write.audit("resume", "meeting", held.branch_id, None, {"kind": agenda.trail_code(held.kind), "day": held.day})


def found(viewer: Viewer, write: Write, meeting: int, action: str = "run_meeting") -> Meeting:
    """The meeting, locked for this write. Raises NotAllowed, in the same words whether there is one or not."""
    held = write.session.get(Meeting, meeting)
    branch = None if held is None else held.branch_id
    region = None if branch is None else write.session.get_one(Branch, branch).region_id
    check(viewer, action, region=region, branch=branch, manager=viewer.manager, missing=NO_SUCH_MEETING)
    if held is None:
        raise Refused(NO_SUCH_MEETING)
    write.touch(meetings_of(held.branch_id))
    return held


def running(viewer: Viewer, write: Write, meeting: int, action: str = "run_meeting") -> Meeting:
    """The same, and Refused unless it is in progress."""
    held = found(viewer, write, meeting, action)
    if ending.is_over(held.last_written_at, held.ended_at):
        raise Refused(NOT_RUNNING)
    held.last_written_at = write.now
    return held
