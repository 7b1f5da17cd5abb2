"""The queue as people see it: what waits, what was sent, and what nobody knows of until somebody has looked."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import date

import polars as pl
from sqlalchemy import case, false, select, true

from db.access import OUT_OF_SCOPE, Viewer, reach, scope, within, writing_note
from db.codes import MESSAGE_STATES
from db.delivery import naming
from db.delivery.channels import NO_SUCH_CHANNEL, NOT_ALLOWED_HOST, check_branch
from db.delivery.services import SERVICES, Service, pieces
from db.engine import Write
from db.errors import Refused
from db.meetings.agenda import trail_code
from db.models import AllowedHost, Branch, Channel, Message

MESSAGE = {
    "message": pl.Int64,
    "channel": pl.Int64,
    "channel_name": pl.String,
    "branch_name": pl.String,
    "kind": pl.String,
    "day": pl.Date,
    "status": pl.String,
    "attempts": pl.Int64,
    "code": pl.String,
    "queued_by": pl.String,
    "queued_at": pl.Datetime,
    "tried_at": pl.Datetime,
    "next_at": pl.Datetime,
    "is_image": pl.Boolean,
    "text": pl.String,
}
WAITING, SENDING, SENT, UNCONFIRMED, REFUSED, STRUCK = MESSAGE_STATES
FIRST = {UNCONFIRMED: 0, REFUSED: 1, WAITING: 2, SENDING: 2}
MOST_PIECES = 8
NO_SUCH_MESSAGE = "There is no such message within your scope."
OUT_OF_DATE = "Somebody has dealt with this message meanwhile: look at the list again."
NO_CHANNEL = "This branch has no group that messages may go to: its head or the administrator adds one."


def listing(viewer: Viewer, limit: int = 200, only: Collection[int] | None = None) -> pl.DataFrame:
    """The messages within the viewer's scope (MESSAGE), those nobody knows of and those refused first, then what waits, in
    each the latest first; `only` these. Who may not send them does not read them: `text` is null for them."""
    seen = within(viewer, "read_messages", region=Branch.region_id, branch=Channel.branch_id)
    there = reach(viewer, "send_messages")
    readable = false() if there is None else Channel.branch_id == there["branch"] if there else true()
    columns = (Message.id, Channel.id, Channel.name, Branch.name, Message.kind, Message.day, Message.status)
    sent = (Message.attempts, Message.code, Message.queued_by, Message.queued_at, Message.tried_at, Message.next_at)
    statement = (
        select(*columns, *sent, Message.text.is_(None) & (Message.digest != ""), Message.text, readable)
        .join(Channel, Channel.id == Message.channel_id)
        .join(Branch, Branch.id == Channel.branch_id)
        .where(seen, *([] if only is None else [Message.id.in_(only)]))
        .order_by(case(FIRST, value=Message.status, else_=len(FIRST)), Message.id.desc())
        .limit(limit)
    )
    with viewer.reading() as connection:
        rows = [(*row[:-2], row[-2] if row[-1] else None) for row in connection.execute(statement)]
    return pl.DataFrame(rows, MESSAGE, orient="row")


def queue(
    viewer: Viewer,
    branch: int,
    kind: str,
    day: date,
    text: str,
    image: bytes | None = None,
    pictured: Sequence[str] = (),
) -> list[int]:
    """Puts a text, and a picture where the service takes one, in the queue of every group of the branch that is on; gives
    the messages' ids. `pictured` is what can be read in the picture. What waits there already, word for word, is not
    queued again.

    Raises Refused without a group, for an empty or too long text, for a picture the service does not take, and for a
    text that names a customer; NotAllowed outside the viewer's scope."""
    scope(viewer, "send_messages")
    with writing_note(viewer) as write:
        held = write.session.get(Branch, branch)
        check_branch(viewer, "send_messages", held, OUT_OF_SCOPE)
        on = (Channel.branch_id == branch, Channel.is_on)
        allowed = select(Channel).join(AllowedHost, AllowedHost.host == Channel.host).where(*on).order_by(Channel.id)
        channels = write.session.scalars(allowed).all()
        if not channels:
            raise Refused(NO_CHANNEL)
        naming.validate(write, branch, (text, *pictured))
        return [one for channel in channels for one in enqueue(write, channel, kind, day, text, image)]


