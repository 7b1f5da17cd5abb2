"""Visiting days: groups of two or three, a visit that counts once however many were there, and what may not be planned."""

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

from dashboard.shell.store import operator
from dashboard.visiting import gather
from db.access import Viewer
from db.engine import Store
from db.errors import NotAllowed, Refused
from db.imports.imports import import_file
from db.log import activity
from db.log.entry import Entry
from db.meetings import visiting
from db.meetings.visiting import LAST, Arrangement, Place, Rule
from db.models import Customer
from db.recording import recording, visits
from db.spans import Stretch
from metrics import periods
from metrics.catalog import COUNTS
from metrics.definitions import interpret
from metrics.meetings import beside_normal
from metrics.metric import measure
from tests.support.builders import (
    EAST,
    LI,
    MONDAY,
    SOUTH,
    WANG,
    ZHAO,
    bank,
    head,
    log,
    manager,
    regional,
    with_territories,
)

PLACES = (Place(WANG, 1, "main_talker"), Place(LI, 1, "observer"))
PAIR = Arrangement(PLACES)
MET = Entry("consultation", MONDAY, customer_name="湖滨书店", met_decider=True, has_need=True, method="visit")
WEEK = periods.Period(MONDAY, MONDAY + timedelta(6))


@pytest.fixture
def planned(store):
    with_territories(bank(store))
    visiting.plan(head(store), EAST, MONDAY, Arrangement(PLACES, WANG, EAST, 6), MONDAY)
    return store


def test_a_branch_plans_its_day_and_everybody_of_it_reads_it(planned):
    for viewer in (manager(planned), head(planned), regional(planned), Viewer(planned, "a", "auditor")):
        (day,) = visiting.read(viewer, EAST, WEEK).to_dicts()
        assert (day["day"], day["leader"], day["territory_name"], day["target"]) == (MONDAY, WANG, "社区", 6)
        assert visiting.team(viewer, day["visiting"])["manager"].to_list() == [WANG, LI]
    assert visiting.read(head(planned, SOUTH), EAST, WEEK).is_empty()
    one = visiting.plan(head(planned), EAST, MONDAY, Arrangement(PLACES, target=8), MONDAY)
    assert visiting.read(head(planned), EAST, WEEK)["target"].to_list() == [8], "planned again it is one day"
    for reason, today, message in ((" ", MONDAY, "Say why"), ("下雨", MONDAY + timedelta(1), "is over")):
        with pytest.raises(Refused, match=message):
            visiting.cancel(head(planned), one, reason, today)
    assert visiting.cancel(head(planned), one, "下雨", MONDAY) == 1
    assert visiting.cancel(head(planned), one, "大雨", MONDAY) == 0, "cancelled again it changes nothing"
    (day,) = visiting.read(manager(planned), EAST, WEEK).to_dicts()
    assert day["cancelled"] == "下雨" and visiting.team(head(planned), one).is_empty()
    visiting.plan(head(planned), EAST, MONDAY, PAIR, MONDAY)
    assert visiting.read(head(planned), EAST, WEEK)["cancelled"].to_list() == [None]


@pytest.mark.parametrize(
    ("places", "change", "message"),
    [
        (PLACES[:1], {}, "two or three"),
        ((PLACES[0], replace(PLACES[1], part="main_talker")), {}, "two or three"),
        ((PLACES[0], replace(PLACES[1], part="driver")), {}, "two or three"),
        ((*PLACES, replace(PLACES[0], group=2)), {}, "each in one group"),
        ((), {}, "each in one group"),
        ((PLACES[0], replace(PLACES[1], manager=ZHAO)), {}, "not posted"),
        (PLACES, {"leader": ZHAO}, "not posted"),
        (PLACES, {"territory": SOUTH}, "not the branch's"),
        (PLACES, {"target": 0}, "between 1 and 50"),
    ],
)
def test_what_cannot_be_is_refused(planned, places, change, message):
    with pytest.raises(Refused, match=message):
        visiting.plan(head(planned), EAST, MONDAY + timedelta(1), Arrangement(places, **change), MONDAY)
    with pytest.raises(Refused, match="is over"):
        visiting.plan(head(planned), EAST, MONDAY - timedelta(1), PAIR, MONDAY)


