"""A file of many rows comes in portions that nobody sees until the last write accepts them, and comes to the same as one
write at that moment. A large file is one of more than five rows here."""

import random
import shutil
from datetime import date, timedelta

import polars as pl
import pytest
from sqlalchemy import func, select, text, update

from dashboard.shell.store import operator
from db.engine import Store
from db.errors import Refused
from db.files import records
from db.imports import resolving
from db.imports.imports import batches
from db.imports.large import intake, portions, turns, unfinished
from db.imports.undo import undo_batch
from db.jobs import tick
from db.log import activity
from db.log.entry import Entry
from db.log.mirror import of
from db.models import Activity, Branch, Customer, ImportBatch, Opportunity
from db.recording import recording
from db.spans import Stretch
from metrics.definitions import interpret
from tests.support.builders import EAST, MONDAY, NORTH, SOUTH, WANG, bank, far_region, head
from tests.support.sheets import TODAY, bring, counts, held_values, logged, numbers, problems, row, trail

both = pytest.mark.both_engines
YEAR = Stretch(date(2026, 1, 1), date(2026, 12, 31))
STAFF = [
    ("1001", "王芳", "江城分行", "东湖支行"),
    ("1002", "李强", "江城分行", "东湖支行"),
    ("1003", "赵敏", "江城分行", "南山支行"),
    ("1004", "孙梅", "山城分行", "北门支行"),
]
SHOWN = (Activity.day, Activity.kind, Activity.branch_id, Activity.manager_id, Activity.amount_cents, Customer.name)


@pytest.fixture(autouse=True)
def small_portions(monkeypatch):
    monkeypatch.setattr(intake, "ROWS", 5)
    monkeypatch.setattr(records, "BATCH", 4)
    monkeypatch.setattr(turns, "HELD", 0)
    monkeypatch.setattr(turns, "AWAITED", 0)
    monkeypatch.setattr(resolving, "INSERTED", 3)


def two_regions(store: Store) -> Store:
    return far_region(bank(store))


def rows(seed: int = 2, many: int = 30) -> list[dict]:
    """Random entries of the cast, in three branches: customers, needs and references that several rows name; with an
    odd seed also opportunities of two branches."""
    rng = random.Random(seed)
    found = []
    for _ in range(many):
        number, name, region, branch = rng.choice(STAFF)
        customer = rng.choice(["", *(f"{branch[0]}客{one}" for one in range(6))])
        kind = rng.choice(["咨询", "申请", "成交"]) if customer else "咨询"
        found.append(
            row(
                date=(MONDAY + timedelta(rng.randrange(4))).isoformat(),
                staff_no=number,
                manager=name,
                region=region,
                branch=branch,
                kind=kind,
                customer=customer,
                phone=rng.choice(["", f"1380000{ord(customer[0]) % 1000:03}{customer[-1]}"]) if customer else "",
                product=rng.choice(["", "信用贷款", "信用卡"]) if customer else "",
                amount=str(rng.randrange(1, 9) * 1000) if kind == "成交" else "",
                opportunity=rng.choice(["", "", f"{'' if seed % 2 else branch[0]}{rng.randrange(8)}"])
                if customer and kind != "咨询"
                else "",
                reference=rng.choice(["", f"r{len(found)}"]),
            )
        )
    return found


def content(store: Store) -> tuple[list, list, list]:
    """What a store holds, whatever its ids are."""
    owner = Opportunity.customer_id == Customer.id
    entry = (*SHOWN, Customer.phone, Activity.reference, Activity.content, Opportunity.number, Activity.effective)
    with store.reading() as connection:
        entries = select(*entry).outerjoin(Customer, Customer.id == Activity.customer_id)
        entries = entries.outerjoin(Opportunity, Opportunity.id == Activity.opportunity_id)
        of_need = func.count().label("entries")
        needs = select(Opportunity.number, Customer.name, Opportunity.expected_amount_cents, of_need)
        needs = needs.outerjoin(Customer, owner).join(Activity, Activity.opportunity_id == Opportunity.id)
        needs = needs.group_by(Opportunity.id, Opportunity.number, Customer.name, Opportunity.expected_amount_cents)
        people = select(Customer.branch_id, Customer.name, Customer.phone, Customer.manager_id, Customer.kind)
        return tuple(sorted(map(repr, connection.execute(one))) for one in (entries, needs, people))  # ty: ignore


