"""Where messages may go: the hosts an administrator has named, and the robots of a branch's groups. An address and its
secret come in here and are read by the sender alone: no list, no message and no trail holds them."""

import hashlib
from dataclasses import dataclass
from datetime import time
from urllib.parse import SplitResult, urlsplit

import polars as pl
from sqlalchemy import select

from db import identity
from db.access import OUT_OF_SCOPE, Viewer, check, scope, within, writing_note
from db.delivery.services import SERVICES
from db.engine import Write
from db.errors import Refused
from db.models import AllowedHost, Branch, Channel
from db.privacy import validate_text

CHANNEL = {
    "channel": pl.Int64,
    "branch": pl.Int64,
    "branch_name": pl.String,
    "service": pl.String,
    "name": pl.String,
    "host": pl.String,
    "has_secret": pl.Boolean,
    "is_on": pl.Boolean,
    "kind": pl.String,
    "at": pl.Time,
    "allowed": pl.Boolean,
}
HOST = {"host": pl.String, "internal": pl.Boolean}
LONGEST_NAME = 40
NO_ADDRESS = (
    "This is not the address of a group robot: copy it whole from the group's settings, with https:// and its key."
)
NO_SUCH_CHANNEL = "There is no such group within your scope."
NOT_ALLOWED_HOST = "Nothing may be sent to {host} yet: the administrator has to allow it first."
AUDITED = ("service", "name", "host", "is_on", "kind", "at")


@dataclass(frozen=True)
class Robot:
    """What a group's robot is set to. Without `address` or `secret` those stored stay; an empty secret takes it away."""

    service: str
    name: str
    is_on: bool = True
    address: str | None = None
    secret: str | None = None
    kind: str | None = None
    at: time | None = None


def hosts(viewer: Viewer) -> pl.DataFrame:
    """The hosts that may be reached (HOST), by name; none is the beginning: nothing leaves the bank."""
    scope(viewer, "set_channels")
    with viewer.reading() as connection:
        statement = select(AllowedHost.host, AllowedHost.internal).order_by(AllowedHost.host)
        return pl.DataFrame([tuple(row) for row in connection.execute(statement)], HOST, orient="row")


def allow(viewer: Viewer, host: str, internal: bool = False) -> None:
    """Lets messages go to a host (with its port, where it is not the usual one). `internal` says that it lies in the
    bank's own network: it may have a private address and speak HTTP. Raises Refused for what is no host."""
    scope(viewer, "allow_hosts")
    host = host.strip().lower()
    if host != host_of(parts_of(f"https://{host}/")) or "@" in host:
        raise Refused("Give the host alone, such as qyapi.weixin.qq.com, with its port if it has one.")
    with writing_note(viewer) as write:
        held = write.session.scalars(select(AllowedHost).where(AllowedHost.host == host)).first()
        before = None if held is None else {"host": host, "internal": held.internal}
        if held is None:
            held = AllowedHost(host=host, added_by=write.account, added_at=write.now)
            write.session.add(held)
        held.internal = internal
        write.session.flush()
        after = {"host": host, "internal": internal}
        if before != after:
            write.audit("allow", "allowed_host", held.id, before, after)


def forbid(viewer: Viewer, host: str) -> None:
    """Takes a host off the list: what waits for it waits on. Raises Refused where it is not on it."""
    scope(viewer, "allow_hosts")
    with writing_note(viewer) as write:
        held = write.session.scalars(select(AllowedHost).where(AllowedHost.host == host)).first()
        if held is None:
            raise Refused("{host} is not on the list.", host=host)
        write.audit("forbid", "allowed_host", held.id, {"host": host}, None)
        write.session.delete(held)


def listing(viewer: Viewer) -> pl.DataFrame:
    """The groups within the viewer's scope (CHANNEL), by branch and name, without addresses; `allowed` says whether the
    host may be reached."""
    seen = within(viewer, "read_messages", region=Branch.region_id, branch=Channel.branch_id)
    columns = (Channel.id, Channel.branch_id, Branch.name, Channel.service, Channel.name, Channel.host)
    settings = (Channel.secret.is_not(None), Channel.is_on, Channel.kind, Channel.at, AllowedHost.id.is_not(None))
    statement = (
        select(*columns, *settings)
        .join(Branch, Branch.id == Channel.branch_id)
        .outerjoin(AllowedHost, AllowedHost.host == Channel.host)
        .where(seen)
        .order_by(Branch.name, Channel.name, Channel.id)
    )
    with viewer.reading() as connection:
        return pl.DataFrame([tuple(row) for row in connection.execute(statement)], CHANNEL, orient="row")


