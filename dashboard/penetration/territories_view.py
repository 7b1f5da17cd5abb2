"""The territories on screen: their newest register, who looks after which part of them, and how far they are penetrated."""

from datetime import date

import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboard.penetration import board, owner_form
from dashboard.penetration.tables import Penetration
from dashboard.shell.language import _
from dashboard.standing.part import Part
from dashboard.standing.standing import with_names
from dashboard.widgets import formats, grids
from db.access import Viewer, may
from db.people import people, territories
from metrics.catalog import MARKET_PENETRATION
from metrics.penetration.owners import latest, shares
from metrics.periods import Period

NONE = "No territories yet. Import them, or ask regional staff to: the register says how many customers there may be."


def show(viewer: Viewer, on: date, branch: int | None) -> None:
    """The territories of the branches, or of one, as they stand on a day; and the forms for whoever gives them."""
    here = [] if branch is None else [pl.col("branch") == branch]
    places = territories.listing(viewer).filter(*here)
    if places.is_empty():
        st.info(_(NONE))
        return
    columns = [
        *([grids.text("branch_name", _("Branch"))] if branch is None else []),
        grids.Column(_("Territory"), place_cell, left=True, title=True),
        grids.Column(_("Potential customers"), register_cell, _("the latest register up to the day, and who counted")),
        grids.Column(_("Owners"), lambda row: owners_cell(row["owners"]), left=True),
    ]
    table = described(viewer, places, on)
    if may(viewer, "read_rates") and viewer.manager is None:
        found = Penetration(viewer, on, part=Part(branch=branch))
        board.about(found, found.total())
        held = found.table(["territory"])
        table = table.join(held.drop("territory_name"), on="territory", how="left", maintain_order="left")
        columns += [grids.metric(MARKET_PENETRATION), board.ladder()]
    grids.paged(table, columns, "territories", cards=True)
    if may(viewer, "set_territory_owners"):
        owner_form.give(viewer, places, on)
        owner_form.end(viewer, places, on)


def described(viewer: Viewer, places: pl.DataFrame, on: date) -> pl.DataFrame:
    """Each territory with its newest register and its owners on the day: a list of names and shares, the largest first."""
    registers = territories.registers(viewer)
    newest = latest(registers, on).select("territory", "potential_customers", "as_of", "source")
    posted = people.managers(viewer, Period(on, on)).select("manager", "branch")
    divided = shares(places.select("region", "branch", "territory"), territories.owners(viewer), posted, on)
    divided = with_names(viewer, divided.select("territory", "manager", "share")).sort("share", descending=True)
    owned = {
        place: part.select("manager_name", "share").rows()
        for (place,), part in divided.partition_by("territory", as_dict=True).items()
    }
    table = with_names(
        viewer,
        places.join(newest, on="territory", how="left", maintain_order="left").rename(
            {"potential_customers": "counted"}
        ),
    )
    return table.with_columns(owners=pl.Series([owned.get(one, []) for one in table["territory"]], dtype=pl.Object))


def place_cell(row: dict) -> str:
    return Markup("{} {}").format(row["territory_name"], grids.small(row["kind"] or ""))


def register_cell(row: dict) -> str:
    if row["counted"] is None:
        return grids.small(_("no register"))
    return Markup("{} {}").format(formats.count(row["counted"]), grids.small(f"{row['as_of']} · {row['source']}"))


def owners_cell(owners: list[tuple[str | None, float]]) -> str:
    """Names, with their shares where it is not one alone; what is nobody's last."""
    if owners == [(None, 1.0)]:
        return grids.small(_("Unassigned"))
    whole = len(owners) == 1
    named = [(name, share) for name, share in owners if name is not None] + [one for one in owners if one[0] is None]
    parts = [
        Markup("{} {}").format(name or _("Unassigned"), "" if whole else grids.small(formats.share(share)))
        for name, share in named
    ]
    return Markup("、").join(parts)
