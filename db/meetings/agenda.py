"""What a meeting goes through: the items every bank has, in the order of the training material, and what a region or a
branch makes of them from a day on."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from db.access import Viewer, check, covers, scope, within, writing
from db.errors import Conflict, Refused
from db.models import Agenda, Branch
from db.people import people
from db.privacy import validate_text

LONGEST = 120  # minutes of one item
MOST = 20  # items
SET_MEANWHILE = "Somebody else has set this agenda meanwhile: both are shown, and nothing is lost."


@dataclass(frozen=True)
class Item:
    """`title` is a message id of the items that every bank has, whose key is in TITLES; else it is the branch's own
    words."""

    key: str
    title: str
    minutes: int
    held: bool = True


@dataclass(frozen=True)
class Version:
    """The items from a day on, as a branch, or without one its region, has set them; what was set later has the higher
    `number`."""

    number: int
    from_day: date
    branch: int | None
    items: tuple[Item, ...]
    changed_by: str


LEFT_OVER = Item("left_over", "Left over from last time", 3)  # what the meeting before did not reach
ITEMS: dict[str, tuple[Item, ...]] = {
    "morning": (
        Item("news", "News and regulation", 2),
        Item("policy", "The bank's newest policy", 2),
        Item("success", "Success story", 3),
        Item("role_play", "Role play", 4),
        Item("prospects", "Prospect progress", 4),
        Item("focus", "Today's focus", 4),
        Item("targets", "Today's targets", 4),
    ),
    "evening": (
        Item("actual", "Done against promised", 4),
        Item("kept", "Promises kept: what worked", 4),
        Item("not_kept", "Promises not kept: why", 5),
        Item("moved", "What moved today", 3),
        Item("lesson", "A small lesson", 3),
        Item("review", "Summary and review", 3),
        Item("praise", "Praise and consequences", 2),
    ),
    "weekly": (
        Item("week", "The week's plan against actual", 8),
        Item("activity", "Activity and conversion of each", 10),
        Item("cases", "Success cases", 6),
        Item("risks", "Risk cases", 6),
        Item("business", "Business and administration", 5),
        Item("drivers", "What pushed the result, what held it back", 6),
        Item("other", "Other matters and events", 4),
    ),
    "monthly": (
        Item("result", "Result against plan", 15),
        Item("funnel", "Funnel and cohorts", 15),
        Item("penetration", "Penetration by territory and product", 15),
        Item("comparison", "Comparison", 10),
        Item("interviews", "Interviews due, and what earlier actions did", 15),
        Item("meetings", "The month's meetings", 5),
        Item("next_plan", "Next month's plan", 20),
    ),
    "quarterly": (
        Item("result", "Result against plan", 20),
        Item("funnel", "Funnel and cohorts", 20),
        Item("penetration", "Penetration by territory and product", 20),
        Item("comparison", "Comparison", 15),
        Item("interviews", "Interviews due, and what earlier actions did", 15),
        Item("meetings", "The quarter's meetings", 5),
        Item("next_plan", "Next quarter's plan", 20),
    ),
}
USUAL = {"morning": (15, 30), "evening": (15, 30), "weekly": (30, 60), "monthly": (90, 120)}  # minutes of a meeting
NAMES = {  # each kind of meeting, as a message id
    "morning": "Morning meeting",
    "evening": "Evening meeting",
    "weekly": "Weekly meeting",
    "monthly": "Monthly meeting",
    "quarterly": "Quarterly meeting",
}
GRAINS = {"morning": "day", "evening": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter"}


def first_day(kind: str, on: date) -> date:
    """The day a meeting of `on` is stored under: the day itself, or the first of its week, month or quarter."""
    match GRAINS[kind]:
        case "week":
            return on - timedelta(on.weekday())
        case "month":
            return on.replace(day=1)
        case "quarter":
            return date(on.year, on.month - (on.month - 1) % 3, 1)
    return on


def trail_code(kind: str) -> str:
    """How the trail calls a kind of meeting, or of message (codes.MEETINGS_IN_TRAIL)."""
    return f"{kind}_meeting" if kind in ITEMS else kind


def preset(kind: str, key: str) -> Item | None:
    """The item that every bank has under this key."""
    return next((one for one in (*ITEMS[kind], LEFT_OVER) if one.key == key), None)


def read(viewer: Viewer, branch: int, kind: str, on: date) -> tuple[Item, ...]:
    """The items of a branch's meeting as they are in force on a day, those not held included: the branch's own, else its
    region's, else every bank's. Raises NotAllowed outside the viewer's scope."""
    scope(viewer, "read_meetings")
    region = people.region_of(viewer, branch)
    if region is None or not covers(viewer, "read_meetings", region=region, branch=branch):
        return ITEMS[kind]

    def stored() -> tuple[Item, ...]:
        with viewer.reading(log=False) as connection:
            return in_force(connection, region, branch, kind, on)

    return viewer.cached("agenda", branch, kind, on, read=stored)


