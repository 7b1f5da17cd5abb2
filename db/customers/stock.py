"""What penetration is counted from: every customer of the viewer's branches and territories, what they held before the
log, and what was done for them, whoever did it. A manager's own penetration counts the customers of their territories,
so it is read for them too; nobody is shown, only what they come to.

Each branch is remembered by itself: what one branch writes makes nobody read the others again. Where several are not
known they are read together."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from db import spans
from db.access import Viewer, scope
from db.codes import FAMILIES
from db.log import mirror
from db.log.columns.reading import read_columns
from db.models import Branch, Customer, Holding, Product, Territory
from db.people import people
from db.store import parts

CUSTOMER = pl.Schema(
    {
        "customer": pl.Int32,
        "region": pl.Int32,
        "branch": pl.Int32,
        "manager": pl.Int32,
        "territory": pl.Int32,
        "complete": pl.Boolean,
    }
)
HOLDING = pl.Schema(
    {
        "customer": pl.Int32,
        "product": pl.Int32,
        "family": pl.Enum(list(FAMILIES)),
        "since": pl.Date,
        "until": pl.Date,
    }
)
Reduce = Callable[[pl.LazyFrame], pl.DataFrame]
COUNTED = ("day", "kind", "counted", "customer", "product", "family")  # of the activity: nothing of who did it where


def customers(viewer: Viewer, branch: int | None = None) -> pl.DataFrame:
    """One row a customer of the viewer's branches (or of one of them), or of their territories (metrics.frames.CUSTOMER):
    where they belong today; a record that was merged is none."""
    complete = and_(Customer.phone.is_not(None), Customer.kind.is_not(None), Customer.territory_id.is_not(None))
    columns = (Customer.id, Branch.region_id, Branch.id, Customer.manager_id, Customer.territory_id, complete)
    whole = select(*columns).join(Branch, Branch.id == Customer.branch_id).where(Customer.merged_into_id.is_(None))
    return by_branch(whole, viewer, branch, "customers of a branch", CUSTOMER, "customer")


def holdings(viewer: Viewer, branch: int | None = None) -> pl.DataFrame:
    """One row a product that one of `customers` held before the log (metrics.frames.HOLDING)."""
    columns = (Holding.customer_id, Holding.product_id, Product.family, Holding.since, Holding.until)
    whole = select(*columns).join(Product, Product.id == Holding.product_id)
    whole = whole.join(Customer, Customer.id == Holding.customer_id)
    return by_branch(whole, viewer, branch, "holdings of a branch", HOLDING, "customer", "product", "since")


def of(branch: int) -> ColumnElement[bool]:
    """Customers of the branch, and of its territories wherever they went."""
    there = select(Territory.id).where(Territory.branch_id == branch)
    return or_(Customer.branch_id == branch, Customer.territory_id.in_(there))


def by_branch(
    statement: Select[*tuple[Any, ...]], viewer: Viewer, only: int | None, name: str, schema: pl.Schema, *keys: str
) -> pl.DataFrame:
    """The rows of each branch within the viewer's scope, or of one of them; what two branches share once."""
    scope(viewer, "read_rates")
    wanted = [branch for branch in people.branches(viewer)["branch"] if only in (None, branch)]
    known: dict[int, pl.DataFrame] = {}
    unknown: list[int] = []

    def stored(branch: int) -> pl.DataFrame:
        """The first that is not remembered alone, and with the second all that may not be either."""
        unknown.append(branch)
        with viewer.store.reading(parts.branch(branch), parts.PRODUCTS) as connection:
            if len(unknown) == 1:
                return read_columns(connection, statement.where(of(branch)), schema)
            if branch not in known:
                known.update(together(connection, statement, wanted[wanted.index(branch) :], schema))
        return known[branch]

    with viewer.store.moment():  # whatever is read ahead is of the same version
        found = [
            viewer.cached(name, branch, read=lambda branch=branch: stored(branch), same_for_all=True)
            for branch in wanted
        ]
    return pl.concat([pl.DataFrame(schema=schema), *found]).unique(keys, keep="first", maintain_order=True)


def together(
    connection: Connection, statement: Select[*tuple[Any, ...]], branches: Sequence[int], schema: pl.Schema
) -> dict[int, pl.DataFrame]:
    """The rows of each of these branches (`of`), by one statement."""
    place = {"own": pl.Int32, "there": pl.Int32}
    whole = statement.outerjoin(Territory, Territory.id == Customer.territory_id)
    whole = whole.where(or_(Customer.branch_id.in_(branches), Territory.branch_id.in_(branches)))
    rows = read_columns(
        connection, whole.add_columns(Customer.branch_id, Territory.branch_id), pl.Schema(schema | place)
    )
    return {
        one: rows.filter((pl.col("own") == one) | (pl.col("there") == one).fill_null(False)).drop(list(place))
        for one in branches
    }


def reduced(viewer: Viewer, through: date, reduce: Reduce, branch: int | None = None) -> pl.DataFrame:
    """What `reduce` makes of the marked log (COUNTED) up to a day of those `customers`, in whatever branch it was
    recorded: month by month, one below the other. It gives rows with a `customer`, each made of rows of theirs alone. A
    month that is over is reduced once, for whoever asks."""
    scope(viewer, "read_rates")
    log, ours = mirror.of(viewer.store), customers(viewer, branch).select("customer")
    begun = through.replace(day=1)
    running = log.read(spans.Stretch(begun, through), {}, COUNTED, viewer.parts_in(branch=branch))
    parts = [reduce(running.join(ours.lazy(), on="customer", how="semi"))]
    for first in log.refresh().months:
        if first < begun:
            month = viewer.cached(
                "reduced month", first, reduce, read=partial(of_month, log, first, reduce), same_for_all=True
            )
            parts.append(month.join(ours, on="customer", how="semi"))
    return pl.concat(parts)


def of_month(log: mirror.Mirror, first: date, reduce: Reduce) -> pl.DataFrame:
    """What it makes of everybody's log of a month: nobody's to read as it is."""
    last = (first + timedelta(31)).replace(day=1) - timedelta(1)
    return reduce(log.watched(spans.Stretch(first, last), {}, {}, COUNTED))
