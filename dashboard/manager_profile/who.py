"""Whose profile it is."""

from datetime import date

import polars as pl

from dashboard.shell.language import _
from dashboard.widgets import filters
from db.access import Viewer
from db.people import people


def choose(viewer: Viewer, on: date) -> tuple[int | None, int | None]:
    """A manager of the viewer's, with the branch of theirs that the link names, or else their last one by that day; no
    widget for a manager. (None, None) where there is nobody."""
    here = stays(viewer, on)
    last = here.unique("manager", keep="last", maintain_order=True).sort("branch", "staff_no")
    named = {row["manager"]: f"{row['manager_name']} · {row['branch_name']}" for row in last.to_dicts()}
    if not named:
        return None, None
    alone = len(named) == 1
    manager = next(iter(named)) if alone else filters.choose("manager", _("Manager"), list(named), named.get)
    theirs, linked = here.filter(pl.col("manager") == manager)["branch"].to_list(), filters.identity("branch")
    return manager, linked if linked in theirs else theirs[-1]


def stays(viewer: Viewer, on: date) -> pl.DataFrame:
    """Every stay (people.postings) in a branch of the viewer's that had begun by then, in the order they began; a
    manager has their own."""
    seen = people.branches(viewer)["branch"]
    own = [] if viewer.manager is None else [pl.col("manager") == viewer.manager]
    first = pl.max_horizontal("from_day", "joined_on")
    found = people.postings(viewer).with_columns(first=first)
    begun = pl.col("first").is_null() | (pl.col("first") <= on)
    within = pl.col("branch").is_in(seen.implode()) if viewer.manager is None else pl.lit(True)
    return found.filter(begun, within, *own).sort("first", nulls_last=False, maintain_order=True)
