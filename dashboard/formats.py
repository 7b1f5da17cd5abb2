"""Numbers as branch staff write them: 万元 and 亿元, shares with one decimal, differences in 个百分点."""

from datetime import date

from dashboard.words import _, language
from metrics.metric import AMOUNT, COUNT, NUMBER, SHARE

NOTHING = "—"
WEEKDAYS = "一二三四五六日"
ENGLISH_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def count(value: float | None) -> str:
    return NOTHING if value is None else f"{value:,.0f}"


def amount(cents: float | None) -> str:
    """Cents as 万元 with two decimals, 亿元 from 1 亿; in English as thousands or millions of yuan are not used here."""
    if cents is None:
        return NOTHING
    yuan = cents / 100
    if abs(yuan) >= 1e8:
        return _("{number} 亿元", number=f"{yuan / 1e8:,.2f}")
    return _("{number} 万元", number=f"{yuan / 1e4:,.2f}")


def share(value: float | None) -> str:
    return NOTHING if value is None else f"{value * 100:.1f}%"


def interval(low: float | None, high: float | None) -> str:
    """A rate's chance limits."""
    return NOTHING if low is None or high is None else f"{low * 100:.0f}–{high * 100:.0f}%"


def points(value: float | None) -> str:
    """A difference of shares in percentage points, its sign always shown."""
    return NOTHING if value is None else _("{number} points", number=f"{value * 100:+.1f}")


def number(value: float | None) -> str:
    return NOTHING if value is None else f"{value:,.2f}"


def a_day(value: float | None, unit: str = COUNT) -> str:
    """What is needed per working day: to one decimal, so that 0.4 a day does not read as none."""
    if value is None:
        return NOTHING
    return amount(value) if unit == AMOUNT else f"{value:,.1f}"


FORMAT = {COUNT: count, AMOUNT: amount, SHARE: share, NUMBER: number}


def day(value: date | None) -> str:
    """11月20日(周五), or Fri 20 Nov."""
    if value is None:
        return NOTHING
    if language() == "zh":
        return f"{value.month}月{value.day}日(周{WEEKDAYS[value.weekday()]})"
    return f"{ENGLISH_DAYS[value.weekday()]} {value.day} {value:%b}"


def month(value: date) -> str:
    return f"{value.year}年{value.month}月" if language() == "zh" else f"{value:%B %Y}"
