"""Totals and ratios: what a metric gives for rows that can be counted by hand."""

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.catalog import (
    AVERAGE_TICKET,
    CONVERSION_RATE,
    DEAL_AMOUNT,
    DEAL_RATE,
    DEALS,
    FUNNEL,
    FUNNEL_RATIOS,
)
from metrics.metric import AMOUNT, COUNT, measure, ratio, total, totals_of, with_ratios
from tests.support.builders import EAST, LI, SOUTH, WANG, ZHAO
from tests.support.metrics.small_frames import marked

ONE_OF_TWO = marked(
    {"customer": 1}, {"customer": 2}, {"kind": "deal", "customer": 1, "product": 1, "amount_cents": 5_000_000}
)
SUMS = [metric.name for metric in totals_of(FUNNEL)]

rows = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["consultation", "application", "deal"]),
            "manager": st.sampled_from([WANG, LI, ZHAO]),
            "branch": st.sampled_from([EAST, SOUTH]),
            "customer": st.sampled_from([None, 1, 2, 3]),
            "opportunity": st.sampled_from([None, 1, 2]),
            "product": st.sampled_from([None, 1, 2]),
            "channel": st.sampled_from([None, "wechat", "batch"]),
            "amount_cents": st.sampled_from([None, 0, 700]),
        }
    ),
    max_size=25,
)


def test_a_ratio_divides_the_total_by_the_total():
    table = measure(ONE_OF_TWO, [CONVERSION_RATE])
    assert table.select("deals", "consultations", "conversion_rate").row(0) == (1, 2, 0.5)


def test_a_total_that_no_activity_gives_says_so_instead_of_summing_something():
    with pytest.raises(ValueError, match="potential_customers is no sum over activities"):
        total("potential_customers", "Potential customers", formula="registers", source="registers").expression()


def test_a_rate_is_null_when_its_denominator_is_zero():
    deals_only = marked({"kind": "deal"})
    row = measure(deals_only, [DEAL_RATE, CONVERSION_RATE]).row(0, named=True)
    assert row["deals"] == 1
    assert row["deal_rate"] is row["conversion_rate"] is None
    assert row["deal_rate_low"] is row["deal_rate_high"] is None


def test_a_period_rate_may_exceed_one_and_keeps_its_interval():
    three_deals = marked({"customer": 1}, *[{"kind": "deal", "customer": 1}] * 3)
    row = measure(three_deals, [CONVERSION_RATE]).row(0, named=True)
    assert row["conversion_rate"] == 3.0
    assert row["conversion_rate_low"] < 1 < 3 < row["conversion_rate_high"]


def limits_of(*rows: dict, by=()) -> list[tuple]:
    table = measure(marked(*rows), [CONVERSION_RATE], by)
    return table.select("conversion_rate_low", "conversion_rate_high").rows()


def test_a_deal_whose_own_consultation_lies_in_the_period_makes_its_rate_surer():
    visits = [{"customer": one, "opportunity": one} for one in range(1, 21)]
    theirs = [{"kind": "deal", "opportunity": one} for one in range(1, 6)]
    older = [{"kind": "deal", "opportunity": one} for one in range(101, 106)]
    three = [*theirs[:3], *older[:2]]
    assert limits_of(*visits, *older)[0] == pytest.approx((0.097220, 0.642871), abs=1e-6)
    assert limits_of(*visits, *three)[0] == pytest.approx((0.108982, 0.573487), abs=1e-6)
    (low, high), (surer_low, surer_high) = limits_of(*visits, *three)[0], limits_of(*visits, *theirs)[0]
    assert low < surer_low and surer_high < high


def test_a_colleagues_consultation_is_nobody_elses():
    mine = [{"customer": one, "opportunity": one} for one in (1, 2)]
    deal = {"kind": "deal", "manager": LI, "opportunity": 1}
    alone = [{"customer": 3, "opportunity": 3, "manager": LI}, deal]
    assert limits_of(*mine, *alone, by=["manager"])[1] == limits_of(*alone)[0]
    assert limits_of(*mine, *alone)[0] != limits_of(*mine, *alone[:1], deal | {"opportunity": 9})[0]


def test_only_rates_of_cases_carry_an_interval():
    names = measure(ONE_OF_TWO, [CONVERSION_RATE, AVERAGE_TICKET]).columns
    assert [name for name in names if name.endswith(("_low", "_high"))] == [
        "conversion_rate_low",
        "conversion_rate_high",
    ]


def test_an_amount_is_in_cents_and_a_missing_one_is_nothing():
    table = measure(marked({"kind": "deal", "amount_cents": 12}, {"kind": "deal"}), [DEALS, DEAL_AMOUNT])
    assert table.row(0) == (2, 12)


