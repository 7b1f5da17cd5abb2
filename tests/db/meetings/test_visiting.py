"""Visiting days: groups of two or three, a visit that counts once however many were there, and what may not be planned."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dashboard.shell.store import operator
from db.access import Viewer
from db.errors import NotAllowed, Refused
from db.log import activity
from db.log.entry import Entry
from db.meetings import visiting
from db.meetings.visiting import Place
from db.models import Customer
from db.recording import recording, visits
from metrics import periods
from metrics.catalog import COUNTS
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

PAIR = (Place(WANG, 1, "main_talker"), Place(LI, 1, "observer"))
MET = Entry("consultation", MONDAY, customer_name="湖滨书店", met_decider=True, has_need=True, method="visit")
WEEK = periods.Period(MONDAY, MONDAY + timedelta(6))


@pytest.fixture
def planned(store):
    with_territories(bank(store))
    visiting.plan(head(store), EAST, MONDAY, PAIR, MONDAY, WANG, EAST, 6)
    return store


def test_a_branch_plans_its_day_and_everybody_of_it_reads_it(planned):
    for viewer in (manager(planned), head(planned), regional(planned), Viewer(planned, "a", "auditor")):
        (day,) = visiting.read(viewer, EAST, WEEK).to_dicts()
        assert (day["day"], day["leader"], day["territory_name"], day["target"]) == (MONDAY, WANG, "社区", 6)
        assert visiting.team(viewer, day["visiting"])["manager"].to_list() == [WANG, LI]
    assert visiting.read(head(planned, SOUTH), EAST, WEEK).is_empty()
    one = visiting.plan(head(planned), EAST, MONDAY, PAIR, MONDAY, target=8)
    assert visiting.read(head(planned), EAST, WEEK)["target"].to_list() == [8], "planned again it is one day"
    visiting.cancel(head(planned), one)
    assert visiting.read(head(planned), EAST, WEEK).is_empty()


@pytest.mark.parametrize(
    ("places", "change", "message"),
    [
        (PAIR[:1], {}, "two or three"),
        ((PAIR[0], replace(PAIR[1], part="main_talker")), {}, "two or three"),
        ((PAIR[0], replace(PAIR[1], part="driver")), {}, "two or three"),
        ((*PAIR, replace(PAIR[0], group=2)), {}, "each in one group"),
        ((), {}, "each in one group"),
        ((PAIR[0], replace(PAIR[1], manager=ZHAO)), {}, "not posted"),
        (PAIR, {"leader": ZHAO}, "not posted"),
        (PAIR, {"territory": SOUTH}, "not the branch's"),
        (PAIR, {"target": 0}, "between 1 and 50"),
    ],
)
def test_what_cannot_be_is_refused(planned, places, change, message):
    with pytest.raises(Refused, match=message):
        visiting.plan(head(planned), EAST, MONDAY + timedelta(1), places, MONDAY, **change)
    with pytest.raises(Refused, match="is over"):
        visiting.plan(head(planned), EAST, MONDAY - timedelta(1), PAIR, MONDAY)


def test_only_the_branchs_head_plans(planned):
    for viewer, branch in ((manager(planned), EAST), (head(planned, SOUTH), EAST), (regional(planned), EAST)):
        with pytest.raises(NotAllowed):
            visiting.plan(viewer, branch, MONDAY, PAIR, MONDAY)


def test_a_visit_of_two_is_one_entry_and_counts_once(planned):
    wang, li = manager(planned), manager(planned, LI)
    one = visits.record(wang, WANG, MET, "one", MONDAY)
    assert visits.record(wang, WANG, MET, "one", MONDAY) == one, "sent again"
    (row,) = visiting.visits(head(planned), EAST, MONDAY).to_dicts()
    assert (row["activity"], row["manager"], row["partner"]) == (one, WANG, LI)
    with pytest.raises(Refused, match="counts once"):
        visits.record(li, LI, replace(MET, customer_name=None, customer=row["customer"]), "two", MONDAY)
    counted = measure(activity.read(head(planned), WEEK), COUNTS, by=[])
    assert counted["consultations"].to_list() == [1]
    version = activity.rows(wang, MONDAY, WANG)["version"][0]
    recording.void(wang, one, version)
    assert visiting.visits(head(planned), EAST, MONDAY).is_empty()


def test_who_goes_in_no_group_has_no_partners_and_names_none_for_others(planned):
    zhao = visits.record(manager(planned, ZHAO, SOUTH), ZHAO, MET, "south", MONDAY)
    assert visiting.visits(head(planned, SOUTH), SOUTH, MONDAY).is_empty()
    with pytest.raises(NotAllowed):
        visiting.name_partners(manager(planned), zhao)


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
