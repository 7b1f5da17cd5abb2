"""Control charts: published examples digit for digit, and the signals of Making Data Count."""

import polars as pl
import pytest

from metrics.diagnosis.control_chart import (
    is_trial,
    p_chart,
    sequential_alarm,
    signals,
    threshold,
    will_reach,
    xmr,
)

# NHSRplotthedots' own test data.
Y = (-0.56047565, -0.23017749, 1.55870831, 0.07050839, 0.12928774, 1.71506499, 0.46091621, -1.26506123, -0.68685285)
Y += (-0.44566197, 1.22408180, 0.35981383, 0.40077145, 0.11068272, -0.55584113, 1.78691314, 0.49785048, -1.96661716)
Y += (0.70135590, -0.47279141)
# D. C. Montgomery, Introduction to Statistical Quality Control, table 7.1, of 50 cans each.
CANS = (12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6)
# NHS accident data of qicharts2: seen within four hours, attended.
SEEN = (266501, 264225, 276532, 281461, 269071, 261215, 270409, 279778, 270483, 270320)
SEEN += (267923, 271478, 255353, 256820, 261835, 259144, 255910, 260863, 264465, 260989)
ATTENDED = (280443, 276823, 291681, 296155, 282343, 275888, 283867, 295251, 284468, 282529)
ATTENDED += (279618, 283932, 266629, 268091, 276803, 271578, 266005, 273520, 278574, 273772)


def limits(chart: pl.DataFrame) -> tuple[float, ...]:
    return chart.select("centre", "low", "high").row(0)


def beyond(chart: pl.DataFrame) -> list[int]:
    """Which points, from 1."""
    return [place for place, one in enumerate(signals(chart)["beyond"], 1) if one]


def test_a_chart_of_single_values_is_that_of_the_nhs():
    assert limits(xmr(pl.Series(Y))) == pytest.approx((0.1416238, -3.01138, 3.294627), rel=1e-6)


def test_a_range_out_of_control_does_not_widen_the_limits():
    with_ten = pl.Series([*Y[:14], 10.0, *Y[15:]])
    assert limits(xmr(with_ten)) == pytest.approx((0.6694159, -2.383666, 3.722497), rel=1e-6)
    assert beyond(xmr(with_ten)) == [15]


def test_montgomerys_p_chart():
    chart = p_chart(pl.Series(CANS), pl.Series([50] * 30))
    assert limits(chart) == pytest.approx((0.231333, 0.052428, 0.410239), abs=1e-6)
    assert beyond(chart) == [15, 23]
    rest = [one for place, one in enumerate(CANS, 1) if place not in (15, 23)]
    revised = p_chart(pl.Series(rest), pl.Series([50] * 28))
    assert limits(revised) == pytest.approx((0.2150, 0.0407028, 0.3892972), abs=5e-7)
    assert [rest[place - 1] for place in beyond(revised)] == [20]


def test_a_lower_limit_below_nothing_is_nothing():
    low = limits(p_chart(pl.Series([351]), pl.Series([3200])))[0]
    assert low == pytest.approx(0.1096875)
    assert limits(p_chart(pl.Series([5, 6]), pl.Series([50, 50])))[1] == 0


def test_laneys_p_chart_does_not_take_every_large_week_for_an_alarm():
    plain, laney = (p_chart(pl.Series(SEEN), pl.Series(ATTENDED), between) for between in (False, True))
    assert limits(plain) == pytest.approx((0.9528997, 0.951700, 0.954100), abs=1e-6)
    assert len(beyond(plain)) == 16
    assert limits(laney) == pytest.approx((0.9528997, 0.940130, 0.965670), abs=1e-6)
    assert beyond(laney) == []


def test_weeks_without_cases_have_no_point():
    chart = signals(p_chart(pl.Series([5, 0, 6]), pl.Series([20, 0, 20])))
    assert chart["value"].to_list() == [0.25, None, 0.3]
    assert not chart["beyond"].any()


