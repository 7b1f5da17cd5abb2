"""Personal data: what must never be stored (ID and bank card numbers, wherever somebody typed them), and how names and
phones look to those who may not see them whole."""

import re
import unicodedata

import polars as pl
from sqlalchemy import ColumnElement, and_, case, false, select, true

from db.access import Viewer, reach
from db.errors import Refused
from db.limits import LONGEST_TEXT
from db.models import Branch, Customer

# What people write between the digits: spaces, dashes, dots, marks that show nothing.
GAP = "[\\s\\-\u2010-\u2015\u2212\u200b-\u200f\u2060\ufeff._·]{0,3}"
BIRTHDAY = ("(?:1 9|2 0)", *["[0-9]"] * 2, "(?:0 [1-9]|1 [0-2])", "(?:0 [1-9]|[12] [0-9]|3 [01])")
ID_NUMBER = ("[1-9]", *["[0-9]"] * 5, *BIRTHDAY, *["[0-9]"] * 3, "[0-9xX]")
CARD_NUMBER = ("[2-9]", "(?:[0-9] ){14,17}[0-9]")
# An 18-digit ID number with a plausible birthday, or 16 to 19 digits of a card. Rust's regex has no look-around.
SECRET_NUMBER = f"(?:^|[^0-9])(?:{' '.join(ID_NUMBER)}|{' '.join(CARD_NUMBER)})(?:[^0-9]|$)".replace(" ", GAP)
# "2026-11-20 13812345678" is a day and a phone number, not a card.
WRITTEN_DAY = r"(^|[^0-9\s\-])\s*20[0-9]{2}-[0-9]{1,2}-[0-9]{1,2}\s"
ONLY_ID_NUMBER = f"(?:^|[^0-9])(?:{' '.join(ID_NUMBER)})(?:[^0-9]|$)".replace(" ", GAP)
LONG_NUMBER = re.compile("[0-9][0-9 -]{5,}[0-9]")
SHOWS_FOUR = 10  # digits of a phone from which on its last four are shown where it is masked
NOT_STORABLE = "Contains a character that cannot be stored: type the text again."
REASON = "Looks like an ID or bank card number: remove it, such numbers are never stored"


def no_secret(cell: pl.Expr) -> pl.Expr:
    return ~cell.str.normalize("NFKC").str.replace_all(WRITTEN_DAY, "$1 # ").str.contains(SECRET_NUMBER)


def no_identity(cell: pl.Expr) -> pl.Expr:
    """For numbers of the bank's own, which may be as long as a card's."""
    return ~cell.str.normalize("NFKC").str.contains(ONLY_ID_NUMBER)


def holds_secret(text: str | None) -> bool:
    return bool(text and re.search(SECRET_NUMBER, re.sub(WRITTEN_DAY, r"\1 # ", unicodedata.normalize("NFKC", text))))


def unstorable(text: str | None) -> bool:
    """Whether a text holds what no database takes: control characters, half a character."""
    return any(unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\t" for one in text or "")


def without_numbers(text: str) -> str:
    """The text without what may be a phone."""
    return LONG_NUMBER.sub("…", text)


def masked_name(name: pl.Expr) -> pl.Expr:
    """张三 → 张*, 江城市东湖餐饮店 → 江*: the first character, and nothing of how long it is."""
    return name.str.slice(0, 1) + "*"


def masked_phone(phone: pl.Expr) -> pl.Expr:
    """13812341234 → 138****1234; a short number keeps its last two digits."""
    long = phone.str.len_chars() >= SHOWS_FOUR
    return (
        pl.when(long).then(phone.str.slice(0, 3) + "****" + phone.str.slice(-4)).otherwise("****" + phone.str.slice(-2))
    )


def seen_whole(viewer: Viewer) -> ColumnElement[bool]:
    """Whether the viewer may see a customer whole: as their owner, or as the head of the owner's branch."""
    return belongs(reach(viewer, "read_personal_data"))


def open_to(viewer: Viewer) -> ColumnElement[int | None]:
    """The customer's id where the viewer may open their page, whole or masked; null where it would lead nowhere."""
    return case((belongs(reach(viewer, "read_customers")), Customer.id))


def belongs(there: dict[str, int] | None) -> ColumnElement[bool]:
    """Whether a customer belongs to where somebody may do something (access.reach)."""
    if there is None:
        return false()
    region = select(Branch.region_id).where(Branch.id == Customer.branch_id).correlate(Customer).scalar_subquery()
    columns = {"region": region, "branch": Customer.branch_id, "manager": Customer.manager_id}
    return and_(true(), *(columns[level] == identity for level, identity in there.items()))


def validate_text(text: str | None, longest: int = LONGEST_TEXT) -> None:
    """Raises Refused for what may not, or cannot, be stored."""
    if holds_secret(text):
        raise Refused(REASON)
    if unstorable(text):
        raise Refused(NOT_STORABLE)
    if text and len(text) > longest:
        raise Refused("Too long: shorten the text")
