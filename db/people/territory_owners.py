"""Territories given to their owners and taken back, by whoever leads the branch."""

from datetime import date

from sqlalchemy import select

from db.access import Viewer, check, scope, writing
from db.engine import Write
from db.errors import Refused
from db.models import Branch, Manager, Territory, TerritoryOwner
from db.people import ownership

NO_SUCH_TERRITORY = "There is no such territory within your scope."
NOT_OF_THE_BRANCH = "This manager does not work in the territory's branch on these days."
BACKWARDS = "The last day is before the first: correct one of them"
TOO_MUCH = "From {day} on the shares of this territory add up to more than 100 %: lower one of them."


def give(
    viewer: Viewer,
    territory: int,
    manager: int,
    from_day: date | None,
    to_day: date | None = None,
    share: float | None = None,
) -> None:
    """A manager looks after a territory from a day to a day, both included and open when None, for a stated part of it
    (0–1), else for an equal part of what the others leave. What they had there from an earlier day ends the day before.

    Raises Refused for days on which they do not work in its branch, for days that run backwards, and for shares of more
    than all of it; NotAllowed, in the same words whether it exists or not, for a territory out of scope."""
    if share is not None and not 0 < share <= 1:
        raise Refused("A share lies above 0 % and is at most 100 %.")
    if from_day is not None and to_day is not None and to_day < from_day:
        raise Refused(BACKWARDS)
    with writing(viewer) as write:
        in_reach(viewer, write, territory)
        new = ownership.stay(manager, from_day, to_day, share)
        if write.session.get(Manager, manager) is None or not ownership.are_posted(write, territory, new):
            raise Refused(NOT_OF_THE_BRANCH)
        before = ownership.stored(write, [territory])[territory]
        after = ownership.placed(before, new)
        if (day := ownership.overfull(after)) is not None:
            raise Refused(TOO_MUCH, day=max(day, from_day or date(2000, 1, 1)))
        ownership.keep(write, {territory: (before, after)})


def end(viewer: Viewer, owner: int, last_day: date) -> None:
    """The last day of an owner in a territory; one before their first takes the whole stay back. Raises Refused for one
    that is not there, NotAllowed for one out of scope."""
    with writing(viewer) as write:
        held = write.session.get(TerritoryOwner, owner)
        in_reach(viewer, write, held.territory_id if held is not None else None)
        if held is None:
            raise Refused(NO_SUCH_TERRITORY)
        before = ownership.stored(write, [held.territory_id])[held.territory_id]
        (one,) = (stay for stay in before if stay.row == owner)
        others = [stay for stay in before if stay.row != owner]
        ended = [ownership.stay(one.manager, held.from_day, last_day, one.share, owner)]
        after = others + (ended if last_day >= one.first else [])
        ownership.keep(write, {held.territory_id: (before, after)})


def in_reach(viewer: Viewer, write: Write, territory: int | None) -> None:
    """Raises NotAllowed unless the territory is there and the viewer's to give."""
    scope(viewer, "set_territory_owners")
    place = select(Branch.region_id, Branch.id).join(Territory, Territory.branch_id == Branch.id)
    found = write.session.execute(place.where(Territory.id == territory)).first()
    region, branch = found if found is not None else (None, None)
    check(viewer, "set_territory_owners", region=region, branch=branch, manager=None, missing=NO_SUCH_TERRITORY)
    if found is None:
        raise Refused(NO_SUCH_TERRITORY)
