"""What is sold: each product's share of the deals of a unit, beside its share of all deals."""

from collections.abc import Sequence

import polars as pl

from metrics.catalog import DEAL_AMOUNT, DEALS
from metrics.diagnosis.funnels import placed, share_funnel
from metrics.metric import measure


def product_mix(activity: pl.LazyFrame, everyone: pl.DataFrame, key: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One row a unit of `everyone` and product that anybody sold: key, product, deals, deal_amount, `all_deals` of the
    unit, share (deals ÷ all_deals, null without any), place (funnels.placed, beside the product's share of all deals).
    And all together: product, deals, deal_amount, all_deals, share; the product sold most on top."""
    sold = activity.filter(pl.col("kind") == "deal", pl.col("product").is_not_null())
    together = shares(measure(sold, [DEALS, DEAL_AMOUNT], ["product"]), ()).sort(
        "deals", "product", descending=[True, False]
    )
    grid = everyone.select(key).unique().join(together.select("product"), how="cross")
    table = shares(measure(sold, [DEALS, DEAL_AMOUNT], [key, "product"], grid), (key,))
    parts = [
        placed(share_funnel(some.with_columns(of=pl.col("deals"), to=pl.col("all_deals"))))
        for some in table.partition_by("product", maintain_order=True)
    ]
    if not parts:
        return table.with_columns(place=pl.lit(None, pl.String)), together
    kept = [*table.columns, "place"]
    return pl.concat([one.select(kept) for one in parts]).sort(key), together


def shares(table: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Adds the deals of all products, within `by`, and each one's share of them."""
    deals = pl.col("deals").sum()
    table = table.with_columns(all_deals=deals.over(by) if by else deals)
    return table.with_columns(share=pl.when(pl.col("all_deals") > 0).then(pl.col("deals") / pl.col("all_deals")))
