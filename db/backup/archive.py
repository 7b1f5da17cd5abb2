"""The file of a backup: a line that says what it is, what is inside (sealed with a passphrase where one was given), and
a digest of all that stands before it, so that one flipped bit or a missing end is found out."""

import hashlib
import json
import os
import secrets
import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from db.errors import Refused

MAGIC, FORMAT = "chenxi-backup", 1
PLAIN, SEALED = "plain", "scrypt+aes-256-gcm"
PORTION = 1 << 20  # bytes that are packed, and sealed, at once
TAG, DIGEST = 16, 32  # bytes
LONGEST_LINE = 1 << 20
COST = {"n": 1 << 15, "r": 8, "p": 1, "maxmem": 1 << 26}  # of a guess at the passphrase: 32 MiB, a tenth of a second
NOT_OURS = "“{file}” is not a backup made by this program."
DAMAGED = "“{file}” is damaged or not whole: take another copy. Nothing was changed."
NEWER = "“{file}” was made by a newer version of this program: install that one first. Nothing was changed."
LOCKED = "“{file}” is encrypted: give the passphrase it was made with."
WRONG = "The passphrase does not open “{file}”."
Manifest = dict[str, object]


def write(path: Path, manifest: Manifest, content: Path, passphrase: str | None) -> str:
    """Writes the file, whole or not at all and readable by its owner alone; gives the SHA-256 of the whole of it."""
    own = path.with_name(f"{path.name}.{os.getpid()}.new")
    head, key = heading(passphrase)
    whole, digest = hashlib.sha256(), b""
    try:
        with os.fdopen(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for part in (head, *sealed(packed(manifest, content), head, key)):
                file.write(part)
                whole.update(part)
            digest = whole.digest()
            file.write(digest)
            file.flush()
            os.fsync(file.fileno())
        own.replace(path)
    except BaseException:
        with suppress(OSError):
            own.unlink()
        raise
    settle(path.parent)
    whole.update(digest)
    return whole.hexdigest()


def settle(folder: Path) -> None:
    """Until the folder's own list of files is on the disk too; where a system does not offer that, it is as it is."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def heading(passphrase: str | None) -> tuple[bytes, bytes | None]:
    """The first line, and the key that the rest is sealed with."""
    if passphrase is None:
        return f"{MAGIC} {FORMAT} {PLAIN}\n".encode(), None
    salt, prefix = secrets.token_bytes(16), secrets.token_bytes(7)
    return f"{MAGIC} {FORMAT} {SEALED} {salt.hex()} {prefix.hex()}\n".encode(), key_of(passphrase, salt)


def key_of(passphrase: str, salt: bytes) -> bytes:
    return hashlib.scrypt(passphrase.encode(), salt=salt, dklen=32, **COST)


def packed(manifest: Manifest, content: Path) -> Iterator[bytes]:
    """The manifest as a line, and the content behind it, compressed."""
    pack = zlib.compressobj(1)
    yield json.dumps(manifest, ensure_ascii=False).encode() + b"\n"
    with content.open("rb") as file:
        while part := file.read(PORTION):
            yield pack.compress(part)
    yield pack.flush()


def sealed(parts: Iterable[bytes], head: bytes, key: bytes | None) -> Iterator[bytes]:
    """The parts as they are; with a key in portions, each sealed with its place among them and whether it is the last,
    so that none can be left out or moved."""
    if key is None:
        yield from parts
        return
    cipher, prefix, held, place = AESGCM(key), bytes.fromhex(head.split()[-1].decode()), b"", 0
    for part in parts:
        held += part
        while len(held) > PORTION:
            yield cipher.encrypt(nonce(prefix, place, last=False), held[:PORTION], head)
            held, place = held[PORTION:], place + 1
    yield cipher.encrypt(nonce(prefix, place, last=True), held, head)


def nonce(prefix: bytes, place: int, last: bool) -> bytes:
    return prefix + place.to_bytes(4, "big") + bytes([last])


def read(path: Path, into: Path, passphrase: str | None) -> Manifest:
    """What the file says of itself; its content goes into a new file that its owner alone can read. Raises Refused where
    it is no backup, not whole, of a newer form, or does not open with the passphrase."""
    with path.open("rb") as file:
        head = file.readline(LONGEST_LINE)
        words = head.decode("latin-1").split()
        if not head.endswith(b"\n") or words[:1] != [MAGIC] or len(words) < 3 or not words[1].isdigit():
            raise Refused(NOT_OURS, file=path.name)
        if int(words[1]) > FORMAT:
            raise Refused(NEWER, file=path.name)
        end = path.stat().st_size - DIGEST
        if not is_whole(file, end):
            raise Refused(DAMAGED, file=path.name)
        key = None
        if words[2] == SEALED:
            if passphrase is None:
                raise Refused(LOCKED, file=path.name)
            key = key_of(passphrase, bytes.fromhex(words[3]))
        file.seek(len(head))
        try:
            return unpacked(opened(file, end, head, key), into)
        except InvalidTag:
            raise Refused(WRONG, file=path.name) from None
        except (zlib.error, ValueError, EOFError) as error:
            raise Refused(DAMAGED, file=path.name) from error


def is_whole(file: BinaryIO, end: int) -> bool:
    """Whether everything up to the end is as it was written."""
    file.seek(0)
    found = hashlib.sha256()
    for part in portions(file, end, PORTION):
        found.update(part)
    return end > 0 and secrets.compare_digest(found.digest(), file.read())


def portions(file: BinaryIO, end: int, size: int) -> Iterator[bytes]:
    while (left := end - file.tell()) > 0 and (part := file.read(min(size, left))):
        yield part


def opened(file: BinaryIO, end: int, head: bytes, key: bytes | None) -> Generator[bytes]:
    if key is None:
        yield from portions(file, end, PORTION)
        return
    cipher, prefix = AESGCM(key), bytes.fromhex(head.split()[-1].decode())
    for place, part in enumerate(portions(file, end, PORTION + TAG)):
        yield cipher.decrypt(nonce(prefix, place, last=file.tell() == end), part, head)


def unpacked(parts: Generator[bytes], into: Path) -> Manifest:
    """Raises EOFError where the content ends too early."""
    line = b""
    for part in parts:
        line += part
        if b"\n" in line or len(line) > LONGEST_LINE:
            break
    line, _, rest = line.partition(b"\n")
    manifest, unpack = json.loads(line), zlib.decompressobj()
    if not isinstance(manifest, dict):
        raise ValueError("no manifest")
    with os.fdopen(os.open(into, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(unpack.decompress(rest))
        for part in parts:
            file.write(unpack.decompress(part))
        file.write(unpack.flush())
    if not unpack.eof:
        raise EOFError
    return cast(Manifest, manifest)
