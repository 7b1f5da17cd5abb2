"""The mean over all orders: published worked examples, and what holds for every decomposition."""

import numpy as np
import pytest

from metrics.diagnosis.decomposition import chained, effects, product
from tests.support.sweep import SEED, scaled

# Das Gupta 1993, as the R package DasGuptR prints them; the last is our own.
EXAMPLES = [
    ((10930, 0.717892), (16591, 0.825974), (4369.913, 1487.262), 5857.175),
    ((51.78746, 0.45919, 0.52638), (84.90502, 0.75756, 0.51065), (10.4340333, 10.5608476, -0.6670084), 20.3278726),
    (
        (25.3, 0.214, 0.279, 0.949),
        (32.7, 0.290, 0.473, 0.986),
        (0.6889411, 0.8125381, 1.3829055, 0.1047547),
        2.9891394,
    ),
    ((0.6, 0.5), (0.3, 0.45), (-0.1425, -0.0225), -0.1650),
    ((160, 0.5, 0.25), (120, 0.45, 2 / 9), (-4.490741, -1.657407, -1.851852), -8),
]
BIRTHS = {  # of seven ages of mothers in 1970 and 1960: births, the share married, the share of women
    1970: (
        (488, 452, 338, 156, 63, 22, 3),
        (0.082, 0.527, 0.866, 0.941, 0.942, 0.923, 0.876),
        (0.058, 0.038, 0.032, 0.030, 0.026, 0.023, 0.019),
    ),
    1960: (
        (393, 407, 369, 274, 184, 90, 16),
        (0.122, 0.622, 0.903, 0.930, 0.916, 0.873, 0.800),
        (0.043, 0.041, 0.036, 0.032, 0.026, 0.020, 0.018),
    ),
}


def arrays(values) -> list[np.ndarray]:
    return [np.asarray(one, float) for one in values]


@pytest.mark.parametrize(("before", "after", "expected", "total"), EXAMPLES)
def test_products_are_split_as_published(before, after, expected, total):
    found = effects(arrays(after), arrays(before))
    assert found == pytest.approx(expected, rel=1e-6)
    assert sum(found) == pytest.approx(total, rel=1e-6)


def test_births_by_age_are_split_as_published():
    """The published effects are those of the earlier year against the later, in births a thousand."""
    early, late = (arrays(BIRTHS[year]) for year in (1960, 1970))
    found = effects(early, late, lambda factors: product(factors).sum())
    assert found == pytest.approx((7.285632, 2.720633, 1.565181), abs=5e-7) or found == pytest.approx(
        (-7.285632, -2.720633, -1.565181), abs=5e-7
    )
    assert product(late).sum() == pytest.approx(27.20318, abs=5e-6)
    assert product(early).sum() == pytest.approx(38.77463, abs=5e-6)


def test_a_difference_of_rates_is_split_too():
    """Births 19.4 → 23.7 a thousand, deaths 10.8 → 9.5."""
    found = effects(arrays((23.7, 9.5)), arrays((19.4, 10.8)), lambda rates: rates[0] - rates[1])
    assert found == pytest.approx((4.3, 1.3))


CASES = scaled(sweep=20_000, test=1_000)


def chains(rng: np.random.Generator) -> np.ndarray:
    """Totals of days, consultations, applications, deals and amount: many of them 0, and in no order of size."""
    return rng.integers(0, 5, (CASES, 5)) * rng.choice((0.0, 1.0, 0.5, 40.0), (CASES, 5))


def test_the_parts_add_up_also_with_zero_and_missing_factors():
    rng = np.random.default_rng(SEED)
    after, before = chains(rng), chains(rng)
    factors = chained(after, before)
    for side, total in zip(factors, (after, before), strict=True):
        assert np.isfinite(np.stack(side)).all()
        assert product(side) == pytest.approx(total[:, -1], abs=1e-9)
    assert sum(effects(*factors)) == pytest.approx(after[:, -1] - before[:, -1], abs=1e-9)


def test_the_order_of_the_factors_does_not_matter():
    rng = np.random.default_rng(SEED)
    after, before = rng.random((5, CASES)), rng.random((5, CASES))
    order = rng.permutation(5)
    straight, turned = effects(list(after), list(before)), effects(list(after[order]), list(before[order]))
    for place, one in enumerate(order):
        assert turned[place] == pytest.approx(straight[one])


def test_a_missing_factor_is_that_of_the_other_side_and_has_no_effect():
    """Three deals without an application, against five that came by ten of them."""
    after, before = np.array([[20.0, 40, 0, 3]]), np.array([[20.0, 40, 10, 5]])
    found = effects(*chained(after, before))
    assert [float(one[0]) for one in found] == pytest.approx((0, 0, 0, -2))


def test_what_nothing_was_made_of_has_no_rate():
    after, before = np.array([[20.0, 0, 0, 0]]), np.array([[20.0, 40, 10, 5]])
    assert [float(one[0]) for one in effects(*chained(after, before))] == pytest.approx((0, -5, 0, 0))