def seen(store: Store) -> tuple[int, ...]:
    """What others see of the log, of customers and of what they need."""
    held = counts(store)
    shown = of(store).read(YEAR, {}).collect().height
    return held["activity"], held["customer"], held["opportunity"], shown


def stopping(monkeypatch, at: int, act) -> list[int]:
    """Does something before the portion of that number is stored."""
    calls: list[int] = []
    stored = portions.Intake.put

    def put(self, *arguments):
        calls.append(len(calls))
        if len(calls) == at + 1:
            act()
        return stored(self, *arguments)

    monkeypatch.setattr(portions.Intake, "put", put)
    return calls


@both
def test_nobody_sees_a_row_before_the_batch_is_accepted(store, monkeypatch):
    two_regions(store)
    other = Store(store.url, mark=interpret)
    seen_then = []
    stopping(monkeypatch, 1, lambda: seen_then.extend([seen(store), seen(other), batches(operator(other))]))
    report = bring(operator(store), *rows())
    assert seen_then[:2] == [(0, 0, 0, 0)] * 2
    assert seen_then[2]["version"].to_list() == [None]
    assert report.accepted == 30 and seen(store)[0] == seen(other)[0] == seen(other)[3] == 30
    assert seen(other)[1] > 5 and batches(operator(store))["accepted"].to_list() == [30]
    assert trail(store)[-1] == ("operator", "import", "import_batch")
    assert numbers(bring(operator(store), *rows())) == (30, 0, 30, 0)
    assert undo_batch(operator(other), report.batch).rows == 30
    other.close()


@both
def test_it_comes_to_the_same_as_one_write(store, monkeypatch, sqlite_template, tmp_path):
    file = [*rows(2, 40), *rows(4, 5)]
    bring(operator(two_regions(store)), *rows(6, 4))
    report = bring(operator(store), *file, accept_valid=True)
    whole = whole_import(monkeypatch, sqlite_template, tmp_path, rows(6, 4), file)
    assert content(store) == content(whole)
    assert report.problems.height == 0 or report.accepted
    whole.close()


def whole_import(monkeypatch, template, folder, *files, people=two_regions) -> Store:
    """A store into which the files came each in one write."""
    path = folder / f"whole-{len(list(folder.iterdir()))}.db"
    shutil.copy(template, path)
    whole = people(Store(f"sqlite:///{path}", mark=interpret))
    with monkeypatch.context() as patched:
        patched.setattr(intake, "ROWS", 1_000)
        for one in files:
            bring(operator(whole), *one, accept_valid=True)
    return whole


@pytest.mark.parametrize("seed", range(5, 13))
def test_random_files_come_to_the_same(sqlite_store, monkeypatch, sqlite_template, tmp_path, seed):
    first, file = rows(seed, 8), rows(seed + 100, 40)
    bring(operator(two_regions(sqlite_store)), *first, accept_valid=True)
    bring(operator(sqlite_store), *file, accept_valid=True)
    whole = whole_import(monkeypatch, sqlite_template, tmp_path, first, file)
    assert content(sqlite_store) == content(whole)
    whole.close()


def test_new_regions_branches_and_managers_come_with_it(sqlite_store, monkeypatch, sqlite_template, tmp_path):
    file = rows(20, 20)
    bring(operator(sqlite_store), *file)
    whole = whole_import(monkeypatch, sqlite_template, tmp_path, file, people=lambda store: store)
    columns = (Branch.name, Branch.region_id)
    assert held_values(sqlite_store, *columns) == held_values(whole, *columns)
    assert len(content(sqlite_store)[0]) == 20 == len(content(whole)[0])
    whole.close()


def entry(**facts) -> Entry:
    return Entry("consultation", MONDAY, met_decider=True, **facts)


@pytest.mark.parametrize("when", [0, 1])
@pytest.mark.parametrize(
    ("facts", "reference"),
    [
        ({"customer_name": "路过"}, "p1"),  # nobody of the file
        ({"customer_name": "东客1"}, "p1"),  # a customer of the file
        ({"customer_name": "别名", "phone": "13800001081"}, "p1"),  # perhaps a phone of the file
        ({"customer_name": "路过"}, "r3"),  # a reference of the file
    ],
)
def test_what_others_write_meanwhile_comes_first(
    sqlite_store, monkeypatch, sqlite_template, tmp_path, when, facts, reference
):
    record = lambda store: recording.record(operator(store), WANG, entry(**facts), reference, TODAY)  # noqa: E731
    file = rows(30, 30)
    stopping(monkeypatch, when, lambda: record(sqlite_store))
    report = bring(operator(two_regions(sqlite_store)), *file, accept_valid=True)
    whole = two_regions(Store(copied(sqlite_template, tmp_path), mark=interpret))
    record(whole)
    with monkeypatch.context() as patched:
        patched.setattr(intake, "ROWS", 1_000)
        expected = bring(operator(whole), *file, accept_valid=True)
    assert numbers(report) == numbers(expected)
    assert content(sqlite_store) == content(whole)
    whole.close()


