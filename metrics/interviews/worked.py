"""How often what was done about a cause worked: chains of cause, reaction, actions and effect, counted."""

from collections.abc import Sequence

import polars as pl

from metrics.diagnosis.tallies import rate_of
from metrics.intervals import wilson
from metrics.interviews.effect import EARLY, FALLEN, RISEN

FEWEST = 5  # interviews that can be judged, below which no share is told
COUNTS = ("held", "judged", "risen", "fallen", "actions", "actions_done")
SAID = (*COUNTS, "share", "low", "high", "enough")
FOLLOWED, OPEN = "all_done", "not_all_done"


def worked(chains: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """How often the number that was to move has risen: one row a combination of `by` among the chains, sorted, or one of
    all: the interviews held, those over long enough to be judged, how many of these have risen and fallen, the actions
    agreed and done, risen ÷ judged with its 95 % limits (null where none is judged), and whether they are enough to tell.

    `chains` has a row an interview: verdict, actions, actions_done, and the columns of `by`, which may be `followed`:
    whether all that was agreed is done."""
    verdict = pl.col("verdict")
    marked = chains.select(
        *(name for name in by if name != "followed"),
        followed=pl.when(pl.col("actions") > pl.col("actions_done")).then(pl.lit(OPEN)).otherwise(pl.lit(FOLLOWED)),
        held=1,
        judged=verdict != EARLY,
        risen=verdict == RISEN,
        fallen=verdict == FALLEN,
        actions="actions",
        actions_done="actions_done",
    )
    sums = [pl.col(name).cast(pl.Int64).sum() for name in COUNTS]
    table = marked.group_by(by).agg(sums).sort(by) if by else marked.select(sums)
    low, high = wilson(table["risen"], table["judged"])
    enough = pl.col("judged") >= FEWEST
    return table.with_columns(share=rate_of("risen", "judged"), low=low, high=high, enough=enough)
