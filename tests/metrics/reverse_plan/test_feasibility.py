"""A need beyond somebody's best month is said to be unsure where its limits reach down to it."""

import polars as pl
import pytest

from metrics.reverse_plan.feasibility import with_certainty


@pytest.mark.parametrize(
    ("needed", "low", "best", "unsure"),
    [(14.0, 10.0, 9.0, False), (14.0, 8.0, 9.0, True), (7.0, 5.0, 9.0, False), (None, None, 9.0, None)],
)
def test_a_need_beyond_the_best_month_is_unsure_where_its_limits_reach_it(needed, low, best, unsure):
    kinds = dict.fromkeys(("needed", "needed_low", "best"), pl.Float64)
    needs = pl.DataFrame({"needed": [needed], "needed_low": [low], "best": [best]}, kinds)
    assert with_certainty(needs)["unsure"].item() is unsure
