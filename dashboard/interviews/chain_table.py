"""Interviews as lines: cause → what was done → the number that was to move → whether it has."""

from collections.abc import Sequence

import polars as pl
import streamlit as st

from dashboard.diagnosis.rated import METRICS, write
from dashboard.diagnosis.sentence import FACTOR
from dashboard.shell.language import _, word
from dashboard.widgets import formats, grids
from metrics.interviews import effect


def show(chains: pl.DataFrame, whose: Sequence[grids.Column] = (), dense: bool = False) -> None:
    """One line an interview of `chains` (gather.CHAIN), with columns that say `whose` first."""
    columns = [
        *whose,
        grids.Column(_("Day"), lambda row: formats.short_day(row["day"]), left=True, title=not whose),
        grids.Column(_("Cause"), cause, left=True),
        grids.Column(_("What to do"), reaction, left=True),
        *([] if dense else [grids.pair("actions_done", "actions", _("Actions done"))]),  # counted above, where many are
        grids.Column(_("Number"), lambda row: _(METRICS[row["watched"]].label), left=True),
        grids.Column(
            _("Before the interview"), lambda row: side(row, "before"), _("the 20 working days before; 95% limits")
        ),
        grids.Column(
            _("Since the interview"), lambda row: side(row, "after"), _("up to 20 working days since; 95% limits")
        ),
        grids.Column(_("Has it moved?"), verdict, left=True),
    ]
    grids.show(chains, columns, cards=not dense, dense=dense)
    st.caption(
        _(
            "Said after 10 working days, of the 20 before and after; “moved” is more than chance. Who was far behind does better afterwards also by itself: one interview proves nothing."
        )
    )


def cause(row: dict) -> str:
    if row["factor"] is None:
        return word(row["cause"])
    return grids.joined(word(row["cause"]), " ", grids.small(FACTOR[row["factor"]]()))


def reaction(row: dict) -> str:
    """What was confirmed, and what had been proposed where that was something else."""
    if row["proposed"] in (None, row["reaction"]):
        return word(row["reaction"])
    about = grids.small(_("(proposed: {reaction})", reaction=word(row["proposed"])))
    return grids.joined(word(row["reaction"]), " ", about)


def side(row: dict, name: str) -> str:
    """The value with its limits."""
    rated = row["watched"]
    value = write(rated, row[name])
    if row[f"{name}_low"] is None or row[f"{name}_high"] is None:
        return value
    ends = formats.span(write(rated, row[f"{name}_low"]), write(rated, row[f"{name}_high"]))
    return grids.joined(value, " ", grids.small(f"({ends})"))


def verdict(row: dict) -> str:
    """In words, the change with its limits behind them."""
    if row["verdict"] == effect.EARLY:
        return _("too early: {days} of {needed} working days", days=row["days"], needed=effect.SOONEST)
    if row["change"] is None:
        return _("no cases")
    signs = [formats.signed(row[name], lambda value: write(row["watched"], value)) for name in ("low", "high")]
    limits = grids.small("(" + _("{low} to {high}", low=signs[0], high=signs[1]) + ")")
    if row["verdict"] == effect.UNCLEAR:
        return grids.joined(_("cannot be told from chance"), " ", limits)
    said = ("on_pace", _("has risen")) if row["verdict"] == effect.RISEN else ("behind", _("has fallen"))
    return grids.joined(grids.marked(*said), " ", limits)