def add(viewer: Viewer, branch: int, robot: Robot) -> int:
    """A group of a branch, and gives its id. Raises Refused for an address that is none, that is another service's, that
    another group has, or whose host is not allowed; NotAllowed outside the viewer's scope."""
    scope(viewer, "set_channels")
    with writing_note(viewer) as write:
        held = write.session.get(Branch, branch)
        check_branch(viewer, "set_channels", held, OUT_OF_SCOPE)
        if held is None:
            raise Refused(OUT_OF_SCOPE)
        if robot.address is None:
            raise Refused(NO_ADDRESS)
        one = Channel(branch_id=branch)
        put(write, one, robot)
        write.session.add(one)
        write.session.flush()
        write.audit("add", "channel", branch, None, said(one))
        return one.id


def change(viewer: Viewer, channel: int, robot: Robot) -> None:
    """Sets a group's robot anew. Raises what `add` does."""
    scope(viewer, "set_channels")
    with writing_note(viewer) as write:
        one = write.session.get(Channel, channel)
        branch = None if one is None else write.session.get_one(Branch, one.branch_id)
        check_branch(viewer, "set_channels", branch, NO_SUCH_CHANNEL)
        if one is None:
            raise Refused(NO_SUCH_CHANNEL)
        before = said(one)
        put(write, one, robot)
        write.session.flush()
        after = said(one) | ({"address": "…"} if robot.address else {}) | ({"secret": "…"} if robot.secret else {})
        if before != after:
            write.audit("change", "channel", one.branch_id, before, after)


def check_branch(viewer: Viewer, action: str, branch: Branch | None, missing: str) -> None:
    """Raises NotAllowed, with the words for what is missing, unless this may be done in the branch."""
    region, identity = (None, None) if branch is None else (branch.region_id, branch.id)
    check(viewer, action, region=region, branch=identity, manager=None, missing=missing)


def said(one: Channel) -> dict[str, object]:
    """What the trail may hold of a robot: neither address nor secret."""
    return {name: getattr(one, name) for name in AUDITED}


def put(write: Write, one: Channel, robot: Robot) -> None:
    name = identity.clean(robot.name)
    if robot.service not in SERVICES or not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused("Choose the service and give the group a name.")
    validate_text(name)
    if (robot.kind is None) != (robot.at is None):
        raise Refused("Choose both what goes out by itself and at which time, or neither.")
    one.service, one.name, one.is_on, one.kind, one.at = robot.service, name, robot.is_on, robot.kind, robot.at
    if robot.secret is not None:
        one.secret = robot.secret.strip() or None
    if robot.address is None:
        return
    address = robot.address.strip()
    parts = parts_of(address)
    one.host, one.address, one.digest = host_of(parts), address, hashlib.sha256(address.encode()).hexdigest()
    others = {name for name, service in SERVICES.items() if service.host == one.host}
    if others and one.service not in others:
        raise Refused("This address belongs to another service: choose that one.")
    if not parts.path.strip("/"):
        raise Refused(NO_ADDRESS)
    allowed = write.session.scalars(select(AllowedHost).where(AllowedHost.host == one.host)).first()
    if allowed is None:
        raise Refused(NOT_ALLOWED_HOST, host=one.host)
    if parts.scheme != "https" and not allowed.internal:
        raise Refused(NO_ADDRESS)
    with write.session.no_autoflush:
        same = write.session.scalars(select(Channel.id).where(Channel.digest == one.digest)).first()
    if same is not None and same != one.id:
        raise Refused("This robot is another group's already.")


def parts_of(address: str) -> SplitResult:
    """An address taken apart. Raises Refused, without the address, for what is none."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise Refused(NO_ADDRESS) from None
    strange = not address.isascii() or not address.isprintable() or any(one in address for one in " \\")
    if strange or parts.scheme not in ("https", "http") or not parts.hostname or "@" in parts.netloc or port == 0:
        raise Refused(NO_ADDRESS)
    return parts


def host_of(parts: SplitResult) -> str:
    """The host as it is allowed: with its port, where it is not the usual one."""
    usual = {"https": 443, "http": 80}[parts.scheme]
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return f"{(parts.hostname or '').lower()}{port}"