def versions(viewer: Viewer, region: int, branch: int | None, kind: str) -> tuple[Version, ...]:
    """What was ever set for a kind of meeting of a branch, or without one for its region, the latest day first; what was
    set anew for the same day is left out. Empty outside the viewer's scope."""
    seen = within(viewer, "read_meetings", region=Branch.region_id, branch=Branch.id)
    here = Branch.region_id == region if branch is None else (Branch.region_id == region) & (Branch.id == branch)
    whose = Agenda.branch_id.is_(None) | (Agenda.branch_id == branch)
    columns = (Agenda.id, Agenda.from_day, Agenda.branch_id, Agenda.items, Agenda.changed_by)
    statement = select(*columns).where(Agenda.region_id == region, Agenda.kind == kind, whose)
    statement = statement.where(select(Branch.id).where(here, seen).exists())

    def stored() -> tuple[Version, ...]:
        with viewer.reading(log=False) as connection:
            rows = connection.execute(statement.order_by(Agenda.from_day.desc(), Agenda.id.desc())).all()
        latest: dict[tuple[date, int | None], Version] = {}
        for number, day, owner, items, by in rows:
            latest.setdefault((day, owner), Version(number, day, owner, tuple(item(kind, *one) for one in items), by))
        return tuple(latest.values())

    return viewer.cached("agenda versions", region, branch, kind, read=stored)


def at(found: tuple[Version, ...], branch: int | None, on: date) -> Version | None:
    """The one of these that is in force on a day: the branch's own before the region's. None where nobody has set one."""
    holding = [one for one in found if one.from_day <= on]
    own = [one for one in holding if one.branch == branch]
    return next(iter(own or holding), None)


def last_set(found: tuple[Version, ...], branch: int | None) -> Version | None:
    """What the branch, or without one the region, has set last, for whatever day."""
    return max((one for one in found if one.branch == branch), key=lambda one: one.number, default=None)


def minutes(items: tuple[Item, ...]) -> int:
    """What is held takes, altogether."""
    return sum(one.minutes for one in items if one.held)


def in_force(
    connection: Connection | Session, region: int, branch: int | None, kind: str, on: date
) -> tuple[Item, ...]:
    """The same for a write, which knows the right already. Without a branch, what the region presets."""
    whose = Agenda.branch_id.is_(None) | (Agenda.branch_id == branch)
    statement = select(Agenda.items).where(
        Agenda.region_id == region, Agenda.kind == kind, Agenda.from_day <= on, whose
    )
    latest = statement.order_by(Agenda.branch_id.is_(None), Agenda.from_day.desc(), Agenda.id.desc()).limit(1)
    found = connection.execute(latest).scalar()
    if found is None:
        return ITEMS[kind]
    return tuple(item(kind, str(key), title, minutes, held) for key, title, minutes, held in found)


def item(kind: str, key: str, title: str | None, minutes: int, held: bool) -> Item:
    known = preset(kind, key)
    return Item(key, title or (known.title if known else key), minutes, held)


def change(
    viewer: Viewer,
    kind: str,
    items: tuple[Item, ...],
    from_day: date,
    branch: int | None,
    today: date,
    seen: int,
) -> None:
    """The items of a kind of meeting from a day on, of a branch or, without one, of the viewer's region; what was held
    before stays as it was. `seen` is the number of what was set last when the viewer began (last_set), 0 for nothing.

    Raises Conflict where somebody has set other items since; Refused for a day that is over, an agenda without an item that is held, items named twice or not at all, or
    lasting less than a minute or more than two hours; NotAllowed outside the viewer's scope."""
    scope(viewer, "set_agenda")
    if from_day < today:
        raise Refused("An agenda takes effect today or later: {day} is over.", day=from_day)
    validate(items)
    with writing(viewer) as write:
        region = (
            viewer.region
            if branch is None
            else write.session.scalar(select(Branch.region_id).where(Branch.id == branch))
        )
        check(viewer, "set_agenda", region=region, branch=branch if region is not None else None, manager=None)
        assert region is not None, "whoever sets an agenda has a region"
        before = in_force(write.session, region, branch, kind, from_day)
        if before == items:
            return
        own = (Agenda.region_id == region, Agenda.branch_id.is_not_distinct_from(branch), Agenda.kind == kind)
        if (write.session.scalar(select(func.max(Agenda.id)).where(*own)) or 0) != seen:
            raise Conflict(SET_MEANWHILE)
        write.touch(branches=[branch], regions=[region])
        if branch is None:
            write.touch(branches=write.session.scalars(select(Branch.id).where(Branch.region_id == region)))
        rows = [[one.key, None if is_preset(kind, one) else one.title, one.minutes, one.held] for one in items]
        write.session.add(
            Agenda(
                region_id=region,
                branch_id=branch,
                kind=kind,
                from_day=from_day,
                items=rows,
                changed_at=write.now,
                changed_by=write.account,
            )
        )
        write.session.flush()
        key = {"kind": trail_code(kind), "from_day": from_day}
        write.audit("change", "agenda", branch, key | {"items": spelled(before)}, key | {"items": spelled(items)})


def is_preset(kind: str, one: Item) -> bool:
    known = preset(kind, one.key)
    return known is not None and known.title == one.title


def spelled(items: tuple[Item, ...]) -> str:
    """As the trail has it."""
    return " · ".join(f"{one.title} {one.minutes}" for one in items if one.held)


def validate(items: tuple[Item, ...]) -> None:
    if not any(one.held for one in items) or len(items) > MOST:
        raise Refused("An agenda has at least one item, and twenty at most.")
    titles, keys = {one.title.strip() for one in items}, {one.key for one in items}
    if len(titles) < len(items) or len(keys) < len(items) or "" in titles:
        raise Refused("Each item has a title of its own.")
    for one in items:
        validate_text(one.title)
        if not 1 <= one.minutes <= LONGEST:
            raise Refused("An item takes between 1 and 120 minutes.")
