"""Reverse planning: the laws that always hold."""

from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from metrics.reverse_plan.reverse_plan import REMAINING, most_demanding, needed
from tests.support.builders import EAST, LI, SOUTH, WANG, ZHAO
from tests.support.metrics import small_frames
from tests.support.metrics.needs import THERE, WORKDAYS, planned, row
from tests.support.sweep import scaled

logs = st.lists(row, max_size=80)


plans = st.integers(0, 60)


def written(rows: list[tuple]) -> pl.DataFrame:
    """Opportunities of odd number are loans; each is of its manager's own branch or of several, as it comes."""
    return small_frames.marked(
        *(
            {"manager": manager, "branch": branch, "kind": kind, "day": WORKDAYS[place], "customer": opportunity or 50}
            | {"opportunity": opportunity, "amount_cents": 100_00 * place if kind == "deal" else None}
            | {"family": None if opportunity is None else "loan" if opportunity % 2 else "cross_sell"}
            for (manager, branch), kind, opportunity, place in rows
        )
    )


def every_measure(plan: int, actual: int = 0) -> pl.DataFrame:
    people = ((WANG, EAST), (LI, EAST), (ZHAO, SOUTH))
    full = [
        (manager, branch, measure, plan * (100_00 if measure == "deal_amount" else 1), actual)
        for manager, branch in people
        for measure in ("consultations", "applications", "deals", "deal_amount")
    ]
    return pl.DataFrame(full, REMAINING, orient="row", strict=False)


FEW = settings(max_examples=scaled(sweep=200, test=10))


@FEW
@given(logs, plans, plans)
def test_a_larger_remaining_plan_never_needs_less(rows, one, other):
    log = written(rows)
    less, more = (planned(log, every_measure(plan + 1)) for plan in sorted((one, other)))
    for name in ("needed", "needed_low", "needed_high"):
        pairs = [(a, b) for a, b in zip(less[name], more[name], strict=True) if a is not None and b is not None]
        assert all(a <= b + 1e-6 * max(1, b) for a, b in pairs), name


@FEW
@given(logs, plans)
def test_the_need_lies_within_its_interval_and_the_pipeline_within_its_own(rows, plan):
    table = planned(written(rows), every_measure(plan))
    for need, low, high in table.select("needed", "needed_low", "needed_high").rows():
        assert (need is None) == (low is None)
        assert need is None or low <= need * (1 + 1e-9)
        assert high is None or need * (1 - 1e-9) <= high
    assert (table["pipeline_low"] <= table["pipeline"]).all() and (table["pipeline"] <= table["pipeline_high"]).all()
    assert table["chance"].drop_nulls().is_between(0, 1).all()
    assert most_demanding(table).height == 3


@FEW
@given(logs, plans, st.randoms())
def test_the_order_of_the_rows_does_not_matter(rows, plan, random):
    log, wanted = written(rows), every_measure(plan)
    mixed = (frame.sample(fraction=1, shuffle=True, seed=random.randrange(1000)) for frame in (log, wanted))
    assert_frame_equal(planned(log, wanted), planned(*mixed))


@FEW
@given(logs, plans)
def test_the_numbers_of_a_branch_do_not_depend_on_who_looks(rows, plan):
    log, wanted = written(rows), every_measure(plan)
    whole = planned(log, wanted)
    for branch in (EAST, SOUTH):
        here = pl.col("branch") == branch
        own = planned(log.filter(here), wanted.filter(here), posting_days=THERE.filter(here))
        assert_frame_equal(whole.filter(here), own)


@given(st.integers(1, 200), st.integers(0, 400), st.integers(1, 100))
def test_the_need_is_the_exact_fraction(days, wanting, a_hundredth):
    """needed = (remaining − open) ÷ brings, whatever they are."""
    one = {"measure": "deals", "days_left": float(days), "brings": a_hundredth / 100, "remaining": wanting + 2.0}
    one |= {"open": 2.0, "o_variance": 0.0, "d_variance": 0.0, "covariance": 0.0, "luck": 0.0}
    table = pl.DataFrame([one]).select(needed())
    exact = float(Fraction(wanting) / Fraction(a_hundredth, 100))
    for name in ("needed", "needed_low", "needed_high"):
        assert table[name].item() == pytest.approx(exact)
