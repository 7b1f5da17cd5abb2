"""What counts: effective under the definitions of its day, once a manager, customer and day, once an opportunity."""

from datetime import date

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.definitions import (
    DEFAULT,
    Definitions,
    body_of,
    changes,
    earlier,
    from_record,
    in_force,
    interpret,
    mark,
    replaced,
)
from metrics.frames import LOG
from metrics.settings import BY_NAME, SETTINGS, InvalidSetting
from tests.support.builders import LI, log
from tests.support.metrics.random_bank import random_bank
from tests.support.metrics.small_frames import marked

FIRST, LATER = date(2026, 11, 2), date(2026, 12, 1)


def counted(*rows: dict, versions=(Definitions(),)) -> list[bool]:
    return mark(log(*rows), list(versions)).sort("id")["counted"].to_list()


@pytest.mark.parametrize(
    "row",
    [
        {"customer": None},
        {"customer": 1, "met_decider": False},
        {"customer": 1, "need_recorded": False},
        {"customer": 1, "effective": False},
        {"customer": 1, "effective": None},
    ],
    ids=["nobody identified", "no decider", "no need written down", "stated as not effective", "nothing stated"],
)
def test_a_consultation_that_lacks_something_does_not_count(row):
    assert counted(row) == [False]


def test_a_condition_nobody_was_asked_about_is_taken_as_stated():
    assert counted({"customer": 1, "met_decider": None, "need_recorded": None}) == [True]


def test_a_customer_counts_once_a_manager_and_day():
    visits = [{"customer": 1}, {"customer": 1}, {"customer": 2}, {"customer": 1, "manager": LI}]
    assert counted(*visits, {"customer": 1, "day": FIRST}) == [True, False, True, True, True]


def test_the_first_effective_visit_of_the_day_is_the_one_that_counts():
    visits = [{"second": 50_000}, {"second": 36_000, "effective": False}, {"second": 40_000}, {"second": None}]
    assert counted(*[visit | {"customer": 1} for visit in visits]) == [False, False, True, False]


def test_of_two_at_the_same_time_the_one_recorded_first_counts():
    assert counted({"id": 9, "customer": 1, "second": 7}, {"id": 4, "customer": 1, "second": 7}) == [True, False]


def test_an_opportunity_applied_for_again_counts_once_in_the_month_of_the_first():
    again = [{"kind": "application", "opportunity": 5, "day": day} for day in (LATER, FIRST)]
    refused = {"kind": "rejected", "opportunity": 5, "day": date(2026, 11, 20)}
    assert counted(*again, refused) == [False, True, True]


def test_an_application_without_an_opportunity_stands_alone():
    assert counted({"kind": "application"}, {"kind": "application"}) == [True, True]


def test_without_the_voided_first_application_the_next_one_is_first():
    both = [{"kind": "application", "opportunity": 5, "day": FIRST}, {"kind": "application", "opportunity": 5}]
    assert counted(*both) == [True, False]
    assert counted(*both[1:]) == [True]


def test_every_deal_counts():
    assert counted({"kind": "deal", "opportunity": 5}, {"kind": "deal", "opportunity": 5}) == [True, True]


def test_a_visit_is_judged_by_the_definitions_of_its_day():
    lax = Definitions(2, None, LATER, effective=())
    before, after = {"customer": None, "day": FIRST}, {"customer": None, "day": LATER}
    assert counted(before, after, versions=[lax, Definitions()]) == [False, True]


def test_a_regions_own_definitions_hold_for_it_alone():
    own = Definitions(2, 2, FIRST, effective=())
    rows = [{"customer": None, "region": region} for region in (1, 2)]
    assert counted(*rows, versions=[Definitions(), own]) == [False, True]


def test_where_no_version_is_in_force_the_defaults_are():
    own = Definitions(2, 2, LATER, effective=())
    assert in_force([own], FIRST, 1) == Definitions()
    assert counted({"customer": 1}, {"customer": None}, versions=[own]) == [True, False]
    assert counted({"customer": 1}, {"customer": None}, versions=[]) == [True, False]


def test_in_force_is_the_latest_begun_of_the_region_or_of_all():
    all_, own, coming = Definitions(1), Definitions(2, 2, FIRST), Definitions(3, None, LATER)
    versions = [coming, all_, own]
    assert [in_force(versions, FIRST, region).version for region in (1, 2, None)] == [1, 2, 1]
    assert in_force(versions, LATER, 2).version == 3


