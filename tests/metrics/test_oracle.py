"""Random banks, each compared with plain loops over dicts that know the rules and nothing of our code."""

from itertools import cycle, islice
from math import exp, lgamma, log

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from metrics import frames
from metrics.definitions import Definitions, mark
from metrics.periods import Period, month
from metrics.plans import attainment, spreading
from metrics.plans.summary import Frames, summary
from tests.support.metrics import oracle
from tests.support.metrics.random_bank import MEASURES, Bank, random_bank
from tests.support.metrics.small_frames import RULES, calendar
from tests.support.sweep import scaled

pytestmark = pytest.mark.slow

SEEDS = range(scaled(sweep=1_000, test=20))
KEYS = (
    (),
    ("manager",),
    ("branch",),
    ("region",),
    ("branch", "manager"),
    ("product",),
    ("day",),
    ("week",),
    ("month",),
    ("region", "month"),
    ("manager", "week"),
    ("branch", "week"),
    ("branch", "month"),
    ("manager", "product"),
    ("channel",),
    ("branch", "product"),
    ("region", "branch", "manager", "day"),
)
NEAR = {"rel": 1e-9, "abs": 1e-9}


def log_of(bank: Bank) -> pl.LazyFrame:
    versions = [Definitions(number, **version) for number, version in enumerate(bank.versions, 1)]
    return mark(pl.DataFrame(bank.rows, frames.LOG), versions).lazy()


def frames_of(bank: Bank, branch: int | None = None) -> Frames:
    """The frames storage hands out for the whole bank, or for one branch: its rows, its people, and every stay of
    theirs."""
    period = Period(bank.first, bank.last)
    months = Period(month(period.first).first, month(period.last).last)
    here = [] if branch is None else [pl.col("branch") == branch]
    days = [
        (manager, place, bank.regions[place], day, bank.leave.get((manager, day), 0.0))
        for manager, place, first, last in bank.stays
        for day in months.days()
        if first <= day <= last
    ]
    return Frames(
        log_of(bank).filter(pl.col("day").is_between(period.first, period.last), *here),
        pl.DataFrame(oracle.places(bank, branch), dict.fromkeys(("manager", "branch", "region"), pl.Int32)),
        pl.DataFrame(bank.plans, frames.PLAN).filter(pl.lit(branch is None) | pl.col("region").is_null()),
        pl.DataFrame(days, frames.POSTING_DAY, orient="row"),
        calendar(months),
    )


def compare(ours: dict, theirs: dict, where: str) -> None:
    for name, value in theirs.items():
        expected = value if value is None else pytest.approx(float(value), **NEAR)
        if name.endswith(("_low", "_high")) and value is not None:
            expected = pytest.approx(value, abs=1e-6)
        assert ours[name] == expected, f"{name} {where}: {ours[name]}, and by the rules {value}"


def rows_of(table: pl.DataFrame, by) -> dict[tuple, dict]:
    rows = {tuple(row[key] for key in by): row for row in table.to_dicts()}
    assert len(rows) == table.height, "one row a key"
    return rows


@pytest.mark.parametrize("seed", SEEDS)
def test_the_summary_of_a_random_bank_is_what_the_rules_say(seed):
    bank = random_bank(seed)
    branch = (None, None, 1, 2)[seed % 4]
    data, period = frames_of(bank, branch), Period(bank.first, bank.last)
    for by in islice(cycle(KEYS), seed * 3, seed * 3 + 3):
        ours = rows_of(summary(data, period, bank.through, RULES, by), by)
        theirs = oracle.table(bank, by, branch)
        assert set(ours) == set(theirs), (seed, by)
        beside = {} if "channel" in by else oracle.progress(bank, theirs, by, branch)
        for key, facts in theirs.items():
            distinct = ("consulted_customers", "contacted_customers", "deal_customers", "products_held")
            expected = {name: value for name, value in facts.items() if name not in distinct}
            days, plans = beside.get(key, {"days": (0, 0), "plan": dict.fromkeys(MEASURES)}).values()
            expected["time_progress"] = oracle.share(days[1], days[0])
            for name, plan in plans.items():
                expected |= {f"{name}_plan": plan, f"{name}_attainment": oracle.share(facts[name], plan or 0)}
            compare(ours[key], expected, f"of {key} in bank {seed}, branch {branch}")


