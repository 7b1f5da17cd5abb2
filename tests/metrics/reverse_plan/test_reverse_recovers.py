"""Reverse planning finds, on regions whose true rates and lags are known, how many consultations are truly needed."""

from datetime import date

import polars as pl
import pytest

from dashboard.shell.store import operator
from db.calendar import calendar as calendars
from db.engine import Store
from db.log import activity
from db.migrations.migrate import migrate
from db.people import people
from db.plans import plans
from db.simulate.simulate import simulate
from metrics import periods
from metrics.definitions import DEFAULT, Definitions, interpret
from metrics.periods import Period
from metrics.reverse_plan.reverse_plan import reverse_plan
from tests.support.metrics.true_need import true_brings, true_pipelines
from tests.support.sweep import scaled

LOG = Period(date(2026, 2, 1), date(2026, 10, 31))
EVENINGS = [date(2026, 8, 13), date(2026, 9, 8), date(2026, 9, 15), date(2026, 10, 15)]
SEEDS = range(1, 1 + scaled(sweep=6, test=2))
pytestmark = pytest.mark.slow


def cases_of(seed: int, folder) -> list[pl.DataFrame]:
    """One row a manager and evening: what reverse planning says of their deals, beside the truth."""
    url = f"sqlite:///{folder}/{seed}.db"
    migrate(url, DEFAULT)
    store = Store(url, mark=interpret)
    truth = simulate(store, today=LOG.last, now_hour=20, seed=seed, branches=3, managers=36, months=9)
    viewer = operator(store)
    log, calendar = activity.read(viewer, LOG).collect(), calendars.read(viewer, LOG)
    posting_days, targets = people.posting_days(viewer, LOG), plans.read(viewer, LOG)
    store.close()
    return [cases_on(evening, truth, log, calendar, posting_days, targets) for evening in EVENINGS]


def came_of_it(log: pl.DataFrame, evening: date, last: date) -> pl.DataFrame:
    """Manager and `came`: the deals up to `last` of what was open on the evening, not visited anew before."""
    seen = (pl.col("day") <= evening).any()
    again = ((pl.col("day") > evening) & (pl.col("kind") == "consultation")).any()
    dealt = pl.col("day").filter(pl.col("kind") == "deal").min()
    cases = (
        log.sort("id")
        .group_by("opportunity")
        .agg(seen=seen, again=again, dealt=dealt, manager=pl.col("manager").last())
    )
    due = cases.filter("seen", ~pl.col("again"), (pl.col("dealt") > evening) & (pl.col("dealt") <= last))
    return due.group_by("manager").agg(came=pl.len())


def cases_on(evening: date, truth, log, calendar, posting_days, targets) -> pl.DataFrame:
    month = periods.month(evening)
    came = came_of_it(log, evening, month.last)
    log = log.filter(pl.col("day") <= evening)
    deals = log.filter(pl.col("day") >= month.first, pl.col("kind") == "deal")
    own = targets.filter(pl.col("measure") == "deals", pl.col("month") == month.first).drop_nulls("manager")
    remaining = (
        posting_days.filter(pl.col("day") == pl.lit(evening))
        .select("manager", "branch")
        .join(own.select("manager", "measure", plan="target"), on="manager")
        .join(deals.group_by("manager").agg(actual=pl.len()), on="manager", how="left")
        .with_columns(pl.col("actual").fill_null(0))
    )
    table = reverse_plan(log, calendar, posting_days, remaining, month, evening, Definitions())
    columns = ("manager", "branch", "day", "kind", "customer", "opportunity", "family")
    open_now = true_pipelines(truth, log.sort("id").select(columns).to_dicts(), evening, month.last)
    brought = true_brings(truth, evening, month.last)
    true = [(manager, open_now.get(manager, 0.0), one_a_day) for manager, one_a_day in brought.items()]
    schema = {"manager": pl.Int32, "open": pl.Float64, "brings": pl.Float64}
    table = table.join(pl.DataFrame(true, schema, orient="row"), on="manager")
    table = table.join(came, on="manager", how="left").with_columns(pl.col("came").fill_null(0))
    need = (pl.col("remaining") - pl.col("open")) / pl.col("brings")
    return table.with_columns(true=need.clip(lower_bound=0), evening=pl.lit(evening))


@pytest.fixture(scope="module")
def cases(tmp_path_factory) -> pl.DataFrame:
    folder = tmp_path_factory.mktemp("regions")
    return pl.concat(one for seed in SEEDS for one in cases_of(seed, folder))


def covered() -> pl.Expr:
    high = pl.col("needed_high").fill_null(float("inf"))
    return (pl.col("needed_low") <= pl.col("true")) & (pl.col("true") <= high)


def test_the_true_need_lies_within_the_stated_interval_nine_times_in_ten(cases):
    wanting = cases.filter(pl.col("true") > 0)
    assert wanting.height >= scaled(sweep=500, test=160)
    assert wanting.select(covered().mean()).item() >= 0.9
    by_evening = wanting.group_by("evening").agg(share=covered().mean())
    assert by_evening["share"].min() >= 0.85


def test_the_interval_is_narrow_enough_to_say_something(cases):
    """Where not nearly everything is done: half of the intervals reach no further than to three times their lower
    end."""
    mid = cases.filter(pl.col("needed") > 1, pl.col("remaining") - pl.col("pipeline") > 0.5)
    ratio = pl.col("needed_high").fill_null(float("inf")) / pl.col("needed_low")
    assert mid.height >= scaled(sweep=250, test=80)
    assert mid.select(ratio.median()).item() <= 3
    assert mid.select((pl.col("needed_low") > 0).mean()).item() >= 0.9


def test_neither_too_much_nor_too_little_is_asked_on_the_whole(cases):
    """The pipeline and what a consultation brings are right on average, over all managers."""
    assert cases["pipeline"].sum() == pytest.approx(cases["open"].sum(), rel=0.04)
    certain = cases.filter(pl.col("needed") > 0)
    said = ((pl.col("remaining") - pl.col("pipeline")) / pl.col("needed")).sum()
    assert certain.select(said).item() == pytest.approx(certain["brings"].sum(), rel=0.05)


def test_the_truth_is_true(cases):
    """What the simulator then made of the open opportunities is what the truth expected of them, but for chance."""
    assert cases["came"].sum() == pytest.approx(cases["open"].sum(), abs=3 * cases["open"].sum() ** 0.5)


def test_what_came_of_the_pipeline_lies_within_its_limits(cases):
    assert cases.select(pl.col("came").is_between("pipeline_low", "pipeline_high").mean()).item() >= 0.93
