"""A customer who is forgotten is a number that goes on to count: no name, no phone, nothing noted, in no file."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from dashboard.shell.store import operator
from db import audit_chain
from db.access import Viewer
from db.backup import anchors, forgotten
from db.backup.backup import take
from db.backup.restore import restore
from db.customers import customers, forgetting, merging, stock
from db.engine import Store
from db.errors import NotAllowed, Refused
from db.log import entry_history, mirror
from db.log.columns.partitions import ACTIVITY
from db.log.entry import Entry
from db.meetings import notes, running
from db.models import Activity, Audit, Customer, Draft, Opportunity, OwnReason, TrailKey
from db.recording import moving, recording
from db.store import sealing, sweeping
from metrics.definitions import DEFAULT, interpret
from metrics.periods import Period
from tests.support.builders import EAST, MONDAY, WANG, account, bank, head, manager
from tests.support.sheets import logged

NAME, PHONE, NOTE = "欧阳震华", "13912345678", "爱喝龙井的老板"
NOBODY = "本人要求删除"
LATER = MONDAY + timedelta(30)


def admin(store) -> Viewer:
    return Viewer(store, "admin", "administrator")


def met(store, **said) -> int:
    """The customer, met and noted, corrected and lost again; gives their number."""
    bank(store)
    entry = Entry("consultation", MONDAY, customer_name=NAME, phone=PHONE, product=1, note=NOTE, next_step=NOTE, **said)
    identity = recording.record(manager(store), WANG, entry, "r", MONDAY)
    recording.correct(manager(store), identity, logged(store, Activity.version)[-1][0], MONDAY, note=f"{NOTE}，再访")
    with store.reading() as connection:
        customer, need = connection.execute(select(Activity.customer_id, Activity.opportunity_id)).first()
    moving.lose(head(store), need, "withdrawn", f"{NAME}不需要了", logged(store, Activity.version)[-1][0], MONDAY)
    return customer


def held(store, *columns) -> list[tuple]:
    with store.reading() as connection:
        return [tuple(row) for row in connection.execute(select(*columns))]


def forget(store, customer: int, days: int = 0, listed=lambda store, known: None) -> int:
    return forgetting.forget(admin(store), customer, NOBODY, LATER, days, listed)


def bytes_of(store) -> bytes:
    path = Path(store.url.removeprefix("sqlite:///"))
    return b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*") if "before" not in one.name)


def counts(store) -> tuple:
    log = mirror.of(store).read(Period(MONDAY, LATER), {}, [*ACTIVITY]).collect().sort("id")
    everybody = stock.customers(operator(store)).sort("customer")
    return log.rows(), everybody.rows()


@pytest.mark.both_engines
def test_name_phone_and_notes_are_gone_and_the_counts_stay(store):
    customer = met(store)
    before = counts(store)
    assert forget(store, customer) == 1
    assert counts(store) == before
    assert customers.one(operator(store), customer).select("customer_name", "phone").row(0) == (f"#{customer}", None)
    assert logged(store, Activity.note) == [(None,), (None,)]
    with store.reading() as connection:
        assert connection.execute(select(Opportunity.next_step, Opportunity.lost_reason)).all() == [
            (None, "other_reason")
        ]
        assert audit_chain.find_breaks(connection) == []
    assert customers.search(operator(store), PHONE).is_empty() and customers.search(operator(store), NAME).is_empty()


@pytest.mark.both_engines
def test_what_the_trail_holds_of_them_is_read_until_they_are_forgotten(store):
    customer = met(store)
    (identity,) = logged(store, Activity.id)[0]
    notes = [one[-1]["note"] for one in entry_history.of_entry(head(store), identity) if "note" in one[-1]]
    assert notes == [(NOTE, f"{NOTE}，再访")]
    with store.reading() as connection:
        written = str(connection.execute(select(Audit.before, Audit.after)).all())
    assert NOTE not in written and NAME not in written
    forget(store, customer)
    notes = [one[-1]["note"] for one in entry_history.of_entry(head(store), identity) if "note" in one[-1]]
    assert notes == [(sealing.GONE, sealing.GONE)] and held(store, TrailKey.subject) == []


def test_no_byte_of_them_is_left_in_the_files(sqlite_store, tmp_path):
    store = sqlite_store
    customer = met(store)
    text = bytes_of(store)
    assert NAME.encode() in text and PHONE.encode() in text and NOTE.encode() in text
    forget(store, customer)
    assert sweeping.sweep(store.engine)
    text = bytes_of(store)
    assert not any(one.encode() in text for one in (NAME, PHONE, NOTE))


@pytest.mark.both_engines
def test_a_backup_from_before_is_put_back_without_them(store, url, tmp_path):
    customer = met(store)
    notary = anchors.Notary(tmp_path / "kept")
    made = take(url, tmp_path / "disk" / "one.backup", None, notary)
    forget(store, customer, listed=lambda store_id, known: forgotten.note(notary.folder, store_id, known))
    done = restore(url, made.file, DEFAULT, None, False, notary)
    assert done.forgotten == 1
    assert customers.one(operator(store), customer)["customer_name"].to_list() == [f"#{customer}"]
    with store.reading() as connection:
        assert audit_chain.find_breaks(connection) == []
        assert anchors.check(connection, notary.folder / anchors.FILE).findings == []
    if store.is_sqlite:
        assert not any(one.encode() in bytes_of(store) for one in (NAME, PHONE, NOTE))


def test_the_list_beside_the_backup_is_enough_on_another_machine(sqlite_store, sqlite_url, tmp_path):
    customer = met(sqlite_store)
    notary = anchors.Notary(tmp_path / "kept")
    made = take(sqlite_url, tmp_path / "disk" / "one.backup", None, notary)
    forget(sqlite_store, customer, listed=lambda store_id, known: forgotten.note(notary.folder, store_id, known))
    take(sqlite_url, tmp_path / "disk" / "two.backup", None, notary)
    elsewhere = f"sqlite:///{tmp_path / 'elsewhere' / 'chenxi.db'}"
    (tmp_path / "elsewhere").mkdir()
    assert restore(elsewhere, made.file, DEFAULT, None, False).forgotten == 1
    other = Store(elsewhere, mark=interpret)
    assert customers.one(operator(other), customer)["customer_name"].to_list() == [f"#{customer}"]
    other.close()


def test_another_customer_who_has_the_number_by_now_is_not_forgotten(sqlite_store, sqlite_url, tmp_path):
    customer = met(sqlite_store)
    notary = anchors.Notary(tmp_path / "kept")
    with sqlite_store.reading() as connection:
        store_id = anchors.head_of(connection).store
    forgotten.note(notary.folder, store_id, [forgetting.Record(customer, "another past's")])
    made = take(sqlite_url, tmp_path / "one.backup", None, notary)
    assert restore(sqlite_url, made.file, DEFAULT, None, False, notary).forgotten == 0


def test_an_open_case_a_running_retention_and_a_reason_that_names_them_are_refused(sqlite_store):
    bank(sqlite_store)
    entry = Entry("consultation", MONDAY, customer_name=NAME, phone=PHONE, product=1)
    recording.record(manager(sqlite_store), WANG, entry, "r", MONDAY)
    customer, need, version = logged(sqlite_store, Activity.customer_id, Activity.opportunity_id, Activity.version)[0]
    with pytest.raises(Refused, match="open opportunities: 1"):
        forget(sqlite_store, customer)
    moving.lose(head(sqlite_store), need, "withdrawn", "no_need", version, MONDAY)
    with pytest.raises(Refused, match="retention"):
        forget(sqlite_store, customer, days=31)
    for reason in ("", "  ", f"客户{NAME}要求", f"电话 {PHONE} 来电"):
        with pytest.raises(Refused):
            forgetting.forget(admin(sqlite_store), customer, reason, LATER, 0, lambda *_: None)
    for one in (head(sqlite_store), manager(sqlite_store), Viewer(sqlite_store, "auditor", "auditor")):
        with pytest.raises(NotAllowed):
            forgetting.forget(one, customer, NOBODY, LATER, 0, lambda *_: None)
    assert forget(sqlite_store, customer, days=30) == 1
    for nobody in (customer, 999):
        with pytest.raises(Refused):
            forget(sqlite_store, nobody)


def test_records_that_were_merged_into_theirs_are_forgotten_with_them(sqlite_store):
    customer = met(sqlite_store)
    entry = Entry("consultation", MONDAY, customer_name="欧阳先生", phone="13800001111", note=NOTE)
    recording.record(manager(sqlite_store), WANG, entry, "s", MONDAY)
    other = max(one for (one,) in held(sqlite_store, Customer.id))
    merging.merge(head(sqlite_store), customer, other)
    assert forget(sqlite_store, other) == 2
    sweeping.sweep(sqlite_store.engine)
    assert not any(one.encode() in bytes_of(sqlite_store) for one in (NAME, "欧阳先生", "13800001111", NOTE))


def test_they_are_cut_out_of_what_others_wrote_unless_somebody_is_called_the_same(sqlite_store):
    customer = met(sqlite_store)
    entry = Entry("consultation", MONDAY, customer_name="李四", note=f"{NAME}介绍来的，139 1234-5678")
    recording.record(manager(sqlite_store), WANG, entry, "s", MONDAY)
    account(sqlite_store, "head", "branch_head", EAST)
    with sqlite_store.writing("t") as write:
        write.session.add(Draft(account_id=1, form="day", body={"note": f"找{NAME}"}, at=write.now))
    meeting = running.start(head(sqlite_store), EAST, "evening", MONDAY, MONDAY)
    notes.write_reason(manager(sqlite_store), meeting, f"{NAME}在外地", "")
    forget(sqlite_store, customer)
    assert held(sqlite_store, OwnReason.text) == [("…在外地",)]
    assert logged(sqlite_store, Activity.note)[-1] == ("…介绍来的，…",) and held(sqlite_store, Draft.body) == [
        ({"note": "找…"},)
    ]


def test_a_text_that_may_mean_somebody_else_stays(sqlite_store):
    customer = met(sqlite_store)
    for name, note in ((f"{NAME}粮油店", None), ("李四", f"{NAME}介绍来的")):
        entry = Entry("consultation", MONDAY, customer_name=name, note=note)
        recording.record(manager(sqlite_store), WANG, entry, name, MONDAY)
    forget(sqlite_store, customer)
    assert logged(sqlite_store, Activity.note)[-1] == (f"{NAME}介绍来的",)


def test_nothing_is_recorded_for_them_any_more_and_the_same_name_is_a_new_customer(sqlite_store):
    customer = met(sqlite_store)
    forget(sqlite_store, customer)
    with pytest.raises(Refused):
        recording.record(manager(sqlite_store), WANG, Entry("consultation", MONDAY, customer=customer), "s", MONDAY)
    entry = Entry("consultation", MONDAY, customer_name=NAME, phone=PHONE)
    recording.record(manager(sqlite_store), WANG, entry, "t", MONDAY)
    assert logged(sqlite_store, Activity.customer_id)[-1] != (customer,)


def test_what_the_trail_held_in_clear_text_is_sealed_once_and_stays_provable(sqlite_store):
    customer = met(sqlite_store)
    store = sqlite_store
    with store.writing("t") as write:  # as an older version wrote it
        rows = write.session.execute(select(Audit.id, Audit.before, Audit.after).order_by(Audit.id)).all()
        previous = audit_chain.START
        for row in rows:
            before, after = sealing.opened(write.session, (row.before, row.after))
            write.session.execute(update(Audit).where(Audit.id == row.id).values(before=before, after=after))
            entry = write.session.execute(
                select(*(getattr(Audit, name) for name in audit_chain.SEALED)).where(Audit.id == row.id)
            ).one()
            sealed = audit_chain.seal(previous, dict(zip(audit_chain.SEALED, entry, strict=True)))
            write.session.execute(update(Audit).where(Audit.id == row.id).values(previous_hash=previous, hash=sealed))
            previous = sealed
        write.session.execute(update(audit_chain.ChangeCounter).values(audit_hash=previous))
    assert NOTE in str(held(store, Audit.after))
    with store.writing("t") as write:
        audit_chain.reseal(write.session.connection())
    with store.reading() as connection:
        assert audit_chain.find_breaks(connection) == []
        last = connection.execute(select(Audit.action, Audit.before, Audit.after).order_by(Audit.id.desc())).first()
    assert NOTE not in str(held(store, Audit.before, Audit.after))
    assert (last.action, last.before["digest"]) == ("seal", previous) and last.after["rows"] >= 1
    number = len(rows) + 1
    with store.writing("t") as write:
        audit_chain.reseal(write.session.connection())
    assert len(held(store, Audit.id)) == number
    assert forget(store, customer) == 1


def test_a_row_that_did_not_hold_is_not_made_good_by_sealing(sqlite_store):
    met(sqlite_store)
    with sqlite_store.writing("t") as write:
        first = write.session.scalars(select(Audit.id).order_by(Audit.id)).first()
        write.session.execute(update(Audit).where(Audit.id == first).values(account="谁", after={"note": NOTE}))
        audit_chain.reseal(write.session.connection())
    with sqlite_store.reading() as connection:
        assert [row for row, _message in audit_chain.find_breaks(connection)] == [first]


def test_whatever_may_name_a_customer_is_swept_from_the_disk_too():
    assert forgetting.FREE_TEXTS.keys() <= set(sweeping.TABLES)
