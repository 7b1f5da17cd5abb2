"""How honest the diagnosis is, on managers whose true rates are known: python -m benchmarks.diagnosis [PART …]."""

import sys
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
MANAGERS, BRANCH = 1000, 10
TIMES, AGAIN = 5, 40  # draws of all managers, and of each month for its standard error
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
                (ours, period_rate(rows[of], rows[to], rows[both])),
                (shares, wilson(rows[of], rows[to])),
            ):
                inside = ((low <= true) & (true <= high)).fill_null(False)  # no limits hold nothing
                kept.append(inside.mean())
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
    """Managers at 1 to 6 consultations a day, some with one factor at 40 to 80 % of what is asked, by what they are set
    against; the standard error of an effect is how much it differs when the same month is drawn again and again."""
    for against, measure in product(("plan", "before", "peers"), ("deals", "deal_amount")):
        found = np.array([judged(rng, measure, against) for _ in range(TIMES)])
        cases, right, among, chance = found.T
        weights = cases / cases.sum()
        print(
            f"{measure} against {against}: weak factor named {right @ weights:.1%} ({right.min():.1%}–{right.max():.1%}),"
            f" among the reasons {among @ weights:.1%}, of {cases.sum():.0f};"
            f" chance said {chance.mean():.1%} ({chance.min():.1%}–{chance.max():.1%})",
            flush=True,
        )


def judged(rng: np.random.Generator, measure: str, against: str) -> tuple[float, float, float, float]:
    """Of one draw of MANAGERS: how many have a weak factor of at least three standard errors, the shares of these whose
    verdict names it alone, and has it among its reasons, and of those without one the share called chance."""
    number, rows = MEASURES[measure], np.arange(MANAGERS)
    truth, usual, weak = weakened(rng, number, against)
    asked = usual.totals()

    def reference(actual: pl.DataFrame, means: np.ndarray, seed: int = 7) -> Reference:
        if against == "plan":
            return Reference(asked, asked[None])
        if against == "before":
            return shortfall.earlier(month(usual, rng), seed, len(means))
        return shortfall.peers(actual, means, "manager")

    def point(actual: pl.DataFrame) -> np.ndarray:
        done = shortfall.totals(actual)
        wanted = np.nan_to_num(reference(actual, done[None]).totals)
        return np.stack(effects(*chained(done[:, :number], wanted[:, :number])), axis=-1)

    branches = rows // BRANCH
    again = np.std([point(month(truth, rng, branches)) for _ in range(AGAIN)], axis=0)
    if against == "peers":
        asked = others_a_day(truth.totals()) * truth.totals()[:, :1]
    true = np.stack(effects(*chained(truth.totals()[:, :number], asked[:, :number])), axis=-1)
    large = (weak > 0) & (-true[rows, weak] >= 3 * again[rows, weak])
    actual = month(truth, rng, branches)
    means = drawn(actual, rng)
    table = shortfall.shortfall(actual, reference(actual, means), means, measure, ["manager"])
    names, verdict = np.array(FACTORS)[weak], np.array(table["verdict"].to_list())
    among = [name in reasons for name, reasons in zip(names, table["reasons"].to_list(), strict=True)]
    chance = (verdict == "chance")[weak == 0].mean()
    return large.sum(), (verdict == names)[large].mean(), np.array(among)[large].mean(), chance


def weakened(rng: np.random.Generator, number: int, against: str) -> tuple[Truth, Truth, np.ndarray]:
    """What managers do, what they usually do, and which factor of theirs is weak (0 for none): every second one's; beside
    peers, who are alike but for that, one of each branch."""
    groups = MANAGERS // BRANCH if against == "peers" else MANAGERS
    usual = [rng.uniform(*ends, groups).repeat(MANAGERS // groups) for ends in ((1, 6), (0.3, 0.7), (0.3, 0.7))]
    usual.append(np.full(MANAGERS, 2e7))
    some = np.arange(MANAGERS) % BRANCH == 0 if against == "peers" else rng.random(MANAGERS) < 0.5
    weak = rng.integers(1, number, MANAGERS) * some
    cut = rng.uniform(0.4, 0.8, MANAGERS)
    done = (np.where(weak == place, one * cut, one) for place, one in enumerate(usual, 1))
    return Truth(*done), Truth(*usual), weak


def others_a_day(totals: np.ndarray) -> np.ndarray:
    """What the others of each one's branch do a day."""
    whole = totals.reshape(-1, BRANCH, totals.shape[1])
    rest = (whole.sum(axis=1, keepdims=True) - whole).reshape(totals.shape)
    return rest / rest[:, :1]


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


PARTS = (period_limits, cohort_limits, effect_limits, twelve_alike, named, doubling)


def main() -> None:
    """All parts, or those that are named."""
    rng = np.random.default_rng(SEED)
    for part in PARTS:
        if len(sys.argv) == 1 or part.__name__ in sys.argv[1:]:
            part(rng)


if __name__ == "__main__":
    main()
