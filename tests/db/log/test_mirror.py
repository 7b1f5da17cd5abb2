"""The mirror: what it hands out is the log as it stands, marked, limited, and the same as if read anew."""

import random
import threading
from datetime import date, time
from functools import partial
from itertools import count

import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import insert

from dashboard.shell.store import operator
from db.engine import Store
from db.imports import undo
from db.log import activity, mirror
from db.log.columns import partitions
from db.log.entry import Entry
from db.models import ImportBatch
from db.recording import recording
from metrics.definitions import interpret
from metrics.frames import contract
from metrics.periods import Period
from tests.support.builders import EAST, LI, MONDAY, REGION, SOUTH, WANG, ZHAO, head, manager, regional
from tests.support.mirror_log import (
    BRANCH_OF,
    NEXT_MONTH,
    TUESDAY,
    YEAR,
    alter,
    counted,
    define,
    everything,
    ids,
    put,
    read,
    withdraw,
)
from tests.support.sweep import parts, scaled

pytestmark = pytest.mark.both_engines


def assert_as_if_read_anew(store: Store) -> None:
    assert_frame_equal(everything(mirror.of(store)), everything(mirror.Mirror(store)))


def test_an_empty_log_fulfils_the_contract(store):
    log = read(store)
    contract().validate(log)
    assert log.is_empty()


def test_what_is_handed_out_fulfils_the_contract(staffed):
    put(staffed, time=time(9, 30), channel="wechat", method="visit", met_decider=True)
    put(staffed, kind="deal", product_id=6, opportunity_id=1, amount_cents=5_000_000_000)
    put(staffed, customer_id=None, effective=False)
    log = read(staffed)
    contract().validate(log)
    assert log["family"].to_list() == [None, "cross_sell", None]
    assert log["amount_cents"].to_list() == [None, 5_000_000_000, None]
    assert everything(mirror.of(staffed))["second"].to_list() == [9 * 3600 + 30 * 60, None, None]


def test_a_new_row_is_there_at_the_next_read(staffed):
    first = put(staffed)
    assert ids(staffed) == [first]
    second = put(staffed, customer_id=2)
    assert ids(staffed) == [first, second]


def test_rows_of_another_store_on_the_same_database_appear_at_the_next_read(staffed):
    assert ids(staffed) == []
    other = Store(staffed.url, mark=interpret)
    row = put(other)
    other.close()
    assert ids(staffed) == [row]


def test_a_row_recorded_by_a_person_is_there_at_the_next_read(staffed):
    entry = Entry("consultation", MONDAY, customer_name="张三", met_decider=True)
    row = recording.record(manager(staffed), WANG, entry, "form-1", today=MONDAY)
    assert activity.read(manager(staffed), YEAR).collect()["id"].to_list() == [row]


def test_a_withdrawn_row_is_in_no_answer(staffed):
    row = put(staffed)
    assert ids(staffed) == [row]
    withdraw(staffed, row)
    assert ids(staffed) == []


def test_an_undone_batch_leaves_every_answer_and_what_was_there_counts_again(staffed):
    with staffed.writing("test") as write:
        facts = {"kind": "activities", "file_name": "a.csv", "sha256": "", "account": "test", "at": write.now}
        numbers = dict.fromkeys(("rows", "accepted", "duplicates", "rejected", "version"), 0)
        batch = write.session.execute(
            insert(ImportBatch).values(facts | numbers).returning(ImportBatch.id)
        ).scalar_one()
    later = put(staffed, time=time(15, 0))
    put(staffed, time=time(9, 0), batch_id=batch)
    assert later not in counted(staffed)
    undo.undo_batch(operator(staffed), batch)
    assert counted(staffed) == ids(staffed) == [later]


def test_a_second_visit_on_a_day_does_not_count_and_an_earlier_one_takes_its_place(staffed):
    noon = put(staffed, time=time(12, 0))
    evening = put(staffed, time=time(18, 0))
    assert counted(staffed) == [noon]
    morning = put(staffed, time=time(9, 0))
    assert counted(staffed) == [morning]
    withdraw(staffed, morning)
    assert counted(staffed) == [noon]
    withdraw(staffed, noon)
    assert counted(staffed) == [evening]


