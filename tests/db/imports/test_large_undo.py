"""A large batch is undone for everybody at once, while its rows are withdrawn in portions, in turns with others. A large
batch is one of more than one row here."""

import random
import threading

import pytest
from sqlalchemy import event, insert, text

from dashboard.shell.store import operator
from db.customers.merging import merge
from db.engine import Store
from db.errors import NotAllowed, Refused
from db.imports import undo
from db.imports.imports import batches
from db.imports.large import turns, withdrawing
from db.imports.undo import undo_batch
from db.log import activity
from db.log.mirror import of
from db.models import Activity, Audit, ClosedDay, Customer, ImportBatch, KeptEntry
from db.recording import recording
from metrics.definitions import interpret
from tests.db.imports.test_large import YEAR, entry, rows, seen, two_regions
from tests.support.builders import EAST, MONDAY, SOUTH, WANG, head, manager
from tests.support.chaos.course import assert_sound
from tests.support.moments import until
from tests.support.processes import dying_undo
from tests.support.sheets import TODAY, bring, held_values, logged, numbers, row, trail
from tests.support.sweep import SEED

both = pytest.mark.both_engines
FILE = rows(2, 40)


@pytest.fixture(autouse=True)
def small_portions(monkeypatch):
    for module, name, value in dying_undo.FEW:
        monkeypatch.setattr(module, name, value)


@pytest.fixture
def bank(store) -> Store:
    return two_regions(store)


@pytest.fixture
def small(sqlite_store) -> Store:
    return two_regions(sqlite_store)


def before_portion(monkeypatch, at: int, act) -> None:
    """Does something between two portions, while nobody holds the writer's lock."""
    taken, calls = withdrawing.turns.taken, []

    def stopping(store, opened, version, **how):
        def first_act():
            calls.append(len(calls))
            if len(calls) == at + 1:
                act()
            return opened()

        return taken(store, first_act, version, **how)

    monkeypatch.setattr(withdrawing.turns, "taken", stopping)


def left(store: Store) -> int:
    """Rows that lie in the store as if they held, whoever may see them."""
    with store.reading() as connection:
        return connection.scalar(text("SELECT count(*) FROM activity WHERE voided_at IS NULL"))


def there(store: Store) -> list[int]:
    """The entries that hold, as whoever reads the store finds them."""
    return [one for one, voided in logged(store, Activity.id, Activity.voided_at) if voided is None]


def shown(store: Store) -> tuple[int, int]:
    """How many hold in the store, and in reports."""
    return len(there(store)), of(store).read(YEAR, {}).collect().height


@both
@pytest.mark.parametrize("at", [0, 3])
def test_all_of_it_is_gone_for_everybody_before_its_rows_are(bank, monkeypatch, at):
    batch, other, behind = bring(operator(bank), *FILE).batch, Store(bank.url, mark=interpret), []
    assert shown(bank) == shown(other) == (len(FILE), len(FILE))
    fresh = Store(bank.url, mark=interpret)

    def look() -> None:
        behind.extend([left(bank), shown(bank), shown(other), shown(fresh), seen(other)[1:3]])
        behind.append(batches(operator(other))["undone_at"][0])

    before_portion(monkeypatch, at, look)
    done = undo_batch(operator(bank), batch)
    assert done.rows == len(FILE) and done.kept.is_empty()
    still, *views, come_with_it, when = behind
    assert still == len(FILE) - 3 * max(at - 1, 0) and when is not None
    assert set(views) == {(0, 0)} and come_with_it == seen(bank)[1:3]
    assert left(bank) == 0 and shown(bank) == shown(other) == (0, 0)
    assert trail(bank, Audit.action, Audit.after)[-1] == ("undo", {"rows": len(FILE), "kept": 0})
    assert numbers(bring(operator(other), *FILE)) == (len(FILE), len(FILE), 0, 0)
    assert shown(bank) == shown(other) == (len(FILE), len(FILE))
    assert_sound(bank)
    other.close()
    fresh.close()


@both
def test_who_still_reads_an_earlier_moment_sees_all_of_it(bank, monkeypatch):
    batch, other = bring(operator(bank), *FILE).batch, Store(bank.url, mark=interpret)
    with other.moment():
        assert activity.read(operator(other), YEAR).collect().height == len(FILE)
        undo_batch(operator(bank), batch)
        assert shown(other) == (len(FILE), len(FILE))
    assert shown(other) == (0, 0)
    other.close()


@both
@pytest.mark.parametrize("at", [0, 2])
def test_the_same_file_may_come_again_before_the_rows_are_withdrawn(bank, monkeypatch, at):
    batch, came = bring(operator(bank), *FILE).batch, []
    before_portion(monkeypatch, at, lambda: came.append(numbers(bring(operator(bank), *FILE))))
    undo_batch(operator(bank), batch)
    assert came == [(len(FILE), len(FILE), 0, 0)]
    assert left(bank) == len(FILE) and shown(bank) == (len(FILE), len(FILE))
    assert numbers(bring(operator(bank), *FILE)) == (len(FILE), 0, len(FILE), 0)


def test_an_entry_takes_the_reference_of_a_row_that_is_going(small, monkeypatch):
    batch = bring(operator(small), *[row(customer=f"客{one}", reference=f"r{one}") for one in range(9)]).batch
    new = entry(customer_name="路过")
    before_portion(monkeypatch, 1, lambda: recording.record(operator(small), WANG, new, "r8", TODAY))
    assert undo_batch(operator(small), batch).rows == 9
    assert [one for one in held_values(small, Activity.reference) if one[0]] == [("r8",)] and shown(small) == (1, 1)


