"""Why somebody is behind: the gap to a reference split into the effects of its factors, with their limits, and the
verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from metrics.diagnosis.bootstrap import DRAWS, drawn
from metrics.diagnosis.decomposition import Array, chained, effects
from metrics.diagnosis.tallies import TOTALS

FACTORS = ("days", "consultations", "application_rate", "deal_rate", "ticket")  # total by total of TOTALS
MEASURES = {
    "consultations": 2,
    "applications": 3,
    "deals": 4,
    "deal_amount": 5,
}  # → the number of factors it is made of
FLOORS = ("region", "branch", "manager")
AT_A_TIME = 32  # rows
FEWEST = 5  # cases of a factor, below which nothing is said of it
FALSE_ALARMS = 0.085  # how often chance alone may name a factor: divided among those that chance has a part in
PART = 1 / 3  # of the largest effect, below which another is no second reason
EXACT = ("days", "unallocated")  # known without error: they count as a reason when they are a third of the gap
SEVERAL, CHANCE = "several", "chance"
PEERS_OF = {"manager": ["region", "branch"], "branch": ["region"], "region": []}


@dataclass(frozen=True, eq=False)
class Reference:
    """What each row of `actual` is set against: totals (rows × TOTALS; NaN where there is nothing), and what their means
    may be (draws × rows × TOTALS, or 1 × … where they are certain, as a plan is)."""

    totals: Array
    means: Array

    def of(self, rows: NDArray[np.uint32]) -> "Reference":
        """The same of some rows."""
        return Reference(self.totals[rows], self.means[:, rows])


def totals(table: pl.DataFrame) -> Array:
    return table.select(TOTALS).to_numpy().astype(float)


def planned(table: pl.DataFrame) -> Reference:
    """Of plans: `table` has TOTALS, one row a row of the actual tallies; null where there is no plan."""
    asked = table.select(pl.col(name).fill_null(float("nan")) for name in TOTALS).to_numpy().astype(float)
    return Reference(asked, asked[None])


def earlier(table: pl.DataFrame, seed: int, draws: int = DRAWS) -> Reference:
    """Of a period before: tallies of the same rows as the actual ones."""
    return Reference(totals(table), drawn(table, np.random.default_rng(seed + 1), draws))


def peers(actual: pl.DataFrame, means: Array, floor: str) -> Reference:
    """What the others did a working day, times the own days: of a manager the branch's other managers, of a branch the
    region's others, of a region all others. Nothing where there are none, or none was there."""
    within = PEERS_OF[floor]
    group, own = place_of(actual, within), place_of(actual, [*within, floor])

    def others(values: Array) -> Array:
        rest = sum_by(values, group, len(group))[..., group, :] - sum_by(values, own, len(own))[..., own, :]
        days = rest[..., :1]
        rate = np.divide(rest, days, out=np.full_like(rest, np.nan), where=days > 1e-9)
        return rate * values[..., :1]

    return Reference(others(totals(actual)), others(means))


def place_of(table: pl.DataFrame, by: Sequence[str]) -> NDArray[np.int64]:
    """The place of each row's combination of `by` among all of them, sorted."""
    if not by:
        return np.zeros(table.height, np.int64)
    places = table.select(by).unique().sort(by).with_row_index("place")
    placed = table.select(by).join(places, on=list(by), how="left", maintain_order="left")
    return placed["place"].to_numpy().astype(np.int64)


def sum_by(values: Array, keys: NDArray[np.int64], number: int) -> Array:
    """Sums over the rows (… × rows × columns) that have the same key, 0 … number − 1: … × number × columns."""
    rows = np.moveaxis(values, -2, 0)
    found = np.zeros((number, *rows.shape[1:]))
    np.add.at(found, keys, rows)
    return np.moveaxis(found, 0, -2)


