"""How honest the diagnosis is, on managers whose true rates are known: python -m benchmarks.diagnosis."""

from itertools import product

import numpy as np
import polars as pl

from benchmarks.simulated import Truth, month
from metrics.diagnosis import shortfall
from metrics.diagnosis.bootstrap import drawn
from metrics.diagnosis.cohorts import rate_at
from metrics.diagnosis.decomposition import chained, effects
from metrics.diagnosis.funnel_plot import period_funnel
from metrics.diagnosis.shortfall import FACTORS, MEASURES, Reference
from metrics.intervals import period_rate, wilson

SEED = 20261128
MANAGERS = 1000
TYPICAL = ((1.0, 0.5, 0.5), (1.0, 0.8, 0.6), (2.0, 0.3, 0.5), (2.0, 0.5, 0.5), (5.0, 0.3, 0.3), (5.0, 0.5, 0.5))
RATES = (("applications", "consultations"), ("deals", "applications"), ("deals", "consultations"))
SHARED = ("consulted_applied", "applied_dealt", "consulted_dealt")


def alike(a_day: float, applies: float, deals: float, lags: tuple[float, float] = (3.0, 6.0)) -> Truth:
    each = (np.full(MANAGERS, float(one)) for one in (a_day, applies, deals, 2e7))
    return Truth(*each, lags=lags)


def said(what: str, shares: list[float]) -> None:
    print(f"{what}: mean {np.mean(shares):.1%}, least {min(shares):.1%}, of {len(shares)} cells")


def period_limits(rng: np.random.Generator) -> None:
    ours, shares = [], []
    for (a_day, applies, deals), lags in product(TYPICAL, ((0.3, 0.3), (3.0, 6.0), (8.0, 15.0))):
        found = month(alike(a_day, applies, deals, lags), rng)
        for (of, to), both, true in zip(RATES, SHARED, (applies, deals, applies * deals), strict=True):
            rows = found.filter(pl.col(to) > 0)
            for kept, (low, high) in (
                (ours, period_rate(pl.col(of), pl.col(to), pl.col(both))),
                (shares, wilson(pl.col(of), pl.col(to))),
            ):
                inside = ((low <= true) & (true <= high)).fill_null(False)  # no limits hold nothing
                kept.append(rows.select(inside.mean()).item())
    said("limits of period rates, true rate within", ours)
    said("  beside it Wilson's, as for a share", shares)


def cohort_limits(rng: np.random.Generator, times: int = 300) -> None:
    found = []
    for size, share, watched in product((20, 60, 200), (0.1, 0.25, 0.6), (10, 60)):
        inside = 0
        for _ in range(times):
            dealt = rng.geometric(0.15, size) - 1
            observed = rng.integers(1, watched + 1, size) if watched < 20 else np.full(size, watched)
            comes = (rng.random(size) < share) & (dealt <= observed)
            other = (rng.random(size) < 0.2) & ~comes
            ends = {
                "dealt": [int(day) if true else None for day, true in zip(dealt, comes, strict=True)],
                "rejected": [
                    int(day) if true and day <= seen else None
                    for day, true, seen in zip(dealt, other, observed, strict=True)
                ],
            }
            none = dict.fromkeys(("applied", "withdrawn"), pl.Series([None] * size, dtype=pl.Int64))
            cohort = pl.DataFrame(ends, dict.fromkeys(ends, pl.Int64)).with_columns(
                observed=pl.Series(observed, dtype=pl.Int64), **none
            )
            limits = rate_at(cohort, "dealt", 8)
            true = share * (1 - 0.85**9)
            inside += limits["low"] is not None and limits["low"] <= true <= limits["high"]
        found.append(inside / times)
    said("limits of cohorts at a horizon, true share within", found)


def effect_limits(rng: np.random.Generator) -> None:
    found = []
    for a_day, applies, deals in TYPICAL:
        truth = alike(a_day, applies, deals)
        asked = alike(a_day * 1.2, applies * 1.1, deals * 1.2).totals()
        actual = month(truth, rng)
        table = shortfall.shortfall(
            actual, Reference(asked, asked[None]), drawn(actual, rng), "deal_amount", ["manager"]
        )
        for name, true in zip(FACTORS[1:], effects(*chained(truth.totals(), asked))[1:], strict=True):
            told = table.filter(pl.col(f"{name}_low").is_not_null())
            if told.height >= MANAGERS / 10:
                inside = pl.lit(true[0]).is_between(f"{name}_low", f"{name}_high")
                found.append(told.select(inside.mean()).item())
    said("limits of effects, true effect within", found)


