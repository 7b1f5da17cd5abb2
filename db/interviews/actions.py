"""What was agreed in an interview is done, or not yet after all: said by whoever is to do it, or by the branch head."""

from datetime import date

from db.access import Viewer, check, scope, writing
from db.errors import Refused
from db.models import AgreedAction, Branch, Interview

NO_SUCH_ACTION = "There is no such action within your scope."
THE_HEADS = "the_branch_head"


def mark(viewer: Viewer, agreed: int, done: bool, today: date) -> None:
    """Says that an agreed action was done today, or takes that back; said again it changes nothing. The trail has the
    day it was due and the day it was done, not the words.

    Raises Refused for a manager who says it of what the head is to do; NotAllowed, in the same words whether there is
    such an action or not, for anybody else's."""
    scope(viewer, "finish_action")
    with writing(viewer) as write:
        action = write.session.get(AgreedAction, agreed)
        region, branch, manager = None, None, None
        if action is not None:
            held = write.session.get_one(Interview, action.interview_id)
            region = write.session.get_one(Branch, held.branch_id).region_id
            branch, manager = held.branch_id, held.manager_id
        place = {"region": region, "branch": branch, "manager": manager}
        check(viewer, "finish_action", **place, missing=NO_SUCH_ACTION)
        if action is None or manager is None:
            raise Refused(NO_SUCH_ACTION)
        if action.owner == THE_HEADS and viewer.manager is not None:
            raise Refused("What the head of the branch is to do, they say themselves.")
        if (action.done_on is not None) == done:
            return
        before = {"due": action.due, "done_on": action.done_on}
        action.done_on, action.done_by = (today, write.account) if done else (None, None)
        write.touch(branches=[branch], managers=[manager])
        write.session.flush()
        after = {"due": action.due, "done_on": action.done_on}
        write.audit("change", "agreed_action", manager, before, after)
