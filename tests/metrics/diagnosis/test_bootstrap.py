"""What counts may stand for, drawn of each by themself."""

import numpy as np
import polars as pl

from metrics.diagnosis.bootstrap import drawn, drawn_each
from metrics.diagnosis.tallies import TALLY, TOTALS
from tests.support.sweep import SEED


def bank() -> pl.DataFrame:
    rng, rows = np.random.default_rng(SEED), []
    for place in range(12):
        counts = dict(zip(("consultations", "applications", "deals"), map(float, (60, 20, 8 + place % 3)), strict=True))
        amounts = rng.lognormal(17, 1, int(counts["deals"]))
        facts = {"region": 1, "branch": 1 + place // 6, "manager": place, "posted": 20.0, "days": 20.0}
        money = {"deal_amount": float(amounts.sum()), "amount_squares": float((amounts**2).sum())}
        rows.append(dict.fromkeys(TALLY, 0) | facts | counts | money)
    return pl.DataFrame(rows, TALLY)


def test_what_is_drawn_of_a_branch_is_the_same_whoever_else_is_there():
    table = bank()
    both, one = drawn_each(table, SEED, 50), drawn_each(table.filter(branch=2), SEED, 50)
    assert np.array_equal(both[:, 6:], one)


def test_nobody_draws_the_same_as_another_and_the_means_are_those_of_one_draw_for_all():
    each, together = drawn_each(bank(), SEED, 4_000), drawn(bank(), np.random.default_rng(SEED), 4_000)
    assert len({tuple(one) for one in each[:, :, 1].T}) == 12
    for place, name in enumerate(TOTALS[:4]):
        assert np.allclose(each[..., place].mean(axis=0), together[..., place].mean(axis=0), rtol=0.05), name


def test_applications_are_not_missing_because_deals_came_without_them():
    """Cross-selling goes straight to the deal: of no application in 27 consultations a rate of 3 % may well stand."""
    odd = bank().head(1).with_columns(consultations=27.0, applications=0.0, deals=4.0)
    means = drawn_each(odd, SEED, 1_000, totals=3)[:, 0]
    assert np.quantile(means[:, 2] / means[:, 1], 0.95) > 0.03
    assert not drawn_each(odd, SEED, 1_000)[:, 0, 2].any()  # the chain to the deal has no application in it


def test_of_nobody_there_is_nothing_to_draw():
    assert drawn_each(bank().clear(), SEED, 10).shape == (10, 0, len(TOTALS))
