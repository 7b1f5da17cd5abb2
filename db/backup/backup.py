"""Taking a backup, and looking whether it is one: what was written is read again from its first to its last byte."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from db.backup import anchors, archive, content, forgotten, postgres, signing
from db.backup.anchors import Head, Notary
from db.backup.content import SQLITE, Facts
from db.engine import BANK_TIME, now
from db.errors import Refused, StorageError
from db.store.connecting import connect
from db.store.on_disk import path_of

SUFFIX = ".backup"
DIFFERENT = (
    "The backup “{file}” was written but is not what was to be written: it is removed. Try again, on another disk."
)
UNWRITTEN = "The backup cannot be written: {reason}"


@dataclass(frozen=True)
class Backup:
    """A backup that was looked through; `sha256` is the digest of the whole file."""

    file: Path
    facts: Facts
    sha256: str


def take(url: str, file: Path, passphrase: str | None = None, notary: Notary | None = None) -> Backup:
    """A backup of the store in one file, while others go on writing; its manifest, and the anchors beside it, name the
    end of its audit trail. Raises StorageError where it cannot be made, or is not whole when it is read again."""
    with copied(url) as (found, copy):
        return written(found, copy, file, passphrase, notary)


def take_into(
    url: str, folder: Path, keep: int | None = None, passphrase: str | None = None, notary: Notary | None = None
) -> Backup:
    """A backup with a name of its own in the folder; of this store's older ones only the newest stay, `keep` with it."""
    with copied(url) as (found, copy):
        name = f"chenxi-{found.identity[:8]}-{(now() + BANK_TIME):%Y%m%dT%H%M%S}-v{found.version}{SUFFIX}"
        made = written(found, copy, folder / name, passphrase, notary)
    older = sorted(folder.glob(f"chenxi-{found.identity[:8]}-*{SUFFIX}"), key=lambda one: one.name)
    older.remove(made.file)
    if keep is not None:
        for one in older[: max(0, len(older) - keep + 1)]:
            one.unlink(missing_ok=True)
    return made


def written(found: Facts, copy: Path, file: Path, passphrase: str | None, notary: Notary | None) -> Backup:
    head = Head(found.identity, found.trail_rows, found.trail_hash)
    key = None if notary is None else notary.key
    stated = {"made_at": now().isoformat(timespec="seconds"), "anchor": anchors.anchor(anchors.BACKUP, head, key)}
    manifest = found.as_record() | stated | {"public_key": signing.public(key)}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        sha256 = archive.write(file, manifest, copy, passphrase)
    except OSError as error:
        raise StorageError(UNWRITTEN, reason=error.strerror or str(error)) from error
    try:
        with verified(file, passphrase, copy.parent) as (read, _content):
            whole = read == found
    except Refused:
        whole = False
    if not whole:
        file.unlink(missing_ok=True)
        raise StorageError(DIFFERENT, file=str(file))
    if notary is not None:
        notary.anchor(anchors.BACKUP, head, file.parent, manifest=found.content)
        forgotten.note(file.parent, found.identity, forgotten.read([notary.folder], found.identity))
    return Backup(file, found, sha256)


@contextmanager
def copied(url: str) -> Generator[tuple[Facts, Path]]:
    """A copy of the present moment beside the database, gone afterwards; and its facts."""
    engine = connect(url)
    try:
        with scratch(url) as folder:
            copy = folder / "content"
            make = content.copy_sqlite if engine.dialect.name == SQLITE else postgres.copy_postgres
            found = make(engine, copy)
            yield replace(found, content=content.digest(copy)), copy
    except OSError as error:
        raise StorageError(UNWRITTEN, reason=error.strerror or str(error)) from error
    finally:
        engine.dispose()


@contextmanager
def scratch(url: str) -> Generator[Path]:
    """A folder only we can look into: beside a SQLite database, where the disk has seen what it holds already."""
    engine = connect(url)
    engine.dispose()
    beside = path_of(engine.url).parent if engine.dialect.name == SQLITE else None
    with tempfile.TemporaryDirectory(prefix=".chenxi-", dir=beside) as folder:
        yield Path(folder)


@contextmanager
def verified(file: Path, passphrase: str | None, folder: Path) -> Generator[tuple[Facts, Path]]:
    """What a backup says of itself and its content in a file, where the two agree. Raises Refused otherwise."""
    into = folder / "read"
    try:
        record = archive.read(file, into, passphrase)
        found = facts_of(file, record)
        if found.content != content.digest(into) or not agrees(found, into):
            raise Refused(archive.DAMAGED, file=file.name)
        yield found, into
    finally:
        for one in folder.glob("read*"):
            one.unlink(missing_ok=True)


def facts_of(file: Path, record: archive.Manifest) -> Facts:
    try:
        return content.facts_of(cast(dict[str, Any], record))
    except ValueError as error:
        raise Refused(archive.DAMAGED, file=file.name) from error


def agrees(found: Facts, inside: Path) -> bool:
    """Whether the content has the rows, and is of the version, that the manifest says."""
    if found.engine != SQLITE:
        return postgres.rows_of_dump(inside) == found.rows
    try:
        return replace(content.sqlite_facts(inside), content=found.content) == found
    except StorageError:
        return False
