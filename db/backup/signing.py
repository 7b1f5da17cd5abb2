"""The key that the heads of the audit trail are signed with (Ed25519): a file that lies in no database and no backup."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from db.errors import Refused, StorageError

NO_KEY = "The file {file} holds no Ed25519 key to sign the audit trail with: {reason}"
THERE_IS_ONE = "There is a key in {file} already: it stays, for what it has signed is checked with it."
SIGNATURE = "signature"


def read_key(file: Path) -> Ed25519PrivateKey | None:
    """The key in the file; None where there is no file. Raises StorageError where there is something else in it."""
    try:
        key = load_pem_private_key(file.read_bytes(), None)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(NO_KEY, file=str(file), reason=error.strerror or str(error)) from error
    except (ValueError, TypeError) as error:
        raise StorageError(NO_KEY, file=str(file), reason=type(error).__name__) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise StorageError(NO_KEY, file=str(file), reason=type(key).__name__)
    return key


def make_key(file: Path) -> Ed25519PrivateKey:
    """A new key in a file that its owner alone can read. Raises Refused where there is one."""
    key = Ed25519PrivateKey.generate()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    except FileExistsError:
        raise Refused(THERE_IS_ONE, file=str(file)) from None
    except OSError as error:
        raise StorageError(NO_KEY, file=str(file), reason=error.strerror or str(error)) from error
    return key


def public(key: Ed25519PrivateKey | None) -> str:
    """The public key in hexadecimal; empty without a key."""
    return "" if key is None else key.public_key().public_bytes_raw().hex()


def signed(record: Mapping[str, object], key: Ed25519PrivateKey | None) -> dict[str, object]:
    """The record with the public key and the signature; both empty without a key."""
    named = dict(record) | {"key": public(key)}
    return named | {SIGNATURE: "" if key is None else key.sign(text_of(named)).hex()}


def is_genuine(record: Mapping[str, object]) -> bool:
    """Whether the record was signed, as it stands, with the key that it names."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(str(record["key"])))
        key.verify(bytes.fromhex(str(record[SIGNATURE])), text_of(record))
    except (InvalidSignature, ValueError, KeyError):
        return False
    return True


def text_of(record: Mapping[str, object]) -> bytes:
    """What is signed: everything but the signature."""
    said = {name: value for name, value in record.items() if name != SIGNATURE}
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
