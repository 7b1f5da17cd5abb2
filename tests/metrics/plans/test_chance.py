"""Chance: the tails against values computed elsewhere, and the laws they obey."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.plans.chance import incomplete_beta, incomplete_gamma, so_few, so_little

# Computed with scipy 1.17 (betainc, gammainc, poisson.cdf, nbinom.cdf).
BETA = [
    (2, 3, 0.5, 0.6875),
    (0.5, 0.5, 0.3, 0.36901011956554536),
    (10, 1, 0.9, 0.34867844010000004),
    (5, 50, 0.05, 0.13204865622628673),
    (300, 700, 0.28, 0.0823909765105907),
    (1e-3, 4, 0.5, 0.9999734851100119),
    (20_000, 20_001, 0.5, 0.5019946989351003),
]
GAMMA = [
    (1, 1, 0.6321205588285577),
    (0.5, 0.2, 0.47291074313446196),
    (5, 2, 0.052653017343711125),
    (5, 12, 0.992399609318933),
    (100, 80, 0.0171083130351331),
    (0.01, 0.5, 0.9943732438060326),
    (3000, 2900, 0.032859991921121025),
]
COUNTS = [
    (0, 0.2, 1, 0.8187307530779818),
    (1, 1.4, 1, 0.5918327134598557),
    (0, 3, 1, 0.04978706836786395),
    (1, 5, 1, 0.04042768199451279),
    (16, 25, 1, 0.0377476472268412),
    (16, 25, 2, 0.10551179880440031),
    (0, 5, 1.8, 0.025383227552848373),
    (90, 120, 3.5, 0.06609158829663936),
    (3, 9, 2.5, 0.09935257600000003),
    (9500, 10_000, 4, 0.005719484972202021),
]
MEANS = st.floats(0.01, 5_000)
SPREADS = st.floats(1, 20)


@pytest.mark.parametrize(("a", "b", "x", "value"), BETA)
def test_the_incomplete_beta_function(a, b, x, value):
    assert incomplete_beta(a, b, x) == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize(("a", "x", "value"), GAMMA)
def test_the_incomplete_gamma_function(a, x, value):
    assert incomplete_gamma(a, x) == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize(("actual", "mean", "spread", "value"), COUNTS)
def test_so_few_is_a_negative_binomial_or_poisson(actual, mean, spread, value):
    assert so_few(actual, mean, spread) == pytest.approx(value, rel=1e-9)


@given(st.integers(0, 4_000), MEANS, SPREADS)
def test_more_is_never_less_likely_to_be_reached_by_chance(actual, mean, spread):
    here = so_few(actual, mean, spread)
    assert 0 <= here <= 1
    assert here <= so_few(actual + 1, mean, spread) + 1e-9
    assert here >= so_few(actual, mean * 1.1, spread) - 1e-9, "of a larger plan the same is less likely"


@given(st.integers(0, 60), st.floats(0.1, 40))
def test_near_one_the_spread_is_poissons(actual, mean):
    assert so_few(actual, mean, 1.0001) == pytest.approx(so_few(actual, mean), abs=1e-4)
    assert so_few(actual, mean, 0.5) == so_few(actual, mean), "below it is taken as one"


@given(st.floats(0, 1e9), st.floats(1, 1e9), SPREADS, st.floats(1e4, 1e8), st.floats(0, 3))
def test_an_amount_is_never_less_likely_than_no_ticket_at_all(actual, mean, spread, ticket, differ):
    here = so_little(actual, mean, spread, ticket, differ)
    assert so_few(0, mean / ticket, spread) <= here <= 1
    assert here <= so_little(actual * 1.5 + 1, mean, spread, ticket, differ) + 1e-9


def test_where_nothing_was_to_be_expected_nothing_is_seldom():
    assert so_few(0, 0) == so_little(0, 0, 1, 100, 1) == 1.0


def test_one_ticket_too_few_of_a_small_plan_is_chance_and_of_a_large_one_is_not():
    """A third of a ticket to date and none: e^−⅓ = 72 %. 30 tickets to date, half of it done: a few in a thousand."""
    assert so_little(0, 10, 1, 30, 0.5) == pytest.approx(0.7165, abs=1e-4)
    assert so_little(450, 900, 1, 30, 0.5) < 0.01
