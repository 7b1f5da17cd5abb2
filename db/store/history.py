"""The history of a store has an identity: every write leaves a random token with its version, and whatever was made of
a version is believed only while the store still answers that token for it. After a backup was put back, or a counter
set back, the same numbers come again with other tokens. Starting and reading draw nothing."""

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Integer,
    and_,
    bindparam,
    case,
    delete,
    insert,
    literal,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from db.errors import Unavailable
from db.models import Base, ChangeCounter, History, PartVersion
from db.store.faults import BUSY
from db.store.parts import EVERYTHING, OTHER

KEPT = 1_000_000  # the latest versions: what is older than that is read anew
TOKEN_BYTES = 8
WHOLE = ""  # the counter among the parts
history = Base.metadata.tables[History.__tablename__]
part_version = Base.metadata.tables[PartVersion.__tablename__]
# Built once, as every write begins with them.
FOLLOWING = update(ChangeCounter).values(value=ChangeCounter.value + 1).returning(ChangeCounter.value)
AHEAD = bindparam("ahead", type_=Integer())
REACHING = FOLLOWING.values(value=AHEAD).where(ChangeCounter.value < AHEAD)
FORGOTTEN = delete(history).where(
    (history.c.version >= bindparam("from_here")) | (history.c.version <= bindparam("up_to"))
)
LATEST = select(ChangeCounter.value).with_for_update()

Drawn = tuple[int, str]  # a version's number and its token
Stamp = tuple[Drawn | None, ...]
_read: dict[str, tuple[str, Drawn]] = {}  # of each part, as it was read last


@dataclass(frozen=True)
class Version:
    """What the store held at a moment: whatever is read of one version agrees. To be compared and printed, not computed
    with; what it is made of is the store's own affair."""

    counter: int
    token: str
    parts: Mapping[str, Drawn] = field(default_factory=dict, compare=False, repr=False)  # the last write of each

    def __str__(self) -> str:
        return str(self.counter)

    def stamp(self, parts: Iterable[str]) -> Stamp:
        """Equal for two versions between which nobody touched any of the parts."""
        wanted = {*parts, OTHER}
        if EVERYTHING in wanted:
            return ((self.counter, self.token),)
        return tuple(self.parts.get(one) for one in sorted(wanted))


def draw(session: Session, ahead: int | None = None) -> Drawn:
    """The next version, with a token of its own, or one that lies `ahead`; those between are nobody's. Locks the counter
    until the transaction ends. Raises Unavailable where others have come as far."""
    connection = session.connection()
    version = connection.scalar(FOLLOWING) if ahead is None else connection.scalar(REACHING, {"ahead": ahead})
    if version is None:
        raise Unavailable(BUSY)
    token = new_token()
    # A counter that was set back finds tokens of what it has taken back.
    connection.execute(FORGOTTEN, {"from_here": version, "up_to": version - KEPT})
    connection.execute(insert(history), {"version": version, "token": token})
    return version, token


def lock(session: Session) -> Drawn:
    """The version last given out, which stays the last until the transaction ends."""
    return session.connection().execute(LATEST).scalar_one(), ""


def bump(session: Session, parts: Collection[str], drawn: Drawn) -> None:
    """The parts were touched last by this write. To be called while the counter is locked."""
    values = dict(zip(("version", "token"), drawn, strict=True))
    there = update(part_version).where(part_version.c.part.in_(parts)).values(values).returning(part_version.c.part)
    new = set(parts) - set(session.scalars(there))
    if new:
        session.execute(insert(part_version), [{"part": part, **values} for part in sorted(new)])


def new_token() -> str:
    return secrets.token_hex(TOKEN_BYTES)


def present(connection: Connection) -> Version:
    """The version of the latest write that this connection sees. Where somebody took a token away, it equals nothing
    that was remembered."""
    drawn = dict(
        same(part, number, token or new_token()) for part, number, token in connection.execute(select_present())
    )
    return Version(*drawn.pop(WHOLE), drawn)


def same(part: str, number: int, token: str) -> tuple[str, Drawn]:
    """The part and its last write as the objects that they were when they were read before, where they are equal: every
    version names some five hundred, and what is remembered of it holds on to those that it is made of."""
    found = _read.get(part)
    if found is None or found[1] != (number, token):
        found = _read[part] = (part, (number, token))
    return found


@cache
def select_present() -> CompoundSelect[str, int, str]:
    """The counter with its token, and each part's last write; built once, as every read begins with it."""
    here = and_(history.c.version == ChangeCounter.value)
    whole = select(literal(WHOLE).label("part"), ChangeCounter.value, history.c.token).outerjoin_from(
        ChangeCounter, history, here
    )
    same = and_(history.c.version == part_version.c.version, history.c.token == part_version.c.token, is_past())
    old = part_version.c.version <= ChangeCounter.value - KEPT
    token = case((or_(history.c.version.is_not(None), old), part_version.c.token))
    each = select(part_version.c.part, part_version.c.version, token)
    each = each.join_from(part_version, ChangeCounter, true()).outerjoin(history, same)
    return whole.union_all(each)


def held(connection: Connection, versions: Collection[Version]) -> set[Version]:
    """Those of the versions that lie in the past of what this connection sees."""
    if not versions:
        return set()
    rows = connection.execute(select(history).join(ChangeCounter, is_past()).where(named(versions)))
    return {Version(row.version, row.token) for row in rows}


def is_past() -> ColumnElement[bool]:
    return history.c.version <= ChangeCounter.value


def named(versions: Collection[Version]) -> ColumnElement[bool]:
    return tuple_(history.c.version, history.c.token).in_([(one.counter, one.token) for one in versions])
