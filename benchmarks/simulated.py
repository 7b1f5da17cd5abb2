"""Managers whose true rates are known: what they did in a month, drawn case by case with lags, as tallies."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from metrics.diagnosis.tallies import TALLY

DAYS = 21
PAST = 80  # working days before the period, from which cases still come in


@dataclass(frozen=True)
class Truth:
    """Per manager: consultations a day, the shares that apply and deal in the end, the average ticket in cents; mean
    lags in working days, and how single tickets scatter (standard deviation over mean)."""

    a_day: np.ndarray
    applies: np.ndarray
    deals: np.ndarray
    ticket: np.ndarray
    lags: tuple[float, float] = (3.0, 6.0)
    scatter: float = 0.8

    def totals(self, days: int = DAYS) -> np.ndarray:
        """Expected totals: rows × (days, consultations, applications, deals, amount)."""
        made = self.a_day * days
        deals = made * self.applies * self.deals
        return np.stack(
            [np.full(len(made), float(days)), made, made * self.applies, deals, deals * self.ticket], axis=-1
        )


def month(truth: Truth, rng: np.random.Generator, branches: np.ndarray | None = None) -> pl.DataFrame:
    """Tallies (metrics.diagnosis.tallies.TALLY) of a month of each manager."""
    number = len(truth.a_day)
    made = rng.poisson(truth.a_day * (DAYS + PAST))
    who = np.repeat(np.arange(number), made)
    consulted = rng.integers(-PAST, DAYS, len(who))
    applies = rng.random(len(who)) < truth.applies[who]
    applied = consulted + lag(truth.lags[0], len(who), rng)
    deals = applies & (rng.random(len(who)) < truth.deals[who])
    dealt = applied + lag(truth.lags[1], len(who), rng)
    c = consulted >= 0
    a, d = applies & (applied >= 0) & (applied < DAYS), deals & (dealt >= 0) & (dealt < DAYS)
    shape = 1 / truth.scatter**2
    amount = np.round(rng.standard_gamma(shape, len(who)) / shape * truth.ticket[who])

    def count(true: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        chosen = None if weights is None else weights[true]
        return np.bincount(who[true], chosen, minlength=number).astype(float)

    columns = {
        "region": np.ones(number, int),
        "branch": np.ones(number, int) if branches is None else branches,
        "manager": np.arange(1, number + 1),
        "posted": np.full(number, float(DAYS)),
        "days": np.full(number, float(DAYS)),
        "consultations": count(c),
        "applications": count(a),
        "deals": count(d),
        "deal_amount": count(d, amount),
        "consulted_applied": count(c & a),
        "consulted_dealt": count(c & d),
        "applied_dealt": count(a & d),
        "all_three": count(c & a & d),
        "amount_squares": count(d, amount * amount),
    }
    return pl.DataFrame(columns).select(pl.col(name).cast(kind) for name, kind in TALLY.items())


def lag(mean: float, number: int, rng: np.random.Generator) -> np.ndarray:
    """Working days, geometric from 0 on."""
    return rng.geometric(1 / (1 + mean), number) - 1
