"""Cumulative incidence: published curves with competing ends, ties and events on day 0."""

import polars as pl
import pytest

from metrics.diagnosis.incidence import at, cumulative_incidence

# Bone-marrow transplants, group 2 (Klein & Moeschberger): days until relapse (1), death (2), or last seen alive (0).
ALIVE = (2569, 2506, 2409, 2218, 1857, 1829, 1562, 1470, 1363, 1030, 860, 1258, 2246, 1870, 1799, 1709, 1674, 1568)
ALIVE += (1527, 1324, 957, 932, 847, 848, 1850, 1843, 1535, 1447, 1384)
DIED = (414, 2204, 1063, 481, 105, 641, 390, 288, 79, 48, 1074, 10, 53, 80, 35, 704)
RELAPSED = (421, 748, 486, 272, 381, 248, 211, 219, 606)
# Scrucca et al., Bone Marrow Transplantation 40 (2007): ALL patients, with ties and ends on day 0.
LEUKAEMIA = ((0, 1), (0, 2), (1, 1), (1, 2), (3, 2), (4, 2), (5, 2), (7, 2), (8, 2), (9, 2), (12, 1), (13, 2), (14, 2))
LEUKAEMIA += ((22, 2), (26, 2), (35, 0), (72, 0))


def cases(*rows: tuple[float, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, {"time": pl.Float64, "cause": pl.Int64}, orient="row")


def curve_at(curve: pl.DataFrame, times, cause: int, column: str) -> list[float | None]:
    found = [at(curve, time).filter(pl.col("cause") == cause)[column].to_list() for time in times]
    return [one[0] if one else None for one in found]


@pytest.fixture(scope="module")
def transplants() -> pl.DataFrame:
    ends = {0: ALIVE, 1: RELAPSED, 2: DIED}
    rows = [(time, cause) for cause, times in ends.items() for time in times]
    return cumulative_incidence(cases(*rows), [1, 2])


YEARS = [year * 365.25 for year in (0.5, 1, 1.5, 2, 3)]


def test_relapse_is_that_of_sas_with_aalens_errors_and_log_log_limits(transplants):
    assert curve_at(transplants, YEARS, 1, "share") == pytest.approx((0, 0.0741, 0.1296, 0.1481, 0.1667), abs=5e-5)
    assert curve_at(transplants, YEARS[1:], 1, "error") == pytest.approx((0.0360, 0.0463, 0.0489, 0.0514), abs=5e-5)
    assert curve_at(transplants, YEARS[1:], 1, "low") == pytest.approx((0.0234, 0.0563, 0.0685, 0.0813), abs=5e-5)
    assert curve_at(transplants, YEARS[1:], 1, "high") == pytest.approx((0.1646, 0.2344, 0.2565, 0.2783), abs=5e-5)


def test_death_competes_with_relapse(transplants):
    expected = (0.1296, 0.1481, 0.2037, 0.2407, 0.2863)
    assert curve_at(transplants, YEARS, 2, "share") == pytest.approx(expected, abs=5e-5)


def test_ties_and_ends_on_day_0_count():
    curve, times = cumulative_incidence(cases(*LEUKAEMIA), [1, 2]), (6, 12, 24, 36)
    assert curve_at(curve, times, 1, "share") == pytest.approx((0.1176, 0.1765, 0.1765, 0.1765), abs=5e-5)
    assert curve_at(curve, times, 2, "share") == pytest.approx((0.2941, 0.4706, 0.6471, 0.7059), abs=5e-5)


def test_the_trap_lifelines_falls_into():
    """It drops the ends on day 0 and shifts ties; scikit-survival 0.28 and statsmodels 0.15 agree with this."""
    times, causes = (0, 0, 3, 5, 5, 5, 8, 8, 10, 10), (1, 2, 1, 1, 2, 0, 1, 0, 2, 0)
    curve = cumulative_incidence(cases(*zip(times, causes, strict=True)), [1])
    assert curve["share"].to_list() == pytest.approx((0.1, 0.2, 0.3, 0.425, 0.425))


def test_what_is_still_open_is_no_failure():
    """Two of four dealt on day 1; of the others one was lost sight of before and one went on without."""
    curve = cumulative_incidence(cases((1, 1), (1, 1), (0, 0), (5, 0)), [1])
    assert curve_at(curve, (1,), 1, "share") == [pytest.approx(2 / 3)]


def test_the_ends_together_never_exceed_one_and_no_limits_are_claimed_at_none_and_all():
    curve = cumulative_incidence(cases((2, 1), (2, 2), (3, 1)), [1, 2])
    assert at(curve, 3)["share"].sum() == pytest.approx(1)
    certain = cumulative_incidence(cases((0, 1), (1, 1)), [1, 2])
    assert at(certain, 1).select("share", "low", "high").rows() == [(1.0, None, None), (0.0, None, None)]


def test_without_cases_there_is_no_curve():
    assert cumulative_incidence(cases(), [1, 2]).is_empty()
