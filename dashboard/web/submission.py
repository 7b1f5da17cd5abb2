"""An entry as a phone sends it: JSON, looked at field by field before it becomes an Entry."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time

from db.errors import Refused
from db.log.entry import Entry
from db.log.fields import OUTBOX, of
from db.privacy import NOT_STORABLE, unstorable

KEY = re.compile(r"[0-9a-f]{32}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TIME = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?")
LARGEST_ID, LARGEST_NUMBER = 2**31 - 1, 2**62
BROKEN = "The entry is malformed: it is not what this page sends."
WRONG = "The entry is malformed: “{field}” is not what this page sends."


class Malformed(Refused):
    """Not what our own page would ever send."""


@dataclass(frozen=True)
class Submission:
    """`key` was made when the form opened; `account` is the one it was made under, whoever is signed in by now."""

    key: str
    account: str
    entry: Entry


def read(body: bytes) -> Submission:
    """Raises Malformed, or Refused for a text nothing can be made of."""
    try:
        sent = json.loads(body.decode())
    except (ValueError, RecursionError) as error:
        raise Malformed(BROKEN) from error
    if not isinstance(sent, dict) or sent.keys() - FIELDS.keys():
        raise Malformed(BROKEN)
    read = {name: value(name, sent.get(name), look) for name, look in FIELDS.items()}
    missing = next((name for name in NEEDED if read[name] is None), None)
    if missing:
        raise Malformed(WRONG, field=missing)
    if not read["need_recorded"] and read["has_need"] is None:
        read["need_recorded"] = None  # a page kept on the phone long ago sent false where nobody had been asked
    return Submission(read.pop("key"), read.pop("account"), Entry(**read))


def value(name: str, sent: object, look: Callable[[object], object]) -> object:
    if sent is None:
        return None
    try:
        return look(sent)
    except (ValueError, TypeError) as error:
        raise Malformed(WRONG, field=name) from error


def text(sent: object) -> str | None:
    if not isinstance(sent, str):
        raise TypeError
    if unstorable(sent):
        raise Refused(NOT_STORABLE)
    return sent.strip() or None


def matching(pattern: re.Pattern, as_: Callable[[str], object]) -> Callable[[object], object]:
    def look(sent: object) -> object:
        if not pattern.fullmatch(sent):
            raise ValueError
        return as_(sent)

    return look


def number(smallest: int, largest: int) -> Callable[[object], int]:
    def look(sent: object) -> int:
        if type(sent) is not int or not smallest <= sent <= largest:  # True is an int too
            raise ValueError
        return sent

    return look


def yes_no(sent: object) -> bool:
    if not isinstance(sent, bool):
        raise TypeError
    return sent


LOOK = {  # how a value is looked at, by the kind of its field
    "day": matching(DAY, date.fromisoformat),
    "time": matching(TIME, time.fromisoformat),
    "customer": number(1, LARGEST_ID),
    "product": number(1, LARGEST_ID),
    "amount": number(-LARGEST_NUMBER, LARGEST_NUMBER),
    "yes_no": yes_no,
}
FIELDS: dict[str, Callable[[object], object]] = {"key": matching(KEY, str), "account": text}
FIELDS |= {one.name: LOOK.get(one.kind, text) for one in of(OUTBOX)}
NEEDED = ("key", "account", "kind", "day")