def copied(template, folder) -> str:
    shutil.copy(template, folder / "whole.db")
    return f"sqlite:///{folder / 'whole.db'}"


class Killed(BaseException):
    """What nothing catches: the process is gone."""


@pytest.mark.parametrize("at", [0, 1, 2])
def test_an_import_that_was_killed_leaves_nothing(sqlite_store, monkeypatch, at):
    store = two_regions(sqlite_store)

    def die() -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(intake, "broken_off", lambda one: None)
        stopping(patched, at, die)
        with pytest.raises(Killed):
            bring(operator(store), *rows())
    assert seen(store) == (0, 0, 0, 0)
    with pytest.raises(Refused, match="Another large file"):
        bring(operator(store), *rows())
    with store.noting("test") as write:
        write.session.execute(update(ImportBatch).values(at=write.now - unfinished.ALIVE * 2))
    assert "unfinished imports" in tick(store, TODAY)
    with store.reading() as connection:
        for name in unfinished.ARRIVING:
            assert connection.scalar(text(f"SELECT count(*) FROM {name}")) == 0
    left = batches(operator(store))
    assert left["version"].to_list() == [None] and left["undone_at"].null_count() == 0
    assert trail(store)[-1] == ("jobs", "undo", "import_batch")
    assert bring(operator(store), *rows()).accepted == 30


def test_a_refused_file_leaves_nothing(sqlite_store):
    file = [*rows(), row(customer="甲", product="火箭贷"), row(staff_no="1001", manager="别人", customer="乙")]
    report = bring(operator(two_regions(sqlite_store)), *file, create_missing=False)
    assert report.refused and report.batch is None
    held = counts(sqlite_store)
    assert (held["activity"], held["customer"], held["import_batch"]) == (0, 0, 0)
    values = report.problems.filter(pl.col("column") == "产品")["value"].to_list()
    assert "火箭贷" in values
    partly = bring(operator(sqlite_store), *file, accept_valid=True)
    assert partly.accepted >= 30 and partly.rejected


def test_a_check_stores_nothing(sqlite_store):
    report = bring(operator(two_regions(sqlite_store)), *rows(), dry_run=True)
    assert report.accepted == 30 and report.batch is None
    assert 0 < report.sheets[0].cells.height < 30  # the first for a preview, no more
    assert counts(sqlite_store)["import_batch"] == 0


def test_a_branch_head_keeps_to_their_branch(sqlite_store):
    two_regions(sqlite_store)
    file = rows()
    report = bring(head(sqlite_store, EAST), *file, accept_valid=True)
    assert {one for (one,) in logged(sqlite_store, Activity.branch_id)} == {EAST}
    assert report.accepted + report.rejected == 30 and report.rejected
    assert not activity.read(head(sqlite_store, NORTH), YEAR).collect().height
    assert not activity.read(head(sqlite_store, SOUTH), YEAR).collect().height


def test_an_entry_of_the_batch_can_be_corrected_and_is_then_kept(sqlite_store):
    report = bring(operator(two_regions(sqlite_store)), *rows())
    identity, version = logged(sqlite_store, Activity.id, Activity.version)[0]
    recording.correct(operator(sqlite_store), identity, version, TODAY, note="改过")
    assert undo_batch(operator(sqlite_store), report.batch).kept["id"].to_list() == [identity]


def test_what_is_wrong_by_then_is_not_accepted(sqlite_store, monkeypatch):
    def take() -> None:
        recording.record(operator(sqlite_store), WANG, entry(customer_name="路过"), "r9", TODAY)

    file = [row(customer=f"客{one}", reference=f"r{one}") for one in range(12)]
    stopping(monkeypatch, 0, take)
    report = bring(operator(two_regions(sqlite_store)), *file)
    assert report.refused and [one[1] for one in problems(report)] == ["外部编号"]
    held = counts(sqlite_store)
    assert (held["activity"], held["import_batch"], sqlite_store.counter()) == (1, 0, 4)
