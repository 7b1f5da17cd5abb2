"""Numbers as branch staff write them: 万元 and 亿元, shares with one decimal, differences in 个百分点."""

from collections.abc import Callable
from datetime import date
from math import ceil

from dashboard.shell.language import _, language, ngettext
from metrics.catalog import MEASURES
from metrics.metric import AMOUNT, COUNT, NUMBER, SHARE, Metric, Ratio
from metrics.periods import Period

NOTHING = "—"
Write = Callable[[float], str]
WEEKDAYS = "一二三四五六日"
ENGLISH_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def count(value: float | None) -> str:
    return NOTHING if value is None else f"{value:,.0f}"


def target(value: float | None) -> str:
    """A planned count; a part of a month's plan with one decimal, so that 0.2 deals do not read as none."""
    if value is None:
        return NOTHING
    return f"{value:,.0f}" if abs(value - round(value)) < 0.05 else f"{value:,.1f}"


def amount(cents: float | None) -> str:
    """Cents as 万元 with two decimals, 亿元 from 1 亿; in English as yuan, millions from 1 million."""
    if cents is None:
        return NOTHING
    yuan = cents / 100
    if language() != "zh":
        return f"¥{yuan / 1e6:,.2f}M" if abs(yuan) >= 1e6 else f"¥{yuan:,.0f}"
    if abs(yuan) >= 1e8:
        return f"{yuan / 1e8:,.2f} 亿元"
    return f"{yuan / 1e4:,.2f} 万元"


def share(value: float | None) -> str:
    return NOTHING if value is None else f"{value * 100:.1f}%"


def interval(low: float | None, high: float | None, unit: str = SHARE) -> str:
    """A ratio's chance limits; those of a rate in whole per cent."""
    if low is None or high is None:
        return NOTHING
    return f"{low * 100:.0f}–{high * 100:.0f}%" if unit == SHARE else span(FORMAT[unit](low), FORMAT[unit](high))


def points(value: float | None) -> str:
    """A difference of shares in percentage points, its sign always shown."""
    return NOTHING if value is None else _("{number} points", number=f"{value * 100:+.1f}")


def number_short(value: float | None) -> str:
    """A number with one decimal where it has one."""
    return NOTHING if value is None else f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"


def number(value: float | None) -> str:
    return NOTHING if value is None else f"{value:,.2f}"


def a_day(value: float | None, unit: str = COUNT) -> str:
    """What is needed per working day: to one decimal, so that 0.4 a day does not read as none."""
    if value is None:
        return NOTHING
    return amount(value) if unit == AMOUNT else f"{value:,.1f}"


def needed(row: dict, unit: str = COUNT) -> str:
    """What a plan (attainment.against_plan) needs a working day; of less than one a day the whole ones and their days:
    nobody does a part of one."""
    value = row["needed_per_day"]
    if value is None or unit != COUNT or not 0 < value < 1:
        return a_day(value, unit)
    left = row["days"] - row["days_gone"]
    whole = f"{ceil(row['plan'] - row['actual'])}"
    return ngettext("{number} in {days} day", "{number} in {days} days", left, number=whole, days=f"{left:g}")


def planned(measure: str, value: float | None) -> str:
    """A plan of a measure (metrics.catalog.MEASURES), or a part of one."""
    return PLANNED[MEASURES[measure].unit](value)


def projection(row: dict, unit: str = COUNT) -> str:
    """Where it will end, with the limits of that where they can be told: 118 (102–134)."""
    write = FORMAT[unit]
    point, low, high = row["projection"], row["projection_low"], row["projection_high"]
    if low is None or high is None or write(low) == write(high):
        return write(point)
    return f"{write(point)} ({span(write(low), write(high))})"


def days(period: Period) -> str:
    """From its first to its last day: 11月16日–11月22日."""
    return f"{short_day(period.first)}–{short_day(period.last)}"


def span(low: str, high: str) -> str:
    """From one number to another; the unit once where both have the same: 480.00–1,015.29 万元."""
    number, space, unit = low.partition(" ")
    return f"{number}–{high}" if space and high.endswith(f" {unit}") else f"{low}–{high}"


def signed(value: float, write: Write) -> str:
    """A difference with its sign, in a unit's writing; without one where it is written as nothing."""
    written = write(abs(value))
    sign = "" if written == write(0) else "+" if value > 0 else "−"
    return f"{sign}{written}"


FORMAT = {COUNT: count, AMOUNT: amount, SHARE: share, NUMBER: number}
PLANNED = FORMAT | {COUNT: target}


def weekday(value: date) -> str:
    """周五, or Friday."""
    return f"周{WEEKDAYS[value.weekday()]}" if language() == "zh" else f"{value:%A}"


def day(value: date | None) -> str:
    """11月20日(周五), or Fri 20 Nov."""
    if value is None:
        return NOTHING
    if language() == "zh":
        return f"{value.month}月{value.day}日(周{WEEKDAYS[value.weekday()]})"
    return f"{ENGLISH_DAYS[value.weekday()]} {value.day} {value:%b}"


def short_day(value: date | None) -> str:
    """11月20日, or 20 Nov: where the day of the week says nothing."""
    if value is None:
        return NOTHING
    return f"{value.month}月{value.day}日" if language() == "zh" else f"{value.day} {value:%b}"


def month(value: date) -> str:
    return f"{value.year}年{value.month}月" if language() == "zh" else f"{value:%B %Y}"


def formula(metric: Metric) -> str:
    """How a metric is made, in the user's words."""
    return f"{_(metric.of.label)} ÷ {_(metric.to.label)}" if isinstance(metric, Ratio) else _(metric.formula)
