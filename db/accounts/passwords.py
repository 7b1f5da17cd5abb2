"""Passwords: argon2id, and what makes one too weak to take.

How many guesses one withstands is estimated by zxcvbn, which knows the commonest passwords, names, words, dates and rows of
keys; a Chinese name is looked for as it is typed, in pinyin."""

import os
import re
import secrets
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from anyascii import anyascii
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from db.errors import Refused

SHORTEST, LONGEST = 10, 200
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # no two that look alike: it is read out over the phone
LONGEST_ESTIMATED = 72  # its time grows with the square
GUESSES = 1e10  # what zxcvbn calls very unguessable: also by whoever has the hashes
HABITS = [
    "woaini",
    "aini",
    "woaiwojia",
    "wodemima",
    "mima",
    "nihao",
    "zhongguo",
    "beijing",
    "shanghai",
    "zhimakaimen",
    "laopo",
    "laogong",
    "baobao",
    "tiankong",
    "1314",
    "520",
    "5201314",
    "1314520",
    "168",
    "yinhang",
    "daikuan",
    "kehu",
    "jingli",
    "kehujingli",
    "jinrong",
    "caiwu",
    "gongsi",
    "bangong",
    "xiaowei",
    "chenxi",
    "admin",
    "bank",
    "loan",
]
YEARS = [str(year) for year in range(2020, 2050)]  # zxcvbn knows those before
HASHER = PasswordHash((Argon2Hasher(),))
GIVES_WAY = 10  # of the twenty steps by which a thread on Linux stands back behind the others of its process


def stand_back() -> None:
    """Hashing takes all cores for a while. This thread, and those that it begins, leave them to whoever works: where
    passwords are guessed without end, too."""
    if sys.platform == "linux":  # where threads have a priority each
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), GIVES_WAY)


COMPARING = ThreadPoolExecutor(max(1, (os.cpu_count() or 1) // 2), "comparing", stand_back)
DUMMY_HASH = HASHER.hash(secrets.token_hex())  # compared with when there is no such account: the answer takes as long


def hash_password(password: str, *known: str) -> str:
    """The hash to store. `known` is what others know of the owner: login, name, staff number. Raises Refused for a
    password that is too short or easy to guess."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Refused("A password has at least {number} characters.", number=SHORTEST)
    if is_easy(password, known):
        raise Refused(
            "Too easy to guess: no common password, name, staff number or row of keys, nor a year behind one."
        )
    return HASHER.hash(password)


def is_easy(password: str, known: tuple[str, ...]) -> bool:
    """Whether somebody who knows the owner, and what people choose, would have it after few guesses."""
    written, about = anyascii(password), [one for word in known for one in spellings(word)]
    if len(set(password)) < 5 or password.isdigit() or any(one in written.lower() for one in about if len(one) > 3):
        return True
    from zxcvbn import zxcvbn  # 11 MB of words, for whoever chooses a password

    estimate = zxcvbn(written[:LONGEST_ESTIMATED], user_inputs=[*about, *HABITS, *YEARS], max_length=LONGEST_ESTIMATED)
    return estimate["guesses"] < GUESSES


def spellings(word: str) -> list[str]:
    """How a name is typed: as it stands, in pinyin, the family name last, by its initials."""
    latin = [one.lower() for one in re.findall("[A-Z]?[^A-Z]+", anyascii(word).replace(" ", ""))]
    if not latin:
        return [word.lower()]
    family, given = latin[0], "".join(latin[1:])
    initials = "".join(one[0] for one in latin)
    return [word.lower(), family + given, given + family, family + initials[1:], initials]


def verify(password: str, hashed: str | None) -> bool:
    """Not to be asked within a transaction: whoever else works goes first."""
    is_right = COMPARING.submit(HASHER.verify, password[: LONGEST + 1], hashed or DUMMY_HASH).result()
    return is_right and hashed is not None


def generate() -> str:
    """A password to hand over once, to be changed at the first sign-in."""
    return "-".join("".join(secrets.choice(ALPHABET) for _one in range(4)) for _part in range(4))
