"""Volume and rates of the month beside the plan, their own past, and what chance allows among the others."""

import polars as pl
import streamlit as st

from dashboard.diagnosis import gather
from dashboard.diagnosis.rated import METRICS, write
from dashboard.shell import links
from dashboard.shell.language import _
from dashboard.standing.book import Book
from dashboard.standing.standing import Standing
from dashboard.widgets import formats, grids
from metrics.diagnosis import process, rates
from metrics.periods import Period

COUNTED = {name: one.of.name for name, one in METRICS.items()}  # whose entries a rate leads to
WORDS = {
    "higher": lambda: _("higher than chance allows"),
    "lower": lambda: _("lower than chance allows"),
    "within": lambda: _("within chance"),
}


def show(book: Book, month: Standing) -> None:
    """One row a rate: this month, the plan, the last six months, the branch and its limits. A manager sees nothing of
    the others."""
    gone = month.period.until(month.through)
    if gone is None:
        return
    st.subheader(_("Funnel beside plan, own past and the branch"))
    table, place = gathered(book, month, gone), {"branch": book.part.branch, "manager": book.part.manager}

    def lead(row: dict, text: str) -> str:
        return links.rows(text, COUNTED[row["rated"]], gone.first, gone.last, **place)

    columns = [
        grids.Column(_("Rate"), lambda row: _(METRICS[row["rated"]].label), left=True),
        grids.Column(_("This month"), lambda row: with_limits(row, "value", "low", "high", lead)),
        grids.Column(_("Plan"), lambda row: write(row["rated"], row["target"])),
        grids.Column(
            _("Last six months"), lambda row: with_limits(row, "past", "past_low", "past_high"), _("95% limits")
        ),
    ]
    if "centre" in table.columns:
        about = _("all of the branch together; in brackets what chance allows somebody with as many cases (95 %)")
        columns.append(grids.Column(_("Branch"), lambda row: with_limits(row, "centre", "low_95", "high_95"), about))
        columns.append(grids.Column(_("Among the others"), among, left=True))
    grids.show(table, columns)


def gathered(book: Book, month: Standing, gone: Period) -> pl.DataFrame:
    viewer, manager = book.viewer, book.part.manager
    past = gather.months_before(month.period)
    past = Period(min(max(past.first, book.log_begins() or past.first), past.last), past.last)

    def read() -> pl.DataFrame:
        branch = gather.done(viewer, gone, book.part).filter(pl.col("branch") == book.part.branch)
        before = gather.done(viewer, past, book.part).filter(*book.part.conditions())
        mine = branch.filter(pl.col("manager") == manager)
        table = rates.own(mine).join(
            rates.own(before).rename({"value": "past", "low": "past_low", "high": "past_high"}), on="rated"
        )
        if viewer.manager is None:
            table = table.join(rates.among_peers(branch, manager), on="rated", how="left", maintain_order="left")
        return table

    table = viewer.cached("rates", book.part, gone, past, read=read)
    asked = process.targets(month.standing)
    asked["consultations_a_day"] = asked["consultations"]
    return table.with_columns(target=pl.Series([asked.get(name) for name in table["rated"]], dtype=pl.Float64))


def with_limits(row: dict, name: str, low: str, high: str, lead: grids.Lead = grids.alone) -> str:
    value = write(row["rated"], row[name])
    value = value if row[name] is None else lead(row, value)
    if row[low] is None or row[high] is None:
        return value
    ends = formats.span(write(row["rated"], row[low]), write(row["rated"], row[high]))
    return grids.joined(value, grids.small(f"({ends})"))


def among(row: dict) -> str:
    """Whether the manager's rate differs from the branch's for more than chance; sure from 99.8 % on."""
    if row["value"] is None or row["low_95"] is None:
        return formats.NOTHING
    if row["beyond"] is None:
        return WORDS["within"]()
    higher = row["value"] > row["centre"]
    said = WORDS["higher" if higher else "lower"]()
    return grids.marked(("on_pace" if higher else "behind") if row["beyond"] == "alarm" else "watch", said)