def test_an_application_amount_is_no_deal_amount():
    table = measure(marked({"kind": "application", "amount_cents": 99, "opportunity": 1}), [DEAL_AMOUNT])
    assert table.item() == 0


def test_an_empty_log_gives_zeros_and_no_rates():
    row = measure(marked(), FUNNEL).row(0, named=True)
    assert {row[name] for name in SUMS} == {0}
    assert row["application_rate"] is None


def test_an_empty_log_by_manager_has_no_row_but_the_columns():
    table = measure(marked(), FUNNEL, by=["manager"])
    assert table.height == 0
    assert table.schema["manager"] == pl.Int32 and table.schema["deals"] == pl.Int64


def test_everyone_has_a_row_also_with_nothing_logged():
    everyone = pl.DataFrame({"manager": [WANG, LI]}, schema={"manager": pl.Int32})
    table = measure(ONE_OF_TWO, [CONVERSION_RATE], ["manager"], everyone)
    assert table.select("manager", "deals", "conversion_rate").rows() == [(WANG, 1, 0.5), (LI, 0, None)]


def test_rows_without_a_key_are_a_group_of_their_own_and_come_last():
    table = measure(marked({"kind": "deal"}, {"kind": "deal", "product": 2}), [DEALS], ["product"])
    assert table.rows() == [(2, 1), (None, 1)]


def test_totals_of_ratios_come_once_and_in_order():
    assert [one.name for one in totals_of([DEAL_RATE, CONVERSION_RATE])] == ["deals", "applications", "consultations"]


def test_a_given_total_is_joined_once_a_key_and_may_be_absent():
    a_head = ratio("deals_a_head", "D", of=DEALS, to=total("heads", "H", formula="f", source="s"), source="s")
    given_once = pl.DataFrame({"branch": [EAST], "heads": [4]}, schema_overrides={"branch": pl.Int32})
    log = marked({"kind": "deal", "customer": 1}, {"kind": "deal", "customer": 1, "branch": SOUTH})
    table = measure(log, [a_head], ["branch"], given=given_once)
    assert table["deals_a_head"].to_list() == [0.25, None]
    with pytest.raises(pl.exceptions.ComputeError):
        measure(log, [a_head], ["branch"], given=pl.concat([given_once] * 2))


def test_a_declared_total_is_an_amount_only_with_a_value():
    assert total("a", "A", formula="f", source="s", where=DEALS.where).unit == COUNT
    assert total("a", "A", formula="f", source="s", where=DEALS.where, value="amount_cents").unit == AMOUNT


@given(rows, st.sampled_from(["manager", "branch", "product", "channel", "kind", "customer"]))
@settings(deadline=None, max_examples=60)
def test_totals_are_the_sum_over_any_split(some, key):
    log = marked(*some)
    parts, whole = measure(log, FUNNEL, by=[key]), measure(log, FUNNEL)
    assert parts.select(SUMS).sum().row(0) == whole.select(SUMS).row(0)
    plain = [one for one in whole.columns if not one.endswith(("_low", "_high"))]
    # the limits are no matter of sums
    shared = {f"{one.name}_shared": pl.lit(0) for one in FUNNEL_RATIOS if one.interval}
    added = with_ratios(parts.select(SUMS).sum().with_columns(**shared), FUNNEL)
    assert added.select(plain).equals(whole.select(plain))


@given(rows)
@settings(deadline=None, max_examples=40)
def test_a_part_of_the_bank_measured_alone_is_its_row_of_the_whole(some):
    log = marked(*some)
    whole = measure(log, FUNNEL, by=["branch"])
    for branch in (EAST, SOUTH):
        alone = measure(log.filter(pl.col("branch") == branch), FUNNEL, by=["branch"])
        assert alone.equals(whole.filter(pl.col("branch") == branch))


@given(rows, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=40)
def test_the_order_of_the_rows_does_not_matter(some, random):
    log = marked(*some)
    order = list(range(log.height))
    random.shuffle(order)
    assert measure(log[order], FUNNEL, by=["manager"]).equals(measure(log, FUNNEL, by=["manager"]))


@given(rows, st.sampled_from([(), ("manager",), ("product",), ("branch", "day")]))
@settings(deadline=None, max_examples=15)
def test_another_engine_gives_the_same_numbers(some, by):
    log = marked(*some)
    columns = ", ".join(f'"{name}"' for name in log.columns)
    plain = log.with_columns(pl.col(pl.Enum).cast(pl.String)).to_arrow()  # noqa: F841  DuckDB finds it by its name
    elsewhere = duckdb.sql(f"SELECT {columns} FROM plain")
    theirs, ours = measure(elsewhere, FUNNEL, by), measure(log, FUNNEL, by)
    assert theirs.columns == ours.columns
    assert theirs.rows() == ours.rows()
