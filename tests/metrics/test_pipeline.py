"""How far an opportunity has come, how long it has stood there, and which steps break the procedure."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics import frames, pipeline
from metrics.pipeline import ENDS, NEEDS, PROCEDURE
from tests.support.metrics.steps import CALENDAR, FIRST, TODAY, day, steps

LOAN_STEPS = PROCEDURE[1:]


def found(*parts: pl.DataFrame) -> list[tuple]:
    table = pipeline.breaches(pl.concat(parts), TODAY)
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
    table = pipeline.breaches(steps(application="11-10", investigation="11-5"), TODAY)
    expected = (1, "investigation", day("11-5"), "application", day("11-10"), "before")
    assert table.rows() == [expected] and table.schema == pipeline.BREACH


def test_an_approval_before_the_investigation_is_a_breach():
    assert found(steps(application="11-2", investigation="11-12", approval="11-10")) == [
        ("approval", "investigation", "before")
    ]


@pytest.mark.parametrize(("application", "rule"), [({"application": "11-18"}, "before"), ({}, "without")])
def test_a_contract_before_the_application_is_a_breach_and_so_is_one_without(application, rule):
    assert found(steps(contract="11-16", **application)) == [("contract", "application", rule)]


def test_a_step_dated_tomorrow_is_a_breach():
    table = pipeline.breaches(steps(application="11-19", acceptance="11-21"), TODAY)
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
    assert pipeline.breaches(one, TODAY).equals(pipeline.breaches(other, TODAY))
    assert pipeline.standing(one, CALENDAR, TODAY).equals(pipeline.standing(other, CALENDAR, TODAY))


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
    table = pipeline.breaches(pl.DataFrame(rows, frames.STEP, orient="row"), TODAY)
    assert sorted(table.select("opportunity", "kind", "rule").iter_rows()) == sorted(expected)


@given(st.sets(st.sampled_from(PROCEDURE)), st.lists(st.dates(FIRST, TODAY), min_size=9, max_size=9), st.booleans())
def test_a_procedure_in_its_order_never_breaches_whatever_is_left_out(left_out, days, ended):
    left_out -= set(NEEDS.values())
    ordered = [row for row in zip(PROCEDURE, sorted(days), strict=True) if row[0] not in left_out]
    ordered += [("withdrawn", TODAY)] if ended else []
    rows = [(1, "loan", kind, on) for kind, on in ordered]
    assert pipeline.breaches(pl.DataFrame(rows, frames.STEP, orient="row"), TODAY).is_empty()


# -- where it stands --------------------------------------------------------------------------------------------------


def stands(*parts: pl.DataFrame) -> list[tuple]:
    table = pipeline.standing(pl.concat(parts), CALENDAR, TODAY)
    assert table.schema == pipeline.STANDING
    return table.drop("silence").rows()


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


def test_how_long_opportunities_stay_is_the_median_of_those_that_moved_on():
    second = steps(2, consultation="11-2", application="11-9", deal="11-11")
    table = pipeline.stay_by_step(pl.concat([LEGAL, second]), CALENDAR)
    by_step = {row["step"]: (row["left"], row["stay"]) for row in table.to_dicts()}
    assert list(by_step) == list(PROCEDURE[:-1])
    assert by_step["consultation"] == (2, (1 + 5) / 2) and by_step["contract"] == (1, 4)
    assert by_step["application"] == (2, (0 + 2) / 2)
