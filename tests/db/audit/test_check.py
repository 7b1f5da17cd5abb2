"""Whether a store is sound: what a hand that goes round the program has broken is named."""

import shutil
import sqlite3
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import create_engine, delete, insert, text, update

from db import audit_chain
from db.audit.check import NOT_COMPARED, SHOWN, check
from db.engine import Store
from db.errors import Unavailable
from db.log import activity, mirror, saved
from db.log.entry import Entry
from db.models import Activity, Audit, Base, Definitions
from db.recording import recording
from metrics.definitions import from_record, interpret
from tests.support.builders import MONDAY, WANG, bank, head, manager
from tests.support.sweep import sampled


def findings(store) -> dict[str, list[str]]:
    """Per part, what is wrong, as text; parts that are sound are left out."""
    parts = check(store, lambda record: from_record(*record))
    assert parts.keys() == {"audit", "links", "mirror", "names", "definitions"}
    return {name: [one.message.format(**one.values) for one in found] for name, (_, found) in parts.items() if found}


@pytest.fixture
def busy(store):
    """Three entries of Monday, one of them corrected and one withdrawn, and the mirror has them."""
    bank(store)
    for number in range(3):
        entry = Entry("deal", MONDAY, customer_name=f"客户{number}", product=1, amount_cents=100)
        recording.record(manager(store), WANG, entry, f"r{number}", MONDAY)
    held = activity.rows(head(store), MONDAY, WANG)
    recording.correct(head(store), *held.select("id", "version").row(0), MONDAY, amount_cents=200)
    recording.void(head(store), *held.select("id", "version").row(1))
    mirror.of(store).refresh()
    return store