def test_a_visit_moved_to_another_day_counts_there_and_frees_its_old_day(staffed):
    first, second = put(staffed), put(staffed)
    tuesday = put(staffed, day=TUESDAY)
    assert counted(staffed) == [first, tuesday]
    alter(staffed, first, day=TUESDAY, time=time(8, 0))
    assert counted(staffed) == [first, second]


def test_a_visit_moved_to_another_customer_frees_the_next_one_of_its_old_customer(staffed):
    first, second, other = put(staffed), put(staffed), put(staffed, customer_id=2)
    assert counted(staffed) == [first, other]
    alter(staffed, first, customer_id=2)
    assert counted(staffed) == [first, second]


def test_a_correction_across_months_leaves_one_row_in_the_new_month(staffed):
    row = put(staffed)
    assert ids(staffed) == [row]
    alter(staffed, row, day=NEXT_MONTH)
    assert ids(staffed, Period(MONDAY, MONDAY)) == []
    assert ids(staffed, Period(NEXT_MONTH, NEXT_MONTH)) == [row]


def test_only_the_first_application_of_an_opportunity_counts_also_across_months(staffed):
    apply = partial(put, staffed, kind="application")
    december = apply(opportunity_id=1, day=NEXT_MONTH)
    assert counted(staffed) == [december]
    november = apply(opportunity_id=1)
    assert counted(staffed) == [november]
    withdraw(staffed, november)
    assert counted(staffed) == [december]


def test_an_application_moved_to_another_opportunity_is_judged_again_with_both(staffed):
    apply = partial(put, staffed, kind="application")
    first, second, other = apply(opportunity_id=1), apply(opportunity_id=1), apply(opportunity_id=2)
    assert counted(staffed) == [first, other]
    alter(staffed, first, opportunity_id=2)
    assert counted(staffed) == [first, second]


def test_contacts_without_a_customer_are_judged_together_also_when_they_come_one_by_one(staffed):
    define(staffed, 2, effective=[])
    for _ in range(3):
        put(staffed, customer_id=None)
        assert_as_if_read_anew(staffed)
    assert len(counted(staffed)) == 1


def test_months_that_a_change_does_not_touch_stay_the_very_same(staffed):
    put(staffed)
    put(staffed, day=NEXT_MONTH)
    before = mirror.of(staffed).refresh().months
    put(staffed, day=NEXT_MONTH, customer_id=2)
    after = mirror.of(staffed).refresh().months
    assert after[MONDAY.replace(day=1)] is before[MONDAY.replace(day=1)]
    assert after[NEXT_MONTH] is not before[NEXT_MONTH]
    assert after[NEXT_MONTH].base["id"].to_list() == before[NEXT_MONTH].base["id"].to_list()


def test_an_answer_handed_out_stays_as_it_was(staffed):
    rows = [put(staffed), put(staffed)]
    answer = mirror.of(staffed).read(YEAR, {})
    withdraw(staffed, rows[0])
    put(staffed, customer_id=2)
    assert ids(staffed) == [rows[1], rows[1] + 1]
    assert answer.collect().sort("id").select("id", "counted").rows() == [(rows[0], True), (rows[1], False)]


def test_new_definitions_mark_everything_again(staffed):
    row = put(staffed, met_decider=False)
    assert counted(staffed) == []
    define(staffed, 2, effective=["customer"])
    assert counted(staffed) == [row]
    assert_as_if_read_anew(staffed)


def test_a_viewer_sees_the_rows_of_his_scope_only(local):
    wang, li, zhao = (put(local, manager_id=one) for one in (WANG, LI, ZHAO))
    late = put(local, manager_id=ZHAO, customer_id=2)  # beside the base
    seen = {
        viewer.account: activity.read(viewer, YEAR).collect()["id"].sort().to_list()
        for viewer in (manager(local), head(local, EAST), head(local, SOUTH), regional(local))
    }
    assert list(seen.values()) == [[wang], [wang, li], [zhao, late], [wang, li, zhao, late]]
    assert ids(local, region=REGION + 1) == []
    assert ids(local, branch=3) == []


