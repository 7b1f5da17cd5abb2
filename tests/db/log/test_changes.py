"""What was read of the log says itself whether it has changed: an answer made of some days of one place holds while others
are written, and no longer."""

import random
from datetime import date, timedelta

import polars as pl
import pytest
from sqlalchemy import update

from db.access import Viewer
from db.engine import Store
from db.log import activity, learning, mirror
from db.models import ChangeCounter
from db.people import people
from db.plans import plans
from db.plans.plans import Target
from db.spans import Ever, Span, Stretch
from metrics.definitions import interpret
from tests.support.builders import EAST, LI, MONDAY, SOUTH, WANG, ZHAO, head, manager, regional
from tests.support.mirror_log import BRANCH_OF, TUESDAY, YEAR, alter, put, withdraw
from tests.support.sweep import parts, scaled

pytestmark = pytest.mark.both_engines
ON_MONDAY = Stretch(MONDAY, MONDAY)
NOVEMBER = date(2026, 11, 1)
DAYS = [MONDAY + timedelta(one) for one in (-400, -1, 0, 1, 20)]


def again(viewer: Viewer, span: Span = ON_MONDAY, **place: int) -> bool:
    """Whether the answer made of these rows is read again; what is answered is what stands there."""
    read: list[bool] = []

    def rows() -> list[tuple]:
        read.append(True)
        return (
            activity.read(viewer, span, **place).sort("id").select("id", "day", "manager", "counted").collect().rows()
        )

    held = viewer.cached("rows", span, tuple(place.items()), read=rows)
    seen = (
        mirror.Mirror(viewer.store).read(span, {}).filter(*visible(viewer), *(pl.col(k) == v for k, v in place.items()))
    )
    assert held == seen.sort("id").select("id", "day", "manager", "counted").collect().rows()
    return bool(read)


def visible(viewer: Viewer) -> list[pl.Expr]:
    levels = {"region": viewer.region, "branch": viewer.branch, "manager": viewer.manager}
    level = "manager" if viewer.manager else "branch" if viewer.branch else "region"
    return [pl.col(level) == levels[level]]


def test_another_day_another_branch_and_another_manager_leave_it(staffed):
    put(staffed)
    east, everywhere, own = head(staffed), regional(staffed), manager(staffed)
    assert [again(east), again(everywhere), again(own)] == [True] * 3
    put(staffed, day=TUESDAY)
    assert [again(east), again(everywhere), again(own)] == [False] * 3
    put(staffed, manager_id=ZHAO)  # in the south
    assert [again(east), again(everywhere), again(own), again(everywhere, branch=EAST)] == [False, True, False, True]
    put(staffed, manager_id=ZHAO)
    assert not again(everywhere, branch=EAST)
    put(staffed, manager_id=LI, customer_id=2)
    assert [again(east), again(everywhere), again(own)] == [True, True, False]
    put(staffed, customer_id=3)
    assert [again(east), again(everywhere), again(own)] == [True] * 3


def test_a_row_that_leaves_and_one_that_arrives_are_changes_of_both_days(staffed):
    row = put(staffed)
    east, tuesday = head(staffed), Stretch(TUESDAY, TUESDAY)
    assert again(east) and again(east, tuesday)
    alter(staffed, row, day=TUESDAY)
    assert again(east) and again(east, tuesday)
    withdraw(staffed, row)
    assert not again(east) and again(east, tuesday)


def test_a_mark_that_moves_to_another_day_is_a_change_there(staffed):
    """The first application of an opportunity counts: one that is dated earlier takes it from a later one."""
    put(staffed, kind="application", opportunity_id=1, day=TUESDAY)
    east, tuesday = head(staffed), Stretch(TUESDAY, TUESDAY)
    assert again(east, tuesday)
    put(staffed, kind="application", opportunity_id=1)
    assert again(east, tuesday)


def test_a_place_beyond_the_scope_has_no_rows(staffed):
    put(staffed, manager_id=ZHAO)
    assert activity.read(head(staffed), YEAR, branch=SOUTH).collect().is_empty()
    assert activity.read(manager(staffed), YEAR, manager=ZHAO).collect().is_empty()
    assert learning.read(head(staffed), YEAR, branch=SOUTH).collect().is_empty()


def test_another_past_is_another_log(staffed):
    """The same numbers come again, with other rows under them."""
    east = head(staffed)
    put(staffed)
    again(east)
    put(staffed, customer_id=2)
    assert again(east)
    with staffed.engine.begin() as connection:
        connection.execute(update(ChangeCounter).values(value=ChangeCounter.value - 1))
    put(staffed, customer_id=3)
    assert again(east)


def test_what_no_entry_changes_is_not_read_again_for_one(staffed):
    east, counted = head(staffed), []

    def asked() -> int:
        before = len(counted)
        for name, read in (("people", lambda: people.postings(east)), ("plans", lambda: plans.read(east, YEAR))):
            east.cached("asked for", name, read=lambda read=read: counted.append(read()))
        return len(counted) - before

    assert asked() == 2
    put(staffed)
    assert asked() == 0
    plans.set_targets(east, NOVEMBER, [Target("manager", WANG, "deals", 5, None)])
    assert asked() == 2


@pytest.mark.parametrize("seed", parts(8))
def test_whatever_is_written_the_answers_are_those_of_a_log_read_anew(staffed, seed):
    drawn = random.Random(seed)
    viewers = (head(staffed), regional(staffed), manager(staffed))
    spans = (ON_MONDAY, YEAR, Ever(), Stretch(MONDAY - timedelta(420), MONDAY), Stretch(TUESDAY, TUESDAY))
    rows = [put(staffed)]
    for _ in range(scaled(400, 25)):
        match drawn.choice(["put", "put", "put", "alter", "move", "withdraw"]):
            case "put":
                who = drawn.choice(list(BRANCH_OF))
                kind = drawn.choice(("consultation", "application", "deal"))
                need = {} if kind == "consultation" else {"opportunity_id": drawn.randint(1, 4), "product_id": 1}
                day = drawn.choice(DAYS)
                rows.append(put(staffed, manager_id=who, kind=kind, day=day, customer_id=drawn.randint(1, 4), **need))
            case "alter":
                alter(staffed, drawn.choice(rows), day=drawn.choice(DAYS))
            case "move":
                who = drawn.choice(list(BRANCH_OF))
                alter(staffed, drawn.choice(rows), manager_id=who, branch_id=BRANCH_OF[who])
            case "withdraw":
                withdraw(staffed, drawn.choice(rows))
        for viewer in drawn.sample(viewers, 2):
            for span in drawn.sample(spans, 2):
                again(viewer, span)


def test_a_log_that_is_read_again_is_believed_for_nothing_before(local):
    put(local)
    east = head(local)
    assert again(east) and not again(east)
    local.cache.pop("mirror")
    mirror.of(local).refresh()
    assert not again(east), "the answer knows the mirror it was made of"
    held = mirror.of(Store(local.url, mark=interpret))
    assert held.refresh().changes.last(("branch", EAST), YEAR) != mirror.of(local).refresh().changes.last(
        ("branch", EAST), YEAR
    )
