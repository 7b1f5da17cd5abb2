"""Commitments: who does what by when. They stand in every following meeting until they are done or dropped."""

from datetime import date

import polars as pl
from sqlalchemy import or_, select

from db.access import Viewer, check, within, writing
from db.codes import REACTIONS
from db.engine import Write
from db.errors import Refused
from db.meetings import running
from db.models import Branch, Commitment, Meeting
from db.people import people
from db.privacy import validate_text

NO_SUCH_COMMITMENT = "There is no such commitment within your scope."
COMMITMENT = {
    "commitment": pl.Int32,
    "branch": pl.Int32,
    "meeting": pl.Int32,
    "kind": pl.String,
    "item": pl.String,
    "manager": pl.Int32,
    "about": pl.Int32,
    "reaction": pl.String,
    "text": pl.String,
    "due": pl.Date,
    "agreed_on": pl.Date,
    "done_on": pl.Date,
    "dropped_on": pl.Date,
    "reason": pl.String,
}


def read(viewer: Viewer, branch: int, on: date) -> pl.DataFrame:
    """The branch's commitments as they stood on a day (COMMITMENT): those open by then, the earliest due first, and those
    done or dropped on the day itself."""
    seen = within(viewer, "read_meetings", region=Branch.region_id, branch=Commitment.branch_id)
    columns = (
        Commitment.id,
        Commitment.branch_id,
        Commitment.meeting_id,
        Meeting.kind,
        Commitment.item,
        Commitment.manager_id,
        Commitment.about_id,
        Commitment.reaction,
        Commitment.text,
        Commitment.due,
        Commitment.agreed_on,
        Commitment.done_on,
        Commitment.dropped_on,
        Commitment.reason,
    )
    lasting = (
        or_(Commitment.done_on.is_(None), Commitment.done_on >= on),
        or_(Commitment.dropped_on.is_(None), Commitment.dropped_on >= on),
    )
    statement = select(*columns).join(Meeting, Meeting.id == Commitment.meeting_id)
    statement = statement.join(Branch, Branch.id == Commitment.branch_id)
    statement = statement.where(Commitment.branch_id == branch, Commitment.agreed_on <= on, *lasting, seen)

    def stored() -> pl.DataFrame:
        with viewer.reading(log=False) as connection:
            rows = [tuple(row) for row in connection.execute(statement.order_by(Commitment.due, Commitment.id))]
        return pl.DataFrame(rows, COMMITMENT, orient="row")

    return viewer.cached("commitments", branch, on, read=stored)


def agree(
    viewer: Viewer,
    meeting: int,
    item: str,
    text: str,
    due: date,
    manager: int | None,
    today: date,
    about: int | None = None,
    reaction: str | None = None,
) -> int:
    """What a manager, or the branch head where none is named, commits to in a meeting that runs; gives its id. The same
    agreed twice in a meeting is stored once.

    Raises Refused for no words or such as may not be stored, a day that is over, an unknown reaction, a manager who is not
    posted to the branch, a meeting that does not run; NotAllowed outside the viewer's scope."""
    validate_text(text)
    if not text.strip():
        raise Refused("Say what is to be done.")
    if due < today:
        raise Refused("A commitment is due today or later: {day} is over.", day=due)
    if reaction is not None and reaction not in REACTIONS:
        raise Refused("Choose what to do: urge, train or support.")
    with writing(viewer) as write:
        held = running.running(viewer, write, meeting)
        team = people.managers_then(write.session, held.branch_id, today)
        if not team >= {one for one in (manager, about) if one is not None}:
            raise Refused(people.NOT_POSTED)
        write.touch(branches=[held.branch_id])
        same = (Commitment.meeting_id == meeting, Commitment.text == text.strip(), Commitment.due == due)
        for one in write.session.scalars(select(Commitment).where(*same)):
            if (one.manager_id, one.about_id, one.reaction) == (manager, about, reaction):
                return one.id
        row = Commitment(branch_id=held.branch_id, meeting_id=meeting, item=item, manager_id=manager, about_id=about)
        row.reaction, row.text, row.due, row.agreed_on = reaction, text.strip(), due, today
        write.session.add(row)
        write.session.flush()
        after = {"branch": held.branch_id, "manager": manager, "due": due, "reaction": reaction}
        write.audit("agree", "commitment", row.id, None, after)
        return row.id


def finish(viewer: Viewer, commitment: int, today: date) -> None:
    """It is done: says whoever it is of, or the branch head. Said again it changes nothing. Raises Refused for one that
    was dropped; NotAllowed for anybody else's."""
    with writing(viewer) as write:
        held = found(viewer, write, commitment)
        if held.dropped_on is not None:
            raise Refused("This commitment was dropped.")
        if held.done_on is None:
            held.done_on = today
            write.session.flush()
            write.audit("done", "commitment", held.id, None, {"manager": held.manager_id})


def drop(viewer: Viewer, commitment: int, reason: str, today: date) -> None:
    """It is given up, for a reason. Raises Refused without one, and for one that is done; NotAllowed for anybody else's."""
    validate_text(reason)
    if not reason.strip():
        raise Refused("Say why it is dropped.")
    with writing(viewer) as write:
        held = found(viewer, write, commitment)
        if held.done_on is not None:
            raise Refused("This commitment is done already.")
        if held.dropped_on is None:
            held.dropped_on, held.reason = today, reason.strip()
            write.session.flush()
            write.audit("drop", "commitment", held.id, None, {"manager": held.manager_id})


def found(viewer: Viewer, write: Write, commitment: int) -> Commitment:
    held = write.session.get(Commitment, commitment)
    branch = None if held is None else held.branch_id
    region = None if branch is None else write.session.get_one(Branch, branch).region_id
    owner = None if held is None else held.manager_id
    check(viewer, "settle_commitment", region=region, branch=branch, manager=owner, missing=NO_SUCH_COMMITMENT)
    if held is None:
        raise Refused(NO_SUCH_COMMITMENT)
    write.touch(branches=[held.branch_id])
    return held
