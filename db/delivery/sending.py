"""The queue as the sender sees it: a message is claimed in the database before its request goes out, and settled by what
was answered. One whose answer was lost is never taken again; one that was refused is, in the order of its group."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select

from db.access import Viewer
from db.delivery import naming
from db.delivery.messages import REFUSED, SENDING, SENT, UNCONFIRMED, WAITING, enqueue
from db.delivery.services import SERVICES
from db.engine import BANK_TIME, Store, Write, now
from db.meetings import agenda
from db.meetings.agenda import trail_code
from db.models import AllowedHost, Branch, Channel, Message
from db.store.parts import NOTHING

ACCOUNT = "jobs"
CLAIMED = timedelta(minutes=2)  # much longer than a request may take; after that its process is taken for dead
MINUTE = timedelta(minutes=1)
MOST_ATTEMPTS = 12  # some seven hours
LATEST = timedelta(hours=3)  # after its time what was to go out by itself is no news any more
ARRIVED, DECLINED, UNSENT, LOST = "arrived", "declined", "unsent", "lost"


@dataclass(frozen=True)
class Claimed:
    """A message that is this process's to send, with the robot's address. `internal` is what its host is allowed as."""

    message: int
    token: str
    service: str
    address: str
    secret: str | None
    internal: bool
    text: str | None
    image: bytes | None

    def __repr__(self) -> str:
        return f"Claimed({self.message})"  # an address must not reach a log


@dataclass(frozen=True)
class Outcome:
    """ARRIVED, DECLINED (the service says no), UNSENT (the request never went out) or LOST (nobody knows), and the
    service's own code."""

    what: str
    code: str


def claim(store: Store, only: int | None = None) -> Claimed | None:
    """The next message that may go out now, claimed for this process; None where there is none. Of each group the oldest
    alone: while that waits for its time, or is on its way, the group waits. `only` asks of one group."""
    if only is None and not anything(store):
        return None
    with store.noting(ACCOUNT) as write:
        give_up_lost(write)
        for channel in ready(write, only):
            oldest = (Message.channel_id == channel.id, Message.status == WAITING)
            one = write.session.scalars(select(Message).where(*oldest).order_by(Message.id).limit(1)).first()
            if one is None or one.next_at > write.now:
                continue
            host = write.session.scalars(select(AllowedHost).where(AllowedHost.host == channel.host)).one()
            token = secrets.token_hex(16)
            one.status, one.claim = SENDING, token
            one.tried_at, one.claimed_until = write.now, write.now + CLAIMED
            return Claimed(
                one.id, token, channel.service, channel.address, channel.secret, host.internal, one.text, one.image
            )
    return None


def anything(store: Store) -> bool:
    """Whether any message waits or is on its way: most ticks find none, and need not wait for those who write."""
    with store.reading(*NOTHING) as connection:
        found = select(Message.id).where(Message.status.in_((WAITING, SENDING))).limit(1)
        return connection.execute(found).first() is not None


def waiting(store: Store) -> int:
    """How many messages are still to be sent."""
    with store.reading(*NOTHING) as connection:
        return connection.execute(select(func.count()).where(Message.status == WAITING)).scalar_one()


def ready(write: Write, only: int | None) -> Sequence[Channel]:
    """The groups that are on, whose host is allowed, with nothing on its way and room in this minute; the one whose turn
    was longest ago first."""
    of_group = Message.channel_id == Channel.id
    latest = select(func.max(Message.tried_at)).where(of_group).correlate(Channel).scalar_subquery()
    recent = (
        select(func.count()).where(of_group, Message.tried_at > write.now - MINUTE).correlate(Channel).scalar_subquery()
    )
    waits = select(Message.id).where(of_group, Message.status == WAITING).correlate(Channel).exists()
    sends = select(Message.id).where(of_group, Message.status == SENDING).correlate(Channel).exists()
    wanted: list[ColumnElement[bool]] = [Channel.is_on.is_(True), waits, ~sends]
    if only is not None:
        wanted.append(Channel.id == only)
    statement = select(Channel, latest, recent).join(AllowedHost, AllowedHost.host == Channel.host).where(*wanted)
    found = write.session.execute(statement.order_by(latest.nulls_first(), Channel.id)).all()
    return [
        channel
        for channel, last, tried in found
        for service in [SERVICES[channel.service]]
        if tried < service.a_minute and (last is None or last + service.apart <= write.now)
    ]


def give_up_lost(write: Write) -> None:
    """What a process was sending when it died may have arrived: it is unconfirmed."""
    dead = (Message.status == SENDING, Message.claimed_until < write.now)
    for one in write.session.scalars(select(Message).where(*dead)):
        close(write, one, UNCONFIRMED, "")
    write.session.flush()


def doubt_waiting(write: Write) -> None:
    """A backup was put back: what waited when it was made may have gone out since. It is unconfirmed."""
    for one in write.session.scalars(select(Message).where(Message.status.in_((WAITING, SENDING)))):
        close(write, one, UNCONFIRMED, "")
    write.session.flush()


