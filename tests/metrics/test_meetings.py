"""What meetings look at besides plan and promise."""

from datetime import date

import polars as pl
import pytest

from metrics.meetings import best_deals, left_over, listed_by_manager, moved, time_kept, top, turned_round, weakest_step

MONDAY = date(2026, 11, 16)


def entries(*rows: tuple[int, str, int | None]) -> pl.DataFrame:
    columns = {"manager": pl.Int32, "kind": pl.String, "amount_cents": pl.Int64}
    table = pl.DataFrame(list(rows), columns, orient="row")
    return table.with_columns(product=pl.lit(1, pl.Int32), day=pl.lit(MONDAY))


def test_the_best_deals_are_the_largest_and_a_deal_without_an_amount_comes_last():
    log = entries((1, "deal", 500), (2, "deal", None), (3, "deal", 900), (4, "application", 9_999))
    assert best_deals(log, 3)["manager"].to_list() == [3, 1, 2]
    assert best_deals(log.clear(), 3).is_empty()


def gaps(**by_manager: float | None) -> pl.DataFrame:
    rows = [(int(name[1:]), "deals", gap) for name, gap in by_manager.items()]
    return pl.DataFrame(rows, {"manager": pl.Int32, "measure": pl.String, "pace_gap": pl.Float64}, orient="row")


def test_who_turned_round_rose_most_and_a_small_rise_is_none():
    before, now = gaps(m1=-0.4, m2=-0.1, m3=None, m4=0.0), gaps(m1=-0.1, m2=-0.06, m3=0.5, m4=0.2)
    assert turned_round(before, now, "deals", 5).select("manager", pl.col("rise").round(2)).rows() == [
        (1, 0.3),
        (4, 0.2),
    ]


@pytest.mark.parametrize(
    ("effects", "step"),
    [
        ({"application_rate": -2.0, "deal_rate": -0.5}, "application_rate"),
        ({"application_rate": 1.0, "deal_rate": -0.5}, "deal_rate"),
        ({"application_rate": 1.0, "deal_rate": 0.0}, None),
        ({"application_rate": None}, None),
    ],
)
def test_the_weakest_step_is_the_one_that_costs_most(effects, step):
    assert weakest_step(effects) == step


def test_what_moved_is_counted_by_kind_and_who_moved_nothing_has_no_row():
    log = entries((1, "deal", 5), (1, "approval", None), (2, "consultation", None), (2, "approval", None))
    assert moved(log, ("approval", "deal")).rows() == [(1, 1, 1), (2, 1, 0)]


def test_a_top_list_has_nobody_with_nothing_and_equals_share_a_place():
    table = pl.DataFrame({"manager": [1, 2, 3, 4], "deals": [2, 5, 2, 0]})
    assert top(table, "deals", 3).select("rank", "manager").rows() == [(1, 2), (2, 1), (2, 3)]


def held(*rows: tuple) -> pl.DataFrame:
    names = ("meeting", "kind", "day", "ended_at", "minutes", "used_seconds", "reached")
    return pl.DataFrame([dict(zip(names, row, strict=True)) for row in rows])


def test_time_kept_compares_a_meetings_minutes_with_what_was_planned():
    rows = held(
        (1, "morning", MONDAY, MONDAY, 5, 600, True),
        (1, "morning", MONDAY, MONDAY, 5, 0, False),
        (2, "morning", date(2026, 11, 17), date(2026, 11, 17), 10, 600, True),
        (3, "morning", date(2026, 11, 18), None, 10, 60, True),
    )
    (row,) = time_kept(rows).to_dicts()
    assert (row["meetings"], row["minutes"], row["used"], round(row["reached"], 3)) == (2, 10.0, 10.0, 0.667)


def test_what_is_left_over_is_of_the_last_meeting_of_the_kind_alone():
    rows = held(
        (1, "morning", MONDAY, MONDAY, 5, 0, False),
        (2, "morning", date(2026, 11, 17), MONDAY, 5, 0, True),
        (3, "evening", date(2026, 11, 18), MONDAY, 5, 0, False),
    )
    assert left_over(rows, "morning", date(2026, 11, 19)).is_empty()
    assert left_over(rows, "morning", date(2026, 11, 17))["meeting"].to_list() == [1]


def test_lists_are_counted_by_who_looks_after_them_and_who_has_none_has_no_row():
    table = pl.DataFrame({"opportunity": [1, 2, 3, 4], "manager": [7, 7, 8, 9]})
    found = listed_by_manager(table, {"overdue": [1, 3], "stalled": [2, 3]})
    assert found.rows() == [(7, 1, 1), (8, 1, 1)]
