"""A trail whose rows were erased and written anew is sound in itself; the anchors say that it is another one."""

import pytest
from sqlalchemy import delete, select, update

from db import audit_chain
from db.backup import anchors, kept_lines, signing
from db.backup.anchors import FORGED, NO_ANCHOR, NOT_FOLLOWING, NOT_READABLE, REWRITTEN, Notary
from db.backup.backup import take
from db.backup.restore import restore
from db.models import Audit, ChangeCounter
from metrics.definitions import DEFAULT


@pytest.fixture
def notary(tmp_path) -> Notary:
    return Notary(tmp_path / "kept", signing.make_key(tmp_path / "audit.key"))


def write_rows(store, number: int, account: str = "jobs") -> None:
    for _ in range(number):
        with store.noting(account) as write:
            write.audit("export", "minutes", None, None, {"rows": 1})


def rewrite_from(store, row: int) -> None:
    """Erases the rows from this one on, and writes as many others, each sealed as it should be."""
    with store.writing("intruder") as write:
        rows = write.session.execute(select(Audit.id, Audit.previous_hash).order_by(Audit.id)).all()
        gone = rows[row - 1 :]
        write.session.execute(delete(Audit).where(Audit.id >= gone[0].id))
        counter = {"audit_rows": row - 1, "audit_hash": gone[0].previous_hash}
        write.session.execute(update(ChangeCounter).values(counter))
        for _ in gone:
            write.audit("export", "minutes", None, None, {"rows": 2})


def found(store, notary, key: str = "") -> anchors.Checked:
    with store.reading() as connection:
        assert audit_chain.find_breaks(connection) == []
        return anchors.check(connection, notary.folder / anchors.FILE, key)


@pytest.mark.both_engines
def test_rows_that_were_erased_and_written_anew_are_found(store, notary):
    write_rows(store, 30)
    assert anchors.anchor_if_moved(store, notary)
    write_rows(store, 400)
    assert anchors.anchor_if_moved(store, notary) and not anchors.anchor_if_moved(store, notary)
    assert (said := found(store, notary)).findings == [] and (said.anchors, said.signed) == (2, 2)
    rewrite_from(store, 106)
    assert [(message, values["row"]) for message, values in found(store, notary).findings] == [(REWRITTEN, 430)]
    rewrite_from(store, 1)
    assert [values["row"] for _message, values in found(store, notary).findings] == [30, 430]


def test_a_trail_that_was_cut_short_is_found(store, notary):
    write_rows(store, 3)
    anchors.anchor_if_moved(store, notary)
    with store.writing("intruder") as write:
        last = write.session.scalars(select(Audit.id).order_by(Audit.id.desc())).first()
        seal = write.session.scalar(select(Audit.previous_hash).where(Audit.id == last))
        write.session.execute(delete(Audit).where(Audit.id == last))
        write.session.execute(update(ChangeCounter).values(audit_rows=2, audit_hash=seal))
    assert [message for message, _ in found(store, notary).findings] == [REWRITTEN]


@pytest.mark.both_engines
def test_a_rewind_is_accepted_where_a_backup_was_put_back_and_nowhere_else(store, url, notary, tmp_path):
    write_rows(store, 2)
    anchors.anchor_if_moved(store, notary)
    made = take(url, tmp_path / "disk" / "one.backup", None, notary)
    write_rows(store, 5)
    anchors.anchor_if_moved(store, notary)
    done = restore(url, made.file, DEFAULT, None, False, notary)
    assert done.rewound == 5
    write_rows(store, 1)
    anchors.anchor_if_moved(store, notary)
    said = found(store, notary)
    assert said.findings == [] and said.signed == said.anchors == 5
    (rewind,) = said.rewinds
    assert (rewind["keeps"], rewind["manifest"], rewind["file"]) == (2, made.facts.content, "one.backup")
    rewrite_from(store, 2)
    assert [values["row"] for _message, values in found(store, notary).findings] == [2, 2, 3, 4]
    beside = anchors.read(made.file.parent / anchors.FILE)
    assert [one["kind"] for one in beside] == ["backup", "restore"]


def test_a_forged_rewind_is_found(store, notary, tmp_path):
    write_rows(store, 4)
    anchors.anchor_if_moved(store, notary)
    rewrite_from(store, 2)
    with store.reading() as connection:
        head = anchors.head_of(connection)
    anchors.append(notary.folder, anchors.RESTORE, head, None, keeps=0)
    said = found(store, notary)
    assert [message for message, _ in said.findings] == [FORGED, REWRITTEN] and said.rewinds == []
    other = signing.make_key(tmp_path / "other.key")
    anchors.append(notary.folder, anchors.RESTORE, head, other, keeps=0)
    assert [message for message, _ in found(store, notary).findings] == [FORGED, FORGED, REWRITTEN]


def test_anchors_of_another_key_than_the_one_that_is_known_are_found(store, notary, tmp_path):
    write_rows(store, 1)
    anchors.anchor_if_moved(store, Notary(notary.folder, signing.make_key(tmp_path / "other.key")))
    assert found(store, notary).findings == []
    assert [message for message, _ in found(store, notary, signing.public(notary.key)).findings] == [FORGED]


@pytest.mark.parametrize(
    "change", [lambda lines: lines[1:], lambda lines: [lines[0], lines[2]], lambda lines: lines[::-1]]
)
def test_lines_that_were_removed_or_moved_are_found(store, notary, change):
    for _ in range(3):
        write_rows(store, 1)
        anchors.anchor_if_moved(store, notary)
    file = notary.folder / anchors.FILE
    file.write_bytes(b"".join(line + b"\n" for line in change(file.read_bytes().splitlines())))
    assert NOT_FOLLOWING in [message for message, _ in found(store, notary).findings]


def test_a_changed_line_and_half_a_line_are_found(store, notary):
    write_rows(store, 1)
    anchors.anchor_if_moved(store, notary)
    file = notary.folder / anchors.FILE
    file.write_bytes(file.read_bytes().replace(b'"rows": 1', b'"rows": 0') + b'{"kind": "anch')
    write_rows(store, 1)
    anchors.anchor_if_moved(store, notary)
    assert [message for message, _ in found(store, notary).findings] == [FORGED, NOT_READABLE, REWRITTEN]


def test_without_a_key_anchors_are_kept_unsigned_and_still_compared(store, tmp_path):
    unsigned = Notary(tmp_path / "kept")
    write_rows(store, 2)
    anchors.anchor_if_moved(store, unsigned)
    assert ((said := found(store, unsigned)).anchors, said.signed, said.findings) == (1, 0, [])
    rewrite_from(store, 1)
    assert [message for message, _ in found(store, unsigned).findings] == [REWRITTEN]


def test_a_file_without_an_anchor_of_this_database_is_said(store, notary):
    anchors.append(notary.folder, anchors.ANCHOR, anchors.Head("another", 3, "00"), notary.key)
    assert found(store, notary).findings == [(NO_ANCHOR, {})]


def test_what_a_killed_process_left_locked_is_waited_for_and_then_taken(tmp_path, monkeypatch):
    file = tmp_path / "lines"
    (tmp_path / "lines.lock").touch()
    monkeypatch.setattr(kept_lines, "LEFT_BEHIND", -1)
    kept_lines.append(file, lambda before: [{"number": len(before)}])
    assert kept_lines.lines(file) == [b'{"number": 0}']
