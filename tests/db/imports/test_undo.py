"""Undoing an import, small or large: everything of the batch goes, what somebody edited since stays and is named."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from dashboard.shell.store import operator
from db.access import Viewer
from db.errors import NotAllowed, Refused
from db.imports import undo
from db.imports.imports import batches
from db.imports.large import turns, withdrawing
from db.imports.undo import undo_batch
from db.log import activity
from db.models import Activity, Audit, ClosedDay, Posting
from db.recording import recording
from tests.support.builders import EAST, FAR, MONDAY, NORTH, SOUTH, SUN, WANG, bank, far_region, head, manager, regional
from tests.support.sheets import bring, logged, numbers, row, trail

pytestmark = pytest.mark.slow

ROWS = [row(customer=f"客户{n:02}", phone=f"138{n:08}", note="原样") for n in range(12)]


@pytest.fixture(autouse=True, params=[20_000, 1], ids=["at once", "in portions"])
def largest_at_once(request, monkeypatch):
    monkeypatch.setattr(undo, "ROWS", request.param)
    monkeypatch.setattr(withdrawing, "AT_ONCE", 3)
    monkeypatch.setattr(turns, "HELD", 0)
    monkeypatch.setattr(turns, "AWAITED", 0)


@pytest.fixture
def cast(store):
    return far_region(bank(store))


@pytest.fixture
def small(sqlite_store):
    return far_region(bank(sqlite_store))


def brought(viewer, *rows: dict) -> int:
    return bring(viewer, *(rows or ROWS)).batch


def versions(store) -> dict[int, int]:
    return dict(logged(store, Activity.id, Activity.version))


def correct(viewer, identity: int, **changes) -> None:
    recording.correct(viewer, identity, versions(viewer.store)[identity], MONDAY, **changes)


def still(store) -> list[int]:
    return [one for one, voided in logged(store, Activity.id, Activity.voided_at) if voided is None]


def administrator(store) -> Viewer:
    return Viewer(store, "admin", "administrator")


@pytest.mark.both_engines
def test_rows_edited_since_are_kept_and_named_and_the_rest_goes(cast):
    batch = brought(manager(cast))
    ids = list(versions(cast))
    correct(manager(cast), ids[0], note="改过")
    correct(head(cast), ids[0], amount_cents=100)
    correct(head(cast), ids[3], note="改过")
    recording.void(manager(cast), ids[5], versions(cast)[ids[5]])
    done = undo_batch(manager(cast), batch)
    assert done.rows == len(ROWS) - 3
    there = activity.rows(manager(cast), MONDAY, WANG, withdrawn=True)["id"].to_list()
    assert sorted(there) == [ids[0], ids[3]]  # on the manager's day, as before
    kept = done.kept.select("id", "day", "manager_name", "customer_name", "action", "fields", "account").rows()
    assert kept == [
        (ids[0], MONDAY, "王芳", "客户00", "correct", ["amount_cents"], "head 1"),
        (ids[3], MONDAY, "王芳", "客户03", "correct", ["note"], "head 1"),
        (ids[5], MONDAY, "王芳", "客户05", "void", ["voided"], "manager 1"),
    ]
    assert still(cast) == [ids[0], ids[3]]
    assert trail(cast, Audit.action, Audit.after)[-1] == ("undo", {"rows": len(ROWS) - 3, "kept": 3})


@pytest.mark.both_engines
def test_the_same_file_again_brings_back_what_was_withdrawn_and_knows_the_rest(cast):
    batch = brought(head(cast))
    first, second, *_ = versions(cast)
    correct(head(cast), first, note="改过")
    recording.void(head(cast), second, versions(cast)[second])
    undo_batch(head(cast), batch)
    assert numbers(bring(head(cast), *ROWS)) == (12, 10, 2, 0)
    assert len(still(cast)) == 11 and second not in still(cast)
    assert numbers(bring(head(cast), *ROWS)) == (12, 0, 12, 0)


def test_nothing_is_kept_of_a_batch_nobody_touched(cast):
    batch = brought(head(cast))
    done = undo_batch(head(cast), batch)
    assert done.rows == len(ROWS) and done.kept.is_empty() and still(cast) == []
    with pytest.raises(Refused, match="undone already"):
        undo_batch(head(cast), batch)


def test_a_batch_of_which_every_row_was_edited_keeps_them_all(small):
    batch = brought(head(small), *ROWS[:2])
    for identity in versions(small):
        correct(head(small), identity, note="改过")
    done = undo_batch(head(small), batch)
    assert done.rows == 0 and done.kept.height == 2 and len(still(small)) == 2


def test_a_row_that_changed_with_its_customer_is_kept_without_saying_by_whom(small):
    batch = brought(head(small))
    first = next(iter(versions(small)))
    with small.writing("test") as write:
        write.session.execute(update(Activity).where(Activity.id == first).values(version=write.version))
    done = undo_batch(head(small), batch)
    assert done.rows == len(ROWS) - 1
    assert done.kept.select("id", "action", "fields", "account").rows() == [(first, None, [], None)]


def test_what_was_sent_twice_or_refused_is_no_edit(small):
    batch = brought(head(small))
    with small.noting("test") as write:
        for action in ("conflict", "refuse"):
            write.audit(action, "activity", next(iter(versions(small))), None, None)
    assert undo_batch(head(small), batch).kept.is_empty()


# -- who --------------------------------------------------------------------------------------------------------------

MAY = {
    "own": (lambda store: manager(store), True),
    "a colleague": (lambda store: manager(store, 2), False),
    "their head": (lambda store: head(store), True),
    "another head": (lambda store: head(store, SOUTH), False),
    "their region": (regional, True),
    "another region": (lambda store: Viewer(store, "r2", "regional", FAR), False),
    "the administrator": (administrator, True),
    "the operator": (operator, True),
}


@pytest.mark.parametrize(("who", "may"), MAY.values(), ids=MAY)
def test_a_managers_batch_is_undone_by_himself_his_head_and_above(cast, who, may):
    batch = brought(manager(cast))
    if may:
        assert undo_batch(who(cast), batch).rows == len(ROWS)
        return
    with pytest.raises(Refused) as refused:
        undo_batch(who(cast), batch)
    assert refused.value.message == "There is no import batch {batch}: check the number."
    assert len(still(cast)) == len(ROWS)


@pytest.mark.parametrize("role", ["screen", "auditor", "nobody"])
def test_other_roles_undo_nothing(small, role):
    batch = brought(manager(small))
    with pytest.raises(NotAllowed):
        undo_batch(Viewer(small, role, role, 1, EAST), batch)
    assert trail(small)[-1] == (role, "refuse", "undo_import")


def test_a_manager_does_not_undo_what_his_head_brought_for_him(small):
    batch = brought(head(small))
    with pytest.raises(Refused, match="no import batch"):
        undo_batch(manager(small), batch)


def test_rows_of_another_branch_are_not_undone_by_the_head_of_this_one(small):
    """A manager who has moved brought their own rows of both branches."""
    with small.writing("test") as write:
        stay = update(Posting).where(Posting.manager_id == WANG)
        write.session.execute(stay.values(to_day=MONDAY - timedelta(1), branch_id=SOUTH))
        write.session.add(Posting(manager_id=WANG, branch_id=EAST, from_day=MONDAY))
    batch = brought(manager(small), row(), row(date="2026-11-13", branch="南山支行"))
    with pytest.raises(Refused, match="outside your scope"):
        undo_batch(head(small), batch)
    assert undo_batch(manager(small), batch).rows == 2


@pytest.mark.parametrize(
    ("who", "seen"),
    [(manager, "客户00"), (head, "客户00"), (regional, "客*"), (administrator, "客*"), (operator, "客户00")],
)
def test_a_kept_customer_is_named_to_those_who_look_after_him(small, who, seen):
    batch = brought(manager(small))
    correct(manager(small), next(iter(versions(small))), note="改过")
    assert undo_batch(who(small), batch).kept["customer_name"].to_list() == [seen]


def test_a_kept_row_without_a_customer_has_no_name(small):
    batch = brought(manager(small), row())
    correct(manager(small), 1, note="改过")
    assert undo_batch(manager(small), batch).kept["customer_name"].to_list() == [None]


# -- closed days ------------------------------------------------------------------------------------------------------


def close(store, branch: int = EAST) -> None:
    with store.writing("test") as write:
        closed = {"branch_id": branch, "day": MONDAY, "closed_at": write.now, "closed_by": "head"}
        write.session.execute(insert(ClosedDay).values(closed))


@pytest.mark.parametrize(
    ("who", "may"), [(manager, False), (head, True), (regional, False), (administrator, False), (operator, True)]
)
def test_rows_of_a_closed_day_go_by_whoever_may_close_it(cast, who, may):
    batch = brought(manager(cast))
    close(cast)
    if may:
        assert undo_batch(who(cast), batch).rows == len(ROWS)
        return
    with pytest.raises(Refused, match="2026-11-16"):
        undo_batch(who(cast), batch)
    assert len(still(cast)) == len(ROWS) and batches(operator(cast))["undone_at"].to_list() == [None]


def test_a_closed_day_on_which_only_kept_rows_lie_keeps_nothing_else(small):
    batch = brought(manager(small), row(note="一"), row(date="2026-11-13"))
    on_monday = next(one for one, day in logged(small, Activity.id, Activity.day) if day == MONDAY)
    correct(manager(small), on_monday, note="改过")
    close(small)
    done = undo_batch(manager(small), batch)
    assert done.rows == 1 and done.kept["id"].to_list() == [on_monday]


def test_the_day_another_branch_closed_is_open_here(small):
    batch = brought(manager(small))
    close(small, SOUTH)
    assert undo_batch(manager(small), batch).rows == len(ROWS)


def test_undoing_takes_nothing_from_other_batches(small):
    brought(operator(small), row(region="山城分行", branch="北门支行", staff_no="1004", manager="孙梅", customer="甲"))
    batch = brought(manager(small))
    undo_batch(operator(small), batch)
    left = [one for one in logged(small, Activity.manager_id, Activity.branch_id, Activity.voided_at) if one[2] is None]
    assert left == [(SUN, NORTH, None)]