def round_the_program(store, *statements) -> None:
    """What somebody does who holds the file: no version, no trail, no foreign keys."""
    engine = create_engine(store.url)
    with engine.begin() as connection:
        if not store.is_sqlite:  # where they are off unless asked for
            connection.exec_driver_sql("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(statement)
    engine.dispose()


@pytest.mark.both_engines
def test_a_sound_store_has_no_findings_and_says_how_much_was_looked_at(busy):
    assert findings(busy) == {}
    rows = {name: number for name, (number, _) in check(busy, lambda record: from_record(*record)).items()}
    assert rows["audit"] == 2 and rows["mirror"] == 3 and rows["definitions"] == 1 and rows["links"] > 20


def test_an_empty_store_is_sound(store):
    assert findings(store) == {}


def test_a_simulated_region_is_sound(region_url):
    region = Store(region_url, mark=interpret)
    assert findings(region) == {}
    region.close()


def test_a_changed_row_of_the_trail_is_found(busy):
    round_the_program(busy, update(Audit).where(Audit.id == 1).values(account="王芳"))
    assert findings(busy) == {"audit": ["Row 1 of the audit trail was changed after it was written."]}


def test_a_reference_to_nothing_is_found(busy):
    round_the_program(busy, text("UPDATE posting SET branch_id = 99 WHERE manager_id < 3"))
    assert findings(busy) == {"links": ["Rows of posting that refer to a branch that does not exist: 2."]}


def test_a_customer_removed_behind_the_log_is_found(busy):
    round_the_program(busy, text("DELETE FROM customer WHERE id = 1"))
    assert findings(busy)["links"] == [
        "Rows of opportunity that refer to a customer that does not exist: 1.",
        "Rows of activity that refer to a customer that does not exist: 1.",
    ]


@pytest.mark.parametrize(
    "statement, different, missing",
    [
        (update(Activity).where(Activity.id == 1).values(amount_cents=999), 1, 0),
        (update(Activity).where(Activity.id == 1).values(day=date(2026, 10, 1)), 1, 0),
        (update(Activity).where(Activity.id == 1).values(effective=False), 1, 0),
        (update(Activity).where(Activity.id == 1).values(voided_at=None, manager_id=2), 1, 0),
        (delete(Activity).where(Activity.id == 1), 1, 0),
        (update(Activity).where(Activity.id == 2).values(voided_at=None), 0, 1),
    ],
)
@pytest.mark.both_engines
def test_a_log_changed_without_a_version_is_found_beside_the_mirror(busy, statement, different, missing):
    round_the_program(busy, statement)
    assert findings(busy) == {
        "mirror": [f"The report cache is not the log: rows that differ {different}, rows that are missing {missing}."]
    }


def test_a_log_changed_while_no_program_ran_is_found_by_the_snapshot(region_url, tmp_path, monkeypatch):
    monkeypatch.setattr(saved, "WORTH_A_SNAPSHOT", 1)
    region = Store(region_url, mark=interpret, snapshots=tmp_path)
    assert findings(region) == {}
    mirror.of(region).wait()
    round_the_program(region, text("UPDATE activity SET amount_cents = 1 WHERE kind = 'deal' AND amount_cents > 1"))
    region.close()
    again = Store(region_url, mark=interpret, snapshots=tmp_path)
    assert "rows that are missing 0" in findings(again)["mirror"][0]
    again.close()


def test_definitions_that_cannot_be_read_are_named(sqlite_store):
    with sqlite_store.writing("test") as write:
        version = {"version": 2, "from_day": MONDAY, "set_at": write.now, "set_by": "test"}
        write.session.execute(insert(Definitions).values(**version, body={"effective": "nonsense"}))
    found = check(sqlite_store, lambda record: from_record(*record))
    problems = found["definitions"]
    assert found["mirror"][1] == [NOT_COMPARED]
    assert problems[0] == 2 and [one.values["version"] for one in problems[1]] == [2]
    assert "reason" in problems[1][0].values and problems[1][0].values["reason"]


SECRET = "张三13812345678"
COLUMNS = [
    (table.name, one.name) for table in Base.metadata.sorted_tables for one in table.columns if not one.primary_key
]
SPOKEN_OF = [("product", "family"), ("definitions", "from_day"), ("definitions", "body"), ("audit", "at")]


def test_whatever_stands_where_it_does_not_belong_is_not_said(busy):
    """SQLite keeps any text in any column; some of them break what reads it, and a reader's error quotes it."""
    busy.close()
    path, spoilt = Path(busy.url.removeprefix("sqlite:///")), Path(busy.url.removeprefix("sqlite:///") + ".spoilt")
    broken = set()
    for table, column in [*SPOKEN_OF, *sampled(COLUMNS, 60)]:
        shutil.copy(path, spoilt)
        other = sqlite3.connect(spoilt)
        other.execute(f'UPDATE OR IGNORE "{table}" SET "{column}" = ?', [SECRET])
        other.commit()
        other.close()
        store = Store(f"sqlite:///{spoilt}", mark=interpret)
        said = repr(check(store, lambda record: from_record(*record)))
        store.close()
        assert SECRET not in said, (table, column)
        broken |= {(table, column)} if "It cannot be read" in said else set()
    assert {("product", "family"), ("definitions", "from_day")} <= broken


def test_a_store_without_definitions_is_not_sound(sqlite_store):
    round_the_program(sqlite_store, text("DELETE FROM definitions"))
    assert findings(sqlite_store) == {"definitions": ["There are no definitions: nothing can be counted."]}


def test_no_more_findings_are_shown_than_anybody_reads(sqlite_store):
    with sqlite_store.writing("test") as write:
        for number in range(SHOWN + 5):
            write.audit("set", "test", number, None, None)
        write.session.execute(update(Audit).values(account="王芳"))
    assert len(findings(sqlite_store)["audit"]) == SHOWN


def test_all_is_looked_at_as_it_was_at_one_moment(store):
    """Somebody writes while the definitions are read, which comes first."""

    def readable(record: tuple) -> object:
        with store.noting("meanwhile") as write:
            write.audit("set", "test", 1, None, None)
        return from_record(*record)

    assert check(store, readable)["audit"] == (0, [])
    assert check(store, lambda record: from_record(*record))["audit"] == (1, [])


def test_a_database_that_cannot_be_had_is_no_finding(sqlite_store, monkeypatch):
    def out_of_reach(_connection: object) -> list:
        raise Unavailable("The database is busy.")

    monkeypatch.setattr(audit_chain, "find_breaks", out_of_reach)
    with pytest.raises(Unavailable):
        check(sqlite_store, lambda record: from_record(*record))
