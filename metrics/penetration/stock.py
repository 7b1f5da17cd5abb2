"""What became of each customer up to a day: met, consulted, approved, with a loan, with a deal; and what they hold."""

from dataclasses import dataclass
from datetime import date

import narwhals.stable.v2 as nw
import polars as pl
from narwhals.stable.v2.typing import IntoFrame

from metrics.catalog import (
    APPROVED_CUSTOMERS,
    CONSULTED_CUSTOMERS,
    DEAL_CUSTOMERS,
    LOAN_CUSTOMERS,
    NEWLY_CONSULTED,
    ON_FILE_CUSTOMERS,
    PENETRATION_CUSTOMERS,
    WON_CUSTOMERS,
)
from metrics.definitions import Definitions

PAIR = ("customer", "product")
EVENTS = ("met", "counted", "approved", "loan", "deal")
LADDER = (CONSULTED_CUSTOMERS, ON_FILE_CUSTOMERS, APPROVED_CUSTOMERS, LOAN_CUSTOMERS, DEAL_CUSTOMERS)
OF_CUSTOMERS = tuple(one.name for one in (*LADDER, PENETRATION_CUSTOMERS, WON_CUSTOMERS, NEWLY_CONSULTED))


@dataclass(frozen=True)
class Stock:
    """`customers` has one row a customer of the log or with a holding, and for each of OF_CUSTOMERS whether they are
    one; `on_file_customers` says only that there is something to be on file for. `products` has one row a customer and
    product held."""

    customers: pl.DataFrame
    products: pl.DataFrame


def first_days(log: IntoFrame) -> pl.DataFrame:
    """The first day of each step that was taken for a customer (EVENTS, null for none), one row a customer and product, in
    any part of the log (day, kind, counted, customer, product, family): those of several parts, one below the other, are
    those of the whole."""
    seen = nw.from_native(log).lazy().filter(~nw.col("customer").is_null())
    kind, day, of_loan = nw.col("kind"), nw.col("day"), (nw.col("family") == "loan").fill_null(False)
    met, deal = kind == "consultation", kind == "deal"
    where = (met, met & nw.col("counted"), kind == "approval", deal & of_loan, deal)
    firsts = {name: nw.when(one).then(day).min() for name, one in zip(EVENTS, where, strict=True)}
    return seen.group_by(*PAIR).agg(**firsts).collect("polars").to_native()


def stock(
    steps: pl.DataFrame, holdings: pl.DataFrame, on: date, rules: Definitions, first: date | None = None
) -> Stock:
    """The stock of the activity up to `on`, by its `first_days`, and of the holdings (frames.HOLDING) that last on that
    day. `rules` are those in force on it: a stock has one base, whenever its customers were won. What is new is so since
    `first`, or ever.

    A holding is one of its product, and of a loan where it is one; never a deal, so that nobody is won by it."""
    consulted = pl.col("met" if rules.contact_customers == "any" else "counted").min()
    days = steps.group_by("customer").agg(pl.col(EVENTS[2:]).min(), consulted=consulted)
    sold = steps.filter(pl.col("deal").is_not_null(), pl.col("product").is_not_null()).select(PAIR).unique()
    held = holdings.filter(pl.col("since") <= on).with_columns(
        lasts=pl.col("until").is_null() | (pl.col("until") >= on), of_loan=(pl.col("family") == "loan").fill_null(False)
    )
    loans_only = rules.penetration_customers == "loan"
    since = pl.col("since").filter(pl.col("of_loan")) if loans_only else pl.col("since")
    held_by = held.group_by("customer").agg(
        holds=pl.col("lasts").any(), holds_loan=(pl.col("lasts") & pl.col("of_loan")).any(), held_since=since.min()
    )
    customers = days.join(held_by, on="customer", how="full", coalesce=True)
    products = pl.concat([sold, held.filter("lasts").select(PAIR)], how="vertical_relaxed").unique()
    return Stock(customers.select("customer", *of_customers(loans_only, first or date.min)), products)


def of_customers(loans_only: bool, first: date) -> list[pl.Expr]:
    """OF_CUSTOMERS, of the first days of the log and of what is held from before it."""
    loan = pl.col("loan").is_not_null() | pl.col("holds_loan").fill_null(False)
    deal = pl.col("deal").is_not_null() | pl.col("holds").fill_null(False)
    won_on = pl.col("loan") if loans_only else pl.col("deal")
    had_before = (pl.col("held_since") < won_on).fill_null(False)
    flags = (
        pl.col("consulted").is_not_null(),
        pl.lit(True),
        pl.col("approved").is_not_null(),
        loan,
        deal,
        loan if loans_only else deal,
        (won_on >= first).fill_null(False) & ~had_before,
        (pl.col("consulted") >= first).fill_null(False),
    )
    return [flag.alias(name) for name, flag in zip(OF_CUSTOMERS, flags, strict=True)]
