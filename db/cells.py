"""How the text of a cell becomes a value, whatever way people write it: null where it is none."""

import re
import unicodedata
from collections.abc import Callable

import polars as pl

from db.codes import FORBIDDEN_CHANNELS

Parse = Callable[[pl.Expr], pl.Expr]

TRUE, FALSE = ("true", "yes", "y", "1", "1.0", "是", "有效", "对"), ("false", "no", "n", "0", "0.0", "否", "无效", "不")

# A mobile number, a landline with its area code, or one without.
PHONE = re.compile(r"^(1[0-9]{10}|0[0-9]{9,11}|[0-9]{7,8})$")


def text(cell: pl.Expr) -> pl.Expr:
    return cell


def plain(cell: pl.Expr) -> pl.Expr:
    """For comparing: full width made half, lower case, no spaces."""
    return cell.str.normalize("NFKC").str.to_lowercase().str.replace_all(r"\s", "")


def day(cell: pl.Expr) -> pl.Expr:
    """2026-11-20, 2026/11/20, 2026.11.20, 20261120, 2026年11月20日, with or without 00:00:00."""
    spelt = cell.str.normalize("NFKC").str.replace(r"[T ]+00:00(:00(\.0+)?)?$", "").str.replace_all("[年月/.]", "-")
    spelt = spelt.str.replace("日$", "").str.replace(r"^(\d{4})(\d{2})(\d{2})$", "$1-$2-$3")
    value = spelt.str.extract(r"^([0-9]{4}-[0-9]{1,2}-[0-9]{1,2})$").str.to_date("%Y-%m-%d", strict=False)
    return pl.when(value.dt.year().is_between(1900, 2999)).then(value)


def month(cell: pl.Expr) -> pl.Expr:
    """2026-11, 2026/11, 2026年11月, 202611, or any day of the month: its first day."""
    spelt = cell.str.normalize("NFKC").str.replace_all("[年/.]", "-").str.replace("月$", "")
    spelt = spelt.str.replace(r"^(\d{4})(\d{2})$", "$1-$2").str.extract(r"^(\d{4}-\d{1,2})$")
    return pl.coalesce(day(spelt + "-1"), day(cell).dt.truncate("1mo"))


def clock(cell: pl.Expr) -> pl.Expr:
    """9:05, 09:05:30."""
    spelt = cell.str.normalize("NFKC").str.extract(r"(?:^|[T ])(\d{1,2}:\d{2}(?::\d{2})?)(?:\.\d+)?$")
    spelt = spelt.str.replace(r"^(\d):", "0$1:").str.replace(r"^(\d{2}:\d{2})$", "$1:00")
    return spelt.str.to_time("%H:%M:%S", strict=False)


def number(cell: pl.Expr) -> pl.Expr:
    """120000, 120,000, ¥120 000.50, 1.2e5. A comma stands between groups of three digits: 1,5 is no number."""
    spelt = cell.str.normalize("NFKC").str.replace_all(r"[¥\s]", "")
    digits = spelt.str.extract(r"^([+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?)$")
    return digits.str.replace_all(",", "").cast(pl.Float64, strict=False)


def cents(cell: pl.Expr) -> pl.Expr:
    """元 in the file, integer 分 in the store; null where the number has a part of a 分."""
    return to_cents(number(cell))


def to_cents(amount: pl.Expr) -> pl.Expr:
    exact = amount * 100
    fraction = (exact - exact.round()).abs()
    return pl.when(fraction <= 1e-6 + exact.abs() * 4e-16).then(exact.round()).cast(pl.Int64, strict=False)


def count(cell: pl.Expr) -> pl.Expr:
    value = number(cell)
    return pl.when(value == value.floor()).then(value).cast(pl.Int64, strict=False)


def yes_no(cell: pl.Expr) -> pl.Expr:
    spelt = plain(cell)
    return pl.when(spelt.is_in(TRUE)).then(True).when(spelt.is_in(FALSE)).then(False)


def code(codes: dict[str, str]) -> Parse:
    """A code, or the word staff use for it; a word with an aside in brackets also without it."""
    spellings = {}
    for one, word in codes.items():
        for spelling in (one, word, word.split("(")[0], word.replace("(", "").replace(")", ""), *word.split("/")):
            spellings.setdefault(re.sub(r"[\s_]", "", unicodedata.normalize("NFKC", spelling).lower()), one)
    return lambda cell: (
        plain(cell).str.replace_all("_", "").replace_strict(spellings, default=None, return_dtype=pl.String)
    )


def not_forbidden(cell: pl.Expr) -> pl.Expr:
    return ~plain(cell).str.contains_any([word.replace(" ", "") for word in FORBIDDEN_CHANNELS])


def is_phone(cell: pl.Expr) -> pl.Expr:
    return phone(cell).str.contains(PHONE.pattern)


def phone(cell: pl.Expr) -> pl.Expr:
    digits = cell.str.normalize("NFKC").str.replace_all(r"[\s\-]", "")
    return digits.str.replace(r"^\+?86(1[0-9]{10})$", "$1")
