"""How likely chance alone gives so little: of a count, whose days differ more than Poisson's, and of an amount, whose
tickets differ too."""

from math import exp, floor, inf, lgamma, log, log1p

ENOUGH = 1e-14  # relative error at which a series stops
TINY = 1e-300
POISSON = 1e-6  # a spread this near 1 is Poisson's


def so_few(actual: float, mean: float, spread: float = 1.0) -> float:
    """P(X ≤ actual) of a negative binomial count with this mean and variance spread × mean; spread 1 is Poisson, below
    it is taken as 1. 1 where nothing was to be expected. Source: M. H. Quenouille, A relation between the logarithmic,
    Poisson, and negative binomial series, Biometrics 5 (1949); the sum as an incomplete beta: Abramowitz & Stegun
    26.5.24."""
    if not mean > 0:
        return 1.0
    if actual < 0:
        return 0.0
    count = floor(actual + 1e-9)
    if spread - 1 < POISSON:
        return 1.0 - incomplete_gamma(count + 1.0, mean)
    return incomplete_beta(mean / (spread - 1), count + 1.0, 1 / spread)


def so_little(actual: float, mean: float, spread: float, ticket: float, ticket_spread: float) -> float:
    """P(S ≤ actual) of the sum of tickets whose number is as above: a gamma with the sum's mean and variance
    mean × ticket × (spread + ticket_spread), `ticket` the mean ticket and `ticket_spread` the relative variance of one.
    Never below the chance of no ticket at all, which a gamma does not know."""
    if not mean > 0:
        return 1.0
    shape = mean / (ticket * (spread + ticket_spread))
    return max(so_few(0, mean / ticket, spread), incomplete_gamma(shape, shape * max(actual, 0.0) / mean))


def incomplete_gamma(a: float, x: float) -> float:
    """The regularised lower incomplete gamma function P(a, x): by its series, or above a + 1 by its continued
    fraction. Source: Press et al., Numerical Recipes, 6.2."""
    if x <= 0:
        return 0.0
    scale = exp(a * log(x) - x - lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        n = a
        while abs(term) > ENOUGH * abs(total):
            n += 1
            term *= x / n
            total += term
        return min(total * scale, 1.0)
    b = x + 1 - a
    c, d = inf, 1 / b
    fraction, change, n = d, 0.0, 0
    while abs(change - 1) > ENOUGH:
        n += 1
        step = -n * (n - a)
        b += 2
        d = 1 / floored(step * d + b)
        c = floored(b + step / c)
        change = c * d
        fraction *= change
    return max(1 - fraction * scale, 0.0)


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b), by Lentz's continued fraction on the side where it converges
    fast. Source: Press et al., Numerical Recipes, 6.4."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    c, d = 1.0, 1 / floored(1 - (a + b) * x / (a + 1))
    fraction, change, n = d, 0.0, 0
    while abs(change - 1) > ENOUGH:
        n += 1
        for step in (
            n * (b - n) * x / ((a + 2 * n - 1) * (a + 2 * n)),
            -(a + n) * (a + b + n) * x / ((a + 2 * n) * (a + 2 * n + 1)),
        ):
            d = 1 / floored(1 + step * d)
            c = floored(1 + step / c)
            change = c * d
            fraction *= change
    scale = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    return min(scale * fraction / a, 1.0)


def floored(value: float) -> float:
    """Lentz's guard: never divided by zero."""
    return TINY if abs(value) < TINY else value
