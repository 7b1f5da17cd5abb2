"""How the text of a cell becomes a value, whatever way people write it: null where it is none."""

from collections.abc import Callable

import polars as pl

from db import identity
from db.codes import FORBIDDEN_CHANNELS

Parse = Callable[[pl.Expr], pl.Expr]

TRUE, FALSE = ("true", "yes", "y", "1", "1.0", "是", "有效", "对"), ("false", "no", "n", "0", "0.0", "否", "无效", "不")


def text(cell: pl.Expr) -> pl.Expr:
    return cell


def as_number(cell: pl.Expr) -> pl.Expr:
    """Digits and letters that name something: half width, without spaces."""
    return identity.each(cell, identity.written_number)


def plain(cell: pl.Expr) -> pl.Expr:
    """For comparing with a closed list: the normal form, without spaces."""
    return identity.numbers(cell)


CLOCK = r"(?:(上午|下午|中午|晚上|凌晨|AM|PM) ?)?(\d{1,2})[:时点](\d{2})(?:[:分](\d{2})?)?秒?(?:\.\d+)? ?(AM|PM|am|pm)?(?:\+08:?00)?"
MOMENT = rf"^(.*?\d日?)(?: *[(]?(?:周|星期)[一二三四五六日天][)]?)?[T ]+{CLOCK}$"
WEEKDAY = r"\s*[(]?(?:周|星期)[一二三四五六日天][)]?$"


def day(cell: pl.Expr) -> pl.Expr:
    """2026-11-20, 2026/11/20, 2026.11.20, 20261120, 2026年11月20日, with or without a weekday and a time of day."""
    spelt = (
        cell.str.normalize("NFKC").str.replace(MOMENT, "$1").str.replace(WEEKDAY, "").str.replace_all("[年月/.]", "-")
    )
    spelt = spelt.str.replace_all(" ", "").str.replace("日$", "").str.replace(r"^(\d{4})(\d{2})(\d{2})$", "$1-$2-$3")
    value = spelt.str.extract(r"^([0-9]{4}-[0-9]{1,2}-[0-9]{1,2})$").str.to_date("%Y-%m-%d", strict=False)
    return pl.when(value.dt.year().is_between(1900, 2999)).then(value)


def time_of(cell: pl.Expr) -> pl.Expr:
    """The time of day that a moment has beside its day; midnight, which spreadsheets add by themselves, is none."""
    moment = cell.str.normalize("NFKC")
    time = clock(pl.when(day(cell).is_not_null() & moment.str.contains(MOMENT)).then(cell))
    return pl.when(time != pl.time(0, 0, 0)).then(cell)


def month(cell: pl.Expr) -> pl.Expr:
    """2026-11, 2026/11, 2026年11月, 202611, or any day of the month: its first day."""
    spelt = cell.str.normalize("NFKC").str.replace_all("[年/.]", "-").str.replace("月$", "")
    spelt = spelt.str.replace(r"^(\d{4})(\d{2})$", "$1-$2").str.extract(r"^(\d{4}-\d{1,2})$")
    return pl.coalesce(day(spelt + "-1"), day(cell).dt.truncate("1mo"))


def clock(cell: pl.Expr) -> pl.Expr:
    """9:05, 09:05:30, 9时05分, 下午2:30, 2:30 PM, alone or behind a day; a day alone is its midnight, as spreadsheets write
    it."""
    spelt = cell.str.normalize("NFKC")
    parts = spelt.str.extract_groups(rf"(?:^|[T ]){CLOCK}$").struct
    before, hour, minute, second, after = (parts.field(str(place)) for place in range(1, 6))
    half = pl.coalesce(before, after).str.to_uppercase()
    hours = hour.cast(pl.Int64, strict=False)
    late = half.is_in(["下午", "晚上", "PM", "中午"])
    hours = (
        pl.when(late & (hours < 12))
        .then(hours + 12)
        .when(half.is_in(["AM", "上午", "凌晨"]) & (hours == 12))
        .then(0)
        .otherwise(hours)
    )
    written = pl.concat_str(hours.cast(pl.String).str.zfill(2), minute, second.fill_null("00"), separator=":")
    return pl.coalesce(
        written.str.to_time("%H:%M:%S", strict=False), pl.when(day(cell).is_not_null()).then(pl.time(0, 0, 0))
    )


UNITS = {"元": 1, "千元": 1_000, "万元": 10_000, "百万元": 1_000_000, "千万元": 10_000_000, "亿元": 100_000_000}
UNITS |= {"千": 1_000, "万": 10_000, "亿": 100_000_000}
IN_UNITS = rf"^(.*\d)\s*({'|'.join(sorted(UNITS, key=len, reverse=True))})$"


def number(cell: pl.Expr) -> pl.Expr:
    """120000, 120,000, ¥120 000.50, 1.2e5, 12万元. A comma stands between groups of three digits: 1,5 is no number."""
    spelt = cell.str.normalize("NFKC").str.replace_all(r"^(?i:rmb|cny)|[¥￥\s]", "")
    unit = spelt.str.extract(IN_UNITS, 2).replace_strict(UNITS, default=1, return_dtype=pl.Int64).fill_null(1)
    spelt = spelt.str.replace(IN_UNITS, "$1")
    digits = spelt.str.extract(r"^([+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?)$")
    return digits.str.replace_all(",", "").cast(pl.Float64, strict=False) * unit


def has_unit(cell: pl.Expr) -> pl.Expr:
    return cell.str.normalize("NFKC").str.strip_chars().str.contains(IN_UNITS)


def is_share(cell: pl.Expr) -> pl.Expr:
    """80%, as a cell shows it that is formatted so."""
    return cell.str.normalize("NFKC").str.contains(r"^\s*[+-]?[\d.,]+\s*[%‰]\s*$")


def share(cell: pl.Expr) -> pl.Expr:
    """0.5, or 50% as a cell shows it that is formatted so: a part of one."""
    bare = cell.str.normalize("NFKC").str.replace(r"\s*%\s*$", "")
    return number(bare) / pl.when(is_share(cell)).then(100.0).otherwise(1.0)


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
            spellings.setdefault(identity.number(spelling).replace("_", ""), one)
    return lambda cell: (
        plain(cell).str.replace_all("_", "").replace_strict(spellings, default=None, return_dtype=pl.String)
    )


def not_forbidden(cell: pl.Expr) -> pl.Expr:
    return ~plain(cell).str.contains_any([word.replace(" ", "") for word in FORBIDDEN_CHANNELS])
