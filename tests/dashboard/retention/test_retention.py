"""The daily job deletes by what is set, and the page says it in words."""

import os
from datetime import date, timedelta

import pytest

from dashboard.monitoring import old_logs
from dashboard.retention import deleting, kept_view
from dashboard.shell.settings import settings
from db.jobs import REGISTRY
from db.models import Audit
from db.retention.deleting import Days
from tests.support.sheets import trail

TODAY = date(2026, 11, 20)


@pytest.fixture
def logs(monkeypatch, tmp_path):
    monkeypatch.setattr(settings(), "logs", tmp_path)
    (tmp_path / "8501").mkdir()
    for days in (0, 190, 191):
        (tmp_path / f"{old_logs.NAME}.{TODAY - timedelta(days)}").write_text("{}")
    (tmp_path / "8501" / f"{old_logs.NAME}.{TODAY - timedelta(400)}").write_text("{}")
    (tmp_path / old_logs.NAME).write_text("{}")
    os.utime(tmp_path / old_logs.NAME, (0, 0))
    (tmp_path / "others.txt").write_text("")
    return tmp_path


def test_logs_older_than_set_go_and_the_one_that_is_written_stays(logs):
    assert old_logs.delete_old(TODAY) == 2
    kept = {f"{old_logs.NAME}.{TODAY - timedelta(days)}" for days in (0, 190)}
    assert {one.name for one in logs.rglob("*") if one.is_file()} == kept | {old_logs.NAME, "others.txt"}


def test_the_job_of_the_day_deletes_by_what_is_set(sqlite_store, logs, monkeypatch):
    asked = []
    monkeypatch.setattr(settings(), "keep_drafts_days", 7)
    monkeypatch.setattr(deleting.deleting, "delete_old", lambda *told: asked.append(told))
    job = REGISTRY["retention"]
    assert job.every == timedelta(days=1)
    job.do(sqlite_store, TODAY)
    assert asked[0] == (sqlite_store, TODAY, Days(drafts=7, failed_sign_ins=1, sessions=190, messages=190, notes=1826))
    assert trail(sqlite_store, Audit.account, Audit.action, Audit.after) == [("retention", "expire", {"logs": 2})]
    job.do(sqlite_store, TODAY)
    assert len(trail(sqlite_store)) == 1, "where nothing goes nothing is said"
    assert not (logs / "8501" / f"{old_logs.NAME}.{TODAY - timedelta(400)}").exists()


def test_every_kind_of_record_has_its_term_and_its_setting_is_one():
    terms = kept_view.terms()
    assert list(terms) == list(kept_view.PARTS)
    named = [one.setting.removeprefix("CHENXI_").lower() for one in terms.values() if one.setting.startswith("CHENXI")]
    assert len(named) == 7 and set(named) <= set(type(settings()).model_fields)
