"""Why somebody is behind: parts that add up on every floor, limits that hold, and verdicts."""

import numpy as np
import polars as pl
import pytest

from metrics.diagnosis import shortfall
from metrics.diagnosis.bootstrap import drawn
from metrics.diagnosis.decomposition import Array
from metrics.diagnosis.shortfall import FACTORS, MEASURES, PEERS_OF, Reference
from metrics.diagnosis.tallies import TALLY, TOTALS
from tests.support.sweep import SEED, scaled

PARTS = (*FACTORS, "unallocated")
NEAR = {"rel": 1e-9, "abs": 1e-6}


def tally(**facts: float) -> dict[str, float]:
    """A manager of branch 1 in region 1, there on all 20 days."""
    return dict.fromkeys(TALLY, 0) | {"region": 1, "branch": 1, "manager": 1, "posted": 20, "days": 20} | facts


def table(*rows: dict[str, float]) -> pl.DataFrame:
    return pl.DataFrame(rows, TALLY)


def means(actual: pl.DataFrame, draws: int = 400) -> Array:
    return drawn(actual, np.random.default_rng(SEED), draws)


def against(actual: pl.DataFrame, asked: dict[str, float], measure: str = "deals") -> dict:
    """One manager against a plan."""
    reference = shortfall.planned(pl.DataFrame([asked], dict.fromkeys(TOTALS, pl.Float64)))
    return shortfall.shortfall(actual, reference, means(actual), measure, ["manager"]).row(0, named=True)


PLAN = {"days": 20.0, "consultations": 160.0, "applications": 80.0, "deals": 20.0, "deal_amount": 4e9}


def test_the_worked_example_of_the_bank():
    done = tally(consultations=120, applications=54, deals=12)
    row = against(table(done), PLAN)
    assert row["gap"] == -8
    effects = [row[one] for one in ("days", "consultations", "application_rate", "deal_rate", "ticket", "unallocated")]
    assert effects == pytest.approx((0, -4.490741, -1.657407, -1.851852, 0, 0), abs=5e-7)


def test_leave_is_an_effect_of_days():
    row = against(table(tally(days=15, consultations=120, applications=60, deals=15)), PLAN)
    assert (row["days"], row["consultations"], row["verdict"]) == (pytest.approx(-5), pytest.approx(0), "days")


def test_a_factor_of_too_few_cases_has_no_limits_and_is_no_reason():
    row = against(table(tally(consultations=160, applications=4, deals=0)), PLAN)
    assert row["application_rate_low"] < row["application_rate"] < row["application_rate_high"] < 0
    assert row["deal_rate_low"] is row["deal_rate_high"] is None
    assert row["verdict"] == "application_rate"


def test_chance_is_called_chance():
    row = against(table(tally(consultations=150, applications=76, deals=18)), PLAN)
    assert row["verdict"] == "chance" and row["reasons"] == []


def test_the_true_weak_factor_is_named():
    volume = against(table(tally(consultations=60, applications=30, deals=8)), PLAN)
    skill = against(table(tally(consultations=160, applications=30, deals=8)), PLAN)
    both = against(table(tally(consultations=160, applications=40, deals=1)), PLAN)
    assert (volume["verdict"], skill["verdict"], both["verdict"]) == ("consultations", "application_rate", "several")
    assert set(both["reasons"]) == {"application_rate", "deal_rate"}


def test_without_a_plan_there_is_neither_gap_nor_verdict():
    row = against(table(tally(consultations=50, deals=3)), dict.fromkeys(TOTALS))
    assert row["reference"] is row["gap"] is row["verdict"] is None


def test_a_plan_of_deals_alone_leaves_the_rates_as_they_are():
    row = against(table(tally(consultations=100, applications=50, deals=10)), {"days": 20.0, "deals": 20.0})
    assert sum(row[one] for one in PARTS) == pytest.approx(-10)
    assert (row["application_rate"], row["deal_rate"]) != (None, None)


def random_bank(rng: np.random.Generator, number: int) -> pl.DataFrame:
    """Managers in branches of two regions, with much that is 0 or missing."""
    totals = rng.integers(0, 6, (number, 4)) * rng.choice((0, 1, 9), (number, 4))
    rows = [
        tally(
            region=1 + branch // 3,
            branch=branch,
            manager=place,
            days=float(rng.choice((0, 0.5, 10, 20))),
            consultations=c,
            applications=a,
            deals=d,
            deal_amount=float(m) * 1e6,
        )
        for place, ((c, a, d, m), branch) in enumerate(zip(totals.tolist(), rng.integers(0, 6, number), strict=True))
    ]
    return table(*rows)


