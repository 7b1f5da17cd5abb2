"""`backup` and `restore` for whoever looks after the machine, and the backup that `migrate` makes."""

import hashlib
import json

import pytest
from sqlalchemy import text

from dashboard.shell.settings import settings
from db.backup import opening
from db.engine import Store
from db.migrations import migrate
from tests.support.command_line import call


def test_a_backup_answers_in_json_what_it_holds(region_url, capsys, tmp_path, configured):
    file = tmp_path / "one.backup"
    code, out, _err = call(capsys, "backup", str(file), "--json", "--database", region_url)
    said = json.loads(out)
    assert code == 0 and list(said) == ["file", "version", "token", "rows", "sha256"]
    assert said["file"] == str(file) and said["rows"]["manager"] == 12 and said["rows"]["activity"] > 1000
    assert said["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    code, out, _err = call(capsys, "restore", str(file), "--database", region_url)
    assert code == 0 and "所有人需重新登录" in out and str(next(tmp_path.glob("*before-restore*"))) in out


def test_a_folder_keeps_as_many_as_it_is_told(sqlite_url, capsys, tmp_path, configured):
    folder, key = tmp_path / "disk", tmp_path / "passphrase"
    key.write_text("four words of ours\n")
    words = ("--to", str(folder), "--keep", "1", "--passphrase-file", str(key), "--database", sqlite_url)
    assert call(capsys, "backup", *words)[0] == 0
    (file,) = folder.glob("*.backup")
    assert b"scrypt" in file.read_bytes()[:60]
    code, _out, err = call(capsys, "restore", str(file), "--database", sqlite_url)
    assert code == 1 and "已加密" in err
    assert call(capsys, "restore", str(file), "--passphrase-file", str(key), "--database", sqlite_url)[0] == 0


@pytest.mark.parametrize("words", [(), ("a.backup", "--to", "disk"), ("a.backup", "--keep", "2")])
def test_what_cannot_be_meant_is_an_unusable_call(words, sqlite_url, capsys):
    assert call(capsys, "backup", *words, "--database", sqlite_url)[0] == 2


def test_a_damaged_backup_is_refused_with_the_reason(sqlite_url, capsys, tmp_path, configured):
    file = tmp_path / "one.backup"
    call(capsys, "backup", str(file), "--database", sqlite_url)
    file.write_bytes(file.read_bytes()[:-100])
    code, out, err = call(capsys, "restore", str(file), "--database", sqlite_url)
    assert code == 1 and "已损坏或不完整" in err and "Traceback" not in out + err


def test_an_older_schema_is_backed_up_before_it_is_changed(sqlite_url, capsys, configured, monkeypatch):
    """The step itself is left out: an older schema is made by calling another one the newest."""
    configured.backups = configured.snapshots / "backups"
    monkeypatch.setattr(migrate, "current", lambda: "0099")
    monkeypatch.setattr(opening.migrate, "migrate", lambda url, definitions: None)
    code, out, _err = call(capsys, "migrate", "--database", sqlite_url)
    (file,) = settings().backups.glob("*.backup")
    assert code == 0 and str(file) in out
    assert call(capsys, "migrate", "--without-backup", "--database", sqlite_url)[0] == 0
    assert len(list(settings().backups.glob("*.backup"))) == 1


def test_check_prints_no_stored_value(region_url, capsys, configured):
    store = Store(region_url)
    with store.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO account (login, name, role, must_change) VALUES ('ＡＤＭＩＮ', '周密', 'auditor', 0)")
        )
        connection.execute(text('UPDATE definitions SET body = \'{"stalled_days": "13800001234"}\''))
        connection.execute(text("UPDATE audit SET account = '李密' WHERE id = 1"))
    store.close()
    for words in ((), ("--json",)):
        code, out, err = call(capsys, "check", *words, "--database", region_url)
        assert code == 1 and not any(one in out + err for one in ("ＡＤＭＩＮ", "周密", "13800001234", "李密"))
