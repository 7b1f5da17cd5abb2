"""How much of the territory, and of what the bank sells, the customers already hold. Stocks: from the first day of the
log to a last day, not flows of a period."""

from collections.abc import Sequence
from datetime import date

import narwhals.stable.v2 as nw
import polars as pl

from metrics.catalog import DEAL_CUSTOMERS, PENETRATION, PRODUCT_PENETRATION
from metrics.definitions import Definitions
from metrics.metric import measure, with_ratios


def potential(registers: pl.DataFrame, on: date, by: Sequence[str] = ()) -> pl.DataFrame:
    """Potential customers (frames.REGISTER → keys, potential_customers): each territory's latest register up to `on`."""
    latest = registers.filter(pl.col("as_of") <= on).sort("as_of").group_by("territory", maintain_order=True).last()
    total = pl.col("potential_customers").sum()
    return latest.group_by(by).agg(total) if by else latest.select(total)


def based(to_date, rules: Definitions):
    """The activity with `counted` as the penetration bases have it: a deal counts when it makes a customer of the bank
    (any deal, or a loan), a consultation when it makes a contact (one that counts anyway, or any)."""
    frame = nw.from_native(to_date)
    kind, counted = nw.col("kind"), nw.col("counted")
    if rules.penetration_customers == "loan":
        loan = (nw.col("family") == "loan").fill_null(False)
        counted = nw.when(kind == "deal").then(loan).otherwise(counted)
    if rules.contact_customers == "any":
        counted = nw.when(kind == "consultation").then(nw.lit(True)).otherwise(counted)
    return frame.with_columns(counted=counted).to_native()


def penetration(
    to_date,
    registers: pl.DataFrame,
    on: date,
    rules: Definitions,
    by: Sequence[str] = (),
    everyone: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Market and contact penetration and products per customer, one row a combination of `by` (region, branch).

    `to_date` is the activity from the beginning to `on`, `rules` are those in force on that day: a stock has one base,
    whenever its customers were won. Above 1 the register is stale: shown, never capped. Null without a register."""
    return measure(based(to_date, rules), PENETRATION, by, everyone, given=potential(registers, on, by))


def product_penetration(to_date, by: Sequence[str] = ()) -> pl.DataFrame:
    """One row a product held, within each combination of `by`: product_holders ÷ deal_customers. A customer whose deal
    names no product is a deal customer, and holds none."""
    holders = measure(to_date, [DEAL_CUSTOMERS], [*by, "product"])
    holders = holders.filter(pl.col("product").is_not_null() & (pl.col("deal_customers") > 0))
    holders = holders.rename({"deal_customers": "product_holders"})
    customers = measure(to_date, [DEAL_CUSTOMERS], by)
    joined = holders.join(customers, on=by, how="left") if by else holders.join(customers, how="cross")
    return with_ratios(joined, [PRODUCT_PENETRATION])
