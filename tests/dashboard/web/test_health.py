"""Health is asked of the store: a read and a write, and which of the two fails."""

import sqlite3
from pathlib import Path

import pytest

from dashboard.shell.store import shared
from dashboard.web import health
from db.backup import signing
from db.store import connecting
from tests.support.web_client import browser

ADDRESS = "/_stcore/health"
PAGE = {"sec-fetch-dest": "empty"}


@pytest.fixture(autouse=True)
def asked_each_time(monkeypatch):
    monkeypatch.setattr(health, "FRESH", 0.0)


@pytest.fixture
def path(peopled, monkeypatch):
    monkeypatch.setattr(connecting, "BUSY_SECONDS", 0.1)
    shared.cache_clear()
    return peopled.url.removeprefix("sqlite:///")


def test_a_sound_store_can_be_read_and_written(peopled):
    version = peopled.version()
    answer, of_a_page = browser().get(ADDRESS), browser().get(ADDRESS, headers=PAGE)
    assert answer.status_code == 200 and answer.json() == {"read": "ok", "write": "ok", "trail": "unsigned"}
    assert of_a_page.json()["path"] == ADDRESS, "Streamlit's own answer brings the cookie for uploads"
    assert peopled.version() == version


def test_it_says_that_the_trail_is_signed_where_there_is_a_key(peopled, configured):
    signing.make_key(configured.audit_key)
    assert browser().get(ADDRESS).json()["trail"] == "signed"


def test_somebody_elses_lock_is_said_and_pages_still_connect(path):
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer, of_a_page = browser().get(ADDRESS), browser().get(ADDRESS, headers=PAGE)
    other.execute("ROLLBACK")
    other.close()
    assert answer.status_code == 503 and answer.json()["read"] == "ok" and "busy" in answer.json()["write"]
    assert of_a_page.status_code == 200


def test_a_file_that_was_taken_away_turns_it_red_for_everybody(path, tmp_path):
    assert browser().get(ADDRESS).status_code == 200
    held = tmp_path / "elsewhere.db"
    Path(path).rename(held)
    for headers in ({}, PAGE):
        answer = browser().get(ADDRESS, headers=headers)
        assert answer.status_code == 503 and "removed or renamed" in answer.json()["write"]
    held.rename(path)
    assert browser().get(ADDRESS).status_code == 200


def test_the_store_is_asked_only_now_and_then(peopled, monkeypatch):
    monkeypatch.setattr(health, "FRESH", 3.0)
    moment, asked = [10.0], health.Health(lambda: moment[0])
    assert asked.of(peopled)["write"] == "ok"
    monkeypatch.setattr(health.probe, "probe", lambda _engine: {"read": "ok", "write": "no"})
    assert asked.of(peopled)["write"] == "ok"
    moment[0] += 3
    assert asked.of(peopled)["write"] == "no"