def settle(store: Store, claimed: Claimed, outcome: Outcome) -> None:
    """Notes what became of a message. Where it took so long that it counts as unconfirmed by now, a late answer still
    says what is known; where somebody has dealt with it meanwhile, it changes nothing."""
    with store.noting(ACCOUNT) as write:
        one = write.session.get_one(Message, claimed.message)
        if one.claim != claimed.token or one.status not in (SENDING, UNCONFIRMED):
            return
        match outcome.what:
            case "arrived":
                close(write, one, SENT, outcome.code)
                one.image = None
            case "lost":
                close(write, one, UNCONFIRMED, outcome.code)
            case _:
                one.attempts += 1
                one.next_at = write.now + delay(one.attempts)
                close(write, one, REFUSED if one.attempts >= MOST_ATTEMPTS else WAITING, outcome.code)


def close(write: Write, one: Message, status: str, code: str) -> None:
    """Puts down what became of an attempt, in the trail too."""
    one.status, one.code, one.claimed_until = status, code[:60], None
    branch = write.session.get_one(Channel, one.channel_id).branch_id
    after = {"status": status, "kind": trail_code(one.kind), "day": one.day, "digest": one.digest, "code": one.code}
    write.audit("send", "message", branch, None, after | {"attempts": one.attempts})


def delay(attempts: int) -> timedelta:
    """How long a refused message waits: a minute, then twice as long each time, an hour at most."""
    return min(MINUTE * 2 ** (attempts - 1), timedelta(hours=1))


def states(store: Store, queued: Collection[int]) -> list[tuple[str, str]]:
    """Status and code of messages as they are at present, though a page's moment is older."""
    with store.noting(ACCOUNT) as write:
        wanted = select(Message.status, Message.code).where(Message.id.in_(queued)).order_by(Message.id)
        return [(status, code or "") for status, code in write.session.execute(wanted)]


@dataclass(frozen=True)
class Due:
    """What is to go out by itself now: to which group, for which day it is stored, and in whose name it is made."""

    channel: int
    kind: str
    day: date
    branch: int
    viewer: Viewer


def due(store: Store, today: date) -> list[Due]:
    """The groups whose time has come today and that have had nothing of the kind for the day, week, month or quarter,
    from nobody; made as the branch's screen sees it, which knows no customer."""
    moment = now() + BANK_TIME
    if moment.date() != today:
        return []
    statement = (
        select(Channel.id, Channel.kind, Channel.at, Branch.id, Branch.region_id)
        .join(Branch, Branch.id == Channel.branch_id)
        .join(AllowedHost, AllowedHost.host == Channel.host)
        .where(Channel.is_on, Channel.at.is_not(None))
    )
    with store.reading(*NOTHING) as connection:
        found = [
            Due(channel, kind, day_of(kind, today), branch, screen(store, region, branch))
            for channel, kind, at, branch, region in connection.execute(statement.order_by(Channel.id))
            if kind is not None and at is not None and timedelta(0) <= moment - datetime.combine(today, at) <= LATEST
        ]
        return [one for one in found if connection.execute(had(one)).first() is None]


def day_of(kind: str, today: date) -> date:
    """The day a meeting's minutes are of: of a week's, month's or quarter's its first."""
    return agenda.first_day(kind, today) if kind in agenda.GRAINS else today


def had(one: Due) -> Select[int]:
    """The messages of this kind and day that a group has had, whatever became of them."""
    of_kind = (Message.channel_id == one.channel, Message.kind == one.kind, Message.day == one.day)
    return select(Message.id).where(*of_kind).limit(1)


def screen(store: Store, region: int, branch: int) -> Viewer:
    """The branch's screen: whatever leaves the bank is made with its rights."""
    return Viewer(store, ACCOUNT, "screen", region, branch)


def queue_due(store: Store, one: Due, text: str, image: bytes | None, pictured: Sequence[str]) -> None:
    """Puts what is due in the queue, unless somebody has meanwhile. Raises Refused for what may not be sent."""
    with store.noting(ACCOUNT) as write:
        if write.session.execute(had(one)).first() is None:
            channel = write.session.get_one(Channel, one.channel)
            naming.validate(write, one.branch, (text, *pictured))
            enqueue(write, channel, one.kind, one.day, text, image)


def hold_back(store: Store, one: Due, reason: str) -> None:
    """Puts before somebody that what was due has not gone out, and why; nothing of it is stored."""
    with store.noting(ACCOUNT) as write:
        if write.session.execute(had(one)).first() is None:
            row = Message(channel_id=one.channel, kind=one.kind, day=one.day, digest="", status=REFUSED, attempts=0)
            row.next_at, row.queued_at, row.queued_by = write.now, write.now, write.account
            write.session.add(row)
            write.session.flush()
            close(write, row, REFUSED, reason)
