"""What the counts of a period may stand for: their means, drawn again and again from what the counts say of them."""

from collections.abc import Collection
from typing import cast

import numpy as np
import polars as pl

from metrics.cases import CELL
from metrics.diagnosis.decomposition import Array
from metrics.diagnosis.tallies import TOTALS

DRAWS = 1000
MOST = 2.0  # times the rate found, or 1: the mean of no case over that of no case would be anything
DEALT = ("consulted_dealt", "applied_dealt", "all_three", "amount_squares")  # without deals there are none
HALF = 0.5  # Jeffreys' prior of a Poisson mean, H. Jeffreys, Theory of Probability (1961)


def drawn_each(
    table: pl.DataFrame, seed: int, draws: int = DRAWS, totals: int = len(TOTALS), only: Collection[int] = ()
) -> Array:
    """The same as `drawn` of the first so many totals (the others mean nothing), each row from a seed of its own and with the tickets of its branch: what is said of one does
    not depend on who else is asked about. `table` has all rows of each of its branches, sorted by CELL. Given
    `only` some managers, the rows of the others are empty: to draw takes time."""
    later = [name for place, name in enumerate(TOTALS) if place >= totals]
    table = table.with_columns(pl.lit(0.0).alias(name) for name in (*later, *(DEALT if "deals" in later else ())))
    parts = [np.empty((draws, 0, len(TOTALS)))]
    for branch in table.partition_by("region", "branch", maintain_order=True):
        prices = usual_ticket(branch), relative_variance(branch)
        for row in branch.iter_slices(1):
            if only and row["manager"][0] not in only:
                parts.append(np.zeros((draws, 1, len(TOTALS))))
                continue
            rng = np.random.default_rng([seed, *row.select(CELL).row(0)])
            parts.append(drawn(row, rng, draws, prices))
    return np.concatenate(parts, axis=1)


def drawn(
    table: pl.DataFrame, rng: np.random.Generator, draws: int = DRAWS, prices: tuple[float, float] | None = None
) -> Array:
    """Means of the totals (draws × rows × TOTALS) that may have given the tallies of each row. Days are certain.
    `prices` are the usual ticket and the relative variance of tickets, those of all rows unless given.

    Counts are Poisson: the cases that have two or all three of their events in the period are drawn once for all of
    them, as the counts go together, and ½ is added to each total. An average ticket is such that
    the one found is the mean of as many gamma tickets, which scatter as those of all rows do. Who was not there did nothing."""
    count = {name: table[name].to_numpy() for name in (*TOTALS, "all_three")}
    every = count["all_three"]
    both = {name: np.clip(table[name].to_numpy() - every, 0, None) for name in PAIRS}
    each = np.stack([every, *both.values()])
    common = rng.standard_gamma(np.broadcast_to(each[:, None], (4, draws, table.height)).copy())
    columns = [np.broadcast_to(count["days"], (draws, table.height))]
    for name in ("consultations", "applications", "deals"):
        shares = [1, *(name in pair for pair in PAIRS.values())]
        own = np.clip(count[name] - sum(part * one for part, one in zip(shares, each, strict=True)), 0, None) + HALF
        alone = rng.standard_gamma(np.broadcast_to(own, (draws, table.height)))
        columns.append(alone + sum(part * one for part, one in zip(shares, common, strict=True)))
    for place, (of, to) in enumerate((("applications", "consultations"), ("deals", "applications")), 2):
        columns[place - 1] = np.where((count[to] == 0) & (count[of] > 0), 0.0, columns[place - 1])  # missing, not few
        most = MOST * np.maximum(count[of] / np.maximum(count[to], 1), 1)
        columns[place] = np.where(
            columns[place - 1] > 0, np.minimum(columns[place], most * columns[place - 1]), columns[place]
        )
    nobody = np.sum([count[name] for name in TOTALS], axis=0) == 0
    columns.append(columns[-1] * tickets(table, rng, draws, prices or (usual_ticket(table), relative_variance(table))))
    return np.where(nobody[:, None], 0.0, np.stack(columns, axis=-1))


PAIRS = {
    "consulted_applied": ("consultations", "applications"),
    "consulted_dealt": ("consultations", "deals"),
    "applied_dealt": ("applications", "deals"),
}


def tickets(table: pl.DataFrame, rng: np.random.Generator, draws: int, prices: tuple[float, float]) -> Array:
    """Average tickets in cents (draws × rows); where nothing was dealt, the usual one."""
    usual, scatter = prices
    deals, amounts = (table[name].to_numpy() for name in ("deals", "deal_amount"))
    mean = np.divide(amounts, deals, out=np.full_like(amounts, usual), where=deals > 0)
    if scatter == 0:
        return np.broadcast_to(mean, (draws, table.height))
    shape = np.maximum(deals, HALF) / scatter
    return mean * shape / rng.standard_gamma(np.broadcast_to(shape, (draws, table.height)))


def usual_ticket(table: pl.DataFrame) -> float:
    """In cents, over all deals of the rows; 0 without any."""
    return cast(float, table["deal_amount"].sum()) / max(cast(float, table["deals"].sum()), 1)


def relative_variance(table: pl.DataFrame) -> float:
    """Of single tickets, around the mean of each row: Σ(amount − mean)² ÷ Σ deals · mean²; 0 where none can be told."""
    known = table.filter(pl.col("deals") > 1, pl.col("deal_amount") > 0)
    mean = pl.col("deal_amount") / pl.col("deals")
    around = pl.col("amount_squares") - pl.col("deals") * mean * mean
    sums = known.select(around=(around / (mean * mean)).sum(), freedom=(pl.col("deals") - 1).sum()).row(0)
    return max(sums[0] / sums[1], 0.0) if sums[1] else 0.0
