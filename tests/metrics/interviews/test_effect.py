"""Whether a number has moved since an interview, by hand, and for more than chance."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.diagnosis.tallies import TALLY
from metrics.interviews import effect
from metrics.interviews.effect import EARLY, FALLEN, RISEN, UNCLEAR
from tests.support.sweep import scaled

COUNTS = st.integers(0, 200)


def tallied(**row: float) -> pl.DataFrame:
    return pl.DataFrame([dict.fromkeys(TALLY, 0) | row], TALLY)


def rated(consultations: int, applications: int) -> pl.DataFrame:
    return tallied(days=20, consultations=consultations, applications=applications, consulted_applied=applications)


def test_a_volume_that_doubled_has_risen_and_its_limits_are_those_of_poisson_counts():
    found = effect.effect(tallied(days=20, consultations=40), tallied(days=20, consultations=80), effect.WATCHED[0], 20)
    assert (found["before"], found["after"], found["change"], found["verdict"]) == (2.0, 4.0, 2.0, RISEN)
    assert found["after_low"] == pytest.approx((80 + 1.9208 - 1.96 * (80 + 0.9604) ** 0.5) / 20, abs=1e-3)
    assert 0.9 < found["low"] < 1.1 and 3.1 < found["high"] < 3.2
    back = effect.effect(tallied(days=20, consultations=80), tallied(days=20, consultations=40), effect.WATCHED[0], 20)
    assert (back["verdict"], back["low"], back["high"]) == (FALLEN, -found["high"], -found["low"])


def test_what_is_little_early_or_nothing_says_so():
    few = (tallied(days=10, consultations=4), tallied(days=10, consultations=7))
    assert effect.effect(*few, "consultations_a_day", 10)["verdict"] == UNCLEAR
    much = (tallied(days=9, consultations=9), tallied(days=9, consultations=90))
    assert effect.effect(*much, "consultations_a_day", 9)["verdict"] == EARLY
    gone = effect.effect(rated(0, 0), rated(30, 20), "application_rate", 20)
    assert (gone["before"], gone["change"], gone["low"], gone["verdict"]) == (None, None, None, UNCLEAR)
    away = effect.effect(tallied(), tallied(days=20, consultations=50), "consultations_a_day", 20)
    assert (away["before"], away["change"], away["verdict"]) == (None, None, UNCLEAR)


def test_a_rate_is_that_of_all_tallies_together():
    twice = pl.concat([rated(50, 10), rated(50, 10)])
    found = effect.effect(twice, rated(100, 60), "application_rate", 20)
    assert (found["before"], found["after"], found["verdict"]) == (0.2, 0.6, RISEN)


@given(COUNTS, COUNTS, st.floats(1, 9))
def test_the_change_lies_within_its_limits_and_more_scatter_widens_them(before, after, spread):
    sides = (tallied(days=20, consultations=before), tallied(days=20, consultations=after))
    plain = effect.effect(*sides, "consultations_a_day", 20)
    wide = effect.effect(*sides, "consultations_a_day", 20, spread)
    assert plain["low"] <= plain["change"] <= plain["high"]
    assert wide["low"] <= plain["low"] + 1e-9 and wide["high"] >= plain["high"] - 1e-9


@pytest.mark.parametrize("mean", [0.5, 3.0])
def test_nothing_moved_is_seldom_called_moved(mean):
    """Of numbers that did not move at most about one in twenty is said to have."""
    draws = np.random.default_rng(7).poisson(mean * 20, (scaled(sweep=4_000, test=150), 2))
    said = [
        effect.effect(tallied(days=20, consultations=a), tallied(days=20, consultations=b), "consultations_a_day", 20)
        for a, b in draws
    ]
    assert np.mean([one["verdict"] != UNCLEAR for one in said]) < 0.085


def test_scatter_is_that_of_the_days_and_at_least_chance():
    assert effect.scatter([2] * 20, [1] * 20) == 1.0
    assert effect.scatter([0, 10] * 10, [1] * 20) == pytest.approx(25 / 5 * 20 / 19)
    assert effect.scatter([0, 10] * 4, [1] * 8) == effect.scatter([0] * 20, [1] * 20) == effect.scatter([], []) == 1.0
    assert effect.scatter([2, 1] * 10, [1, 0.5] * 10) == 1.0