def test_only_the_branchs_head_plans(planned):
    for viewer, branch in ((manager(planned), EAST), (head(planned, SOUTH), EAST), (regional(planned), EAST)):
        with pytest.raises(NotAllowed):
            visiting.plan(viewer, branch, MONDAY, PAIR, MONDAY)


def consultations(viewer) -> int:
    return int(measure(activity.read(viewer, WEEK), COUNTS, by=[])["consultations"].sum())


def test_a_visit_of_two_counts_once_and_the_second_is_told(planned):
    wang, li = manager(planned), manager(planned, LI)
    one = visits.record(wang, WANG, MET, "one", MONDAY)
    assert visits.record(wang, WANG, MET, "one", MONDAY) == one, "sent again"
    (row,) = visits.made(head(planned), EAST, MONDAY).to_dicts()
    assert (row["activity"], row["manager"], row["partner"]) == (one, WANG, LI)
    with pytest.raises(Refused, match="counts once"):
        visits.record(li, LI, replace(MET, customer_name=None, customer=row["customer"]), "two", MONDAY)
    assert consultations(head(planned)) == 1
    version = activity.rows(wang, MONDAY, WANG)["version"][0]
    recording.void(wang, one, version)
    assert visits.made(head(planned), EAST, MONDAY).is_empty()


def from_file(store, staff_no: str) -> None:
    row = f"{MONDAY},江城分行,东湖支行,{staff_no},李强,consultation,湖滨书店,visit"
    content = f"date,region,branch,staff_no,manager,kind,customer,method\n{row}\n".encode()
    report = import_file(head(store), "activities", "log.csv", content, MONDAY)
    assert report.accepted == 1, report.problems.to_dicts()


@pytest.mark.both_engines
@pytest.mark.parametrize("second", ["a form", "a file"])
def test_the_same_visit_entered_by_two_in_different_ways_counts_once(planned, second):
    one = recording.record(manager(planned), WANG, MET, "one", MONDAY)
    if second == "a form":
        recording.record(manager(planned, LI), LI, replace(MET, customer_name="湖滨书店 "), "two", MONDAY)
    else:
        from_file(planned, "1002")
    assert consultations(head(planned)) == 1 and consultations(manager(planned, LI)) == 0
    made = gather.outing(head(planned), visiting.read(head(planned), EAST, WEEK).row(0, named=True))
    assert (made.made(), len(made.entered_twice())) == (1, 1)
    recording.void(manager(planned), one, activity.rows(manager(planned), MONDAY, WANG)["version"][0])
    assert consultations(head(planned)) == 1 and consultations(manager(planned, LI)) == 1, "the other entry stands"


@pytest.mark.both_engines
def test_entries_count_by_the_groups_as_they_are_said_now(planned):
    recording.record(manager(planned), WANG, MET, "one", MONDAY)
    recording.record(manager(planned, LI), LI, MET, "two", MONDAY)
    recording.record(manager(planned, LI), LI, replace(MET, customer_name="城南茶庄"), "three", MONDAY)
    (day,) = visiting.read(head(planned), EAST, WEEK)["visiting"]
    assert consultations(head(planned)) == 2
    visiting.cancel(head(planned), day, "下雨", MONDAY)
    assert consultations(head(planned)) == 3, "each went alone"
    visiting.plan(head(planned), EAST, MONDAY, PAIR, MONDAY)
    assert consultations(head(planned)) == 2
    fresh = Store(planned.engine.url.render_as_string(hide_password=False), mark=interpret)
    assert consultations(head(fresh)) == 2, "a process that begins reads the same"
    fresh.close()


