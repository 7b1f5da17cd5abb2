"""Units side by side: the hospitals and the limits of every kind, verdicts on their side, and lines that agree with
them."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.diagnosis.funnel_plot import LIMITS
from metrics.diagnosis.funnels import beyond_count, count_funnel, lines, placed, share_funnel, spread_of_counts
from tests.metrics.diagnosis.test_funnel_plot import DEATHS, HOSPITALS, OPERATIONS


def hospitals(number: int = 12) -> pl.DataFrame:
    return pl.DataFrame({"name": list(HOSPITALS)[:number], "of": DEATHS[:number], "to": OPERATIONS[:number]})


def test_the_hospitals_limits_are_exact_with_few_units_and_widened_with_many():
    """Nine hospitals are too few to tell how hospitals differ: exact limits. Of twelve the published rule widens."""
    few, all_of_them = share_funnel(hospitals(9)), share_funnel(hospitals())
    assert few["spread"].unique().to_list() == [0.0]
    assert all_of_them["spread"][0] == pytest.approx(0.000651, abs=5e-7)
    beyond = dict(all_of_them.select("name", "beyond").drop_nulls().iter_rows())
    assert beyond == {"Bristol": "alarm", "Leeds": "warning"}
    assert dict(placed(all_of_them).select("name", "place").iter_rows())["Bristol"] == "clearly_higher"
    assert dict(placed(all_of_them).select("name", "place").iter_rows())["Leeds"] == "lower"


def test_who_had_no_case_has_no_place():
    table = placed(share_funnel(pl.DataFrame({"of": [5, 0], "to": [20, 0]})))
    assert table["place"].to_list() == ["within", None] and table["rate"].to_list() == [0.25, None]
    assert placed(share_funnel(pl.DataFrame({"of": [0], "to": [0]})))["place"].to_list() == [None]


@pytest.mark.parametrize(
    ("observed", "expected", "word"),
    [(0, 3, None), (0, 4, "warning"), (0, 8, "alarm"), (10, 10, None), (18, 10, "warning"), (22, 10, "alarm")],
)
def test_a_count_is_beyond_where_chance_seldom_puts_it(observed, expected, word):
    """P(0 | 3) = 0.0498, P(0 | 4) = 0.0183, P(0 | 8) = 0.0003; P(X ≥ 18 | 10) = 0.0143, P(X ≥ 22 | 10) = 0.0007."""
    assert beyond_count(observed, expected, 0.0) == word


def test_counts_that_differ_as_units_do_are_not_beyond():
    apart = pl.DataFrame({"observed": [60, 140] * 8, "expected": [100.0] * 16})
    assert spread_of_counts(list(apart.iter_rows())) > 0
    assert count_funnel(apart)["beyond"].null_count() == 16
    assert count_funnel(apart.head(4))["beyond"].to_list() == ["alarm"] * 4


def test_lines_agree_with_the_limits_of_the_units():
    table = share_funnel(hospitals())
    drawn = lines(table, "to")
    assert drawn["cases"].is_sorted() and drawn["cases"][0] <= 122 and drawn["cases"][-1] >= 581
    near = drawn.sort((pl.col("cases") - 323).abs()).row(0, named=True)
    leeds = table.filter(name="Leeds").row(0, named=True)
    assert all(near[one] == pytest.approx(leeds[one], abs=0.004) for one in LIMITS)
    assert lines(share_funnel(pl.DataFrame({"of": [0], "to": [0]})), "to").is_empty()


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 60)), min_size=1, max_size=14))
def test_limits_hold_the_centre_and_the_outer_hold_the_inner(rows):
    table = share_funnel(pl.DataFrame([(min(of, to), to) for of, to in rows], ["of", "to"], orient="row"))
    known = table.drop_nulls("low_95")
    slack = 1e-9
    assert (known["low_998"] <= known["low_95"] + slack).all() and (known["high_95"] <= known["high_998"] + slack).all()
    within = known.filter(pl.col("to") > 1)
    assert (within["low_95"] <= within["centre"] + slack).all()
    assert set(placed(table)["place"].drop_nulls()) <= set(placed(table)["place"].dtype.categories)


def test_units_that_do_not_differ_are_seldom_beyond():
    """Twenty of one rate, with 30 to 220 to be expected, two hundred times."""
    rng = np.random.default_rng(20261120)
    expected = np.linspace(30, 220, 20)
    words = [beyond for _ in range(200) for beyond in count_funnel(poisson(rng, expected))["beyond"]]
    assert sum(one is not None for one in words) / len(words) < 0.055
    assert sum(one == "alarm" for one in words) / len(words) < 0.004


def poisson(rng: np.random.Generator, expected: np.ndarray) -> pl.DataFrame:
    return pl.DataFrame({"observed": rng.poisson(expected), "expected": expected})