def test_a_row_that_is_going_is_nobodys_to_change(small, monkeypatch):
    batch = bring(operator(small), *FILE).batch
    identity, version = logged(small, Activity.id, Activity.version)[-1]

    def change() -> None:
        with pytest.raises(NotAllowed):
            recording.correct(head(small, EAST), identity, version, TODAY, note="改过")
        with pytest.raises(Refused, match="undone already"):
            undo_batch(operator(small), batch)

    before_portion(monkeypatch, 1, change)
    assert undo_batch(operator(small), batch).rows == len(FILE) and left(small) == 0


def test_customers_that_are_merged_meanwhile_bring_no_row_back(small, monkeypatch):
    batch = bring(operator(small), *[row(customer=f"客{one % 2}", reference=f"r{one}") for one in range(9)]).batch
    first, second = sorted(one for (one,) in held_values(small, Customer.id))
    before_portion(monkeypatch, 1, lambda: merge(operator(small), second, first))
    other = Store(small.url, mark=interpret)
    assert shown(other) == (9, 9)
    undo_batch(operator(small), batch)
    assert left(small) == 0 and shown(small) == shown(other) == (0, 0)
    other.close()


# -- what others do between the look and the write ---------------------------------------------------------------------


def between(monkeypatch, act) -> None:
    """Does something after it was judged what goes, before that is so."""
    judge = undo.judge

    def judged(*arguments):
        found = judge(*arguments)
        act()
        return found

    monkeypatch.setattr(undo, "judge", judged)


@both
def test_what_is_edited_meanwhile_is_kept(bank, monkeypatch):
    batch = bring(operator(bank), *FILE).batch
    ids = dict(logged(bank, Activity.id, Activity.version))
    first, second, third, fourth = random.Random(SEED).sample(sorted(ids), 4)
    correct = lambda one: recording.correct(operator(bank), one, ids[one], TODAY, note="改过")  # noqa: E731
    correct(first)

    def edit() -> None:
        correct(second)
        recording.void(operator(bank), third, ids[third])
        with bank.noting("test") as write:
            write.audit("confirm", "activity", fourth, None, None)

    between(monkeypatch, edit)
    done = undo_batch(operator(bank), batch)
    assert sorted(done.kept["id"]) == sorted([first, second, third, fourth]) and done.rows == len(FILE) - 4
    assert dict(done.kept.select("id", "action").rows()) == dict(
        zip((first, second, third, fourth), ("correct", "correct", "void", "confirm"), strict=True)
    )
    assert sorted(there(bank)) == sorted([first, second, fourth]) and shown(bank) == (3, 3)
    assert held_values(bank, KeptEntry.activity_id) == set()
    assert held_values(bank, ImportBatch.undo_version) == {(None,)}


@pytest.mark.parametrize(("branch", "may"), [(EAST, False), (SOUTH, True)])
def test_a_day_that_is_closed_meanwhile_is_not_opened(small, monkeypatch, branch, may):
    batch = bring(manager(small), *[row(customer=f"客{one}") for one in range(9)]).batch

    def close() -> None:
        with small.writing("test") as write:
            facts = {"branch_id": branch, "day": MONDAY, "closed_at": write.now, "closed_by": "head"}
            write.session.execute(insert(ClosedDay).values(facts))

    between(monkeypatch, close)
    if may:
        assert undo_batch(manager(small), batch).rows == 9
        return
    with pytest.raises(Refused, match="2026-11-16"):
        undo_batch(manager(small), batch)
    assert left(small) == 9 and shown(small) == (9, 9)


def test_a_batch_that_somebody_else_undoes_meanwhile_is_undone_once(small, monkeypatch):
    batch = bring(operator(small), *FILE).batch
    with monkeypatch.context() as patched:
        judge = undo.judge

        def judged(viewer, write, one):
            found = judge(viewer, write, one)
            patched.setattr(undo, "judge", judge)
            undo_batch(viewer, one)
            return found

        patched.setattr(undo, "judge", judged)
        with pytest.raises(Refused, match="undone already"):
            undo_batch(operator(small), batch)
    assert left(small) == 0 and [one[1] for one in trail(small)].count("undo") == 1


# -- others who wait ----------------------------------------------------------------------------------------------------


@both
def test_who_waits_has_their_turn_before_the_next_rows(bank, monkeypatch):
    """The rows would be withdrawn in one write of an hour."""
    monkeypatch.setattr(turns, "AWAITED", 3600)
    batch, came = bring(operator(bank), *FILE).batch, []
    other = Store(bank.url, mark=interpret, patience=60)

    def write() -> None:
        recording.record(operator(other), WANG, entry(), "beside", TODAY)
        came.append("somebody")

    somebody = threading.Thread(target=write)

    def withdrawn(connection, _cursor, statement: str, *_more: object) -> None:
        if statement.startswith("UPDATE activity"):
            came.append("rows")
            if not came[1:]:
                somebody.start()
                until(lambda: bank.is_awaited(connection))

    event.listen(bank.engine, "before_cursor_execute", withdrawn)
    undo_batch(operator(bank), batch)
    somebody.join()
    assert came[:3] == ["rows", "somebody", "rows"] and shown(bank) == shown(other) == (1, 1)
    other.close()
