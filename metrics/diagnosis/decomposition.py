"""A difference split into the effects of its factors, exactly and without order dependence: the mean over all orders in
which the factors may be changed, one after the other."""

from collections.abc import Callable, Sequence
from functools import reduce
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def product(factors: Sequence[Array]) -> Array:
    return reduce(np.multiply, factors)


def effects(
    after: Sequence[Array], before: Sequence[Array], value: Callable[[Sequence[Array]], Array] = product
) -> list[Array]:
    """The effect of each factor on value(after) − value(before), which they add up to; arrays are split element by
    element. Source: P. Das Gupta, Standardization and decomposition of rates (US Bureau of the Census, 1993), which is
    L. S. Shapley's value (1953)."""
    number = len(after)
    worth = {
        chosen: value([after[one] if one in chosen else before[one] for one in range(number)])
        for size in range(number + 1)
        for chosen in map(frozenset, combinations(range(number), size))
    }
    found = []
    for one in range(number):
        parts = [
            (worth[chosen | {one}] - worth[chosen])
            * (factorial(len(chosen)) * factorial(number - 1 - len(chosen)) / factorial(number))
            for chosen in worth
            if one not in chosen
        ]
        found.append(sum(parts[1:], parts[0]))
    return found


def chained(after: Array, before: Array) -> tuple[list[Array], list[Array]]:
    """The factors whose product each chain of totals is: total₁, total₂ ÷ total₁, …, along the last axis, of both sides.

    A factor is missing where its total is 0 though a later one is not (a deal without an application), and after the
    total that makes all later ones 0. It is that of the other side, or 1 where that has none either: so it has no
    effect, and the products are exact."""
    sides = (after, before)
    reached = [np.ones(side.shape[:-1]) for side in sides]
    factors: tuple[list[Array], list[Array]] = ([], [])
    for place in range(after.shape[-1]):
        own, missing = [], []
        for side, so_far in zip(sides, reached, strict=True):
            total, goes_on = side[..., place], side[..., place:].max(axis=-1) > 0
            missing.append((so_far == 0) | ((total == 0) & goes_on))
            own.append(np.divide(total, so_far, out=np.zeros_like(so_far), where=so_far > 0))
        for number, other in ((0, 1), (1, 0)):
            lent = np.where(~missing[other] & (own[other] > 0), own[other], 1.0)
            factor = np.where(missing[number], lent, own[number])
            factors[number].append(factor)
            reached[number] = reached[number] * factor
    return factors