def marked(name: str, values: list[float], low: float = -3.0, high: float = 3.0) -> list[int]:
    chart = pl.DataFrame({"value": values}, {"value": pl.Float64})
    chart = chart.with_columns(centre=pl.lit(0.0), low=pl.lit(low), high=pl.lit(high))
    return [place for place, one in enumerate(signals(chart)[name], 1) if one]


def test_seven_on_one_side_are_a_shift_and_six_are_none():
    assert marked("shift", [-1, *[1] * 7, -1]) == [2, 3, 4, 5, 6, 7, 8]
    assert marked("shift", [-1, *[1] * 6, -1]) == []
    assert marked("shift", [1, 1, 1, 0, 1, 1, 1, 1]) == []


def test_seven_rising_or_falling_are_a_trend_and_six_are_none():
    assert marked("trend", [0, 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0]) == [2, 3, 4, 5, 6, 7, 8]
    assert marked("trend", [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0]) == []
    assert marked("trend", [0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0]) == [1, 2, 3, 4, 5, 6, 7]


def test_two_of_three_near_one_limit_are_a_signal():
    assert marked("near", [0, 2.5, 0, 2.5, 0]) == [2, 4]
    assert marked("near", [0, 2.5, 0, 0, 2.5]) == []
    assert marked("near", [2.5, -2.5, 0]) == []


def test_a_process_without_variation_gives_no_signal():
    chart = signals(xmr(pl.Series([4.0] * 20)))
    assert not chart.select(pl.any_horizontal("beyond", "shift", "trend", "near")).to_series().any()


@pytest.mark.parametrize(("target", "word"), [(-4.0, "always"), (4.0, "never"), (0.5, "chance")])
def test_whether_a_process_reaches_its_target_by_itself(target, word):
    chart = xmr(pl.Series(Y))
    assert will_reach(chart, target) == word
    opposite = {"always": "never", "never": "always", "chance": "chance"}
    assert will_reach(chart, target, more_is_better=False) == opposite[word]


def test_few_points_give_trial_limits_and_one_or_none_no_failure():
    assert is_trial(xmr(pl.Series(Y[:11]))) and not is_trial(xmr(pl.Series(Y[:12])))
    assert limits(xmr(pl.Series([2.0]))) == (2.0, 2.0, 2.0)
    nothing = xmr(pl.Series([], dtype=pl.Float64))
    assert signals(nothing).is_empty() and will_reach(nothing, 1.0) is None


def test_since_when_shipman_could_have_been_found():
    """Deaths of women over 64, 1977 to 1985: The Art of Statistics, figures 10.3 and 10.4."""
    observed = (2, 11, 25, 32, 40, 45, 47, 60, 73)
    expected = (2.04, 5.94, 10.38, 14.40, 18.33, 21.23, 25.06, 29.53, 32.45)
    found = sequential_alarm(observed, expected)
    assert found == pytest.approx((-0.654, 1.685, 6.949, 7.781, 9.396, 9.962, 7.518, 12.059, 18.150), abs=5e-4)
    bounds = [threshold(error) for error in (1e-2, 1e-4, 1e-6)]
    assert bounds == pytest.approx((4.5951, 9.2102, 13.8155), abs=5e-5)
    crossed = [next(1977 + year for year, one in enumerate(found) if one > bound) for bound in bounds]
    assert crossed == [1979, 1981, 1985]


def test_a_count_that_halves_alarms_by_the_same_rule():
    """10 a week expected, 5 a week come: in the third week chance is excluded at one in a hundred."""
    weeks = range(1, 31)
    found = sequential_alarm([5 * week for week in weeks], [10 * week for week in weeks], 0.5)
    assert next(week for week, one in zip(weeks, found, strict=True) if one > threshold(0.01)) == 3
    assert max(sequential_alarm([10 * week for week in weeks], [10 * week for week in weeks], 0.5)) < 0