def twelve_alike(rng: np.random.Generator, months: int = 2000) -> None:
    print(
        "twelve identical managers, true conversion 25 %: coloured “behind”, beside the rule “below 80 % of the team”"
    )
    for number in (10, 20, 40, 100):
        deals = rng.binomial(number, 0.25, (months, 12))
        ours = 0
        for of in deals:
            columns = {"of": of, "to": np.full(12, number), "shared": of}
            table = period_funnel(pl.DataFrame(columns, dict.fromkeys(columns, pl.Int64)))
            ours += table.select((pl.col("beyond").is_not_null() & (pl.col("rate") < pl.col("centre"))).sum()).item()
        rule = (deals / number < 0.8 * deals.mean(axis=1, keepdims=True) / number).mean()
        print(f"  {number} consultations: {ours / months / 12:.1%}, beside it {rule:.1%}")


def named(rng: np.random.Generator) -> None:
    """Half of them with one factor at 40 to 80 % of what is asked, at 1 to 6 consultations a day."""
    for measure, against in product(("deals", "deal_amount"), ("plan", "before")):
        number = MEASURES[measure]
        usual = [rng.uniform(*ends, MANAGERS) for ends in ((1, 6), (0.3, 0.7), (0.3, 0.7))] + [np.full(MANAGERS, 2e7)]
        weak = rng.integers(1, number, MANAGERS) * (rng.random(MANAGERS) < 0.5)
        cut = rng.uniform(0.4, 0.8, MANAGERS)
        truth = Truth(*(np.where(weak == place, one * cut, one) for place, one in enumerate(usual, 1)))
        asked = Truth(*usual).totals()
        actual = month(truth, rng)
        means = drawn(actual, rng)
        reference = (
            Reference(asked, asked[None]) if against == "plan" else shortfall.earlier(month(Truth(*usual), rng), 7)
        )
        spread = shortfall.drawn_effects(means[..., :number], reference.means[..., :number]).std(axis=0)
        true = np.stack(effects(*chained(truth.totals()[:, :number], asked[:, :number])), axis=-1)
        rows = np.arange(MANAGERS)
        large = (weak > 0) & (-true[rows, weak] >= 3 * spread[rows, weak])
        verdict = np.array(shortfall.shortfall(actual, reference, means, measure, ["manager"])["verdict"].to_list())
        right = (verdict == np.array(FACTORS)[weak])[large].mean()
        chance = (verdict == "chance")[weak == 0].mean()
        print(f"{measure} against {against}: weak factor named {right:.1%} of {large.sum()}, chance said {chance:.1%}")


def doubling(rng: np.random.Generator) -> None:
    """Consultations double in the middle of the month; a true quarter deals, a working week or two later."""
    consulted = np.concatenate([rng.integers(0, 11, 200_000), rng.integers(11, 21, 400_000)])
    deals = rng.random(len(consulted)) < 0.25
    dealt = consulted + rng.geometric(1 / 8, len(consulted))
    period = (deals & (dealt < 21)).sum() / len(consulted)
    ends = pl.Series(dealt - consulted).zip_with(
        pl.Series(deals & (dealt < 21)), pl.Series([None] * len(dealt), dtype=pl.Int64)
    )
    none = dict.fromkeys(("applied", "rejected", "withdrawn"), pl.lit(None, pl.Int64))
    cohort = pl.DataFrame({"dealt": ends, "observed": 20 - consulted}).with_columns(**none)
    print(
        f"consultations double: period rate {period:.1%}, cohort within 20 days {rate_at(cohort, 'dealt', 20)['share']:.1%}"
        f" (true {0.25 * (1 - (7 / 8) ** 20):.1%})"
    )


def main() -> None:
    rng = np.random.default_rng(SEED)
    for part in (period_limits, cohort_limits, effect_limits, twelve_alike, named, doubling):
        part(rng)


if __name__ == "__main__":
    main()
