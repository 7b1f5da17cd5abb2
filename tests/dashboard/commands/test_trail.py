"""The audit trail's key, its anchors and `check --anchors`, from the command line."""

import json

from sqlalchemy import delete, select, update

from db.backup import anchors
from db.engine import Store
from db.models import Audit, ChangeCounter
from tests.support.command_line import call


def busy(url: str) -> None:
    """400 rows more in the trail."""
    store = Store(url)
    with store.noting("jobs") as write:
        for number in range(400):
            write.audit("export", "minutes", None, None, {"rows": number})
    store.close()


def erased(url: str, rows: int) -> None:
    """These rows from the start of the trail are gone, and the others sealed anew: sound in themselves."""
    store = Store(url)
    with store.writing("intruder") as write:
        kept = [dict(one) for one in write.session.execute(select(Audit.__table__).order_by(Audit.id)).mappings()][
            rows:
        ]
        write.session.execute(delete(Audit))
        write.session.execute(update(ChangeCounter).values(audit_rows=0, audit_hash=""))
        for one in kept:
            write.account = one["account"]
            write.audit(*(one[name] for name in ("action", "entity", "entity_id", "before", "after")))
    store.close()


def test_the_key_is_made_once_and_the_trail_is_anchored(region_url, capsys, configured):
    code, out, _err = call(capsys, "trail", "key")
    key = out.split()[0]
    assert code == 0 and len(bytes.fromhex(key)) == 32 and configured.audit_key.stat().st_mode & 0o777 == 0o600
    code, _out, err = call(capsys, "trail", "key")
    assert code == 1 and str(configured.audit_key) in err
    code, out, _err = call(capsys, "trail", "anchor", "--database", region_url)
    assert code == 0 and str(configured.backups / anchors.FILE) in out
    code, out, _err = call(capsys, "check", "--database", region_url)
    assert code == 0 and key[:16] in out


def test_325_rows_that_were_erased_are_found_beside_the_anchors(region_url, capsys, configured):
    busy(region_url)
    call(capsys, "trail", "key")
    call(capsys, "trail", "anchor", "--database", region_url)
    file = str(configured.backups / anchors.FILE)
    assert call(capsys, "check", "--anchors", file, "--database", region_url)[0] == 0
    erased(region_url, 325)
    code, out, _err = call(capsys, "check", "--json", "--anchors", file, "--database", region_url)
    said = json.loads(out)
    assert code == 1 and said["audit"]["findings"] == [] and len(said["anchors"]["findings"]) == 1
    code, out, _err = call(capsys, "check", "--database", region_url)
    assert code == 1 and "审计记录：75 行，完好" in out


def test_a_missing_key_stops_nothing_and_is_said(region_url, capsys, configured, tmp_path):
    assert call(capsys, "backup", str(tmp_path / "one.backup"), "--database", region_url)[0] == 0
    code, out, _err = call(capsys, "check", "--database", region_url)
    assert code == 0 and "未签名" in out
    code, out, _err = call(capsys, "restore", str(tmp_path / "one.backup"), "--database", region_url)
    assert code == 0
    code, out, _err = call(capsys, "check", "--database", region_url)
    assert code == 0 and "one.backup" in out


def test_what_is_no_key_is_refused_by_name(region_url, capsys, configured):
    configured.audit_key.write_text("not a key")
    code, out, err = call(capsys, "trail", "anchor", "--database", region_url)
    assert code == 1 and str(configured.audit_key) in err and "Traceback" not in out + err