def shortfall(
    actual: pl.DataFrame,
    reference: Reference,
    means: Array,
    measure: str,
    by: Sequence[str],
    whole: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """One row a combination of `by` (some of FLOORS; without any, one row), sorted by it: actual, reference, gap; for
    each of FACTORS what it was (`_done`) and what it should be (`_asked`; null where it does not apply or is of
    nothing); for each of them and for unallocated its effect, `_low` and `_high` (95 %), and `_weak` or `_strong`,
    whether it is credibly below or above 0, all factors taken together (FALSE_ALARMS); verdict. Effects are the sums of
    those of managers and branches within, and add
    up to the gap; a factor that does not apply has no effect. Limits are null where a factor has fewer than FEWEST
    cases.

    `actual` are tallies, `means` what they may stand for (bootstrap.drawn). `whole` says what the reference of each
    combination is where it is not the sum of its parts: by, reference; the difference is `unallocated`, as is what is done
    by those without a reference. Rows without one have neither gap nor effects."""
    number = MEASURES[measure]
    done, asked = totals(actual)[:, :number], reference.totals[:, :number]
    known = ~np.isnan(asked[:, number - 1])
    point = np.stack(effects(*chained(done, np.nan_to_num(asked))), axis=-1)
    draws = drawn_effects(means[..., :number], np.nan_to_num(reference.means[..., :number]))
    point[~known], draws[:, ~known] = 0.0, 0.0
    groups = actual.select(by).unique().sort(by) if by else pl.DataFrame({"": [0]})
    placed = place_of(actual, by)
    together = sum_by(point, placed, groups.height)
    spread = sum_by(draws, placed, groups.height)
    sums = sum_by(np.stack([done[:, -1], np.where(known, asked[:, -1], 0), known], axis=-1), placed, groups.height)
    cases = sum_by(cases_of(totals(actual), np.nan_to_num(reference.totals)), placed, groups.height)
    factors = factor_values(sum_by(done, placed, groups.height), "done") | factor_values(
        sum_by(np.where(known[:, None], np.nan_to_num(asked), 0), placed, groups.height), "asked"
    )
    table = groups.with_columns(
        actual=pl.Series(sums[:, 0]),
        reference=pl.Series(np.where(sums[:, 2] > 0, sums[:, 1], np.nan), nan_to_null=True),
    )
    table = table if by else table.drop("")
    if whole is not None:
        table = with_whole(table, whole, by)
    table = table.with_columns(gap=pl.col("actual") - pl.col("reference"))
    columns: dict[str, pl.Series] = factors
    for place, name in enumerate(FACTORS):
        applies = place < number
        columns |= limits(
            name,
            together[:, place] if applies else np.zeros(len(together)),
            spread[..., place] if applies else np.zeros((1, len(together))),
            cases[:, place] >= FEWEST if applies else np.ones(len(together), bool),
            FALSE_ALARMS / (number - 1),
        )
    table = table.with_columns(**columns)
    rest = pl.col("gap") - pl.sum_horizontal(FACTORS)
    noise = 1e-9 * pl.max_horizontal(pl.col("actual").abs(), pl.col("reference").abs(), 1.0)
    table = table.with_columns(unallocated=pl.when(rest.abs() > noise).then(rest).otherwise(0.0))
    table = table.with_columns(unallocated_low=pl.col("unallocated"), unallocated_high=pl.col("unallocated"))
    return with_verdict(table)


def factor_values(sums: Array, side: str) -> dict[str, pl.Series]:
    """Each of FACTORS as its total over the one before it (`<factor>_<side>`)."""
    before = np.concatenate([np.ones((len(sums), 1)), sums[:, :-1]], axis=1)
    values = np.divide(sums, before, out=np.full_like(sums, np.nan), where=before > 0)
    return {
        f"{name}_{side}": pl.Series(values[:, place], nan_to_null=True)
        if place < sums.shape[1]
        else pl.Series([None] * len(sums), dtype=pl.Float64)
        for place, name in enumerate(FACTORS)
    }


def drawn_effects(means: Array, asked: Array) -> Array:
    """The effects in each draw (draws × rows × factors), some rows at a time: the subsets of factors need room."""
    shape = np.broadcast_shapes(means.shape, asked.shape)
    means, asked = np.broadcast_to(means, shape), np.broadcast_to(asked, shape)
    found = np.empty(shape)
    for start in range(0, shape[1], AT_A_TIME):
        some = slice(start, start + AT_A_TIME)
        found[:, some] = np.stack(effects(*chained(means[:, some], asked[:, some])), axis=-1)
    return found


def cases_of(done: Array, asked: Array) -> Array:
    """How many cases speak for each of FACTORS: days always enough, consultations those made or asked for, rates what
    they are shares of, tickets the deals."""
    made = np.maximum(done[:, 1], asked[:, 1])
    return np.stack([np.full(len(done), FEWEST), made, done[:, 1], done[:, 2], done[:, 3]], axis=-1)


def limits(name: str, effect: Array, draws: Array, enough: NDArray[np.bool_], error: float) -> dict[str, pl.Series]:
    """The effect with its 95 % limits, and whether it is credibly weak or strong, wrongly so in `error` of cases."""
    low, high, strict_low, strict_high = np.quantile(draws, [0.025, 0.975, error / 2, 1 - error / 2], axis=0)
    unknown = np.where(enough, 0.0, np.nan)
    return {
        name: pl.Series(effect),
        f"{name}_low": pl.Series(np.minimum(low, effect) + unknown, nan_to_null=True),
        f"{name}_high": pl.Series(np.maximum(high, effect) + unknown, nan_to_null=True),
        f"{name}_weak": pl.Series(enough & (strict_high < 0)),
        f"{name}_strong": pl.Series(enough & (strict_low > 0)),
    }


def with_whole(table: pl.DataFrame, whole: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """The reference of each combination where the whole has one of its own."""
    if by:
        joined = table.join(whole.select(*by, own="reference"), on=list(by), how="left", maintain_order="left")
    else:
        joined = table.with_columns(own=pl.lit(whole["reference"].sum() if whole.height else None, pl.Float64))
    return joined.with_columns(reference=pl.coalesce("own", "reference")).drop("own")


def with_verdict(table: pl.DataFrame) -> pl.DataFrame:
    """Adds `reasons`, the factors that credibly make up the gap, and `verdict`: the one there is, "several", or
    "chance"; null where there is no gap to explain. A weak factor is named also of who is ahead; else a strong one is."""
    rows = [reasons(row) for row in table.to_dicts()]
    verdicts = [
        None if row["gap"] is None else CHANCE if not found else found[0] if len(found) == 1 else SEVERAL
        for row, found in zip(table.to_dicts(), rows, strict=True)
    ]
    return table.with_columns(
        reasons=pl.Series(rows, dtype=pl.List(pl.String)), verdict=pl.Series(verdicts, dtype=pl.String)
    )


def reasons(row: dict[str, object]) -> list[str]:
    """The factors that are credibly weak, the largest first; without any, of who is ahead those credibly strong. One that
    is small beside the largest is no second reason."""
    gap = row["gap"]
    if not isinstance(gap, float) or gap == 0:
        return []
    for sign, flag in ((-1, "weak"), (1, "strong")):
        if sign > 0 > gap:
            break
        size = {name: sign * cast(float, row[name]) for name in (*FACTORS, "unallocated")}
        exact = [name for name in EXACT if sign * gap > 0 and size[name] >= PART * abs(gap)]
        found = [name for name in FACTORS if name not in EXACT and row[f"{name}_{flag}"]] + exact
        largest = max((size[name] for name in found), default=0.0)
        kept = sorted((name for name in found if size[name] >= PART * largest), key=lambda name: -size[name])
        if kept:
            return kept
    return []
