"""What may be set from outside."""

from datetime import datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from dashboard.shell.settings import ROOT, Settings


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch):
    for name in ("DATABASE_URL", "CHENXI_NOW", "CHENXI_LANG", "CHENXI_DEMO", "CHENXI_SNAPSHOTS"):
        monkeypatch.delenv(name, raising=False)


def test_without_anything_set_it_is_a_file_of_ones_own_in_chinese():
    found = Settings()
    assert found.database_url == f"sqlite:///{ROOT / 'var' / 'chenxi.db'}"
    assert (found.lang, found.now, found.demo) == ("zh", None, False)


def test_the_environment_sets_everything(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://bank/chenxi")
    monkeypatch.setenv("CHENXI_NOW", "2026-11-20T16:30")
    monkeypatch.setenv("CHENXI_LANG", "en")
    monkeypatch.setenv("CHENXI_SNAPSHOTS", "/tmp/snapshots")
    found = Settings()
    assert found.database_url == "postgresql://bank/chenxi"
    assert (found.now, found.lang) == (datetime(2026, 11, 20, 16, 30), "en")
    assert found.snapshots == Path("/tmp/snapshots")


def test_a_moment_that_is_none_is_refused(monkeypatch):
    monkeypatch.setenv("CHENXI_NOW", "garbage")
    with pytest.raises(ValidationError):
        Settings()


def test_every_setting_says_what_it_is_for():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_logs_kept_for_less_than_six_months_are_refused_in_words(monkeypatch):
    monkeypatch.setenv("CHENXI_LOG_DAYS", "179")
    with pytest.raises(ValidationError, match="180 days or more"):
        Settings()
    monkeypatch.setenv("CHENXI_LOG_DAYS", "180")
    assert Settings().log_days == 180
