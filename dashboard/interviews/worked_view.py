"""Which reactions worked, how often, and for which cause."""

from collections.abc import Sequence

import polars as pl
import streamlit as st

from dashboard.shell.language import _, ngettext, word
from dashboard.widgets import formats, grids
from db.codes import REACTIONS
from metrics.interviews.worked import FEWEST, FOLLOWED, worked


def by_reaction(chains: pl.DataFrame) -> None:
    """A row a reaction of `chains` (gather.CHAIN), and all of them together."""
    whose = grids.Column(_("What to do"), lambda row: row.get("label") or word(row["reaction"]), left=True)
    counted(worked(chains, ["reaction"]), [whose], worked(chains, []))


def by_followed(chains: pl.DataFrame) -> None:
    """Whether it mattered that what was agreed was done."""
    said = {True: _("All that was agreed is done"), False: _("Something agreed is not done")}
    whose = grids.Column(_("Agreed actions"), lambda row: said[row["followed"] == FOLLOWED], left=True)
    counted(worked(chains, ["followed"]), [whose])


def counted(table: pl.DataFrame, whose: Sequence[grids.Column], total: pl.DataFrame | None = None) -> None:
    """Counts of metrics.interviews.worked, with columns that say `whose` they are first."""
    columns = [
        *whose,
        grids.number("held", _("Interviews")),
        grids.pair("actions_done", "actions", _("Actions done")),
        grids.number("judged", _("Long enough ago"), help=_("at least 10 working days")),
        grids.number("risen", _("Number has risen")),
        grids.number("fallen", _("Number has fallen")),
        grids.Column(_("Share that rose"), share, _("risen ÷ those long enough ago; 95% limits")),
    ]
    last = None if total is None else total.row(0, named=True) | {"label": _("Together")}
    grids.show(table, columns, last)


def by_cause(chains: pl.DataFrame) -> None:
    """A row a cause, a column a reaction: how many have risen of those long enough ago."""
    cells = {(row["cause"], row["reaction"]): row for row in worked(chains, ["cause", "reaction"]).to_dicts()}

    def cell(row: dict, reaction: str) -> str:
        found = cells.get((row["cause"], reaction))
        if found is None:
            return formats.NOTHING
        return grids.joined(f"{found['risen']} / {found['judged']} ·", share(found))

    columns = [
        grids.Column(_("Cause"), lambda row: word(row["cause"]), left=True),
        *(grids.Column(word(one), lambda row, one=one: cell(row, one)) for one in REACTIONS),
    ]
    grids.show(worked(chains, ["cause"]), columns)
    st.caption(
        ngettext(
            "Risen of those long enough ago, in per cent with 95 % limits; with fewer than {number} “few cases”.",
            "Risen of those long enough ago, in per cent with 95 % limits; with fewer than {number} “few cases”.",
            FEWEST,
        )
    )


def share(row: dict) -> str:
    """With its limits; that they are too few to tell."""
    if not row["enough"]:
        return grids.small(_("few cases"))
    return grids.joined(formats.share(row["share"]), grids.small(f"({formats.interval(row['low'], row['high'])})"))
