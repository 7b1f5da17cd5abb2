"""Tables for a meeting: large type, a bar in its cell, a word and an icon for every status. Stored text is escaped."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import polars as pl
import streamlit as st

from dashboard import formats
from dashboard.words import _
from metrics.metric import COUNT, Metric, Ratio

Row = dict
STATUS = {
    "far_behind": ("▼▼", "Far behind"),
    "behind": ("▼", "Behind"),
    "watch": ("◐", "Watch"),
    "on_pace": ("✔", "On pace"),
    "away": ("–", "Away"),
    "no_plan": ("–", "No plan"),
    "kept": ("✔", "Kept"),
    "not_kept": ("▼", "Not kept"),
    "not_promised": ("–", "No promise"),
    "overdue": ("▼▼", "Overdue"),
    "due_today": ("◐", "Due today"),
    "stalled": ("▼", "Stalled"),
    "breached": ("✖", "Procedure breach"),
    "no_step": ("–", "No next step"),
    "beyond": ("▼▼", "Beyond his best"),
    "stretch": ("◐", "More than usual"),
    "usual": ("✔", "As usual"),
    "done": ("✔", "Enough is open"),
    "unknown": ("–", "Cannot be told"),
}


@dataclass(frozen=True)
class Column:
    """A heading, and how a row's cell is written (HTML; whatever was stored must be escaped)."""

    heading: str
    cell: Callable[[Row], str]
    help: str = ""
    left: bool = False


def show(table: pl.DataFrame, columns: Sequence[Column], total: Row | None = None) -> None:
    """Shows the frame's rows, in its order, and a total below them."""
    st.html(html(table, columns, total))


def html(table: pl.DataFrame, columns: Sequence[Column], total: Row | None = None) -> str:
    side = [' class="t"' if column.left else "" for column in columns]
    head = "".join(
        f'<th{place} title="{escape(column.help)}">{escape(column.heading)}</th>'
        for place, column in zip(side, columns, strict=True)
    )
    rows = [(row, "") for row in table.to_dicts()] + ([(total, ' class="total"')] if total else [])
    body = "".join(
        f"<tr{kind}>"
        + "".join(f"<td{place}>{column.cell(row)}</td>" for place, column in zip(side, columns, strict=True))
        + "</tr>"
        for row, kind in rows
    )
    return f'<div class="cx-wrap"><table class="cx"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def text(name: str, heading: str) -> Column:
    return Column(heading, lambda row: escape(str(row[name])) if row[name] is not None else formats.NOTHING, left=True)


def link(name: str, heading: str, href: Callable[[Row], str]) -> Column:
    """Text that leads on: to the same page with another filter."""

    def cell(row: Row) -> str:
        if row.get("branch") is None:
            return escape(str(row[name]))
        return f'<a href="{escape(href(row))}" target="_self">{escape(str(row[name]))} ›</a>'

    return Column(heading, cell, left=True)


def spark(table: pl.DataFrame, key: str, value: str, heading: str) -> Column:
    """A row's history as small bars, on one scale for all rows; `table` has one row a key and week, in order."""
    top = max(table[value].max() or 0, 1)
    history = {one[0]: part[value].to_list() for one, part in table.partition_by(key, as_dict=True).items()}

    def cell(row: Row) -> str:
        values = history.get(row.get(key), [])
        bars = "".join(f'<i style="height:{max(one / top * 100, 4):.0f}%"></i>' for one in values)
        said = " ".join(str(one) for one in values)
        return f'<span class="cx-spark" title="{said}">{bars}</span>'

    return Column(heading, cell, left=True)


def metric(one: Metric, small_sample: int = 0) -> Column:
    """A metric's own column: label, formula and format from its declaration; a rate with its interval, or that its
    cases are too few to say."""
    write = formats.FORMAT[one.unit]

    def cell(row: Row) -> str:
        value = write(row[one.name])
        if not isinstance(one, Ratio) or not one.interval or row[one.name] is None:
            return value
        if row[one.to.name] < small_sample:
            return f'{value} <small title="{row[one.to.name]}">{escape(_("few cases"))}</small>'
        low, high = row[f"{one.name}_low"], row[f"{one.name}_high"]
        return f"{value} <small>{formats.interval(low, high)}</small>"

    return Column(_(one.label), cell, formats.formula(one))


def number(name: str, heading: str, write: Callable = formats.count, help: str = "") -> Column:
    return Column(heading, lambda row: escape(write(row[name])), help)


def pair(actual: str, target: str, heading: str, unit: str = COUNT) -> Column:
    """Actual of target, such as 3 / 5."""
    write, wanted = formats.FORMAT[unit], formats.PLANNED[unit]
    return Column(heading, lambda row: f"{escape(write(row[actual]))} <small>/ {escape(wanted(row[target]))}</small>")


def status(name: str = "status", unsure: str = "") -> Column:
    """A word and an icon; without colour where the column `unsure` says that chance may still turn it."""
    return Column(_("Status"), lambda row: pill(row[name], bool(unsure and row[unsure])), left=True)


def pill(code: str, unsure: bool = False) -> str:
    icon, label = STATUS[code]
    tone = f' cx-unsure" title="{escape(_("still within what days differ by chance"))}' if unsure else f" cx-{code}"
    return f'<span class="cx-status{tone}">{icon} {escape(_(label))}</span>'


def line(code: str, text: str) -> None:
    """A sentence with its status before it."""
    st.html(f'<div class="cx-line">{pill(code)} {escape(text)}</div>')


def projection(unit: str = COUNT) -> Column:
    """Where it will end if it goes on like this."""
    says = _("done ÷ time progress; in brackets 95 % limits from how much one day differs from another")

    def cell(row: Row) -> str:
        if row.get("projection") is None:
            return formats.NOTHING
        point, _sign, limits = formats.projection(row, unit).partition(" (")
        return escape(point) + (f" <small>({escape(limits)}</small>" if limits else "")

    return Column(_("Heading for"), cell, says)


def bullet() -> Column:
    """Attainment as a bar, with a mark where time stands; the number beside it is never capped, the bar is at 130 %."""
    full = 1.3

    def cell(row: Row) -> str:
        share, progress = row["attainment"], row["time_progress"]
        if share is None:
            return pill("no_plan")
        bar = f'<i style="width:{min(share, full) / full * 100:.1f}%"></i>'
        mark = "" if progress is None else f'<b style="left:{min(progress, full) / full * 100:.1f}%"></b>'
        tone = "neutral" if row.get("undecided") else row["status"]
        return f'<span class="cx-bar cx-{tone}">{bar}{mark}</span>{formats.share(share)}'

    return Column(
        _("Attainment"), cell, _("actual to date ÷ plan of the whole period; the mark is the time progress"), left=True
    )
