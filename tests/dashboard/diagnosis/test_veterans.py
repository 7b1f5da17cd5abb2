"""Who could lead somebody: of their branch, else of the region as far as the viewer sees it, and on every floor the same."""

from datetime import date

import pytest
from sqlalchemy import update

from dashboard.diagnosis import gather, reasons
from dashboard.standing.part import Part
from db.access import Viewer
from db.engine import Store
from db.models import Manager
from db.people import people
from metrics.definitions import interpret
from metrics.periods import Period

NEWCOMER, TEAM = 6, (2, 4, 8, 10)  # all of branch 2
PERIOD = Period(date(2026, 8, 1), date(2026, 11, 20))


@pytest.fixture
def viewers(region_url):
    """Regional staff and the head of branch 2, where nobody has been for a year."""
    store = Store(region_url, mark=interpret)
    with store.writing("test") as write:
        lately = update(Manager).where(Manager.id.in_(TEAM)).values(joined_on=date(2026, 1, 10))
        write.session.execute(lately)
    yield Viewer(store, "region-1", "regional", 1), Viewer(store, "head-2", "branch_head", 1, 2)
    store.close()


def led(viewer: Viewer, by: tuple[str, ...] = ("manager",), part: Part = Part(), **more) -> tuple:
    found = gather.why(viewer, PERIOD, date(2026, 11, 19), "applications", "peers", by, part, **more)
    (row,) = found.table.filter(manager=NEWCOMER).to_dicts()
    return row["reaction"], row["veteran"], row["veteran_branch"], reasons.veterans(viewer, found.table)


def test_without_a_veteran_in_the_branch_one_of_the_region_leads_and_it_is_said_where_they_work(viewers):
    region, _head = viewers
    reaction, veteran, branch, names = led(region)
    places = dict(people.last_places(region, PERIOD.last).select("manager", "branch").iter_rows())
    assert (reaction, branch) == ("support", 1) and places[veteran] == 1
    assert names[NEWCOMER].endswith("（在城关支行）")
    floors = [
        (("branch", "manager"), Part()),
        (("manager",), Part(branch=2)),
        (("manager",), Part(branch=2, manager=6)),
    ]
    for by, part in floors:
        assert led(region, by, part)[:3] == (reaction, veteran, branch), "on every floor the same"
    assert led(region, branches=[2])[:3] == (reaction, veteran, branch)


def test_a_head_is_told_of_nobody_elsewhere(viewers):
    _region, head = viewers
    assert led(head, part=Part(branch=2))[:3] == ("support", None, None)