def random_plan(rng: np.random.Generator, number: int) -> Reference:
    asked = pl.DataFrame(rng.integers(0, 4, (number, 5)) * 7.0, list(TOTALS), orient="row")
    asked = asked.with_columns(
        pl.when(pl.Series(rng.random(number) < 0.8)).then(name).alias(name) for name in TOTALS[1:]
    )
    return shortfall.planned(asked)


def wholes(rng: np.random.Generator, actual: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Plans of their own of some branches or regions."""
    groups = actual.select(by).unique()
    return groups.with_columns(reference=pl.Series(rng.random(groups.height) * 40)).sample(fraction=0.6, seed=1)


@pytest.mark.parametrize("part", range(scaled(sweep=100, test=20)))
def test_parts_add_up_to_the_gap_and_floors_to_each_other(part):
    """50 random managers each time: 1,000 in `make test`."""
    rng = np.random.default_rng(SEED + part)
    actual = random_bank(rng, 50)
    measure = list(MEASURES)[part % 3]
    few = means(actual, 20)
    reference = random_plan(rng, 50) if part % 2 else shortfall.earlier(random_bank(rng, 50), SEED, 20)
    found = {}
    for by in (("region", "branch", "manager"), ("region", "branch"), ("region",), ()):
        own = wholes(rng, actual, list(by)) if by in (("region", "branch"), ("region",)) and part % 4 == 1 else None
        rows = found[by] = shortfall.shortfall(actual, reference, few, measure, by, own)
        known = rows.filter(pl.col("gap").is_not_null())
        assert known.select(pl.sum_horizontal(PARTS)).to_series().to_list() == pytest.approx(
            known["gap"].to_list(), **NEAR
        )
        for name in FACTORS:
            assert known.filter(pl.col(f"{name}_low") > pl.col(name) + 1e-9).is_empty()
            assert known.filter(pl.col(f"{name}_high") < pl.col(name) - 1e-9).is_empty()
    managers = found["region", "branch", "manager"]
    for by in (("region", "branch"), ("region",), ()):
        for name in FACTORS:
            summed = (
                managers.group_by(by).agg(pl.col(name).sum()).sort(by) if by else managers.select(pl.col(name).sum())
            )
            assert found[by][name].to_list() == pytest.approx(summed[name].to_list(), **NEAR)


def test_what_is_not_divided_among_managers_is_a_part_of_its_own():
    actual = table(tally(manager=1, deals=6), tally(manager=2, deals=6))
    reference = shortfall.planned(
        pl.DataFrame({"days": [20.0] * 2, "deals": [8.0] * 2})
        .with_columns(pl.lit(None, pl.Float64).alias(name) for name in ("consultations", "applications", "deal_amount"))
        .select(TOTALS)
    )
    own = pl.DataFrame({"branch": [1], "reference": [20.0]}, {"branch": pl.Int32, "reference": pl.Float64})
    row = shortfall.shortfall(actual, reference, means(actual), "deals", ["branch"], own).row(0, named=True)
    assert (row["gap"], row["unallocated"]) == (-8, -4)
    assert sum(row[one] for one in FACTORS) == pytest.approx(-4)


def test_peers_are_the_others_of_the_branch_the_region_or_all():
    actual = table(
        tally(manager=1, deals=10, consultations=100, applications=50),
        tally(manager=2, deals=4, consultations=50, applications=20, days=10),
        tally(manager=3, branch=2, deals=1, consultations=40, applications=10),
    )
    expected = {"manager": [8, 5, None], "branch": [1, 0.5, 14 * 20 / 30], "region": [None] * 3}
    for floor in PEERS_OF:
        found = shortfall.peers(actual, means(actual), floor).totals[:, 3]
        want = [np.nan if one is None else one for one in expected[floor]]
        assert found == pytest.approx(want, nan_ok=True)


def test_the_same_question_has_the_same_answer():
    actual = table(tally(consultations=60, applications=30, deals=8))
    assert np.array_equal(means(actual), means(actual))


def test_nobody_has_no_rows():
    nobody = table()
    reference = Reference(np.zeros((0, 5)), np.zeros((1, 0, 5)))
    assert shortfall.shortfall(nobody, reference, means(nobody), "deals", ["branch"]).is_empty()
    whole = shortfall.shortfall(nobody, reference, means(nobody), "deals", ())
    assert whole.select("actual", "gap").row(0) == (0, None)