def test_a_stored_version_is_read_as_a_value():
    rules = from_record(4, None, FIRST, {"effective": ["need"], "small_sample": 5})
    assert (rules.version, rules.effective, rules.small_sample) == (4, ("need",), 5)
    assert rules.behind_below == DEFAULT["behind_below"]


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ({"efective": []}, "efective is not a setting"),
        ({"effective": ["mood"]}, "customer, decider, need"),
        ({"effective": "customer"}, "effective"),
        ({"effective": ["need", "need"]}, "effective"),
        ({"effective": [["need"]]}, "effective"),
        ({"time_basis": "moon"}, "workdays, calendar"),
        ({"time_basis": None}, "time_basis"),
        ({"three_tiers": 1}, "yes or no"),
        ({"small_sample": 0}, "from 1 to 1000"),
        ({"small_sample": 9.5}, "small_sample"),
        ({"small_sample": True}, "small_sample"),
        ({"small_sample": "10"}, "small_sample"),
        ({"horizon_days": 0}, "from 1 to 250"),
        ({"horizon_days": 251}, "horizon_days"),
        ({"backdating_days": -1}, "from 0 to 366"),
        ({"backdating_days": 367}, "backdating_days"),
        ({"stalled_share": 1.01}, "from 0 to 1"),
        ({"stalled_share": float("nan")}, "stalled_share"),
        ({"watch_below": -1.5}, "from -1 to 1"),
        ({"watch_below": -0.2}, "behind_below.*must not be higher than"),
        ({"far_behind_below": -0.05}, "far_behind_below.*must not be higher than"),
        ({"penetration_customers": "any"}, "deal, loan"),
        ({"contact_customers": ["any"]}, "effective, any"),
    ],
)
def test_a_body_that_is_no_definitions_is_refused_with_its_setting_and_rule(body, rule):
    with pytest.raises(ValueError, match=rule) as refused:
        from_record(1, None, FIRST, body)
    assert str(refused.value).split(":")[0] in (*body, "behind_below")


@pytest.mark.parametrize("name", DEFAULT)
def test_each_setting_says_what_it_is_and_allows_its_default(name):
    one = BY_NAME[name]
    assert one.label and one.help and one.group
    one.check(one.default)
    with pytest.raises(InvalidSetting):
        one.check(object())


def test_every_setting_is_declared_and_is_a_field():
    assert {one.name for one in SETTINGS} == set(vars(Definitions())) - {"version", "region", "from_day"}
    assert body_of(Definitions()) == DEFAULT


def test_thresholds_may_be_equal():
    body = dict.fromkeys(("watch_below", "behind_below", "far_behind_below"), -0.1)
    assert from_record(1, None, FIRST, body).watch_below == -0.1


def test_what_changed_is_named_with_old_and_new():
    before = from_record(1, None, FIRST, {"effective": ["need", "customer"]})
    after = from_record(2, 1, LATER, {"effective": ["customer"], "small_sample": 5})
    assert changes(before, after) == {"effective": (["customer", "need"], ["customer"]), "small_sample": (10, 5)}
    assert changes(before, from_record(3, None, LATER, {"effective": ["customer", "need"]})) == {}


def test_a_version_replaces_the_one_in_force_where_it_begins():
    first, own, later = Definitions(1), Definitions(2, 1, FIRST), Definitions(3, 2, LATER)
    versions = [first, own, later]
    assert [replaced(versions, one) for one in versions] == [None, first, first]
    assert replaced([*versions, Definitions(4, 1, LATER)], Definitions(4, 1, LATER)) == own


def test_earlier_versions_are_those_that_held_on_some_day_of_the_period():
    middle = date(2026, 11, 10)
    first, own, coming = Definitions(1), Definitions(2, 1, middle), Definitions(3, 1, LATER)
    versions = [first, own, coming]
    assert earlier(versions, FIRST, date(2026, 11, 30), 1) == [first]
    assert earlier(versions, FIRST, LATER, 1) == [own, first]
    assert earlier(versions, FIRST, LATER, 2) == []
    assert earlier(versions, middle, date(2026, 11, 30), 1) == []


def test_stored_records_interpret_the_log_as_their_values_do():
    rows = log({"customer": 1}, {"customer": None})
    records = [(1, None, date(2000, 1, 1), {"effective": []})]
    assert interpret(rows, records)["counted"].to_list() == [True, True]


rows = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["consultation", "application", "deal"]),
            "manager": st.integers(1, 2),
            "customer": st.sampled_from([None, 1, 2]),
            "opportunity": st.sampled_from([None, 1, 2]),
            "day": st.sampled_from([FIRST, LATER]),
            "second": st.sampled_from([None, 1, 2]),
        }
    ),
    max_size=20,
)


@given(rows)
@settings(deadline=None, max_examples=60)
def test_marking_only_the_keys_that_changed_gives_the_same_marks(some):
    """What the mirror relies on."""
    whole = marked(*some)
    for kind, keys in (("consultation", ["manager", "customer", "day"]), ("application", ["opportunity"])):
        part = whole.filter(pl.col("kind") == kind)
        for group in part.partition_by(keys):
            again = mark(group.drop("counted"), [Definitions()])
            assert again.select("id", "counted").equals(group.select("id", "counted"))


@given(rows)
@settings(deadline=None, max_examples=60)
def test_at_most_one_row_counts_a_visit_and_an_opportunity(some):
    log = marked(*some).filter("counted")
    visits = log.filter(pl.col("kind") == "consultation").select("manager", "customer", "day")
    needs = log.filter(pl.col("kind") == "application")["opportunity"].drop_nulls()
    assert not visits.is_duplicated().any() and not needs.is_duplicated().any()


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=10)
def test_another_engine_marks_the_same_rows(seed):
    bank = random_bank(seed)
    versions = [Definitions(number, **one) for number, one in enumerate(bank.versions, 1)]
    here = pl.DataFrame(bank.rows, LOG)
    there = duckdb.from_arrow(here.with_columns(pl.col(pl.Enum).cast(pl.String)).to_arrow())
    expected = mark(here, versions).sort("id").select("id", "counted")
    assert mark(there, versions).select("id", "counted").order("id").pl().equals(expected)
