"""The summary report: everyone has a row, beside their plan, by whatever keys are asked."""

from datetime import date

import polars as pl
import pytest

from metrics.catalog import FUNNEL, MEASURES
from metrics.definitions import Definitions
from metrics.metric import totals_of
from metrics.periods import Period
from metrics.plans.summary import Frames, summary
from tests.support.builders import EAST, LI, REGION, SOUTH, WANG, ZHAO
from tests.support.metrics.small_frames import NOVEMBER, RULES, calendar, marked, plans, posted

MID = date(2026, 11, 16)
SUMS = [metric.name for metric in totals_of(FUNNEL)]
PLACES = [(WANG, EAST), (LI, EAST), (ZHAO, SOUTH)]
LOG = (
    {"customer": 1},
    {"customer": 2, "manager": LI, "day": date(2026, 11, 2)},
    {"kind": "application", "opportunity": 1, "product": 7},
    {"kind": "deal", "opportunity": 1, "product": 7, "customer": 1, "amount_cents": 100, "channel": "wechat"},
    {"kind": "deal", "manager": ZHAO, "branch": SOUTH, "amount_cents": 50},
)
TARGETS = plans(
    {"manager": WANG, "target": 4},
    {"branch": SOUTH, "target": 2},
    {"manager": LI, "measure": "deal_amount", "target": 9},
)


def people(*places: tuple[int | None, int]) -> pl.DataFrame:
    rows = [(manager, branch, REGION) for manager, branch in places]
    return pl.DataFrame(rows, dict.fromkeys(("manager", "branch", "region"), pl.Int32), orient="row")


def bank(*rows: dict, places=PLACES, targets: pl.DataFrame = TARGETS) -> Frames:
    stays = pl.concat([posted(NOVEMBER, branch, manager) for manager, branch in PLACES])
    return Frames(marked(*rows).lazy(), people(*places), targets, stays, calendar(NOVEMBER))


def report(by=(), frames: Frames | None = None, period: Period = NOVEMBER, rules: Definitions = RULES) -> pl.DataFrame:
    return summary(frames or bank(*LOG), period, MID, rules, by)


def test_every_manager_has_a_row_also_with_nothing_logged():
    table = report(["manager"], bank())
    assert table["manager"].to_list() == [WANG, LI, ZHAO]
    assert table.select(SUMS).sum().row(0) == (0, 0, 0, 0, 0)
    assert table["deals_attainment"].to_list() == [0.0, None, None]


def test_a_branch_nobody_is_posted_to_has_its_row_and_its_plan():
    empty = bank(places=[(WANG, EAST), (LI, EAST), (None, SOUTH)])
    table = report(["branch"], empty)
    assert table.select("branch", "deals", "deals_plan").rows() == [(EAST, 0, 4.0), (SOUTH, 0, 2.0)]
    assert report((), empty)["deals_plan"].item() == 6.0
    assert report(["branch", "manager"], empty)["manager"].null_count() == 0


def test_every_week_of_the_period_has_a_row_and_belongs_to_its_monday():
    table = report(["week"])
    mondays = [date(2026, 10, 26), *(date(2026, 11, day) for day in (2, 9, 16, 23, 30))]
    assert table["week"].to_list() == mondays
    assert table["contacts"].to_list() == [0, 1, 0, 1, 0, 0]


def test_a_day_without_work_has_neither_plan_nor_time():
    table = report(["day"])
    saturday = table.filter(pl.col("day") == date(2026, 11, 14)).row(0, named=True)
    assert table.height == 30
    assert saturday["deals_plan"] is saturday["time_progress"] is None


def test_attainment_stands_beside_time_progress():
    row = report(["manager"]).row(0, named=True)
    assert (row["deals"], row["deals_plan"], row["deals_attainment"]) == (1, 4.0, 0.25)
    assert row["time_progress"] == 11 / 21


