"""What somebody states of one activity, and the rules it has to keep before it is stored."""

import datetime
import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import date

from db.codes import CHANNELS, CUSTOMER_KINDS, KINDS, METHODS
from db.errors import Refused
from db.formats import LARGEST_AMOUNT
from db.models import Activity
from db.privacy import NOT_STORABLE, REASON, holds_secret, unstorable

LONGEST = 500  # characters of a text


@dataclass(frozen=True)
class Entry:
    """What a manager states of one activity. The customer is an id, or a name with perhaps a phone; money is cents.

    `has_need` is what was noted: a need, or a clear "no need". The next step is kept with the opportunity, which follows
    from customer and product where none is named.
    `second_record` says that the phone is known to belong to a customer of another branch."""

    kind: str
    day: date
    time: datetime.time | None = None
    customer: int | None = None
    customer_name: str | None = None
    phone: str | None = None
    customer_kind: str | None = None
    product: int | None = None
    opportunity: int | None = None
    amount_cents: int | None = None
    channel: str | None = None
    method: str | None = None
    met_decider: bool | None = None
    need_recorded: bool | None = None
    has_need: bool | None = None
    note: str | None = None
    next_step: str | None = None
    next_step_due: date | None = None
    second_record: bool | None = None


STATED = (
    "time",
    "kind",
    "product",
    "amount_cents",
    "channel",
    "method",
    "met_decider",
    "need_recorded",
    "has_need",
    "note",
)
COLUMNS = tuple("product_id" if name == "product" else name for name in STATED)


def stated(entry: Entry) -> dict:
    """The entry's own columns in the log."""
    return {column: getattr(entry, name) for column, name in zip(COLUMNS, STATED, strict=True)}


def entry_of(held: Activity) -> Entry:
    values = {name: getattr(held, column) for column, name in zip(COLUMNS, STATED, strict=True)}
    return Entry(day=held.day, customer=held.customer_id, **values)


def sound(entry: Entry, today: date) -> None:
    """Raises Refused with the rule an entry breaks."""
    if entry.kind not in KINDS:
        raise Refused("Choose what happened.")
    if entry.day > today:
        raise Refused("{day} lies in the future: an activity is recorded when it has happened.", day=entry.day)
    if entry.amount_cents is not None and not 0 <= entry.amount_cents <= LARGEST_AMOUNT * 100:
        raise Refused("The amount is out of range: check the number of digits.")
    if entry.channel not in (None, *CHANNELS) or entry.method not in (None, *METHODS):
        raise Refused("Choose the channel and the method from the list.")
    if entry.customer_kind not in (None, *CUSTOMER_KINDS):
        raise Refused("Choose the kind of customer from the list.")
    named = entry.customer is not None or bool((entry.customer_name or "").strip())
    if entry.kind != "consultation" and not named:
        raise Refused("Name the customer: only a contact can be recorded without one.")
    if entry.phone and not named:
        raise Refused("Name the customer: a phone alone is not kept.")
    if (entry.next_step or entry.next_step_due) and not named:
        raise Refused("Name the customer: a next step needs somebody to take it with.")
    if entry.next_step_due is not None and entry.next_step_due < entry.day:
        raise Refused("The next step lies before this visit: choose a later day.")
    for text in (entry.note, entry.customer_name, entry.next_step):
        sound_text(text)


def sound_text(text: str | None) -> None:
    """Raises Refused for what may not, or cannot, be stored."""
    if holds_secret(text):
        raise Refused(REASON)
    if unstorable(text):
        raise Refused(NOT_STORABLE)
    if text and len(text) > LONGEST:
        raise Refused("Too long: shorten the text")


def digest(entry: Entry) -> str:
    """Of what was stated; the time is when it was first sent, and no part of it. A field nobody filled in is none
    either, so that a later version with more fields knows the entry again."""
    given = {name: value for name, value in asdict(replace(entry, time=None)).items() if value is not None}
    text = json.dumps(given, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
