"""How a whole is divided: in whole units, by a key, never a unit lost; and how parts that do not make it are named."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.plans.allocation import BREAKDOWN, allocate, breakdown, split

WAN = 1_000_000  # cents
WEIGHTS = st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=40)


def holders(*rows: tuple[float, int]) -> pl.DataFrame:
    """Days present and deals of last quarter."""
    table = pl.DataFrame(rows, {"present": pl.Float64, "deals_before": pl.Int64}, orient="row")
    return table.with_columns(deal_amount_before=pl.lit(0))


def test_equal_parts_differ_by_one_at_most():
    assert allocate(10, [1, 1, 1]) == [4, 3, 3]


def test_what_is_left_over_goes_to_the_largest_remainder():
    """10 by 1 : 2 : 4 is 1.43, 2.86 and 5.71."""
    assert allocate(10, [1, 2, 4]) == [1, 3, 6]


def test_amounts_are_divided_in_ten_thousand_yuan_where_they_are_given_so():
    assert allocate(10 * WAN, [1, 1, 1], WAN) == [4 * WAN, 3 * WAN, 3 * WAN]
    assert sum(allocate(10 * WAN + 7, [1, 1, 1], WAN)) == 10 * WAN + 7


def test_nothing_can_be_divided_by_nothing():
    assert allocate(10, [0, 0]) is None and allocate(10, []) is None
    assert allocate(0, [1, 2]) == [0, 0]


@given(st.integers(0, 10**12), WEIGHTS)
def test_the_parts_make_the_whole_whatever_the_weights(whole, weights):
    parts = allocate(whole, weights)
    if parts is None:
        assert not sum(weights) > 0
        return
    assert sum(parts) == whole and min(parts) >= 0
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - whole * weight / sum(weights)) <= 1 + 1e-9 * whole


@given(st.integers(0, 1000), st.lists(st.integers(1, 1000), min_size=1, max_size=12, unique=True), st.randoms())
def test_who_comes_first_in_the_table_gets_no_more(whole, weights, random):
    order = list(range(len(weights)))
    random.shuffle(order)
    shuffled = allocate(whole, [weights[n] for n in order])
    assert [shuffled[order.index(n)] for n in range(len(weights))] == allocate(whole, weights)


@pytest.mark.parametrize(("key", "parts"), [("equal", [7, 7, 0]), ("last_quarter", [11, 3, 0]), ("present", [9, 5, 0])])
def test_the_keys_are_equal_last_quarters_share_and_days_present(key, parts):
    """Present 20, 10 and 0 days; 12, 3 and 5 deals last quarter: who is no longer there gets nothing."""
    team = holders((20.0, 12), (10.0, 3), (0.0, 5))
    assert split({"deals": 14}, team, key)["deals"].to_list() == parts


def test_without_a_whole_or_without_anything_done_a_measure_stays_empty():
    team = holders((20.0, 0), (10.0, 0))
    table = split({"deals": 14, "deal_amount": None}, team, "last_quarter")
    assert table["deals"].to_list() == table["deal_amount"].to_list() == [None, None]


@pytest.mark.parametrize(
    ("whole", "parts", "difference", "state"),
    [
        (10, [4, 3], 3.0, "under"),
        (10, [4, 9], -3.0, "over"),
        (10, [4, 6], 0.0, "even"),
        (10, [0.1] * 100, 0.0, "even"),
        (10, [], 10.0, "under"),
        (None, [4], None, "no_whole"),
    ],
)
def test_the_sum_of_the_parts_is_named_beside_the_whole_and_never_made_to_fit(whole, parts, difference, state):
    wholes = pl.DataFrame({"measure": ["deals"], "plan": [whole]}, {"measure": pl.String, "plan": pl.Int64})
    rows = pl.DataFrame({"measure": ["deals"] * len(parts), "plan": parts}, {"measure": pl.String, "plan": pl.Float64})
    table = breakdown(wholes, rows)
    assert table.schema == BREAKDOWN
    assert table.select("difference", "state").row(0) == (difference, state)
    assert table["parts"].item() == pytest.approx(sum(parts))
