"""Own rates lean on the branch's where own numbers are few."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.reverse_plan.shrinking import LEAST_SPREAD, MOST_SPREAD, with_shrunk_rates

BRANCH = 0.4


def rates(*managers: tuple[float, float], branch: float = BRANCH) -> pl.DataFrame:
    """(trials, came) of managers of one branch."""
    rows = [(1, float(trials), trials * branch, float(came)) for trials, came in managers]
    return with_shrunk_rates(pl.DataFrame(rows, ["branch", "trials", "expected", "came"], orient="row"))


def test_managers_who_differ_much_keep_most_of_their_own():
    """Differing by more than half of 0.4 is not believed: prior weight 0.4 × 0.6 ÷ 0.2² − 1 = 5 cases."""
    table = rates((40, 19), (10, 1))
    assert table["rate"].to_list() == pytest.approx([(19 + 2) / 45, (1 + 2) / 15])
    assert table["factor"].to_list() == pytest.approx([21 / 45 / 0.4, 0.5])


def test_the_weight_of_the_branch_comes_from_how_much_its_managers_differ():
    """Q = 4 ÷ 9.6 + 4 ÷ 2.4, one less than that over 50 − 1,700 ÷ 50 is the variance among them, in units of p (1 −
    p)."""
    among = (4 / 9.6 + 4 / 2.4 - 1) / 16 * 0.24
    weight = 0.24 / among - 1
    assert rates((40, 18), (10, 2))["rate"].to_list() == pytest.approx(
        [(18 + weight * 0.4) / (40 + weight), (2 + weight * 0.4) / (10 + weight)]
    )


def test_managers_who_seem_all_alike_still_differ_a_little():
    weight = 0.24 / (LEAST_SPREAD * 0.4) ** 2 - 1
    table = rates((100, 40), (100, 41), (100, 39))
    assert table["rate"][1] == pytest.approx((41 + weight * 0.4) / (100 + weight))


def test_a_newcomer_with_nothing_has_the_rate_of_the_branch_and_little_certainty():
    table = rates((200, 80), (200, 80), (0, 0))
    assert table["rate"][2] == pytest.approx(BRANCH) and table["factor"][2] == pytest.approx(1)
    assert table["spread"][2] == pytest.approx(LEAST_SPREAD**2) and table["spread"][2] > table["spread"][0]


def test_a_branch_of_one_is_its_own_measure():
    assert rates((50, 20))["factor"].to_list() == pytest.approx([1])


def test_a_branch_without_any_trial_or_success_has_nothing_to_say():
    assert rates((0, 0)).select("rate", "factor", "spread").rows() == [(None, 1.0, 0.0)]
    assert rates((30, 0), branch=0.0).select("rate", "factor", "spread").rows() == [(0.0, 1.0, 0.0)]


counts = st.integers(0, 300).flatmap(lambda trials: st.tuples(st.just(trials), st.integers(0, trials)))


@given(st.lists(counts, min_size=1, max_size=12))
def test_a_shrunk_rate_lies_between_the_own_one_and_the_branch(managers):
    trials, came = sum(one for one, _ in managers), sum(other for _, other in managers)
    if not trials or not came or came >= 0.99 * trials:
        return
    branch = came / trials
    table = rates(*managers, branch=branch)
    for (own, successes), rate, spread in zip(managers, table["rate"], table["spread"], strict=True):
        low, high = sorted((branch, successes / own if own else branch))
        assert low - 1e-9 <= rate <= high + 1e-9
        assert 0 <= spread <= MOST_SPREAD**2 * max(1, branch / rate) ** 2 + 1e-9
