"""Passwords: argon2id, and what makes one too weak to take."""

import secrets

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from db.errors import Refused

SHORTEST, LONGEST = 10, 200
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # no two that look alike: it is read out over the phone
HASHER = PasswordHash((Argon2Hasher(),))
DUMMY_HASH = HASHER.hash(secrets.token_hex())  # compared with when there is no such account: the answer takes as long


def hash_password(password: str, login: str, name: str) -> str:
    """The hash to store. Raises Refused for a password that is too short or says who it belongs to."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Refused("A password has at least {number} characters.", number=SHORTEST)
    known = [one.lower() for one in (login, name) if len(one) > 2]
    if len(set(password)) < 5 or any(one in password.lower() for one in known) or password.isdigit():
        raise Refused("Too easy to guess: not only digits, not your name, not one character again and again.")
    return HASHER.hash(password)


def verify(password: str, hashed: str | None) -> bool:
    return HASHER.verify(password[: LONGEST + 1], hashed or DUMMY_HASH) and hashed is not None


def generate() -> str:
    """A password to hand over once, to be changed at the first sign-in."""
    return "-".join("".join(secrets.choice(ALPHABET) for _one in range(4)) for _part in range(4))
