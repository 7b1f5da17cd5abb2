"""Recording, correcting and withdrawing: once a reference, never over somebody else's change, always with a trail."""

import threading
from dataclasses import replace
from datetime import date, time, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from dashboard.shell.store import operator
from db.errors import Conflict, NotAllowed, Refused
from db.log import activity
from db.log.entry import Entry
from db.models import Activity, Audit, Customer, Opportunity
from db.recording import recording
from tests.support.builders import EAST, LI, MONDAY, SOUTH, WANG, ZHAO, bank, head, manager, regional
from tests.support.sheets import bring, counts, file, held_values, logged, row
from tests.support.sweep import scaled

pytestmark = pytest.mark.both_engines

VISIT = Entry("consultation", MONDAY, customer_name="湖滨书店", phone="13812345678", note="想装修")
DEAL = Entry("deal", MONDAY, customer_name="湖滨书店", product=1, amount_cents=30_000_000)
ALWAYS = SimpleNamespace(first=date(2000, 1, 1), last=date(2026, 12, 31))


def record(viewer, entry=VISIT, reference="r", manager=WANG, today=MONDAY) -> int:
    return recording.record(viewer, manager, entry, reference, today)


def version(store) -> int:
    return logged(store, Activity.version)[-1][0]


def correct(viewer, identity, seen=None, today=MONDAY, **changes):
    recording.correct(viewer, identity, seen or version(viewer.store), today, **changes)


def last_audit(store) -> tuple:
    with store.reading() as connection:
        columns = (Audit.account, Audit.action, Audit.entity, Audit.entity_id, Audit.before, Audit.after)
        *who, before, after = connection.execute(select(*columns).order_by(Audit.id.desc())).first()
    versions = [(one or {}).pop("version", 0) for one in (before, after)]
    assert versions == [0, 0] or versions[0] < versions[1]
    return (*who, before, after)


def test_a_visit_is_stored_once_however_often_it_is_sent(store):
    viewer = manager(bank(store))
    identity = record(viewer)
    held = counts(store)
    assert [record(viewer), record(operator(store))] == [identity] * 2
    assert counts(store) | {"counter": 0} == held | {"counter": 0} and held["activity"] == held["customer"] == 1
    assert logged(store, Activity.branch_id, Activity.effective, Activity.recorded_by) == [(EAST, True, "manager 1")]


def test_the_same_reference_with_other_content_is_a_conflict(store):
    viewer = manager(bank(store))
    record(viewer)
    held = counts(store)
    for entry in (replace(VISIT, note="想开分店"), replace(VISIT, day=MONDAY - timedelta(1))):
        with pytest.raises(Conflict):
            record(viewer, entry)
    with pytest.raises(Conflict):
        record(operator(store), manager=LI)
    assert counts(store) == held | {"audit": held["audit"] + 3}
    assert last_audit(store)[:3] + last_audit(store)[5:] == (
        "operator",
        "conflict",
        "activity",
        {"reference": "r", "manager": LI},
    )


def test_a_correction_leaves_old_and_new_in_the_trail(store):
    viewer = manager(bank(store))
    identity = record(viewer, DEAL)
    changes = {"amount_cents": 35_000_000, "product": 2, "day": MONDAY - timedelta(1), "time": time(9, 30)}
    correct(viewer, identity, **changes)
    account, action, entity, about, before, after = last_audit(store)
    assert (account, action, entity, about) == ("manager 1", "correct", "activity", identity)
    assert before == {"day": "2026-11-16", "time": None, "product_id": 1, "amount_cents": 30_000_000} | {
        "opportunity_id": before["opportunity_id"]
    }
    assert after == {"day": "2026-11-15", "time": "09:30:00", "product_id": 2, "amount_cents": 35_000_000} | {
        "opportunity_id": after["opportunity_id"]
    }
    assert before["opportunity_id"] != after["opportunity_id"]
    assert held_values(store, Opportunity.product_id) == {(1,), (2,)}


def test_a_correction_that_is_refused_leaves_no_trail(sqlite_store):
    viewer = manager(bank(sqlite_store))
    identity = record(viewer)
    held = counts(sqlite_store)
    for changes in ({"note": "6222021234567890123"}, {"day": MONDAY + timedelta(1)}, {"kind": "sale"}):
        with pytest.raises(Refused):
            correct(viewer, identity, **changes)
    assert counts(sqlite_store) == held


def test_a_correction_of_the_customer_names_another_one(sqlite_store):
    viewer = manager(bank(sqlite_store))
    identity = record(viewer)
    correct(viewer, identity, customer_name="湖滨饭店")
    assert held_values(sqlite_store, Customer.name) == {("湖滨书店",), ("湖滨饭店",)}
    *_, before, after = last_audit(sqlite_store)
    assert (before, after) == ({"customer_id": 1}, {"customer_id": 2})


def test_a_correction_of_the_note_does_not_make_a_visit_effective(sqlite_store):
    viewer = operator(bank(sqlite_store))
    bring(viewer, row(customer="甲", effective="否"))
    correct(viewer, 1, note="再约")
    assert logged(sqlite_store, Activity.effective, Activity.note) == [(False, "再约")]


def test_a_day_is_not_corrected_across_a_transfer(sqlite_store):
    viewer = operator(bank(sqlite_store))
    identity = record(viewer, replace(VISIT, day=MONDAY - timedelta(1)))
    moved = f"region,branch,staff_no,manager,from\n江城分行,南山支行,1001,王芳,{MONDAY}"
    file(viewer, "people", moved)
    with pytest.raises(Refused, match="worked elsewhere"):
        correct(viewer, identity, day=MONDAY)


