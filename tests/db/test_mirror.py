"""The mirror: what it hands out is the log as it stands, marked, limited, and the same as if read anew."""

import os
import random
import sqlite3
import threading
from contextlib import closing
from datetime import date, datetime, time
from functools import partial
from itertools import count

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import insert, update

from dashboard.stores import operator
from db import activity, mirror, months, undoing
from db.engine import Store
from db.entry import Entry
from db.models import Activity, ChangeCounter, Customer, Definitions, ImportBatch, Opportunity
from db.months import ROW
from metrics.definitions import DEFAULT, interpret
from metrics.frames import contract
from metrics.periods import Period
from tests.builders import EAST, LI, MONDAY, REGION, SOUTH, WANG, ZHAO, bank, head, manager, regional

TUESDAY, NEXT_MONTH = date(2026, 11, 17), date(2026, 12, 1)
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
BRANCH_OF = {WANG: EAST, LI: EAST, ZHAO: SOUTH}


@pytest.fixture
def staffed(store):
    """The cast, four customers and four opportunities."""
    return with_customers(store)


@pytest.fixture
def local(sqlite_store):
    """The same, for what does not depend on the engine."""
    return with_customers(sqlite_store)


def with_customers(store: Store) -> Store:
    bank(store)
    with store.writing("test") as write:
        people = [{"id": n, "branch_id": EAST, "manager_id": WANG, "name": f"客户{n}"} for n in range(1, 5)]
        write.session.execute(insert(Customer), people)
        needs = [{"id": n, "region_id": REGION, "customer_id": n, "manager_id": WANG} for n in range(1, 5)]
        write.session.execute(insert(Opportunity), needs)
        write.settle_ids(Customer, Opportunity)
    return store


def put(store: Store, **fields) -> int:
    """Stores an activity: an effective consultation of 王芳 with customer 1 on Monday, unless told."""
    by = fields.get("manager_id", WANG)
    usual = {"day": MONDAY, "region_id": REGION, "branch_id": BRANCH_OF[by], "manager_id": WANG, "customer_id": 1}
    usual |= {"kind": "consultation", "effective": True, "recorded_by": "test"}
    with store.writing("test") as write:
        row = usual | {"recorded_at": write.now, "version": write.version} | fields
        return write.session.execute(insert(Activity).values(row).returning(Activity.id)).scalar_one()


def alter(store: Store, *identities: int, **fields) -> None:
    with store.writing("test") as write:
        changed = update(Activity).where(Activity.id.in_(identities))
        write.session.execute(changed.values(version=write.version, **fields))


def withdraw(store: Store, *identities: int) -> None:
    alter(store, *identities, voided_at=datetime(2026, 11, 17))


def define(store: Store, version: int, **body) -> None:
    with store.writing("test") as write:
        facts = {"version": version, "from_day": date(2000, 1, 1), "set_at": write.now, "set_by": "test"}
        write.session.execute(insert(Definitions).values(facts | {"body": DEFAULT | body}))


def read(store: Store, span=YEAR, **scope) -> pl.DataFrame:
    return mirror.of(store).read(span, scope).collect().sort("id")


def ids(store: Store, span=YEAR, **scope) -> list[int]:
    return read(store, span, **scope)["id"].to_list()


def counted(store: Store) -> list[int]:
    return read(store).filter("counted")["id"].to_list()


def everything(one: mirror.Mirror) -> pl.DataFrame:
    """All rows the mirror holds, with what was stated."""
    held = [month.rows().select(list(ROW)).collect() for month in one.refresh().months.values()]
    return pl.concat([pl.DataFrame(schema=ROW), *held]).sort("id")


def assert_as_if_read_anew(store: Store) -> None:
    assert_frame_equal(everything(mirror.of(store)), everything(mirror.Mirror(store)))


# -- what is new ---------------------------------------------------------------------------------------------------


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
    row = activity.record(manager(staffed), WANG, entry, "form-1", today=MONDAY)
    assert activity.read(manager(staffed), YEAR).collect()["id"].to_list() == [row]


def test_a_withdrawn_row_is_in_no_answer(staffed):
    row = put(staffed)
    assert ids(staffed) == [row]
    withdraw(staffed, row)
    assert ids(staffed) == []


