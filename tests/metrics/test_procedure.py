"""How far an opportunity has come, how long it has stood there, and which steps break the procedure."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics import frames, procedure
from metrics.periods import Period
from metrics.procedure import ENDS, NEEDS, PROCEDURE
from tests.metrics import small

TODAY = date(2026, 11, 20)
FIRST = date(2026, 8, 3)
CALENDAR = small.calendar(Period(FIRST, TODAY + timedelta(30)))
LOAN_STEPS = PROCEDURE[1:]


def day(text: str) -> date:
    month, number = text.split("-")
    return date(2026, int(month), int(number))


def steps(opportunity: int = 1, family: str | None = "loan", **taken: str) -> pl.DataFrame:
    """The steps of one opportunity by kind: month-day, several with commas between."""
    rows = [
        (opportunity, family, kind, day(one))
        for kind, days in taken.items()
        for one in days.replace(" ", "").split(",")
    ]
    return pl.DataFrame(rows, frames.STEP, orient="row")


def found(*parts: pl.DataFrame) -> list[tuple]:
    table = procedure.breaches(pl.concat(parts), TODAY)
    return list(table.select("kind", "other", "rule").iter_rows())


LEGAL = steps(
    consultation="11-2",
    application="11-3",
    acceptance="11-3",
    investigation="11-5",
    review="11-9",
    committee="11-10",
    approval="11-12",
    contract="11-16",
    deal="11-20",
)


# -- breaches ---------------------------------------------------------------------------------------------------------


def test_the_legal_order_is_no_breach():
    assert found(LEGAL) == []


def test_an_application_after_the_investigation_is_a_breach():
    table = procedure.breaches(steps(application="11-10", investigation="11-5"), TODAY)
    expected = (1, "investigation", day("11-5"), "application", day("11-10"), "before")
    assert table.rows() == [expected] and table.schema == procedure.BREACH


def test_an_approval_before_the_investigation_is_a_breach():
    assert found(steps(application="11-2", investigation="11-12", approval="11-10")) == [
        ("approval", "investigation", "before")
    ]


@pytest.mark.parametrize(("application", "rule"), [({"application": "11-18"}, "before"), ({}, "without")])
def test_a_contract_before_the_application_is_a_breach_and_so_is_one_without(application, rule):
    assert found(steps(contract="11-16", **application)) == [("contract", "application", rule)]


def test_a_step_dated_tomorrow_is_a_breach():
    table = procedure.breaches(steps(application="11-19", acceptance="11-21"), TODAY)
    assert table.rows() == [(1, "acceptance", day("11-21"), None, None, "future")]
    assert found(steps(application="11-19", rejected="11-21")) == [("rejected", None, "future")]


def test_an_approval_without_any_investigation_is_a_breach():
    assert found(steps(application="11-2", approval="11-10")) == [("approval", "investigation", "without")]


def test_every_step_out_of_order_is_listed_once_the_gravest_on_top():
    swapped = steps(application="11-12", acceptance="11-4", investigation="11-5", contract="11-3")
    assert found(swapped) == [
        ("contract", "application", "before"),
        ("investigation", "application", "before"),
        ("acceptance", "application", "before"),
    ]


def test_a_step_is_named_with_the_earliest_one_it_precedes():
    assert found(steps(application="11-2", acceptance="11-10", investigation="11-9", approval="11-5")) == [
        ("approval", "acceptance", "before"),
        ("investigation", "acceptance", "before"),
    ]


def test_steps_nobody_recorded_are_no_breach():
    assert found(steps(application="11-2", deal="11-16")) == []
    assert found(steps(application="11-2", investigation="11-3", approval="11-5", contract="11-6")) == []
    assert found(steps(application="11-2", rejected="11-3")) == []


def test_two_steps_of_one_day_are_in_order():
    assert found(steps(**dict.fromkeys(PROCEDURE, "11-16"))) == []


def test_a_second_application_or_visit_later_on_is_no_breach():
    again = steps(consultation="11-2, 11-19", application="11-3, 11-18", investigation="11-5", approval="11-9")
    assert found(again) == []


def test_a_visit_after_the_application_is_no_breach():
    assert found(steps(application="11-2", consultation="11-5")) == []


@pytest.mark.parametrize("family", ["cross_sell", None])
def test_what_is_cross_sold_may_go_straight_to_the_deal_but_not_backwards(family):
    assert found(steps(family=family, consultation="11-2", deal="11-3")) == []
    assert found(steps(family=family, application="11-9", deal="11-3")) == [("deal", "application", "before")]


def test_each_opportunity_is_judged_by_itself():
    assert found(LEGAL, steps(2, application="11-10", investigation="11-5"), steps(3, application="11-20")) == [
        ("investigation", "application", "before")
    ]


def test_no_steps_are_no_breaches():
    assert found(frames.empty(frames.STEP)) == []


taken = st.lists(
    st.tuples(st.integers(1, 3), st.just("loan"), st.sampled_from(frames.KINDS), st.dates(day("11-10"), day("11-22"))),
    max_size=25,
)


@given(taken, st.randoms())
def test_the_order_of_the_rows_does_not_matter(rows, random):
    shuffled = random.sample(rows, len(rows))
    one, other = (pl.DataFrame(list(order), frames.STEP, orient="row") for order in (rows, shuffled))
    assert procedure.breaches(one, TODAY).equals(procedure.breaches(other, TODAY))
    assert procedure.standing(one, CALENDAR, TODAY).equals(procedure.standing(other, CALENDAR, TODAY))


@given(taken)
def test_a_breach_is_found_exactly_where_two_steps_are_exchanged_one_is_wanting_or_to_come(rows):
    """The law said again in plain Python."""
    expected = set()
    for opportunity in {row[0] for row in rows}:
        first: dict[str, date] = {}
        for _, _, kind, on in sorted((row for row in rows if row[0] == opportunity), key=lambda row: row[3]):
            first.setdefault(kind, on)
        for kind, on in first.items():
            earlier = LOAN_STEPS[: LOAN_STEPS.index(kind)] if kind in LOAN_STEPS else ()
            if any(on < first[other] for other in earlier if other in first):
                expected.add((opportunity, kind, "before"))
            if kind in NEEDS and NEEDS[kind] not in first:
                expected.add((opportunity, kind, "without"))
            if on > TODAY:
                expected.add((opportunity, kind, "future"))
    table = procedure.breaches(pl.DataFrame(rows, frames.STEP, orient="row"), TODAY)
    assert sorted(table.select("opportunity", "kind", "rule").iter_rows()) == sorted(expected)


@given(st.sets(st.sampled_from(PROCEDURE)), st.lists(st.dates(FIRST, TODAY), min_size=9, max_size=9), st.booleans())
def test_a_procedure_in_its_order_never_breaches_whatever_is_left_out(left_out, days, ended):
    left_out -= set(NEEDS.values())
    ordered = [row for row in zip(PROCEDURE, sorted(days), strict=True) if row[0] not in left_out]
    ordered += [("withdrawn", TODAY)] if ended else []
    rows = [(1, "loan", kind, on) for kind, on in ordered]
    assert procedure.breaches(pl.DataFrame(rows, frames.STEP, orient="row"), TODAY).is_empty()


# -- where it stands --------------------------------------------------------------------------------------------------


def stands(*parts: pl.DataFrame) -> list[tuple]:
    table = procedure.standing(pl.concat(parts), CALENDAR, TODAY)
    assert table.schema == procedure.STANDING
    return table.rows()


def test_an_opportunity_stands_at_its_furthest_step_since_the_first_day_of_it():
    one = steps(consultation="11-2, 11-19", application="11-3", acceptance="11-9, 11-18")
    assert stands(one) == [(1, "acceptance", day("11-9"), 9, None, None)]


def test_the_age_counts_working_days_only():
    assert stands(steps(application="11-20"))[0][3] == 0
    assert stands(steps(application="11-19"))[0][3] == 1
    assert stands(steps(application="11-13"))[0][3] == 5  # a week
    assert stands(steps(application="9-30"))[0][3] == 33  # over the holiday of October, and its worked Saturday


def test_a_step_to_come_is_not_reached():
    one, other = steps(application="11-16", acceptance="11-21"), steps(2, application="11-23")
    assert stands(one, other) == [(1, "application", day("11-16"), 4, None, None)]


def test_an_opportunity_ends_with_the_end_that_came_last():
    refused, given_up = steps(application="11-3", rejected="11-9"), steps(2, application="11-3", withdrawn="11-21")
    assert [row[4:] for row in stands(refused, given_up)] == [("rejected", day("11-9")), (None, None)]
    assert stands(steps(deal="11-9", rejected="11-6"))[0][4] == "deal"


@pytest.mark.parametrize("end", ENDS)
def test_every_end_is_one(end):
    assert stands(steps(application="11-2", **{end: "11-3"}))[0][4] == end


def test_nothing_taken_stands_nowhere():
    assert stands(frames.empty(frames.STEP)) == []


# -- stalled ----------------------------------------------------------------------------------------------------------


def won(*stays: int, family: str = "loan") -> pl.DataFrame:
    """Deals whose application came these working days before the deal."""
    workdays = CALENDAR.filter(pl.col("is_workday") & (pl.col("day") <= TODAY))["day"].to_list()
    rows = [
        (number, family, kind, workdays[place])
        for number, stay in enumerate(stays, 100)
        for kind, place in (("application", -1 - stay), ("deal", -1))
    ]
    return pl.DataFrame(rows, frames.STEP, orient="row")


def stalled(one: pl.DataFrame, cases: pl.DataFrame, share: float = 0.8, small_sample: int = 10) -> list[tuple]:
    table = procedure.standing(one, CALENDAR, TODAY).with_columns(family=pl.lit("loan").cast(frames.STEP["family"]))
    table = procedure.with_stalled(table, cases, CALENDAR, share, small_sample)
    return list(table.select("cases", "limit", "stalled").iter_rows())


@pytest.mark.parametrize(("since", "expected"), [("11-10", False), ("11-9", True)])  # 8 and 9 working days
def test_stalled_is_longer_than_four_fifths_of_the_won_ones_were(since, expected):
    assert stalled(steps(application=since), won(*range(1, 11))) == [(10, 8, expected)]


def test_too_few_cases_say_nothing():
    assert stalled(steps(application="8-3"), won(*range(1, 10))) == [(9, 8, None)]
    assert stalled(steps(application="8-3"), frames.empty(frames.STEP)) == [(0, None, None)]


def test_only_the_same_step_of_the_same_family_is_compared():
    assert stalled(steps(acceptance="8-3"), won(*range(1, 11))) == [(0, None, None)]
    assert stalled(steps(application="8-3"), won(*range(1, 11), family="cross_sell")) == [(0, None, None)]


def test_what_is_over_is_not_stalled():
    assert stalled(steps(application="8-3", rejected="8-4"), won(*range(1, 11)))[0][2] is None


def test_steps_out_of_order_tell_nothing_of_how_long_one_takes():
    swapped = steps(200, application="11-10", deal="11-3")
    assert stalled(steps(application="8-3"), pl.concat([won(*range(1, 11)), swapped])) == [(10, 8, True)]


@given(st.lists(st.integers(0, 40), min_size=1, max_size=40), st.sampled_from((0.5, 0.8, 0.9)), st.integers(0, 45))
def test_the_limit_is_the_first_stay_that_the_share_of_cases_has_not_exceeded(days, share, age):
    workdays = CALENDAR.filter(pl.col("is_workday") & (pl.col("day") <= TODAY))["day"].to_list()
    one = pl.DataFrame([(1, "loan", "application", workdays[-1 - age])], frames.STEP, orient="row")
    shorter = sum(stay < age for stay in days)
    assert stalled(one, won(*days), share, 1)[0][2] == (shorter >= share * len(days))


def test_each_step_has_its_number_amount_and_stalled_ones_in_the_order_of_the_procedure():
    table = pl.DataFrame(
        {
            "step": ["contract", "application", "application", "contract"],
            "end": [None, None, None, "deal"],
            "expected_amount_cents": [500, 300, None, 900],
            "stalled": [None, True, False, None],
        },
        {"step": procedure.STANDING["step"], "end": procedure.STANDING["end"], "expected_amount_cents": pl.Int64}
        | {"stalled": pl.Boolean},
    )
    rows = procedure.by_step(table).rows()
    assert [row[0] for row in rows] == list(PROCEDURE[:-1])
    assert [row for row in rows if row[1]] == [("application", 2, 300, 1, 2), ("contract", 1, 500, 0, 0)]