def test_scope_holds_for_rows_of_the_base_and_beside_it(local):
    old = [put(local, manager_id=one, customer_id=2) for one in (WANG, ZHAO)]
    mirror.of(local).refresh()
    new = [put(local, manager_id=one, customer_id=3) for one in (WANG, ZHAO)]
    assert mirror.of(local).refresh().months[MONDAY.replace(day=1)].recent.height
    assert ids(local, branch=EAST) == [old[0], new[0]]
    assert ids(local, branch=SOUTH) == [old[1], new[1]]
    assert ids(local, manager=ZHAO) == [old[1], new[1]]


def test_a_period_includes_both_its_days_and_nothing_else(local):
    days = [date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 15), date(2026, 11, 30), date(2026, 12, 1)]
    rows = dict(zip(days, [put(local, day=day) for day in days], strict=True))
    for first in days:
        for last in days:
            if first <= last:
                expected = [row for day, row in rows.items() if first <= day <= last]
                assert ids(local, Period(first, last)) == expected, (first, last)
    assert ids(local, Period(date(2025, 1, 1), date(2025, 12, 31))) == []


def random_fields(rng: random.Random) -> dict:
    by = rng.choice((WANG, LI, ZHAO))
    return {
        "day": rng.choice((MONDAY, TUESDAY, NEXT_MONTH)),
        "manager_id": by,
        "branch_id": BRANCH_OF[by],
        "kind": rng.choice(("consultation", "consultation", "application", "application", "deal")),
        "customer_id": rng.choice((1, 2, None)),
        "opportunity_id": rng.choice((1, 2, None)),
        "time": rng.choice((time(9, 0), time(14, 0), None)),
        "effective": rng.random() < 0.8,
        "met_decider": rng.choice((True, False, None)),
        "voided_at": None,
    }


@pytest.mark.parametrize("seed", parts(sweep=10))
@pytest.mark.slow
def test_many_random_changes_leave_what_a_full_read_gives(staffed, monkeypatch, seed):
    monkeypatch.setattr(partitions, "LOOSE", 6)  # merge often
    rng, known, version = random.Random(seed), [], count(2)
    for _ in range(rounds := scaled(sweep=100, test=12)):
        for _ in range(rng.randint(1, 4)):
            change = rng.random()
            if change < 0.5 or not known:
                known += [put(staffed, **random_fields(rng)) for _ in range(rng.randint(1, 3))]
            elif change < 0.75:
                fields = random_fields(rng)
                some = rng.sample(sorted(fields), 3)
                alter(staffed, rng.choice(known), **{name: fields[name] for name in some})
            elif change < 0.97:
                withdraw(staffed, *rng.sample(known, min(len(known), rng.randint(1, 4))))
            else:
                define(staffed, next(version), effective=rng.choice(([], ["customer"], ["customer", "decider"])))
            if rng.random() < 0.7:
                mirror.of(staffed).refresh()
        assert_as_if_read_anew(staffed)
    assert len(known) > rounds


@pytest.mark.slow
def test_two_readers_see_a_log_that_only_grows_while_one_writes(staffed):
    seen: dict[int, list[int]] = {1: [], 2: []}
    done = threading.Event()
    failures = []

    def look(reader: int):
        try:
            while not done.is_set():
                seen[reader].append(len(ids(staffed)))
        except Exception as error:
            failures.append(error)

    readers = [threading.Thread(target=look, args=(one,)) for one in seen]
    for one in readers:
        one.start()
    try:
        for number in range(writes := scaled(sweep=200, test=8)):
            put(staffed, customer_id=1 + number % 4)
            assert len(ids(staffed)) == number + 1
    finally:
        done.set()
        for one in readers:
            one.join()
    assert not failures
    assert all(heights == sorted(heights) and heights[-1] <= writes for heights in seen.values())
    assert_as_if_read_anew(staffed)