@pytest.mark.parametrize("seed", SEEDS[::3])
def test_pace_and_need_of_a_random_bank_are_what_the_rules_say(seed):
    bank = random_bank(seed)
    by = (("manager",), ("branch",), ("region",), (), ("branch", "manager"))[seed // 3 % 5]
    data, period = frames_of(bank), Period(bank.first, bank.last)
    theirs = oracle.table(bank, by)
    table = summary(data, period, bank.through, RULES, by)
    parts = spreading.spread(
        spreading.over_products(data.plans, data.posting_days, data.calendar, data.people),
        data.posting_days,
        data.calendar,
        period,
    )
    plans = spreading.planned(parts, data.people, by)
    days = attainment.days_gone(data.posting_days, data.calendar, period, bank.through, by)
    long = rows_of(attainment.against_plan(table, plans, days, RULES, by), (*by, "measure"))
    for key, beside in oracle.progress(bank, theirs, by).items():
        total, gone = beside["days"]
        for name, plan in beside["plan"].items():
            actual, progress = theirs[key][name], oracle.share(gone, total)
            attained = oracle.share(actual, plan or 0)
            gap = None if attained is None or progress is None else attained - progress
            need = oracle.share(max(plan - actual, 0), total - gone) if plan else None
            expected = {"actual": actual, "plan": plan, "attainment": attained, "time_progress": progress}
            expected |= {"days": total, "days_gone": gone, "pace_gap": gap, "needed_per_day": need}
            compare(long[(*key, name)], expected, f"{name} of {key} in bank {seed}")
            seldom = name != "deal_amount" and poisson(actual, (plan or 0) * (progress or 0)) <= 0.05
            assert long[(*key, name)]["status"] == word(plan, gap, seldom), (seed, key, name)


def word(plan, gap: float | None, seldom: bool) -> str:
    if plan is None:
        return "no_plan"
    if gap is None:
        return "away"
    points = round(gap * 100, 6)
    if points >= -10 or not seldom:
        return "on_pace" if points >= 0 else "watch"
    return "behind" if points >= -30 else "far_behind"


def poisson(actual: int, mean: float) -> float:
    """How likely so few are; without a log of days before, days are taken to scatter no more, and tickets not known."""
    return sum(exp(nth * log(mean) - mean - lgamma(nth + 1)) for nth in range(actual + 1)) if mean else 1.0


def test_the_random_banks_hold_what_can_go_wrong():
    """Else the comparisons above would prove little."""
    banks = [random_bank(seed) for seed in SEEDS]
    rows = [row for bank in banks for row in bank.rows]
    assert any(row["customer"] is None for row in rows)
    assert any(len({place for manager, place, *_ in bank.stays if manager == 1}) == 2 for bank in banks)
    assert any(not bank.rows for bank in banks)
    assert any(plan["target"] == 0 for bank in banks for plan in bank.plans)
    again = [bank for bank in banks if applied_again_after_a_refusal(bank)]
    assert len(again) >= len(SEEDS) // 15
    assert sum(not oracle.working_days(bank, ())[0] for bank in banks) >= len(SEEDS) // 100, (
        "periods without a working day"
    )


def applied_again_after_a_refusal(bank: Bank) -> bool:
    for need in {row["opportunity"] for row in bank.rows} - {None}:
        steps = sorted((row["day"], row["kind"]) for row in bank.rows if row["opportunity"] == need)
        kinds = [kind for _, kind in steps]
        if "application" in kinds:
            rest = kinds[kinds.index("application") :]
            months = {day.replace(day=1) for day, kind in steps if kind == "application"}
            if "rejected" in rest and "application" in rest[rest.index("rejected") :] and len(months) > 1:
                return True
    return False


@pytest.mark.parametrize("seed", SEEDS[::15])
def test_the_order_of_rows_changes_no_number(seed):
    """Of the log, the plans, the people, the days they are there and the calendar."""
    bank, by = random_bank(seed), KEYS[seed % len(KEYS)]
    data, period = frames_of(bank), Period(bank.first, bank.last)
    shuffled = Frames(
        data.activity.collect().sample(fraction=1, shuffle=True, seed=seed).lazy(),
        *(
            one.sample(fraction=1, shuffle=True, seed=seed)
            for one in (data.people, data.plans, data.posting_days, data.calendar)
        ),
    )
    ours, theirs = (summary(one, period, bank.through, RULES, by) for one in (data, shuffled))
    assert_frame_equal(ours, theirs, rel_tol=1e-9)