def test_who_goes_in_no_group_makes_no_visit_together(planned):
    visits.record(manager(planned, ZHAO, SOUTH), ZHAO, MET, "south", MONDAY)
    assert visits.made(head(planned, SOUTH), SOUTH, MONDAY).is_empty()


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        (Rule(2, date(2026, 9, 23), date(2026, 10, 14)), ["09-23", "09-30", "10-14"]),  # 7 October is a day off
        (Rule(1, date(2026, 11, 1), date(2027, 1, 31), 2), ["11-10", "12-08", "01-12"]),
        (Rule(0, date(2026, 11, 1), date(2026, 12, 31), LAST), ["11-30", "12-28"]),
        (Rule(5, date(2026, 10, 1), date(2026, 10, 31)), ["10-10"]),  # a Saturday that is worked
    ],
)
def test_a_rule_falls_on_its_weekday_where_the_bank_works(planned, rule, days):
    number = visiting.repeat(head(planned), EAST, rule, Arrangement(PLACES, WANG, EAST, 4), rule.first)
    found = visiting.read(head(planned), EAST, Stretch(rule.first, rule.last)).filter(target=4)
    assert [f"{day:%m-%d}" for day in found["day"]] == days and number == len(days)
    assert found["leader"].unique().to_list() == [WANG]


def test_a_rule_that_cannot_be_is_refused(planned):
    for rule, message in (
        (Rule(7, MONDAY, MONDAY), "weekday"),
        (Rule(0, MONDAY, MONDAY, 5), "weekday"),
        (Rule(0, MONDAY, MONDAY - timedelta(1)), "a year at most"),
        (Rule(0, MONDAY, MONDAY + timedelta(400)), "a year at most"),
        (Rule(6, MONDAY, MONDAY + timedelta(30)), "no working day"),
        (Rule(0, MONDAY, MONDAY), "no working day"),  # planned already
    ):
        with pytest.raises(Refused, match=message):
            visiting.repeat(head(planned), EAST, rule, PAIR, MONDAY)
    with pytest.raises(NotAllowed):
        visiting.repeat(manager(planned), EAST, Rule(0, MONDAY, MONDAY), PAIR, MONDAY)


def test_one_day_of_a_rule_or_all_the_rest_is_cancelled_for_a_reason(planned):
    rule = Rule(1, MONDAY, MONDAY + timedelta(28))
    assert visiting.repeat(head(planned), EAST, rule, PAIR, MONDAY) == 4
    month = Stretch(MONDAY, rule.last)
    days = visiting.read(head(planned), EAST, month).filter(pl.col("rule").is_not_null())["visiting"].to_list()
    assert visiting.cancel(head(planned), days[1], "下雨", MONDAY) == 1
    assert visiting.cancel(head(planned), days[2], "人手不足", MONDAY, rest=True) == 2
    reasons = visiting.read(head(planned), EAST, month).filter(pl.col("rule").is_not_null())["cancelled"].to_list()
    assert reasons == [None, "下雨", "人手不足", "人手不足"]


def test_whom_to_visit_are_ones_own_customers_of_the_territory(planned):
    visits.record(manager(planned), WANG, MET, "one", MONDAY)
    recording.record(operator(planned), LI, replace(MET, customer_name="城南茶庄"), "two", MONDAY)
    with planned.writing("test") as write:
        for one in write.session.query(Customer):
            one.territory_id = EAST
    assert visiting.whom(manager(planned), EAST)["customer_name"].to_list() == ["湖滨书店"]
    assert visiting.whom(head(planned), EAST).height == 2 and visiting.whom(head(planned, SOUTH), EAST).is_empty()


def test_a_day_is_compared_with_the_mean_of_the_working_days_before():
    earlier = [MONDAY - timedelta(days) for days in (3, 4)]
    frame = log({}, {}, {}, {"day": earlier[0]}, {"day": MONDAY - timedelta(9)}).with_columns(counted=True)
    found = beside_normal(frame, MONDAY, earlier).filter(measure="consultations").row(0, named=True)
    assert (found["actual"], found["normal"]) == (3, 0.5)
    assert beside_normal(frame, MONDAY, [])["normal"].null_count() == 3
