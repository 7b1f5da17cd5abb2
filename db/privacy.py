"""What must never be stored: a customer's ID or bank card number, wherever somebody typed it."""

import re
import unicodedata

import polars as pl

# An 18-digit ID number with a plausible birthday, or 16 to 19 digits of a card; Rust's regex has no look-around.
SECRET_NUMBER = (
    r"(^|[^0-9])"
    r"([1-9]\d{5}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[0-9xX]|[2-9]\d{15,18})"
    r"([^0-9]|$)"
)
GAPS = r"[\s\-]"
REASON = "Holds what looks like an ID or bank card number: remove it, such numbers are never stored"


def no_secret(cell: pl.Expr) -> pl.Expr:
    return ~cell.str.normalize("NFKC").str.replace_all(GAPS, "").str.contains(SECRET_NUMBER)


def holds_secret(text: str | None) -> bool:
    return bool(text) and bool(re.search(SECRET_NUMBER, re.sub(GAPS, "", unicodedata.normalize("NFKC", text))))