def test_an_undone_batch_leaves_every_answer_and_what_was_there_counts_again(staffed):
    with staffed.writing("test") as write:
        facts = {"kind": "activities", "file_name": "a.csv", "sha256": "", "account": "test", "at": write.now}
        numbers = dict.fromkeys(("rows", "accepted", "duplicates", "rejected"), 0)
        batch = write.session.execute(
            insert(ImportBatch).values(facts | numbers).returning(ImportBatch.id)
        ).scalar_one()
    later = put(staffed, time=time(15, 0))
    put(staffed, time=time(9, 0), batch_id=batch)
    assert later not in counted(staffed)
    undoing.undo(operator(staffed), batch)
    assert counted(staffed) == ids(staffed) == [later]


# -- what counts ---------------------------------------------------------------------------------------------------


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


# -- who sees what -------------------------------------------------------------------------------------------------


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


# -- the same as read anew -----------------------------------------------------------------------------------------


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


def test_many_random_changes_leave_what_a_full_read_gives(staffed, monkeypatch):
    monkeypatch.setattr(months, "LOOSE", 6)  # merge often
    rng, known, version = random.Random(20260101), [], count(2)
    for _ in range(110):
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
    assert len(known) > 100


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
        for number in range(40):
            put(staffed, customer_id=1 + number % 4)
            assert len(ids(staffed)) == number + 1
    finally:
        done.set()
        for one in readers:
            one.join()
    assert not failures
    assert all(heights == sorted(heights) and heights[-1] <= 40 for heights in seen.values())
    assert_as_if_read_anew(staffed)


# -- the snapshot --------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(local, tmp_path, monkeypatch):
    """A store with rows in two months whose snapshot is written, however small."""
    monkeypatch.setattr(mirror, "WORTH_A_SNAPSHOT", 2)
    local.snapshots = tmp_path / "snapshots"
    for fields in ({}, {}, {"day": NEXT_MONTH}, {"manager_id": ZHAO}):
        put(local, **fields)
    mirror.of(local).refresh()
    mirror.of(local).wait()
    return local


def snapshot_of(store: Store):
    (path,) = store.snapshots.iterdir()
    return path


def new_process(store: Store, monkeypatch, **settings) -> tuple[mirror.Mirror, list[str]]:
    """A mirror that starts, and which SQL it sent for the log."""
    sent = []
    original = mirror.fetch
    monkeypatch.setattr(
        mirror, "fetch", lambda connection, statement: sent.append(str(statement)) or original(connection, statement)
    )
    one = mirror.Mirror(Store(store.url, mark=interpret, snapshots=store.snapshots))
    one.refresh()
    one.wait()
    monkeypatch.setattr(mirror, "fetch", original)
    return one, sent


def assert_read_from_the_log(store: Store, monkeypatch) -> None:
    started, sent = new_process(store, monkeypatch)
    assert len(sent) == 1 and "version >" not in sent[0]
    assert_frame_equal(everything(started), everything(mirror.Mirror(Store(store.url, mark=interpret))))


def test_a_new_process_starts_from_the_snapshot(kept, monkeypatch):
    started, sent = new_process(kept, monkeypatch)
    assert sent == []
    assert_frame_equal(everything(started), everything(mirror.of(kept)))


def test_a_new_process_adds_what_is_newer_than_the_snapshot(kept, monkeypatch):
    alter(kept, 1, day=NEXT_MONTH)
    withdraw(kept, 3)
    put(kept, time=time(8, 0))
    started, sent = new_process(kept, monkeypatch)
    assert len(sent) == 1 and "version >" in sent[0]
    assert_frame_equal(everything(started), everything(mirror.Mirror(Store(kept.url, mark=interpret))))


def test_a_snapshot_is_written_again_when_much_is_newer(kept, monkeypatch):
    for customer in (2, 3, 4):
        put(kept, customer_id=customer)
        mirror.of(kept).refresh()
    mirror.of(kept).wait()
    started, sent = new_process(kept, monkeypatch)
    assert sent == [] and everything(started).height == 7


def test_a_snapshot_marked_by_other_definitions_is_marked_again(kept, monkeypatch):
    define(kept, 2, effective=["customer", "decider"])
    alter(kept, 1, met_decider=False)
    started, _ = new_process(kept, monkeypatch)
    assert_frame_equal(everything(started), everything(mirror.Mirror(Store(kept.url, mark=interpret))))
    assert not everything(started).filter(pl.col("id") == 1)["counted"].item()


