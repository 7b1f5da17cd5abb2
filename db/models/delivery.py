"""Messages to a branch's chat groups: which hosts may be reached, the groups' robots, and the queue."""

from datetime import date, datetime, time

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, key_to


class AllowedHost(Base):
    """A host that messages may leave the bank for; without any nothing is sent. An `internal` one may lie in the bank's
    own network and speak plain HTTP."""

    __tablename__ = "allowed_host"
    id: Mapped[int] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(unique=True)
    internal: Mapped[bool]
    added_by: Mapped[str]
    added_at: Mapped[datetime]


class Channel(Base):
    """The robot of a group: `address` (with its key) and `secret` are read by the sender alone; `digest` is the
    address's, so that two channels never feed one robot. `at` is the bank's time at which `kind` goes out by itself,
    both null where only people send."""

    __tablename__ = "channel"
    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = key_to("branch", index=True)
    service: Mapped[str]
    name: Mapped[str]
    host: Mapped[str]
    address: Mapped[str]
    secret: Mapped[str | None]
    digest: Mapped[str] = mapped_column(unique=True)
    is_on: Mapped[bool]
    kind: Mapped[str | None]
    at: Mapped[time | None]


class Message(Base):
    """One request to a robot: a text or a picture. `status` is one of codes.MESSAGE_STATES. `claim` is the token of the
    process that sends it until `claimed_until`; `tried_at` is when it was sent last, `code` what the service answered."""

    __tablename__ = "message"
    id: Mapped[int] = mapped_column(primary_key=True)
    channel_id: Mapped[int] = key_to("channel", index=True)
    kind: Mapped[str]
    day: Mapped[date]
    text: Mapped[str | None]
    image: Mapped[bytes | None] = mapped_column(LargeBinary)
    digest: Mapped[str]
    status: Mapped[str] = mapped_column(index=True)
    attempts: Mapped[int]
    next_at: Mapped[datetime]
    claim: Mapped[str | None]
    claimed_until: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    code: Mapped[str | None]
    queued_by: Mapped[str]
    queued_at: Mapped[datetime]
