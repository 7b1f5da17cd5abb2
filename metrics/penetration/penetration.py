"""Penetration, the coverage ladder and the attach rate of any part of the bank: sums over its cells.

A cell is what one manager, or nobody, has of one territory: potential and customers of a shared territory in their shares.
Whatever is asked by region, branch, manager or territory is a sum over cells, so that parts add up to the whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from metrics.catalog import (
    ATTACH_RATE,
    ATTACHED_LOAN_DEALS,
    COVERAGE,
    FLOWS,
    LOAN_DEALS,
    ON_FILE_CUSTOMERS,
    OUTSIDE_REGISTER,
    PENETRATION,
    POTENTIAL_CUSTOMERS,
    PRODUCT_CUSTOMERS,
    PRODUCT_PENETRATION,
    PRODUCTS_HELD,
    STOCKS,
)
from metrics.definitions import Definitions
from metrics.intervals import wilson
from metrics.metric import columns_of, with_ratios
from metrics.penetration.owners import CELL, latest, shares
from metrics.penetration.stock import LADDER, OF_CUSTOMERS, stock

COUNTED = tuple(one.name for one in (*STOCKS, *FLOWS))
RATIOS = (*PENETRATION, *COVERAGE)
EXACT = 9  # decimals of a sum of shares: beyond them it is rounding


@dataclass(frozen=True)
class Frames:
    """Everything a penetration is made of (metrics.frames). `steps` are the first days (stock.first_days) of the
    customers' activity up to the day, whoever recorded it, `deals` that of the branches; `territories` are those asked about, with their
    registers and owners, `branches` those asked about (region, branch), `posted` who works where on the day (manager,
    branch)."""

    steps: pl.DataFrame
    deals: pl.LazyFrame
    customers: pl.DataFrame
    holdings: pl.DataFrame
    branches: pl.DataFrame
    territories: pl.DataFrame
    registers: pl.DataFrame
    owners: pl.DataFrame
    posted: pl.DataFrame


@dataclass(frozen=True)
class Cells:
    """`table` has one row a cell (region, branch, territory, manager; the last two null for none) with COUNTED,
    `products` one row a cell and product with `product_holders`."""

    table: pl.DataFrame
    products: pl.DataFrame


def cells(frames: Frames, on: date, rules: Definitions, first: date | None = None) -> Cells:
    """The cells of the branches on a day; flows are those from `first` to it, without one all up to it."""
    held = stock(frames.steps, frames.holdings, on, rules, first)
    divided = shares(frames.territories, frames.owners, frames.posted, on)
    registered = latest(frames.registers, on).select("territory", "potential_customers")
    known = frames.customers.join(held.customers, on="customer")
    known = known.with_columns(pl.col(ON_FILE_CUSTOMERS.name) & pl.col("complete"))
    homes = at_home(frames)
    products = held.products.join(homes, on="customer")
    table = pl.concat(
        [
            pl.DataFrame(schema=dict.fromkeys(CELL, pl.Int32) | dict.fromkeys(COUNTED, pl.Float64)),
            divided.join(registered, on="territory").select(
                *CELL, (pl.col("share") * pl.col("potential_customers")).alias(POTENTIAL_CUSTOMERS.name)
            ),
            of_territories(known, divided, registered),
            without_territory(known, homes),
            of_products(known, homes, products),
            loan_deals(frames.deals, homes, first or date.min, on),
        ],
        how="diagonal_relaxed",
    )
    table = table.group_by(CELL).agg(pl.col(COUNTED).sum())
    holders = products.group_by(*CELL, "product").agg(product_holders=pl.len().cast(pl.Float64))
    return Cells(table, holders)


def at_home(frames: Frames) -> pl.DataFrame:
    """The customers of the branches with the cell they belong to themselves: their manager, where they work in the
    branch on the day, and their territory, where it is one of those asked about."""
    homes = frames.customers.join(frames.branches.select("branch"), on="branch", how="semi")
    here = frames.posted.select("manager", "branch", is_here=True).unique()
    there = frames.territories.select("territory", is_asked=True)
    homes = homes.join(here, on=["manager", "branch"], how="left").join(there, on="territory", how="left")
    return homes.select(
        "customer",
        "region",
        "branch",
        pl.when("is_asked").then("territory").alias("territory"),
        pl.when("is_here").then("manager").alias("manager"),
    )


def of_territories(known: pl.DataFrame, divided: pl.DataFrame, registered: pl.DataFrame) -> pl.DataFrame:
    """The customers of the territories, whoever won them, each divided as their territory is; those of one without a
    register stand outside."""
    counted = known.select("customer", "territory", *OF_CUSTOMERS).join(divided, on="territory")
    counted = counted.join(registered.select("territory", is_counted=True), on="territory", how="left")
    inside, share = pl.col("is_counted").fill_null(False), pl.col("share")
    here = [pl.when(inside & pl.col(name)).then(share).otherwise(0.0).alias(name) for name in OF_CUSTOMERS]
    outside = pl.when(~inside & is_any()).then(share).otherwise(0.0)
    return counted.select(*CELL, *here, outside.alias(OUTSIDE_REGISTER.name))


def without_territory(known: pl.DataFrame, homes: pl.DataFrame) -> pl.DataFrame:
    """Customers without a territory, in the cell of their manager."""
    nowhere = known.filter(pl.col("territory").is_null(), is_any()).select("customer")
    return homes.join(nowhere, on="customer", how="semi").select(*CELL, pl.lit(1.0).alias(OUTSIDE_REGISTER.name))


def is_any() -> pl.Expr:
    return pl.any_horizontal(one.name for one in LADDER)


def of_products(known: pl.DataFrame, homes: pl.DataFrame, products: pl.DataFrame) -> pl.DataFrame:
    """Customers with a product and what they hold, in the cell of their manager."""
    customers = homes.join(known.filter("deal_customers"), on="customer", how="semi")
    each = customers.select(*CELL, pl.lit(1.0).alias(PRODUCT_CUSTOMERS.name))
    return pl.concat([each, products.select(*CELL, pl.lit(1.0).alias(PRODUCTS_HELD.name))], how="diagonal")


def loan_deals(deals: pl.LazyFrame, homes: pl.DataFrame, first: date, on: date) -> pl.DataFrame:
    """The loan deals of a period, in the cell of the manager who made them; attached is one whose customer bought a
    cross-sold product from the same branch in the period."""
    made = deals.filter(pl.col("kind") == "deal", pl.col("day").is_between(first, on))
    made = made.select("region", "branch", "manager", "customer", "family").collect()
    crossed = made.filter(pl.col("family") == "cross_sell").select("branch", "customer", crossed=True)
    loans = made.filter(pl.col("family") == "loan").join(crossed.unique(), on=["branch", "customer"], how="left")
    loans = loans.join(homes.select("customer", "territory"), on="customer", how="left")
    attached = pl.col("crossed").fill_null(False).cast(pl.Float64)
    return loans.select(*CELL, pl.lit(1.0).alias(LOAN_DEALS.name), attached.alias(ATTACHED_LOAN_DEALS.name))


def penetration(cells: pl.DataFrame, by: Sequence[str] = (), everyone: pl.DataFrame | None = None) -> pl.DataFrame:
    """COUNTED, RATIOS and the attach rate with its limits, of cells (Cells.table), one row a combination of `by` of CELL, one in all without it; sorted by
    it, what is nobody's last. `everyone` is a frame of keys that must have a row.

    Above 1 the register is stale: shown, never capped. A ratio is null without a register, products, or loan deals."""
    sums = pl.col(COUNTED).sum().round(EXACT)
    if by:
        table = cells.group_by(by).agg(sums).filter(pl.any_horizontal(pl.col(COUNTED) > 0))
        if everyone is not None:
            silent = everyone.select(by).unique().join(table, on=by, how="anti", nulls_equal=True)
            table = pl.concat([table, silent], how="diagonal_relaxed").with_columns(pl.col(COUNTED).fill_null(0.0))
        table = table.sort(by, nulls_last=True)
    else:
        table = cells.select(sums)
    low, high = wilson(table[ATTACHED_LOAN_DEALS.name], table[LOAN_DEALS.name])  # of each loan deal, attached or not
    rate = pl.when(pl.col(LOAN_DEALS.name) > 0).then(pl.col(ATTACHED_LOAN_DEALS.name) / pl.col(LOAN_DEALS.name))
    limits = zip(columns_of(ATTACH_RATE), (rate, low, high), strict=True)
    return with_ratios(table, RATIOS).with_columns(column.alias(name) for name, column in limits)


def product_penetration(cells: Cells, by: Sequence[str] = ()) -> pl.DataFrame:
    """One row a product held, within each combination of `by`: product_holders ÷ product_customers. A customer whose
    deal names no product is one with a product, and holds none."""
    holders = cells.products.group_by(*by, "product").agg(pl.col("product_holders").sum())
    of_all = penetration(cells.table, by).select(*by, PRODUCT_CUSTOMERS.name)
    joined = holders.join(of_all, on=by, how="left", nulls_equal=True) if by else holders.join(of_all, how="cross")
    return with_ratios(joined, [PRODUCT_PENETRATION]).sort(*by, "product", nulls_last=True)
