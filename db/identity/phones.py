"""Phone numbers, in the one form they are stored and compared in."""

import re

import polars as pl

from db import identity
from db.errors import Refused

# A mobile number, a landline with its area code, or one without.
PHONE = re.compile(r"^(1[0-9]{10}|0[0-9]{9,11}|[0-9]{7,8})$")


def is_phone(cell: pl.Expr) -> pl.Expr:
    return normal_form(cell).str.contains(PHONE.pattern)


def normal_form(cell: pl.Expr) -> pl.Expr:
    digits = identity.cleaned(cell).str.normalize("NFKC").str.replace_all(r"[\s\-‐‑‒–—−()]", "")
    return digits.str.replace(r"^\+?86(1[0-9]{10})$", "$1")


NOT_A_PHONE = "Not a phone number: write 11 digits, or area code and number"


def as_phone(text: str | None) -> str | None:
    """A phone as it is stored. Raises Refused for what is none."""
    if not text:
        return None
    phone = pl.select(normal_form(pl.lit(text, pl.String))).item()
    if phone and not PHONE.match(phone):
        raise Refused(NOT_A_PHONE)
    return phone or None