def test_the_second_of_two_editors_is_told(store):
    viewer = manager(bank(store))
    identity = record(viewer)
    seen = version(store)
    correct(viewer, identity, seen, note="第一")
    for late in (lambda: correct(viewer, identity, seen, note="第二"), lambda: recording.void(viewer, identity, seen)):
        with pytest.raises(Conflict):
            late()
    assert logged(store, Activity.note) == [("第一",)]
    recording.void(viewer, identity, version(store))
    with pytest.raises(Conflict):
        correct(viewer, identity, note="第三")
    assert activity.read(viewer, ALWAYS).collect().is_empty() and counts(store)["activity"] == 1


def test_of_two_editors_at_once_exactly_one_wins(store):
    viewer = manager(bank(store))
    identity = record(viewer)
    races = scaled(200, 40) if store.is_sqlite else scaled(60, 15)
    for race in range(races):
        seen, outcomes = version(store), []

        def edit(name, seen=seen, race=race, outcomes=outcomes):
            try:
                correct(viewer, identity, seen, note=f"{race} {name}")
                outcomes.append(name)
            except Conflict:
                outcomes.append(None)

        threads = [threading.Thread(target=edit, args=(name,)) for name in ("王芳", "支行")]
        [one.start() for one in threads]
        [one.join() for one in threads]
        (winner,) = filter(None, outcomes)
        assert len(outcomes) == 2 and logged(store, Activity.note) == [(f"{race} {winner}",)]
    assert counts(store)["audit"] == races


def test_a_manager_records_and_corrects_only_his_own(sqlite_store):
    bank(sqlite_store)
    own = record(manager(sqlite_store))
    for viewer in (manager(sqlite_store, LI), manager(sqlite_store, ZHAO, SOUTH), head(sqlite_store, SOUTH)):
        with pytest.raises(NotAllowed):
            correct(viewer, own, note="不是我的")
        with pytest.raises(NotAllowed):
            recording.void(viewer, own, version(sqlite_store))
    for viewer in (manager(sqlite_store, LI), head(sqlite_store, SOUTH), regional(sqlite_store)):
        with pytest.raises(NotAllowed):
            record(viewer, reference="other")
    correct(head(sqlite_store), own, note="支行核对")
    with pytest.raises(NotAllowed):
        correct(regional(sqlite_store), own, note="分行")


@pytest.mark.parametrize(
    "entry",
    [
        replace(VISIT, day=MONDAY + timedelta(1)),
        replace(VISIT, note="身份证 110101 1990 0307 1234"),
        replace(VISIT, customer_name="卡６２２２０２１２３４５６７８９０"),
        replace(VISIT, kind="sale"),
        replace(VISIT, channel="中介助贷"),
        replace(VISIT, method="fax"),
        replace(VISIT, customer_kind="friend"),
        replace(VISIT, phone="12"),
        replace(VISIT, customer=99),
        replace(VISIT, note="长" * 501),
        replace(DEAL, amount_cents=-1),
        replace(DEAL, amount_cents=10**15),
        replace(DEAL, product=99),
        replace(DEAL, customer_name="  "),
    ],
)
def test_an_entry_that_breaks_a_rule_is_refused_and_nothing_is_stored(sqlite_store, entry):
    viewer = manager(bank(sqlite_store))
    held = counts(sqlite_store)
    with pytest.raises(Refused):
        record(viewer, entry)
    assert counts(sqlite_store) == held


def test_nobody_records_for_a_day_on_which_he_is_posted_nowhere(sqlite_store):
    viewer = operator(bank(sqlite_store))
    file(viewer, "people", f"region,branch,staff_no,manager,left_on\n江城分行,东湖支行,1001,王芳,{MONDAY}")
    record(viewer)
    with pytest.raises(Refused, match="not posted"):
        record(viewer, replace(VISIT, day=MONDAY + timedelta(1)), "later", today=MONDAY + timedelta(1))


def test_a_customer_of_another_branch_cannot_be_named_by_number(sqlite_store):
    bank(sqlite_store)
    record(manager(sqlite_store))
    with pytest.raises(Refused, match="no such customer in this branch"):
        record(manager(sqlite_store, ZHAO, SOUTH), Entry("consultation", MONDAY, customer=1), "z", ZHAO)


def test_an_opportunity_stays_open_until_its_end(sqlite_store):
    viewer = manager(bank(sqlite_store))
    for place, kind in enumerate(("consultation", "application", "deal", "application")):
        record(viewer, replace(DEAL, kind=kind), str(place))
    first, second, third, fourth = logged(sqlite_store, Activity.opportunity_id)
    assert first == second == third != fourth


def test_the_day_of_a_manager_lists_what_still_holds(sqlite_store):
    viewer = manager(bank(sqlite_store))
    first, second = record(viewer, replace(VISIT, time=time(9))), record(viewer, replace(DEAL, time=time(15)), "s")
    assert activity.rows(viewer, MONDAY, WANG)["id"].to_list() == [second, first]
    assert activity.rows(manager(sqlite_store, LI), MONDAY, WANG).is_empty()
    recording.void(viewer, second, version(sqlite_store))
    assert activity.rows(head(sqlite_store), MONDAY, WANG)["customer_name"].to_list() == ["湖滨书店"]
