"""Funnel limits: published tables digit for digit, and what the limits are of."""

import polars as pl
import pytest

from metrics.diagnosis.funnel_plot import (
    ALARM,
    ENOUGH_UNITS,
    binomial_quantile,
    count_limits,
    count_scores,
    dispersed_limits,
    dispersion,
    period_funnel,
    period_rate_limits,
    share_limits,
    share_scores,
    spread_of_shares,
    winsorised,
)

# Operations and deaths of children under one, 1991–95: D. Spiegelhalter, The Art of Statistics.
HOSPITALS = {
    "Bristol": (143, 41),
    "Leicester": (187, 25),
    "Leeds": (323, 24),
    "Oxford": (122, 23),
    "Guys": (164, 25),
    "Liverpool": (405, 42),
    "Southampton": (239, 24),
    "Great Ormond St": (482, 53),
    "Newcastle": (195, 26),
    "Harefield": (177, 25),
    "Birmingham": (581, 58),
    "Brompton": (301, 31),
}
OPERATIONS, DEATHS = (list(one) for one in zip(*HOSPITALS.values(), strict=True))
SHARE = 397 / 3319


@pytest.mark.parametrize(
    ("expected", "limits"),
    [
        (15, (0.5596924, 1.649348, 0.3862650, 2.082907)),
        (20, (0.6108260, 1.544419, 0.4479107, 1.902094)),
        (30, (0.6746958, 1.427562, 0.5289724, 1.702771)),
    ],
)
def test_exact_poisson_limits_are_those_of_funnelplotr(expected, limits):
    assert (*count_limits(expected), *count_limits(expected, ALARM)) == pytest.approx(limits, rel=1e-6)


def test_only_bristol_is_beyond_the_outer_limits():
    def outside(inside: float) -> set[str]:
        limits = {name: share_limits(n, SHARE, inside) for name, (n, _deaths) in HOSPITALS.items()}
        return {one for one, (n, deaths) in HOSPITALS.items() if not limits[one][0] <= deaths / n <= limits[one][1]}

    assert outside(ALARM) == {"Bristol"}
    assert outside(0.95) == {"Bristol", "Leeds", "Oxford"}
    assert share_limits(143, SHARE, ALARM) == pytest.approx((0.0405, 0.2073), abs=5e-5)


def test_dispersion_of_the_hospitals_and_of_counts():
    assert dispersion(share_scores(DEATHS, OPERATIONS)) == pytest.approx(3.8596, abs=5e-5)
    scores = count_scores((100, 150, 180, 80, 120, 225), (108, 112, 165, 95, 100, 220))
    assert dispersion(scores) == pytest.approx(2.948033, abs=5e-7)
    assert dispersion(winsorised(scores)) == pytest.approx(2.149053, abs=5e-7)


def test_over_dispersion_widens_the_limits_and_moderates_the_verdict():
    """Oxford differs as hospitals do; Bristol does not, by the additive rule."""
    spread = spread_of_shares(DEATHS, OPERATIONS)
    beyond = {}
    for inside in (0.95, ALARM):
        limits = {name: dispersed_limits(n, SHARE, spread, inside) for name, (n, _deaths) in HOSPITALS.items()}
        outside = [name for name, (n, d) in HOSPITALS.items() if not limits[name][0] <= d / n <= limits[name][1]]
        beyond[inside] = outside
    assert spread == pytest.approx(0.000651, abs=5e-7)
    assert beyond == {0.95: ["Bristol", "Leeds"], ALARM: ["Bristol"]}


def test_over_dispersion_is_not_estimated_from_few_units_nor_below_chance():
    assert spread_of_shares(DEATHS[: ENOUGH_UNITS - 1], OPERATIONS[: ENOUGH_UNITS - 1]) == 0
    assert spread_of_shares([20] * 12, [100] * 12) == 0


def test_glasgow_is_beyond_the_limits_among_379_districts():
    low, high = share_limits(675_458, 15_009 / 85_161_167, ALARM)
    assert high < 210 / 675_458
    assert low == pytest.approx(0.000128, abs=5e-7)


def test_limits_lie_between_the_whole_numbers_and_close_in_with_the_cases():
    """Of two cases at one half: P(X ≤ 0) = ¼, P(X ≤ 1) = ¾."""
    assert binomial_quantile(0.5, 2, 0.5) == pytest.approx(0.5)
    assert binomial_quantile(0.25, 2, 0.5) == 0
    widths = [high - low for low, high in (share_limits(n, 0.25) for n in (10, 40, 100, 2000))]
    assert widths == sorted(widths, reverse=True)


def test_limits_of_a_period_rate_narrow_with_the_cases_that_both_counts_share():
    apart, half = (period_rate_limits(100, 0.25, shared) for shared in (0.0, 0.15))
    assert apart[0] < half[0] < 0.25 < half[1] < apart[1]
    assert period_rate_limits(40, 3.0, 0.1)[1] > 3


def units(*rows: tuple[int, int, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, dict.fromkeys(("of", "to", "shared"), pl.Int64), orient="row")


def test_a_unit_is_beyond_where_chance_seldom_puts_it():
    table = period_funnel(units((25, 100, 20), (26, 100, 20), (4, 100, 3), (0, 0, 0), (1, 4, 1)))
    assert table["beyond"].to_list() == [None, None, "alarm", None, None]
    assert table["rate"].to_list() == [0.25, 0.26, 0.04, None, 0.25]
    assert (table["spread"] == 0).all()


def test_from_ten_units_on_the_limits_are_as_wide_as_units_differ():
    alike, apart = [(20, 100, 16)] * 12, [(10, 100, 8), (30, 100, 24)] * 6
    assert period_funnel(units(*alike))["spread"][0] == 0
    table = period_funnel(units(*apart))
    assert table["spread"][0] > 0
    assert table["low_95"][0] < period_funnel(units(*alike))["low_95"][0]


@pytest.mark.parametrize("rows", [[], [(0, 0, 0)], [(0, 10, 0)], [(3, 0, 0)]])
def test_where_there_is_nothing_to_compare_there_are_no_limits(rows):
    table = period_funnel(units(*rows))
    assert table.height == len(rows) and table["beyond"].null_count() == len(rows)
