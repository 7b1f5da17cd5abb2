"""Personal values in the audit trail: sealed under a key of the customer they are of (AES-256-GCM), so that whoever destroys
the key forgets them, and the chain of hashes, which is of the sealed form, goes on to hold."""

import base64
import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.orm import Session

from db.models import Activity, Opportunity, TrailKey

PERSONAL = {  # what is written to the trail of an entity, and may name a customer
    "activity": ("note",),
    "opportunity": ("next_step", "lost_reason"),
    "customer": ("reason",),
    "import_batch": ("file",),
}
OF_A_CUSTOMER: dict[str, type[Activity] | type[Opportunity]] = {"activity": Activity, "opportunity": Opportunity}
SEALED, BY = "sealed", "by"
GONE = "…"  # what stands where the key was destroyed
NONCE, AT_ONCE = 12, 500
Values = Mapping[str, Any]
Reading = Session | Connection


def sealed(session: Reading, entity: str, entity_id: int | None, values: Values | None) -> Values | None:
    """The values of one side of an entry, the personal ones under a key; under the entry's own where it is of no customer."""
    if values is None or entity_id is None:
        return values
    open_ones = {name for name in PERSONAL.get(entity, ()) if values.get(name) and not is_sealed(values[name])}
    if not open_ones:
        return values
    subject = subject_of(session, entity, entity_id, values)
    key = key_of(session, subject)
    return {name: seal(key, subject, one) if name in open_ones else one for name, one in values.items()}


def subject_of(session: Reading, entity: str, entity_id: int, values: Values) -> str:
    model = OF_A_CUSTOMER.get(entity)
    if model is None:
        return named(entity, entity_id)
    customer = values.get("customer_id") or session.scalar(select(model.customer_id).where(model.id == entity_id))
    return named(entity, entity_id) if customer is None else named("customer", customer)


def named(entity: str, identity: int) -> str:
    return f"{entity} {identity}"


def key_of(session: Reading, subject: str) -> bytes:
    """The subject's key, made where there is none yet."""
    key = session.scalar(select(TrailKey.key).where(TrailKey.subject == subject))
    if key is None:
        key = AESGCM.generate_key(256)
        session.execute(insert(TrailKey).values(subject=subject, key=key))
    return key


def seal(key: bytes, subject: str, value: object) -> dict[str, str]:
    nonce = os.urandom(NONCE)
    text = json.dumps(value, ensure_ascii=False).encode()
    return {BY: subject, SEALED: base64.b64encode(nonce + AESGCM(key).encrypt(nonce, text, subject.encode())).decode()}


def is_sealed(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == {BY, SEALED}


def opened(session: Reading, sides: Iterable[Values | None]) -> list[dict[str, Any] | None]:
    """The sides of entries with their personal values as they were written; GONE where the key was destroyed."""
    held = [None if one is None else dict(one) for one in sides]
    places = [(side, name) for side in held if side for name, value in side.items() if is_sealed(value)]
    keys = keys_of(session, {side[name][BY] for side, name in places})
    for side, name in places:
        side[name] = unseal(keys.get(side[name][BY]), side[name])
    return held


def keys_of(session: Reading, subjects: set[str]) -> dict[str, bytes]:
    wanted, keys = sorted(subjects), {}
    for start in range(0, len(wanted), AT_ONCE):
        some = TrailKey.subject.in_(wanted[start : start + AT_ONCE])
        keys |= {row.subject: row.key for row in session.execute(select(TrailKey.subject, TrailKey.key).where(some))}
    return keys


def unseal(key: bytes | None, value: Mapping[str, str]) -> object:
    if key is None:
        return GONE
    held = base64.b64decode(value[SEALED])
    return json.loads(AESGCM(key).decrypt(held[:NONCE], held[NONCE:], value[BY].encode()))


def destroy(session: Session, entity: str, identities: Iterable[int]) -> None:
    """Nobody reads again what was sealed under the keys of these."""
    wanted = [named(entity, one) for one in identities]
    for start in range(0, len(wanted), AT_ONCE):
        session.execute(delete(TrailKey).where(TrailKey.subject.in_(wanted[start : start + AT_ONCE])))
