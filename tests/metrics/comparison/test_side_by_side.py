"""Weeks, mix, ways and two periods: shares of whole numbers, and verdicts only beyond chance."""

from datetime import date

import polars as pl
import pytest

from metrics.catalog import CONSULTATIONS_A_DAY, CONVERSION_RATE, COUNTS
from metrics.comparison.change import side_by_side, with_limits
from metrics.comparison.mix import product_mix
from metrics.comparison.ways import by_way
from metrics.comparison.weeks import week_by_week
from metrics.metric import measure
from metrics.plans.scatter import SCATTER
from tests.support.builders import EAST, LI, SOUTH, WANG
from tests.support.metrics.small_frames import BRANCHES, NOVEMBER, calendar, marked, posted

DAY = date(2026, 11, 3)
THROUGH = date(2026, 11, 20)
THERE = pl.concat([posted(NOVEMBER, EAST, WANG), posted(NOVEMBER, SOUTH, LI)])


def visits(branch: int, manager: int, number: int, day: date = DAY, **more: object) -> list[dict]:
    first = 1000 * branch + 100 * day.day
    one = {"branch": branch, "manager": manager, "day": day, "kind": "consultation"}
    return [one | more | {"customer": first + n, "opportunity": first + n} for n in range(number)]


def test_each_week_is_set_against_all_together_in_that_week():
    """5 working days each: 40 and 8 visits, where 24 are to be expected of each."""
    log = marked(*visits(EAST, WANG, 40), *visits(SOUTH, LI, 8)).lazy()
    table, together = week_by_week(log, THERE, calendar(NOVEMBER), NOVEMBER, THROUGH, CONSULTATIONS_A_DAY, "branch")
    first = table.filter(week=date(2026, 11, 2))
    assert first.select("branch", "consultations", "manager_days", "expected").rows() == [(1, 40, 5, 24), (2, 8, 5, 24)]
    assert first["place"].to_list() == ["higher", "clearly_lower"]
    assert together.filter(week=date(2026, 11, 2))["consultations_a_day"].item() == pytest.approx(4.8)
    assert set(table["week"]) == {date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16)}, (
        "none without a working day"
    )
    silent = table.filter(week=date(2026, 11, 9))
    assert silent["consultations"].to_list() == [0, 0] and silent["place"].null_count() == 2


def test_a_mix_adds_up_to_all_deals_of_each_unit():
    def deals(branch: int, product: int, number: int) -> list[dict]:
        return [{"branch": branch, "day": DAY, "kind": "deal", "product": product, "amount_cents": 100}] * number

    log = marked(*deals(EAST, 1, 18), *deals(EAST, 2, 2), *deals(SOUTH, 1, 2), *deals(SOUTH, 2, 18)).lazy()
    table, together = product_mix(log, BRANCHES, "branch")
    assert together.select("product", "deals", "share").rows() == [(1, 20, 0.5), (2, 20, 0.5)]
    assert table.select("branch", "product", "share").rows() == [(1, 1, 0.9), (1, 2, 0.1), (2, 1, 0.1), (2, 2, 0.9)]
    assert table["place"].to_list() == ["clearly_higher", "clearly_lower", "clearly_lower", "clearly_higher"]
    assert (table.group_by("branch").agg(pl.col("deals").sum() == pl.col("all_deals").first())["deals"]).all()
    empty, _together = product_mix(marked().lazy(), BRANCHES, "branch")
    assert empty.is_empty()


def test_deals_stand_under_the_way_by_which_their_opportunity_was_first_reached():
    """A visit of October, a second one by another way, and a deal that no visit is known of."""
    usual = {"branch": EAST, "day": DAY, "kind": "deal"}
    deals = [usual | {"opportunity": 1300 + n} for n in range(30)] + [usual | {"opportunity": 77}, usual]
    october = [{"day": date(2026, 10, 9), "opportunity": 77, "customer": 77, "channel": "event"}]
    again = [{"day": DAY, "opportunity": 77, "customer": 77, "channel": "partner"}]
    log = marked(
        *october, *visits(EAST, WANG, 60, channel="wechat"), *again, *deals, *visits(SOUTH, LI, 60, channel=None)
    )
    table = by_way(log.lazy(), NOVEMBER, "channel")
    assert table.select("channel", "consultations", "deals").rows() == [
        ("wechat", 60, 30),
        (None, 60, 1),
        ("partner", 1, 0),
        ("event", 0, 1),
    ]
    places = dict(table.select("channel", "conversion_rate_place").iter_rows())
    assert (places["wechat"], places[None], places["event"]) == ("clearly_higher", "clearly_lower", None)
    assert by_way(log.lazy(), NOVEMBER, "channel", [pl.col("branch") == SOUTH])["consultations"].to_list() == [60]


def test_a_change_is_one_only_beyond_chance():
    def measured(consultations: int, deals: int, days: float) -> pl.DataFrame:
        log = marked(
            *visits(EAST, WANG, consultations),
            *({"branch": EAST, "day": DAY, "kind": "deal", "opportunity": 1300 + n} for n in range(deals)),
        )
        given = pl.DataFrame(
            {"branch": [EAST], "manager_days": [days]}, {"branch": pl.Int32, "manager_days": pl.Float64}
        )
        table = measure(log, (*COUNTS, CONVERSION_RATE, CONSULTATIONS_A_DAY), ["branch"], BRANCHES.head(1), given)
        return with_limits(table, (CONVERSION_RATE, CONSULTATIONS_A_DAY), SCATTER.to_frame(), BRANCHES)

    ratios = (CONVERSION_RATE, CONSULTATIONS_A_DAY)
    row = side_by_side(measured(90, 9, 10), measured(80, 12, 20), ratios, "branch").row(0, named=True)
    assert row["consultations_a_day_change"] == pytest.approx(5) and row["consultations_a_day_changed"] == "risen"
    assert row["conversion_rate_changed"] == "as_before" and row["conversion_rate_before"] == 0.15
    back = side_by_side(measured(80, 12, 20), measured(90, 9, 10), ratios, "branch").row(0, named=True)
    assert back["consultations_a_day_changed"] == "fallen"
    nothing = side_by_side(measured(0, 0, 0), measured(80, 12, 20), ratios, "branch").row(0, named=True)
    assert nothing["consultations_a_day_changed"] is nothing["conversion_rate_changed"] is None
