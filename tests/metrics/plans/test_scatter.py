"""How much days and tickets scatter; who is behind by more than chance, and how seldom somebody is called so wrongly."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from metrics.periods import Period
from metrics.plans.attainment import against_plan
from metrics.plans.chance import so_few
from metrics.plans.scatter import LEARNED_FROM, SCATTER, learned_days, scatter, with_chance
from metrics.plans.summary import Frames, summary
from tests.support.builders import EAST, LI, REGION, SOUTH, WANG, ZHAO
from tests.support.metrics.small_frames import NOVEMBER, RULES, calendar, counts, marked, plans, posted
from tests.support.sweep import SEED, scaled

SPAN = Period(date(2026, 8, 1), NOVEMBER.last)
CALENDAR = calendar(SPAN)
LAST = date(2026, 11, 30)
WORKDAYS = learned_days(CALENDAR, LAST)["day"].to_list()


def visits(per_day: dict[date, int], **where) -> list[dict]:
    return [{"day": day, "customer": n, **where} for day, number in per_day.items() for n in range(number)]


def of(rows: list[dict], *stays: pl.DataFrame, measure: str = "consultations", through: date = LAST) -> dict:
    found = scatter(marked(*rows), pl.concat(stays or [posted(SPAN)]), CALENDAR, through)
    return next(iter(found.filter(pl.col("measure") == measure).to_dicts()), {})


def test_it_is_learned_from_the_last_sixty_working_days():
    assert len(WORKDAYS) == LEARNED_FROM and WORKDAYS[-1] == LAST
    before = date(2026, 8, 3)
    assert before < WORKDAYS[0] and of(visits({before: 30})) == {}
    assert of(visits({LAST: 3}), through=date(2026, 11, 27)) == {}, "nothing of the days after"


def test_the_variance_of_a_day_over_its_mean_by_hand():
    """Days of 0 and 4 in turn: mean 2, Σ (x − 2)² ÷ 2 = 60·4 ÷ 2 = 120 over 59 degrees of freedom."""
    row = of(visits(dict.fromkeys(WORKDAYS[::2], 4)))
    assert (row["events"], row["surplus"]) == (120, pytest.approx(120 * 120 / 59))


def test_days_that_are_all_alike_are_taken_as_poisson():
    row = of(visits(dict.fromkeys(WORKDAYS, 3)))
    assert row["surplus"] == row["events"] == 180


def test_managers_who_differ_make_no_scatter():
    rows = visits(dict.fromkeys(WORKDAYS, 1)) + visits(dict.fromkeys(WORKDAYS, 9), manager=LI)
    row = of(rows, posted(SPAN), posted(SPAN, manager=LI))
    assert row["surplus"] == row["events"]


def test_days_of_leave_and_days_off_say_nothing():
    away = WORKDAYS[::2]
    rows = visits(dict.fromkeys(WORKDAYS[1::2], 4) | {date(2026, 11, 14): 20})
    row = of(rows, posted(SPAN, leave=away))
    assert row["events"] == row["surplus"] == 120


def test_a_few_days_do_not_tell_how_much_days_differ():
    rows, begun = visits({LAST: 40}), WORKDAYS[-5]
    row = of(rows, posted(Period(begun, LAST)))
    assert row["surplus"] == row["events"] == 40


def test_tickets_are_the_deals_with_an_amount():
    rows = [
        {"day": day, "kind": "deal", "amount_cents": cents}
        for day, cents in zip(WORKDAYS[:4], (100, 300, None, 0), strict=True)
    ]
    row = of(rows, measure="deal_amount")
    assert (row["tickets"], row["sum"], row["squares"], row["events"]) == (2, 400, 100_000, 4)


def test_an_empty_log_scatters_nothing():
    found = scatter(marked(), posted(SPAN), CALENDAR, LAST)
    assert found.schema == SCATTER and found.is_empty()


def sums(branch: int, measure: str, events: float, spread: float, tickets: tuple = (0.0, 0.0, 0.0)) -> tuple:
    return (REGION, branch, measure, events, events * spread, *tickets)


PEOPLE = pl.DataFrame(
    [(WANG, EAST, REGION), (LI, EAST, REGION), (LI, SOUTH, REGION), (ZHAO, SOUTH, REGION)],
    {"manager": pl.Int32, "branch": pl.Int32, "region": pl.Int32},
    orient="row",
)
KNOWN = pl.DataFrame(
    [
        sums(EAST, "deals", 30.0, 1.5),
        sums(SOUTH, "deals", 10.0, 3.5),
        sums(EAST, "deal_amount", 30.0, 1.5, (2.0, 400.0, 100_000.0)),
    ],
    SCATTER,
    orient="row",
)


def standing(**key: int | None) -> pl.DataFrame:
    facts = {"measure": "deals", "actual": 2, "plan": 12.0, "time_progress": 0.5}
    return pl.DataFrame([facts | key], schema_overrides=dict.fromkeys(key, pl.Int32))


def chance(table: pl.DataFrame, known: pl.DataFrame = KNOWN) -> float | None:
    return with_chance(table, known, PEOPLE, pl.lit(True))["chance"].item()


@pytest.mark.parametrize(
    ("key", "spread"),
    [
        ({"branch": EAST}, 1.5),
        ({"branch": SOUTH, "manager": LI}, 3.5),
        ({"manager": WANG}, 1.5),
        ({"manager": LI}, 2.0),
        ({"region": REGION}, 2.0),
        ({}, 2.0),
        ({"branch": 99}, 1.0),
    ],
)
def test_a_row_scatters_as_the_branches_it_stands_for(key, spread):
    assert chance(standing(**key)) == pytest.approx(so_few(2, 6, spread))


def test_of_amounts_nothing_can_be_told_while_no_ticket_is_known():
    amounts = standing(branch=SOUTH).with_columns(measure=pl.lit("deal_amount"))
    assert chance(amounts) is None and chance(amounts.with_columns(branch=pl.lit(EAST, pl.Int32))) is not None


def test_only_who_is_asked_about_has_a_chance():
    both = pl.concat([standing(branch=EAST), standing(branch=SOUTH)])
    found = with_chance(both, KNOWN, PEOPLE, pl.col("branch") == SOUTH)
    assert found["chance"].is_null().to_list() == [True, False] and found["branch"].to_list() == [EAST, SOUTH]


@pytest.mark.parametrize(
    ("done", "plan", "word"),
    [
        (0, 0.2, "watch"),
        (1, 1.4, "watch"),
        (0, 2.9, "watch"),
        (0, 3.1, "far_behind"),
        (8, 16, "far_behind"),
        (12, 16, "watch"),
    ],
)
def test_small_plans_are_behind_only_where_chance_seldom_gives_so_little(done, plan, word):
    """A week that is over: of 2.9 deals none is chance in e^−2.9 = 5.5 % of weeks, of 3.1 in 4.5 %."""
    days = pl.DataFrame({"days": [5.0], "days_gone": [5.0]})
    wanted = pl.DataFrame({"measure": ["deals"], "plan": [float(plan)]})
    done = counts({"manager": WANG, "deals": done}).drop("manager")
    table = against_plan(done, wanted, days, RULES)
    assert table.filter(pl.col("measure") == "deals")["status"].item() == word


TWELVE = range(1, 13)
RATES = {"consultation": 5.0, "application": 1.2, "deal": 0.3}  # a working day; what their plans are made of
PLANS = {"consultations": "consultation", "applications": "application", "deals": "deal"}


def identical(rng: np.random.Generator, spread: float) -> pl.DataFrame:
    """Twelve managers who all do what is planned of them, day by day as chance has it."""
    rows = []
    for manager in TWELVE:
        for kind, rate in RATES.items():
            if spread > 1:
                drawn = rng.negative_binomial(rate / (spread - 1), 1 / spread, LEARNED_FROM)
            else:
                drawn = rng.poisson(rate, LEARNED_FROM)
            for day, number in zip(WORKDAYS, drawn, strict=True):
                for n in range(number):
                    row = {"day": day, "manager": manager, "kind": kind, "customer": n}
                    if kind == "deal":
                        row["amount_cents"] = int(rng.gamma(2, 15_000_000))
                    rows.append(row)
    return marked(*rows)


@pytest.mark.parametrize("spread", [1.0, 2.0])
def test_of_twelve_identical_managers_on_plan_few_weeks_are_called_behind(spread):
    """A month of their weeks, several times over: at most one status in twenty is behind or far behind."""
    rng, behind, every = np.random.default_rng(SEED), [], []
    stays = pl.concat([posted(SPAN, manager=manager) for manager in TWELVE])
    people = pl.DataFrame([(one, EAST, REGION) for one in TWELVE], PEOPLE.schema, orient="row")
    targets = [
        {"manager": manager, "measure": measure, "target": round(RATES[kind] * 21)}
        for manager in TWELVE
        for measure, kind in PLANS.items()
    ]
    targets += [{"manager": one, "measure": "deal_amount", "target": round(0.3 * 21 * 30_000_000)} for one in TWELVE]
    for _month in range(scaled(sweep=40, test=3)):
        log = identical(rng, spread)
        known = scatter(log, stays, CALENDAR, LAST)
        here = log.filter(pl.col("day").is_between(NOVEMBER.first, NOVEMBER.last)).lazy()
        frames = Frames(here, people, plans(*targets), stays, CALENDAR, scatter=known)
        table = summary(frames, NOVEMBER, LAST, RULES, ["manager", "week"])
        words = table.select(f"{name}_status" for name in (*PLANS, "deal_amount")).unpivot()
        words = words.filter(pl.col("value") != "no_plan")["value"].cast(pl.String)
        behind.append(words.is_in(["behind", "far_behind"]).sum())
        every.append(words.len())
    assert sum(every) == len(every) * 12 * 5 * 4
    assert sum(behind) / sum(every) <= 0.05
