"""An interview held by the branch head, and answered by whom it was held with."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select

from db.access import Viewer, check, scope, writing
from db.codes import ACTION_OWNERS, CAUSES, REACTIONS, WATCHED
from db.engine import Write
from db.errors import Refused
from db.interviews.sheets import ASPECTS
from db.models import AgreedAction, Branch, Interview
from db.people import people
from db.privacy import validate_text

NO_SUCH_INTERVIEW = "There is no such interview within your scope."
MOST_ACTIONS = 5
TRAILED = ("factor", "proposed", "cause", "reaction", "watched")  # no text: the trail has other readers


@dataclass(frozen=True)
class Action:
    """What is agreed: by whom (codes.ACTION_OWNERS), what, by which day."""

    owner: str
    action: str
    due: date


@dataclass(frozen=True)
class Sheet:
    """What was found and agreed: `factor` and `proposed` as the diagnosis has them (None where it says nothing), `cause`
    (codes.CAUSES), `reaction` (codes.REACTIONS) and `watched` (codes.WATCHED) as the head confirms them, the texts, and
    what is to be done."""

    cause: str | None
    reaction: str | None
    watched: str | None
    real_reason: str
    actions: tuple[Action, ...]
    factor: str | None = None
    proposed: str | None = None
    activity: str | None = None
    products: str | None = None
    skill: str | None = None
    mind: str | None = None
    drive: str | None = None


def hold(viewer: Viewer, manager: int, sheet: Sheet, today: date) -> int:
    """Stores an interview held today with a manager of the head's branch, and gives its id. Held again the same day, it
    is corrected, as long as the manager has not answered; the trail has the codes, not the texts.

    Raises Refused for a sheet that lacks cause, reaction, number or real reason, for one without an action, for an action
    due before today, for a text that may not be stored, and where it was answered or another branch
    held it; NotAllowed outside the viewer's
    scope."""
    scope(viewer, "hold_interview")
    validate(sheet, today)
    with writing(viewer) as write:
        _region, branch = people.posted(viewer, "hold_interview", manager, today)
        write.touch(branches=[branch], managers=[manager])
        of_day = select(Interview).where(Interview.manager_id == manager, Interview.day == today)
        held = write.session.scalars(of_day).first()
        if held is not None and held.viewed_at is not None:
            raise Refused("This interview has been answered: what was agreed stays as it is.")
        if held is not None and held.branch_id != branch:
            raise Refused("Another branch has held an interview with them today.")
        before = None if held is None else {name: getattr(held, name) for name in TRAILED}
        one = held or Interview(manager_id=manager, branch_id=branch, day=today)
        one.held_by = write.account
        for name in (*TRAILED, *ASPECTS, "real_reason"):
            setattr(one, name, getattr(sheet, name))
        write.session.add(one)
        write.session.flush()
        agree(write, one.id, sheet.actions)
        after = {name: getattr(sheet, name) for name in TRAILED} | {"day": today}
        write.audit("add" if held is None else "change", "interview", manager, before, after)
        return one.id


def agree(write: Write, interview: int, actions: tuple[Action, ...]) -> None:
    """The interview's actions become these; one that was there is done as it was."""
    held = select(AgreedAction).where(AgreedAction.interview_id == interview)
    done = {(one.owner, one.action): (one.done_on, one.done_by) for one in write.session.scalars(held)}
    write.session.execute(delete(AgreedAction).where(AgreedAction.interview_id == interview))
    for one in actions:
        day, account = done.get((one.owner, one.action), (None, None))
        row = {"owner": one.owner, "action": one.action, "due": one.due, "done_on": day, "done_by": account}
        write.session.add(AgreedAction(interview_id=interview, **row))
    write.session.flush()


def validate(sheet: Sheet, today: date) -> None:
    """Raises Refused for what a sheet may not lack or hold."""
    if sheet.cause not in CAUSES or sheet.reaction not in REACTIONS or sheet.watched not in WATCHED:
        raise Refused("Choose the cause, what to do, and the number that is to move.")
    if not sheet.real_reason.strip():
        raise Refused("Write down the real reason.")
    if not 0 < len(sheet.actions) <= MOST_ACTIONS:
        raise Refused("Agree on at least one action, and on five at most.")
    for one in sheet.actions:
        if one.owner not in ACTION_OWNERS or not one.action.strip():
            raise Refused("An action needs an owner and words that say what is done.")
        if one.due < today:
            raise Refused("An action is due today or later: {day} is over.", day=one.due)
    texts = [getattr(sheet, name) for name in (*ASPECTS, "real_reason")]
    for text in (*texts, *(one.action for one in sheet.actions)):
        validate_text(text)


def answer(viewer: Viewer, interview: int, view: str) -> None:
    """The interviewed says what they think of it, or says it anew; that they did is in the trail, what they said is not.
    Raises Refused for no text or one that may not be stored; NotAllowed, in the same words whether there is such an
    interview or not, for anybody else's."""
    scope(viewer, "answer_interview")
    if not view.strip():
        raise Refused("Write down your view first.")
    validate_text(view)
    with writing(viewer) as write:
        held = write.session.get(Interview, interview)
        region, branch, manager = None, None, None
        if held is not None:
            region = write.session.get_one(Branch, held.branch_id).region_id
            branch, manager = held.branch_id, held.manager_id
        place = {"region": region, "branch": branch, "manager": manager}
        check(viewer, "answer_interview", **place, missing=NO_SUCH_INTERVIEW)
        if held is None:
            raise Refused(NO_SUCH_INTERVIEW)
        if held.view == view:
            return
        write.touch(branches=[held.branch_id], managers=[held.manager_id])
        held.view, held.viewed_at = view, write.now
        write.session.flush()
        write.audit("confirm", "interview", held.manager_id, None, {"day": held.day})
