"""What somebody states of one activity, and the rules it has to keep before it is stored."""

import datetime
import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import date

from db import identity, privacy
from db.errors import Refused
from db.limits import LARGEST_AMOUNT
from db.log.fields import FIELDS, LOGGED
from db.models import Activity


@dataclass(frozen=True)
class Entry:
    """What a manager states of one activity (fields.FIELDS). The customer is an id, or a name with perhaps a phone;
    money is cents.

    `has_need` is what was noted: a need, or a clear "no need"; None until somebody was asked. `need_recorded` follows
    from it; only a page that was opened long ago states it by itself. The next step is kept with the opportunity, which
    follows from customer and product where none is named. `second_record` says that the phone is known to belong to a
    customer of another branch."""

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


FOUND = ("day", "customer", "opportunity")  # stored by who looks them up
STATED = {one.column: one.name for one in LOGGED if one.name in Entry.__dataclass_fields__ and one.name not in FOUND}


def stated(entry: Entry) -> dict[str, object]:
    """The entry's own columns in the log."""
    return {column: getattr(entry, name) for column, name in STATED.items()}


def entry_of(held: Activity) -> Entry:
    values = {name: getattr(held, column) for column, name in STATED.items()}
    return Entry(day=held.day, customer=held.customer_id, **values)


def answered(entry: Entry) -> Entry:
    """With what follows from the answers: whoever said that there is a need, or none, has noted it."""
    return entry if entry.has_need is None else replace(entry, need_recorded=True)


def validate(entry: Entry, today: date) -> None:
    """Raises Refused with the rule an entry breaks."""
    for one in FIELDS:
        given = getattr(entry, one.name, None)
        if one.kind == "code" and given not in one.codes and (given is not None or one.name == "kind"):
            raise unlisted(one.name)
    if entry.day > today:
        raise Refused("{day} is in the future: an activity is recorded once it has happened.", day=entry.day)
    if entry.amount_cents is not None and not 0 <= entry.amount_cents <= LARGEST_AMOUNT * 100:
        raise Refused("The amount is out of range: check the number of digits.")
    name = identity.clean(entry.customer_name or "")
    if entry.customer is None and name and identity.names_nothing(name):
        raise Refused("“{name}” names nobody: write the customer's name, or leave it empty.", name=name)
    named = entry.customer is not None or bool(name)
    if entry.kind != "consultation" and not named:
        raise Refused("Name the customer: only a contact can be recorded without one.")
    if entry.phone and not named:
        raise Refused("Name the customer: a phone number alone is not stored.")
    if (entry.next_step or entry.next_step_due) and not named:
        raise Refused("Name the customer: a next step needs one.")
    if entry.next_step_due is not None and entry.next_step_due < entry.day:
        raise Refused("The next step lies before this visit: choose a later day.")
    for one in FIELDS:
        if one.kind in ("text", "name"):
            privacy.validate_text(getattr(entry, one.name))


def unlisted(name: str) -> Refused:
    """Of a code that is not on the list of its field."""
    if name == "kind":
        return Refused("Choose what happened.")
    if name == "customer_kind":
        return Refused("Choose the kind of customer from the list.")
    return Refused("Choose the channel and the method from the list.")


def digest(entry: Entry) -> str:
    """Of what was stated; the time is when it was first sent, and no part of it. A field nobody filled in is none
    either, so that a later version with more fields knows the entry again."""
    given = {name: value for name, value in asdict(replace(entry, time=None)).items() if value is not None}
    text = json.dumps(given, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def digests(entry: Entry) -> tuple[str, ...]:
    """The entry's digest, and the one it had when "not asked" was sent as a need that was not recorded."""
    if entry.kind != "consultation" or entry.has_need is not None or entry.need_recorded is not None:
        return (digest(entry),)
    return digest(entry), digest(replace(entry, need_recorded=False))