def test_the_total_is_actual_over_plan_of_all():
    row = report().row(0, named=True)
    assert (row["deals"], row["deals_plan"], row["deals_attainment"]) == (2, 6.0, 2 / 6)
    assert (row["deal_amount"], row["deal_amount_plan"]) == (150, 9.0)
    assert row["consultations_plan"] is row["consultations_attainment"] is None


@pytest.mark.parametrize("by", [["channel"], ["method"], ["product", "channel"], ["manager", "method"]])
def test_channels_and_methods_have_no_plan(by):
    table = report(by)
    assert {f"{name}_{of}" for name in MEASURES for of in ("plan", "attainment")} <= set(table.columns)
    assert table["deals_plan"].null_count() == table["time_progress"].null_count() == table.height


def test_who_logged_nothing_stands_once_without_a_product():
    rows = report(["manager", "product"], bank(*LOG[:1], LOG[3])).select("manager", "product", "deals").rows()
    assert rows == [(WANG, 7, 1), (WANG, None, 0), (LI, None, 0), (ZHAO, None, 0)]


@pytest.mark.parametrize(
    "by", [["manager"], ["branch"], ["region"], ["day"], ["week"], ["month"], ["product"], ["channel"]]
)
def test_the_total_is_the_same_over_every_split(by):
    table, whole = report(by), report()
    assert table.select(SUMS).sum().row(0) == whole.select(SUMS).row(0)
    if by[0] not in ("product", "channel", "manager"):
        assert table["deals_plan"].sum() == pytest.approx(whole["deals_plan"].item())


def test_managers_plans_do_not_add_up_to_a_branch_that_has_its_own():
    """Zhao has no plan of their own, their branch has: the total by manager lacks it, and says so by 无计划."""
    assert report(["manager"])["deals_plan"].to_list() == [4.0, None, None]


def test_a_scope_does_not_leak():
    """East's rows and people; plans and stays of others may come along and must not show."""
    east = bank(*LOG[:4], places=PLACES[:2])
    for by in ([], ["branch"], ["manager"], ["week"], ["branch", "month"]):
        table = report(by, east)
        assert SOUTH not in (table["branch"].to_list() if "branch" in by else [])
        assert table["deals_plan"].sum() == pytest.approx(4.0), by


def test_in_one_branch_the_time_of_a_transferred_manager_is_his_time_there():
    stays = pl.concat(
        [posted(Period(NOVEMBER.first, date(2026, 11, 9))), posted(Period(date(2026, 11, 10), NOVEMBER.last), SOUTH)]
    )
    targets = plans({"manager": WANG, "target": 21})
    scoped = Frames(marked({"kind": "deal"}).lazy(), people((WANG, EAST)), targets, stays, calendar(NOVEMBER))
    row = report(["manager"], scoped).row(0, named=True)
    assert (row["deals_plan"], row["time_progress"]) == (6.0, 1.0), "all six days of his are gone, not 11 of 21"


def test_the_definitions_choose_the_basis_of_time():
    table = report(["region"], rules=Definitions(time_basis="calendar"))
    assert table["time_progress"].item() == 16 / 30


def test_rows_are_sorted_by_their_keys():
    for by in (["branch", "manager"], ["manager", "week"], ["day"], ["region", "branch"]):
        table = report(by)
        assert table.select(by).rows() == sorted(table.select(by).rows())


@pytest.mark.parametrize("by", [["customer"], ["day", "week"], ["weekday"]])
def test_a_key_that_does_not_exist_and_two_of_time_are_refused(by):
    with pytest.raises(ValueError, match=by[0]):
        report(by)


def test_part_of_a_month_has_its_part_of_the_plan():
    week = Period(date(2026, 11, 16), date(2026, 11, 22))
    row = report(["manager"], bank(*LOG[:1], *LOG[2:4]), week).row(0, named=True)
    assert row["deals_plan"] == pytest.approx(4 * 5 / 21) and row["time_progress"] == 1 / 5