def test_a_snapshot_marked_by_other_code_is_marked_again(kept, monkeypatch):
    rules = mirror.Mirror._rules
    monkeypatch.setattr(mirror.Mirror, "_rules", lambda self, definitions: "a new release " + rules(self, definitions))
    marked = []
    mark = mirror.Mirror._mark
    monkeypatch.setattr(mirror.Mirror, "_mark", lambda self, *log: marked.append(log[0].height) or mark(self, *log))
    new_process(kept, monkeypatch)
    assert marked == [4]


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "footer", "folder"])
def test_a_damaged_snapshot_is_passed_over(kept, monkeypatch, damage):
    path = snapshot_of(kept)
    whole = path.read_bytes()
    path.unlink()
    match damage:
        case "folder":
            path.mkdir()
        case "footer":
            path.write_bytes(whole[:-200] + bytes(192) + whole[-8:])
        case _:
            path.write_bytes({"cut": whole[: len(whole) // 2], "empty": b"", "text": b"PAR1 of nothing PAR1"}[damage])
    assert_read_from_the_log(kept, monkeypatch)


def test_a_snapshot_of_another_shape_is_passed_over(kept, monkeypatch):
    path = snapshot_of(kept)
    facts = pl.read_parquet_metadata(path)
    pl.read_parquet(path).drop("second").write_parquet(path, metadata=facts)
    assert_read_from_the_log(kept, monkeypatch)


def test_a_snapshot_of_another_database_is_never_taken(kept, monkeypatch):
    path = snapshot_of(kept)
    with kept.writing("test") as write:
        write.session.execute(update(ChangeCounter).values(store_id="another"))
    one = mirror.Mirror(Store(kept.url, mark=interpret, snapshots=kept.snapshots))
    one._identity = "another"
    path.rename(one._place()[0])
    assert_read_from_the_log(kept, monkeypatch)


def test_a_copied_database_goes_on_without_the_snapshot_of_its_model(kept, monkeypatch, tmp_path):
    with closing(sqlite3.connect(kept.engine.url.database)) as connection:
        connection.execute(f"VACUUM INTO '{tmp_path / 'copy.db'}'")
    copy = Store(f"sqlite:///{tmp_path / 'copy.db'}", mark=interpret, snapshots=kept.snapshots)
    assert_read_from_the_log(copy, monkeypatch)


def test_a_snapshot_newer_than_its_database_is_passed_over(kept, monkeypatch):
    """The database was put back from a backup."""
    with kept.engine.begin() as connection:
        connection.execute(update(ChangeCounter).values(value=ChangeCounter.value - 1))
    assert_read_from_the_log(kept, monkeypatch)


def test_a_database_put_back_under_a_running_process_is_read_again(local):
    put(local)
    put(local, customer_id=2)
    assert len(ids(local)) == 2
    with local.engine.connect().execution_options(immediate=True) as connection, connection.begin():
        connection.exec_driver_sql("DELETE FROM activity WHERE id = 2")
        connection.execute(update(ChangeCounter).values(value=ChangeCounter.value - 1))
    assert ids(local) == [1]


def test_processes_that_save_at_once_leave_one_whole_snapshot(kept, monkeypatch):
    for customer in (2, 3, 4):
        put(kept, customer_id=customer)
    processes = [mirror.Mirror(Store(kept.url, mark=interpret, snapshots=kept.snapshots)) for _ in range(4)]
    threads = [threading.Thread(target=one.refresh) for one in processes]
    for one in threads:
        one.start()
    for one, process in zip(threads, processes, strict=True):
        one.join()
        process.wait()
    assert snapshot_of(kept).suffix == ".parquet"
    started, sent = new_process(kept, monkeypatch)
    assert sent == [] and everything(started).height == 7


def test_what_a_killed_process_left_half_written_is_cleared_away(kept):
    path = snapshot_of(kept)
    left, under_way = (path.with_name(f"{path.name}.{number}.new") for number in (1, 2))
    left.write_bytes(b"half")
    under_way.write_bytes(b"half")
    os.utime(left, (0, 0))
    for customer in (2, 3, 4):
        put(kept, customer_id=customer)
    mirror.of(kept).refresh()
    mirror.of(kept).wait()
    assert sorted(kept.snapshots.iterdir()) == [path, under_way]


def test_a_disk_that_refuses_the_snapshot_stops_nothing(local, tmp_path, monkeypatch):
    monkeypatch.setattr(mirror, "WORTH_A_SNAPSHOT", 0)
    (tmp_path / "taken").write_text("a file where the folder should be")
    local.snapshots = tmp_path / "taken"
    row = put(local)
    assert ids(local) == [row]
    mirror.of(local).wait()
