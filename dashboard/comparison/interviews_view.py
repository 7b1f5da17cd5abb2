"""Interviews of the last year: which reactions worked, for which cause, and where they were held."""

import polars as pl
import streamlit as st

from dashboard.comparison import cells
from dashboard.comparison.gather import Compared
from dashboard.interviews import chain_table, gather, worked_view
from dashboard.shell.language import _
from dashboard.standing import standing
from dashboard.widgets import grids
from metrics.interviews.worked import worked

LATEST = 15  # lines of a branch


def show(asked: Compared) -> None:
    chains = of(asked)
    if chains.is_empty():
        st.info(_("No interview was held in the year up to this period's end."))
        return
    until = min(asked.found.period.last, asked.book.on)
    st.caption(_("Interviews held from {first} to {last}", first=until - gather.YEAR, last=until))
    worked_view.by_reaction(chains)
    st.markdown(f"**{_('What worked for which cause')}**")
    worked_view.by_cause(chains)
    st.markdown(f"**{_('Did it matter that it was done?')}**")
    worked_view.by_followed(chains)
    st.markdown(f"**{_('Where they were held')}**")
    counts = worked(chains, [asked.key])
    table = asked.units().join(counts, on=asked.key, how="left", maintain_order="left")
    zero = [pl.col(name).fill_null(0) for name in ("held", "judged", "risen", "fallen", "actions", "actions_done")]
    table = table.with_columns(*zero, pl.col("enough").fill_null(False))
    worked_view.counted(asked.in_order(table), [cells.unit(asked)])
    if asked.key == "manager":
        latest = standing.with_names(asked.book.viewer, chains.head(LATEST))
        chain_table.show(latest, [grids.manager()], dense=True)


def of(asked: Compared) -> pl.DataFrame:
    """The interviews (gather.CHAIN) of the year up to the period's end, as far as their numbers are known."""
    until = min(asked.found.period.last, asked.book.on)
    chains = gather.chains(asked.book.viewer, until, asked.found.through, since=until - gather.YEAR)
    return chains.filter(*asked.book.part.conditions())
