"""Definitions are versions: a new one holds from its day on, where it was set, and none is ever changed."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from dashboard.shell.store import operator
from db import definitions
from db.access import Viewer
from db.errors import Conflict, NotAllowed, Refused
from db.models import Account, Audit, Definitions
from metrics.definitions import DEFAULT, from_record, in_force
from tests.support.builders import FAR, MONDAY, REGION, WANG, bank, far_region, head, manager, regional, signed_in
from tests.support.sheets import counts, trail

TODAY = date(2026, 11, 20)
LAX = {"effective": ["customer", "decider"]}


def set_lax(viewer, day=MONDAY, body=LAX, seen=1) -> int:
    return definitions.set_version(viewer, day, body, seen, TODAY)


def in_force_on(viewer, day: date, region: int | None) -> int:
    return in_force([from_record(*one) for one in definitions.read(viewer)], day, region).version


@pytest.mark.both_engines
def test_a_new_version_holds_in_the_region_from_its_day_on(store):
    viewer = regional(far_region(bank(store)))
    assert set_lax(viewer) == 2
    sunday = MONDAY - timedelta(1)
    held = [in_force_on(viewer, day, region) for region in (REGION, FAR, None) for day in (sunday, MONDAY)]
    assert held == [1, 2, 1, 1, 1, 1]
    assert definitions.read(viewer)[-1] == (2, REGION, MONDAY, DEFAULT | LAX)


def test_the_operator_sets_one_for_the_whole_bank(store):
    viewer = operator(far_region(bank(store)))
    assert set_lax(viewer) == 2
    assert [in_force_on(viewer, MONDAY, region) for region in (REGION, FAR, None)] == [2, 2, 2]


def test_settings_that_are_not_named_stay_as_they_are_on_that_day(store):
    viewer = regional(bank(store))
    set_lax(viewer)
    assert set_lax(viewer, MONDAY + timedelta(1), {"small_sample": 5}, seen=2) == 3
    assert definitions.read(viewer)[-1][3] == DEFAULT | LAX | {"small_sample": 5}
    assert set_lax(viewer, date(2026, 11, 2), {"small_sample": 7}, seen=3) == 4
    assert definitions.read(viewer)[-1][3] == DEFAULT | {"small_sample": 7}


def test_the_trail_has_what_changed_and_nothing_else(store):
    set_lax(regional(bank(store)), body=DEFAULT | LAX | {"far_behind_below": -0.2})
    (entry,) = trail(store, Audit.account, Audit.action, Audit.entity, Audit.entity_id, Audit.before, Audit.after)
    assert entry == (
        "regional",
        "set",
        "definitions",
        2,
        {"effective": ["customer", "decider", "need"], "far_behind_below": -0.3},
        {"region": REGION, "from_day": "2026-11-16", "far_behind_below": -0.2} | LAX,
    )


@pytest.mark.parametrize(
    ("day", "body", "said"),
    [
        (date(2026, 10, 31), LAX, "2026-11-01 at the earliest"),
        (date(2025, 11, 16), LAX, "2026-11-01 at the earliest"),
        (MONDAY, {}, "in force already"),
        (MONDAY, DEFAULT, "in force already"),
        (MONDAY, {"effective": ["mood"]}, "mood"),
        (MONDAY, {"efective": []}, "efective"),
        (MONDAY, {"small_sample": 0}, "small_sample"),
        (MONDAY, {"watch_below": -0.2}, "must not be higher than"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_stored(store, day, body, said):
    viewer, held = regional(bank(store)), counts(store)
    with pytest.raises(Refused, match=said):
        set_lax(viewer, day, body)
    assert counts(store) == held


def test_the_first_day_of_this_month_and_a_day_to_come_are_allowed(sqlite_store):
    viewer = regional(bank(sqlite_store))
    assert set_lax(viewer, date(2026, 11, 1)) == 2
    assert set_lax(viewer, date(2027, 1, 1), {"small_sample": 5}, seen=2) == 3


def test_regional_staff_alone_set_definitions_and_in_their_own_region(sqlite_store):
    bank(sqlite_store)
    others = [Viewer(sqlite_store, "x", role) for role in ("administrator", "auditor", "screen", "guest")]
    for viewer in (manager(sqlite_store), head(sqlite_store), *others, Viewer(sqlite_store, "x", "regional")):
        with pytest.raises(NotAllowed):
            set_lax(viewer)
    assert len(definitions.read(regional(sqlite_store))) == 1


def test_who_lost_his_role_meanwhile_sets_nothing(sqlite_store):
    viewer = signed_in(bank(sqlite_store), "regional", REGION)
    with sqlite_store.noting("test") as write:
        write.session.execute(update(Account).where(Account.login == viewer.account).values(disabled_at=write.now))
    with pytest.raises(NotAllowed):
        set_lax(viewer)
    assert len(definitions.read(regional(sqlite_store))) == 1


@pytest.mark.both_engines
def test_of_two_who_begin_from_the_same_version_the_second_is_told_by_whom(store):
    bank(store)
    first, second = (Viewer(store, name, "regional", REGION) for name in ("zhou", "wu"))
    set_lax(first)
    with pytest.raises(Conflict, match=r"zhou saved definitions v2") as refused:
        set_lax(second, body={"small_sample": 5})
    assert refused.value.values == {"account": "zhou", "version": 2}
    assert set_lax(second, body={"small_sample": 5}, seen=2) == 3


def test_another_regions_version_is_nobodys_conflict_here(store):
    far_region(bank(store))
    assert set_lax(Viewer(store, "far", "regional", FAR)) == 2
    assert set_lax(regional(store)) == 3


@pytest.mark.both_engines
def test_history_tells_who_set_what_from_which_day_the_latest_first(store):
    viewer = regional(far_region(bank(store)))
    set_lax(viewer)
    set_lax(Viewer(store, "far", "regional", FAR), body={"small_sample": 5})
    with store.writing("test") as write:
        moment = datetime(2026, 11, 16, 23, 30)
        write.session.execute(update(Definitions).where(Definitions.version == 2).values(set_at=moment))
    found = definitions.history(operator(store))
    assert found["version"].to_list() == [3, 2, 1]
    assert found.row(1) == (2, REGION, "江城分行", MONDAY, datetime(2026, 11, 17, 7, 30), "regional", DEFAULT | LAX)
    assert found.select("region", "region_name", "set_by").row(2) == (None, None, "installation")
    for viewer in (regional(store), head(store), manager(store, WANG)):
        assert definitions.history(viewer)["version"].to_list() == [2, 1]
    with pytest.raises(NotAllowed):
        definitions.history(Viewer(store, "x", "guest"))


def test_versions_that_are_there_stay_as_they_were(store):
    viewer = regional(bank(store))
    before = definitions.read(viewer)
    set_lax(viewer)
    assert definitions.read(viewer)[: len(before)] == before
    with store.reading() as connection:
        assert connection.scalars(select(Definitions.set_by).order_by(Definitions.version)).all() == [
            "installation",
            "regional",
        ]
