"""How many potential customers each branch's territory was counted to hold."""

import polars as pl
from sqlalchemy import select

from db.access import Viewer, within
from db.models import Branch, Territory, TerritoryRegister

REGISTER = {
    "region": pl.Int32,
    "branch": pl.Int32,
    "territory": pl.Int32,
    "as_of": pl.Date,
    "potential_customers": pl.Int64,
    "source": pl.String,
}


def registers(viewer: Viewer) -> pl.DataFrame:
    """One row a register of the viewer's territories (metrics.frames.REGISTER), oldest first."""
    columns = (Branch.region_id, Branch.id, Territory.id, TerritoryRegister.as_of)
    statement = (
        select(*columns, TerritoryRegister.potential_customers, TerritoryRegister.source)
        .join(Territory, Territory.id == TerritoryRegister.territory_id)
        .join(Branch, Branch.id == Territory.branch_id)
        .where(within(viewer, "read_people", region=Branch.region_id, branch=Branch.id))
        .order_by(TerritoryRegister.as_of, Territory.id)
    )
    with viewer.store.reading() as connection:
        return pl.DataFrame([tuple(row) for row in connection.execute(statement)], REGISTER, orient="row")
