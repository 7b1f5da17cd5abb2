"""What the outbox's endpoint refuses whole, and what its page holds."""

import json
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from dashboard.activity import entries
from dashboard.shell.navigation import OUTBOX as PATH
from dashboard.shell.store import operator, shared
from dashboard.web import outbox_page
from dashboard.web.outbox_page import ENTRIES, LARGEST, LISTS, WORKER
from db.errors import NotAllowed, Unavailable
from db.log.entry import Entry
from db.recording import recording
from db.store import faults
from tests.conftest import FRIDAY
from tests.support import web_client
from tests.support.builders import LI
from tests.support.outbox_entries import JSON, OTHER_KEY, VISIT, nothing_stored, send
from tests.support.web_client import browser

pytestmark = pytest.mark.usefixtures("peopled")


def test_what_the_role_does_not_allow_is_a_refusal_of_its_own(phone, monkeypatch):
    def denied(*_given):
        raise NotAllowed("This is not within your scope.")

    monkeypatch.setattr(entries, "send", denied)
    answer = send(phone)
    assert (answer.status_code, list(answer.json())) == (403, ["refused"])


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", json.dumps(VISIT | {"\ud800": 1}).encode()])
def test_a_malformed_body_is_refused_in_words(phone, peopled, body):
    answer = phone.post(ENTRIES, content=body, headers=JSON)
    assert (answer.status_code, list(answer.json())) == (400, ["refused"]) and nothing_stored(peopled)


def test_a_body_without_end_is_not_read_to_its_end(phone, peopled):
    answer = phone.post(ENTRIES, content=json.dumps(VISIT | {"note": "x" * LARGEST}), headers=JSON)
    assert (answer.status_code, list(answer.json())) == (413, ["refused"]) and nothing_stored(peopled)


def test_the_longest_entry_the_form_can_make_is_not_too_large(phone):
    longest = "\u2028" * 500  # six bytes each as JSON escapes it
    assert send(phone, customer_name="长" * 500, note=longest, next_step=longest).status_code == 200


FOREIGN = [{"origin": "http://evil.test"}, {"origin": "null"}, {"origin": "http://bank.test:81"}]


@pytest.mark.parametrize("sent_from", FOREIGN, ids=str)
def test_an_entry_from_another_site_is_refused(phone, peopled, sent_from):
    answer = phone.post(ENTRIES, json=VISIT, headers=sent_from)
    assert answer.status_code == 403 and nothing_stored(peopled)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_what_a_form_of_another_site_could_send_is_refused(phone, peopled, kind):
    answer = phone.post(ENTRIES, content=json.dumps(VISIT), headers={"content-type": kind})
    assert answer.status_code == 403 and nothing_stored(peopled)


def test_a_database_that_is_locked_is_told_as_later(phone, peopled, monkeypatch):
    def locked(*_given):
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database is locked"))

    monkeypatch.setattr(entries, "send", locked)
    answer = send(phone)
    assert (answer.status_code, list(answer.json())) == (503, ["later"])


@pytest.mark.parametrize(("language", "said"), [("zh", "磁盘"), ("en", "is full")])
def test_why_an_entry_has_to_come_again_is_said(phone, monkeypatch, language, said):
    def full(*_given):
        raise Unavailable(faults.FULL)

    monkeypatch.setattr(entries, "send", full)
    assert said in send(phone, path=f"{ENTRIES}?lang={language}").json()["later"]


def test_a_database_that_was_taken_away_is_told_to_the_phone_too(phone, peopled, tmp_path):
    file = Path(peopled.url.removeprefix("sqlite:///"))
    shared(peopled.url).version()
    phone.headers["accept"] = "application/json"
    file.rename(tmp_path / "elsewhere.db")
    answers = [phone.get(f"{LISTS}?lang=en"), send(phone, path=f"{ENTRIES}?lang=en")]
    (tmp_path / "elsewhere.db").rename(file)
    assert [one.status_code for one in answers] == [503, 503]
    assert all("removed or renamed" in one.json()["later"] for one in answers)


def test_an_error_nobody_foresaw_is_told_by_number_and_not_by_content(phone, monkeypatch):
    def broken(*_given):
        raise ValueError("of 13812345678")

    monkeypatch.setattr(entries, "send", broken)
    answer = send(phone)
    assert (answer.status_code, list(answer.json())) == (500, ["refused"])
    assert "138" not in answer.text and "Traceback" not in answer.text


def test_the_page_holds_nothing_of_anybodys(phone, peopled):
    send(phone)
    page = phone.get(PATH, headers=web_client.PAGE)
    assert page.status_code == 200 and page.headers["X-Chenxi-Outbox"] == outbox_page.version()
    assert not [one for one in ("1001", "王芳", "湖滨书店", "5678") if one in page.text]


def test_the_lists_are_ones_own_latest_customers_without_their_phones(phone, peopled):
    send(phone)
    others = Entry("consultation", FRIDAY, customer_name="别人的客户", phone="13900001234")
    recording.record(operator(peopled), LI, others, OTHER_KEY, FRIDAY)
    lists = phone.get(LISTS)
    assert lists.json() == {
        "account": "1001",
        "name": "王芳",
        "customers": [{"customer": 1, "customer_name": "湖滨书店", "tail": "5678"}],
    }
    assert "13812345678" not in lists.text


@pytest.mark.parametrize(("lang", "word"), [("zh", "离线登记"), ("en", "Outbox")])
def test_the_page_speaks_both_languages(phone, lang, word):
    page = phone.get(f"{PATH}?lang={lang}", headers=web_client.PAGE)
    assert word in page.text and "{{" not in page.text


def test_the_worker_answers_for_the_outbox_alone():
    worker = browser().get(WORKER)
    assert worker.headers["service-worker-allowed"] == PATH
    assert worker.headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize("name", [one for one in outbox_page.SHELL if one != "outbox-worker.js"])
def test_every_file_of_the_page_is_served(name):
    assert browser().get(f"/account/files/{name}").status_code == 200
