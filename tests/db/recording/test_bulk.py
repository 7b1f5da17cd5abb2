"""Many opportunities at once: all of them or none, and never what somebody touched meanwhile."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from db.errors import NotAllowed, Refused
from db.models import Activity, Audit, Opportunity
from db.recording import bulk
from tests.conftest import FRIDAY
from tests.support.builders import LI, SOUTH, WANG, bank, head, manager, regional
from tests.support.pipeline_shop import add, ago


@pytest.fixture
def shop(store):
    return bank(store)


def seen(store) -> int:
    return store.version().counter


def held(store, *columns) -> list[tuple]:
    with store.reading() as connection:
        return [tuple(row) for row in connection.execute(select(*columns))]


@pytest.mark.both_engines
def test_many_are_closed_at_once_each_with_the_reason_and_a_trail(shop):
    ones = [add(shop, f"客户{number}", ("consultation", ago(90))) for number in range(5)]
    assert bulk.close(head(shop), ones, "withdrawn", "no_need_any_more", seen(shop), FRIDAY) == 5
    ends = held(shop, Activity.kind, Activity.day, Activity.manager_id, Activity.note)
    assert ends.count(("withdrawn", FRIDAY, WANG, "暂无需求")) == 5
    assert set(held(shop, Opportunity.lost_reason)) == {("no_need_any_more",)}
    assert len([one for one in held(shop, Audit.action) if one == ("move",)]) == 5


def test_what_somebody_recorded_or_planned_meanwhile_stays(shop):
    ones = [add(shop, f"客户{number}", ("consultation", ago(90))) for number in range(3)]
    as_seen = seen(shop)
    bulk.plan_step(manager(shop), ones[:1], "call_again", FRIDAY, as_seen, FRIDAY)
    bulk.close(manager(shop), ones[1:2], "rejected", "rate_too_high", as_seen, FRIDAY)
    assert bulk.close(head(shop), ones, "withdrawn", "no_need_any_more", as_seen, FRIDAY) == 1
    assert bulk.plan_step(head(shop), ones, "call_again", FRIDAY, as_seen, FRIDAY) == 0


@pytest.mark.parametrize("asked", [lambda shop: manager(shop, LI), lambda shop: head(shop, SOUTH), regional])
def test_nothing_is_done_where_one_of_them_is_not_the_viewers(shop, asked):
    ones = [add(shop, f"客户{number}", ("consultation", ago(90))) for number in range(3)]
    with pytest.raises(NotAllowed):
        bulk.close(asked(shop), ones, "withdrawn", "no_need_any_more", seen(shop), FRIDAY)
    with pytest.raises((NotAllowed, Refused)):
        bulk.close(head(shop), [*ones, 999], "withdrawn", "no_need_any_more", seen(shop), FRIDAY)
    assert {kind for (kind,) in held(shop, Activity.kind)} == {"consultation"}


@pytest.mark.parametrize("reason", ["", " ", "other_reason", "6222021234567890123"])
def test_nothing_is_closed_without_a_reason_that_can_be_stored(shop, reason):
    one = add(shop, "李记", ("consultation", ago(90)))
    with pytest.raises(Refused):
        bulk.close(head(shop), [one], "withdrawn", reason, seen(shop), FRIDAY)


@pytest.mark.parametrize("due", [None, FRIDAY - timedelta(1)])
def test_a_next_step_has_a_day_that_is_not_past(shop, due):
    one = add(shop, "李记", ("consultation", ago(90)))
    with pytest.raises(Refused):
        bulk.plan_step(head(shop), [one], "call_again", due, seen(shop), FRIDAY)
