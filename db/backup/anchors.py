"""Heads of the audit trail, kept where the database is not: a line each in a file beside the backups, signed, and each
naming the line before it. A trail whose rows were erased and written anew is sound in itself, and is found here."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, select

from db.backup import kept_lines, signing
from db.engine import Store, now
from db.errors import StorageError
from db.models import Audit, ChangeCounter
from db.store.parts import NOTHING

FILE = "chenxi-anchors.jsonl"
ANCHOR, BACKUP, RESTORE, RESEAL = "anchor", "backup", "restore", "reseal"
RESTARTS = (RESTORE, RESEAL)  # after which the trail goes on from an earlier row, and is believed to
NOT_READABLE = "Line {line} of the anchors is not one."
NOT_FOLLOWING = "Line {line} of the anchors does not follow the one before it: lines were removed, added or changed."
FORGED = "Line {line} of the anchors is not signed with the key that it should be."
REWRITTEN = "Row {row} of the audit trail is not the one that was anchored on {day} (line {line}): rows were erased, or written anew."
NO_ANCHOR = "The file has no anchor of this database."
Anchor = dict[str, Any]


@dataclass(frozen=True)
class Head:
    """The end of a store's trail: how many rows there are, and the seal of the last."""

    store: str
    rows: int
    hash: str


@dataclass(frozen=True)
class Notary:
    """Where anchors are kept, and what they are signed with. Without a key they are kept unsigned."""

    folder: Path
    key: Ed25519PrivateKey | None = None

    def anchor(self, kind: str, head: Head, *beside: Path, **said: object) -> None:
        """Appends the head to the folder's file. What lies in the folders `beside` gets it too, where they can be
        written to. Raises StorageError where the file cannot."""
        append(self.folder, kind, head, self.key, **said)
        for other in {one.absolute() for one in beside} - {self.folder.absolute()}:
            try:
                append(other, kind, head, self.key, **said)
            except StorageError:
                continue


@dataclass
class Checked:
    """What came of the anchors: how many there are of this store and how many of them are signed, by which key; what is
    wrong; and each rewind that was accepted."""

    anchors: int = 0
    signed: int = 0
    key: str = ""
    findings: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    rewinds: list[Anchor] = field(default_factory=list)


def head_of(connection: Connection) -> Head:
    columns = (ChangeCounter.store_id, ChangeCounter.audit_rows, ChangeCounter.audit_hash)
    return Head(*connection.execute(select(*columns)).one())


def append(folder: Path, kind: str, head: Head, key: Ed25519PrivateKey | None, **said: object) -> None:
    """Adds a line to the folder's file. Raises StorageError where it cannot be written."""

    def line(before: list[bytes]) -> list[Anchor]:
        return [anchor(kind, head, key, previous=digest(before[-1]) if before else "", **said)]

    kept_lines.append(folder / FILE, line)


def anchor(kind: str, head: Head, key: Ed25519PrivateKey | None, **said: object) -> Anchor:
    facts = {"kind": kind, "at": now().isoformat(timespec="seconds"), "store": head.store}
    return signing.signed(facts | {"rows": head.rows, "hash": head.hash} | said, key)


def digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def anchor_if_moved(store: Store, notary: Notary) -> bool:
    """Anchors the present head, unless the file ends with it; says whether it did."""
    with store.reading(*NOTHING) as connection:
        head = head_of(connection)
    last = next(reversed(read(notary.folder / FILE)), None)
    if last is not None and (last.get("store"), last.get("rows"), last.get("hash")) == (*vars(head).values(),):
        return False
    notary.anchor(ANCHOR, head)
    return True


def read(file: Path) -> list[Anchor]:
    """The lines of a file, an empty record where one cannot be read; nothing where there is no file."""
    return [parsed(line) for line in kept_lines.lines(file)]


def parsed(line: bytes) -> Anchor:
    found = kept_lines.parsed(line, {"kind", "at", "store", "rows", "hash"})
    return found if isinstance(found.get("rows"), int) else {}


def check(connection: Connection, file: Path, key: str = "") -> Checked:
    """The trail beside the anchors of a file. `key` is the public key that they are to be signed with; without it the
    first that signed one. A rewind is accepted where a restore stands between the anchors, signed if any line is."""
    lines = kept_lines.lines(file)
    records = [parsed(line) for line in lines]
    head, found = head_of(connection), Checked(key=key or next((one["key"] for one in records if one.get("key")), ""))
    found.findings += broken(lines, records, found.key)
    held: list[tuple[int, Anchor]] = []
    for number, one in enumerate(records, 1):
        if one.get("store") != head.store:
            continue
        found.anchors += 1
        genuine = bool(found.key) and one.get("key") == found.key and signing.is_genuine(one)
        found.signed += genuine
        if one["kind"] in RESTARTS and (genuine or not found.key):
            held = [(line, earlier) for line, earlier in held if earlier["rows"] <= int(one.get("keeps", 0))]
            found.rewinds.append(one)
        held.append((number, one))
    if not found.anchors:
        found.findings.append((NO_ANCHOR, {}))
    found.findings += rewritten(connection, held)
    return found


def broken(lines: Sequence[bytes], records: Sequence[Anchor], key: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Lines that are none, that do not follow the one before, whose signature does not hold, or a restart without one."""
    previous = ""
    for number, (line, one) in enumerate(zip(lines, records, strict=True), 1):
        if not one:
            yield NOT_READABLE, {"line": number}
        elif one.get("previous") != previous:
            yield NOT_FOLLOWING, {"line": number}
        elif (one.get("key") or (key and one["kind"] in RESTARTS)) and not (
            one.get("key") == key and signing.is_genuine(one)
        ):
            yield FORGED, {"line": number}
        previous = digest(line)


def rewritten(connection: Connection, held: Sequence[tuple[int, Anchor]]) -> Iterator[tuple[str, dict[str, object]]]:
    """The anchors that the trail does not go through."""
    wanted: dict[int, list[tuple[int, Anchor]]] = {}
    for number, one in held:
        wanted.setdefault(one["rows"], []).append((number, one))
    there = {0: ""}
    seals = select(Audit.hash).order_by(Audit.id).execution_options(yield_per=1000)
    for place, (seal,) in enumerate(connection.execute(seals), 1):
        if place in wanted:
            there[place] = seal
    for rows, named in sorted(wanted.items()):
        for number, one in named:
            if there.get(rows) != one["hash"]:
                yield REWRITTEN, {"row": rows, "day": str(one["at"])[:10], "line": number}