def try_out(viewer: Viewer, channel: int, day: date, text: str) -> list[int]:
    """A trial message to one group, for whoever sets it up. Raises Refused where its host is not allowed or it is off;
    NotAllowed outside the viewer's scope."""
    scope(viewer, "set_channels")
    with writing_note(viewer) as write:
        one = write.session.get(Channel, channel)
        branch = None if one is None else write.session.get_one(Branch, one.branch_id)
        check_branch(viewer, "set_channels", branch, NO_SUCH_CHANNEL)
        if one is None or not one.is_on:
            raise Refused(NO_CHANNEL)
        if write.session.scalars(select(AllowedHost).where(AllowedHost.host == one.host)).first() is None:
            raise Refused(NOT_ALLOWED_HOST, host=one.host)
        naming.validate(write, one.branch_id, (text,))
        return enqueue(write, one, "trial", day, text, None)


def enqueue(write: Write, channel: Channel, kind: str, day: date, text: str, image: bytes | None) -> list[int]:
    """A message for each part of the text, then the picture. Raises Refused for what the service does not take."""
    rows = []
    for part in contents(SERVICES[channel.service], text, image):
        body, picture = (part, None) if isinstance(part, str) else (None, part)
        digest = hashlib.sha256(part.encode() if isinstance(part, str) else part).hexdigest()
        waiting = (Message.channel_id == channel.id, Message.digest == digest, Message.status.in_((WAITING, SENDING)))
        same = write.session.scalars(select(Message).where(*waiting)).first()
        row = same or Message(
            channel_id=channel.id, kind=kind, day=day, text=body, image=picture, digest=digest, status=WAITING,
            attempts=0, next_at=write.now, queued_by=write.account, queued_at=write.now,
        )  # fmt: skip
        write.session.add(row)
        write.session.flush()
        rows.append(row.id)
        if same is None:
            write.audit(
                "queue", "message", channel.branch_id, None, {"kind": trail_code(kind), "day": day, "digest": digest}
            )
    return rows


def contents(service: Service, text: str, image: bytes | None) -> list[str | bytes]:
    """What the service is sent, in order; a picture it takes none of is left out."""
    parts = pieces(text, service.text)
    if not parts:
        raise Refused("There is nothing to send.")
    if len(parts) > MOST_PIECES:
        raise Refused("The text is too long for a chat: choose fewer items.")
    if image is None or service.image is None:
        return [*parts]
    if len(image) > service.image:
        raise Refused("The picture is too large for a chat: choose fewer items.")
    return [*parts, image]


def send_again(viewer: Viewer, message: int) -> None:
    """A person has looked: it did not arrive, or may arrive twice; it goes out once more. Raises Refused for one that is
    neither unconfirmed nor refused."""
    with writing_note(viewer) as write:
        one, branch = in_reach(viewer, write, message, (UNCONFIRMED, REFUSED))
        if one.text is None and one.image is None:
            raise Refused("It was held back before it was made: send it by hand from the meeting's page.")
        before, one.status, one.attempts, one.next_at = one.status, WAITING, 0, write.now
        one.claim, one.claimed_until = None, None
        write.session.flush()
        write.audit("send_again", "message", branch, {"status": before}, {"status": WAITING, "digest": one.digest})


def strike(viewer: Viewer, message: int) -> None:
    """It is not to be sent, or has arrived as somebody saw. Raises Refused for one that was sent, or is on its way."""
    with writing_note(viewer) as write:
        one, branch = in_reach(viewer, write, message, (UNCONFIRMED, REFUSED, WAITING))
        before, one.status, one.claim, one.claimed_until, one.image = one.status, STRUCK, None, None, None
        write.session.flush()
        write.audit("strike", "message", branch, {"status": before}, {"status": STRUCK, "digest": one.digest})


def in_reach(viewer: Viewer, write: Write, message: int, states: tuple[str, ...]) -> tuple[Message, int]:
    """The message, in one of these states, and its branch."""
    one = write.session.get(Message, message)
    channel = None if one is None else write.session.get_one(Channel, one.channel_id)
    branch = None if channel is None else write.session.get_one(Branch, channel.branch_id)
    check_branch(viewer, "send_messages", branch, NO_SUCH_MESSAGE)
    if one is None or branch is None:
        raise Refused(NO_SUCH_MESSAGE)
    if one.status not in states:
        raise Refused(OUT_OF_DATE)
    return one, branch.id
