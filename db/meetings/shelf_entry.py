"""What an entry of the shelf says, what it may not say, and how it is stored."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from db.codes import CASES, CUSTOMER_KINDS, FUNNEL_STEPS, SHELF
from db.engine import Write
from db.errors import Refused
from db.models import Product, ShelfEntry
from db.privacy import validate_text
from db.store.parts import SHELF_OF_THE_BANK, shelf_of

LONGEST = 2_000  # characters of a text
LONGEST_TITLE = 60
MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
TEXTS = ("title", "text", "done", "outcome", "lesson", "trade")
FIELDS = (*TEXTS, "kind", "customer_kind", "step", "day", "until")


@dataclass(frozen=True)
class Content:
    """What an entry says; `months` are those of the year it fits, none for all."""

    kind: str
    title: str
    text: str
    day: date
    until: date | None = None
    done: str | None = None
    outcome: str | None = None
    lesson: str | None = None
    trade: str | None = None
    customer_kind: str | None = None
    step: str | None = None
    months: tuple[int, ...] = ()
    product: int | None = None


def store(write: Write, row: ShelfEntry, content: Content, action: str) -> int:
    """For a write that knows the right already; gives the entry's id, of one that says the same if there is one."""
    if content.product is not None and write.session.get(Product, content.product) is None:
        raise Refused("There is no such product.")
    if action == "add":
        same = (ShelfEntry.branch_id == row.branch_id, ShelfEntry.kind == content.kind, ShelfEntry.text == content.text)
        again = select(ShelfEntry.id).where(ShelfEntry.region_id == row.region_id, ShelfEntry.title == content.title)
        known = write.session.scalar(again.where(*same, ShelfEntry.withdrawn_at.is_(None)))
        if known is not None:
            return known
        row.written_by, row.written_at = write.account, write.now
    write.touch(shelf_of(row.region_id), SHELF_OF_THE_BANK)
    for name in FIELDS:
        setattr(row, name, getattr(content, name))
    row.product_id, row.months = content.product, sorted(content.months)
    write.session.add(row)
    write.session.flush()
    said = {"kind": row.kind, "branch": row.branch_id, "day": row.day}
    write.audit(action, "shelf_entry", row.id, None, said)
    return row.id


def validate(content: Content) -> None:
    """Raises Refused for an unknown kind or code, no title or text, a case without its lesson, a last day before the
    first, and what may not be stored: numbers of cards, IDs and phones among it."""
    codes = ((content.kind, SHELF), (content.customer_kind, CUSTOMER_KINDS), (content.step, FUNNEL_STEPS))
    if content.kind is None or any(code is not None and code not in known for code, known in codes):
        raise Refused("Choose what kind of entry it is.")
    if not content.title.strip() or not content.text.strip():
        raise Refused("An entry has a title and says something.")
    if content.kind in CASES and not (content.lesson or "").strip():
        raise Refused("Say what is to be learned from the case.")
    if content.until is not None and content.until < content.day:
        raise Refused("The last day is before the first.")
    if not {*range(1, 13)} >= {*content.months}:
        raise Refused("Choose months of the year.")
    for name in TEXTS:
        text = getattr(content, name)
        validate_text(text, LONGEST_TITLE if name in ("title", "trade") else LONGEST)
        if text and MOBILE.search(unicodedata.normalize("NFKC", text)):
            raise Refused("Name no customer and no phone number here: the whole branch reads it.")
