"""What is older than it is to be kept goes, and nothing else; the trail says how much, and stays whole."""

from dataclasses import replace
from datetime import timedelta

import pytest

from db import audit_chain
from db.access import Viewer
from db.errors import NotAllowed
from db.log.entry import Entry
from db.models import Activity, Audit, Draft, FailedSignIn, Message, SignIn
from db.recording import recording
from db.retention import deleting, kept
from db.retention.deleting import Days
from tests.support.builders import EAST, MONDAY, WANG, account, bank, head, manager
from tests.support.groups import group, message
from tests.support.sheets import counts, held_values, logged, trail

DAYS = Days(drafts=30, failed_sign_ins=1, sessions=190, messages=190, notes=100)
MESSAGES = (("sent", 1), ("sent", -1), ("waiting", 1), ("sending", 1), ("unconfirmed", 1))  # days too old
LATER = MONDAY + timedelta(101)


def old_and_new(store) -> None:
    """One of each that is too old by a day, one that is not; two visits with notes, a day apart."""
    wang = account(bank(store), "wang", "manager", WANG)
    with store.noting("test") as write:
        for name, days, more in (("a", 1, timedelta(hours=1)), ("b", -1, timedelta(0))):
            at = {one: write.now - timedelta(getattr(DAYS, one) + days) - more for one in ("drafts", "sessions")}
            write.session.add(Draft(account_id=wang, form=name, body={"note": "草稿"}, at=at["drafts"]))
            failed = write.now - timedelta(hours=25 if days > 0 else 23)
            write.session.add(FailedSignIn(at=failed, login_hash=name, address="10.0.0.1"))
            times = {"began_at": at["sessions"], "lasts_until": at["sessions"], "expires_at": at["sessions"]}
            known = {"token_hash": name, "device_hash": name, "address": "10.0.0.1", "idle_minutes": 30}
            write.session.add(SignIn(account_id=wang, ended_at=None, **known, **times))
        write.session.add(group(1, EAST, "东湖晨会群"))
        write.session.flush()
        for number, (status, days) in enumerate(MESSAGES):
            at = write.now - timedelta(DAYS.messages + days)
            write.session.add(message(number + 1, 1, status, at, digest=f"{status} {days}"))
    for reference, day in (("old", MONDAY), ("new", MONDAY + timedelta(1))):
        entry = Entry("consultation", day, customer_name="湖滨书店", note=f"{reference}老板姓张")
        recording.record(manager(store), WANG, entry, reference, day)


@pytest.mark.both_engines
def test_what_is_too_old_goes_and_the_trail_says_how_much_and_not_what(store, monkeypatch):
    old_and_new(store)
    monkeypatch.setattr(deleting, "AT_ONCE", 1)
    before, version = counts(store), store.counter()
    deleted = deleting.delete_old(store, LATER, DAYS)
    assert deleted == {"drafts": 1, "failed_sign_ins": 1, "sessions": 1, "messages": 2, "notes": 1}
    assert held_values(store, Message.digest) == {("sent -1",), ("waiting 1",), ("sending 1",)}
    assert held_values(store, Draft.form) == {("b",)} and held_values(store, SignIn.token_hash) == {("b",)}
    assert held_values(store, FailedSignIn.login_hash) == {("b",)}
    assert logged(store, Activity.note, Activity.reference) == [(None, "old"), ("new老板姓张", "new")]
    after = counts(store)
    assert {name for name in after if after[name] < before[name]} == {"draft", "failed_sign_in", "message", "session"}
    said = [row for row in trail(store, Audit.action, Audit.entity, Audit.after) if row[0] == "expire"]
    assert [one[2] for one in said] == [{"drafts": 1, "failed_sign_ins": 1, "sessions": 1, "messages": 2}, {"notes": 1}]
    with store.reading() as connection:
        assert audit_chain.find_breaks(connection) == []
    assert store.counter() > version, "the log in memory reads the entry again"
    assert deleting.delete_old(store, LATER, DAYS) == dict.fromkeys(deleted, 0)
    assert len(trail(store)) == after["audit"], "where nothing goes nothing is said"


def test_notes_stay_where_no_period_is_set_and_a_note_may_be_corrected_after_the_old_one_went(sqlite_store):
    old_and_new(sqlite_store)
    assert deleting.delete_old(sqlite_store, LATER, replace(DAYS, notes=0))["notes"] == 0
    deleting.delete_old(sqlite_store, LATER, DAYS)
    identity, version = logged(sqlite_store, Activity.id, Activity.version)[0]
    recording.correct(head(sqlite_store), identity, version, LATER, amount_cents=100)
    assert logged(sqlite_store, Activity.note, Activity.amount_cents)[0] == (None, 100)


def test_the_administrator_reads_how_much_is_kept_and_since_when(sqlite_store):
    old_and_new(sqlite_store)
    found = kept.read(Viewer(sqlite_store, "chief", "administrator"))
    assert (found["customers"].number, found["customers"].oldest) == (1, MONDAY)
    assert (found["notes"].number, found["notes"].oldest) == (2, MONDAY)
    assert [found[one].number for one in ("drafts", "failed_sign_ins", "sessions", "messages")] == [2, 2, 2, 5]
    assert found["forgotten"].number == 0 and found["forgotten"].oldest is None
    assert found["audit"].number == counts(sqlite_store)["audit"]
    for role in ("auditor", "manager"):
        with pytest.raises(NotAllowed):
            kept.read(Viewer(sqlite_store, "somebody", role))
