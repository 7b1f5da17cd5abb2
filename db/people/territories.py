"""Territories: where they lie, how many potential customers they were counted to hold, and who looks after them."""

from collections.abc import Mapping
from typing import Any

import polars as pl
from sqlalchemy import Select, select

from db.access import Viewer, within
from db.models import Branch, Territory, TerritoryOwner, TerritoryRegister

REGISTER = {
    "region": pl.Int32,
    "branch": pl.Int32,
    "territory": pl.Int32,
    "as_of": pl.Date,
    "potential_customers": pl.Int64,
    "source": pl.String,
}
TERRITORY = {
    "region": pl.Int32,
    "branch": pl.Int32,
    "territory": pl.Int32,
    "territory_name": pl.String,
    "kind": pl.String,
}
OWNER = {
    "territory": pl.Int32,
    "manager": pl.Int32,
    "from_day": pl.Date,
    "to_day": pl.Date,
    "share": pl.Float64,
    "owner": pl.Int32,
}


def listing(viewer: Viewer) -> pl.DataFrame:
    """One row a territory of the viewer's branches (TERRITORY; metrics.frames.TERRITORY and its names), by branch and
    name."""
    columns = (Branch.region_id, Branch.id, Territory.id, Territory.name, Territory.kind)
    statement = select(*columns).join(Branch, Branch.id == Territory.branch_id)
    statement = statement.order_by(Branch.region_id, Branch.id, Territory.name)
    return in_scope(statement, viewer, "territories", TERRITORY)


def owners(viewer: Viewer) -> pl.DataFrame:
    """One row a stay of an owner in a territory of the viewer's branches (OWNER; metrics.frames.OWNER and the number of
    the row, `owner`), the latest last."""
    columns = (getattr(TerritoryOwner, name) for name in ("territory_id", "manager_id", "from_day", "to_day", "share"))
    statement = (
        select(*columns, TerritoryOwner.id)
        .join(Territory, Territory.id == TerritoryOwner.territory_id)
        .join(Branch, Branch.id == Territory.branch_id)
        .order_by(TerritoryOwner.from_day.nulls_first(), TerritoryOwner.id)
    )
    return in_scope(statement, viewer, "territory owners", OWNER)


def registers(viewer: Viewer) -> pl.DataFrame:
    """One row a register of the viewer's territories (metrics.frames.REGISTER), oldest first."""
    columns = (Branch.region_id, Branch.id, Territory.id, TerritoryRegister.as_of)
    statement = (
        select(*columns, TerritoryRegister.potential_customers, TerritoryRegister.source)
        .join(Territory, Territory.id == TerritoryRegister.territory_id)
        .join(Branch, Branch.id == Territory.branch_id)
        .order_by(TerritoryRegister.as_of, Territory.id)
    )
    return in_scope(statement, viewer, "registers", REGISTER)


def in_scope(
    statement: Select[*tuple[Any, ...]], viewer: Viewer, name: str, schema: Mapping[str, type[pl.DataType]]
) -> pl.DataFrame:
    """What the statement, which knows branches, finds within the viewer's scope."""
    seen = statement.where(within(viewer, "read_people", region=Branch.region_id, branch=Branch.id))

    def stored() -> pl.DataFrame:
        with viewer.reading(log=False) as connection:
            return pl.DataFrame([tuple(row) for row in connection.execute(seen)], schema, orient="row")

    return viewer.cached(name, read=stored)
