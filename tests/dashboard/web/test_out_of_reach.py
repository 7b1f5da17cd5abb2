"""The database cannot be had: tried once more, then said in the reader's language; passwords keep nobody waiting."""

import threading
from pathlib import Path

import pytest
from starlette.websockets import WebSocketDisconnect

from dashboard.shell.store import shared
from dashboard.web import auth_gate
from db.accounts import passwords, sign_in
from db.errors import Unavailable
from db.store import faults
from tests.support.web_client import browser, enter, socket


@pytest.fixture
def inside(peopled):
    client = browser()
    assert enter(client, "audit").status_code == 303
    return client


def test_a_connection_that_was_dropped_is_asked_for_once_more(inside, monkeypatch):
    asked, find = [], sign_in.find

    def dropped_once(store, token):
        asked.append(token)
        if len(asked) == 1:
            raise Unavailable(faults.OUT_OF_REACH, reason="server closed the connection")
        return find(store, token)

    monkeypatch.setattr(auth_gate.sign_in, "find", dropped_once)
    assert inside.get("/my_day").status_code == 200 and len(asked) == 2


@pytest.mark.parametrize(("language", "said"), [("zh", "数据库文件被删除或改名"), ("en", "removed or renamed")])
@pytest.mark.parametrize("path", ["/my_day", "/account/sign-in"])
def test_a_database_out_of_reach_is_said_in_the_readers_language(inside, peopled, tmp_path, language, said, path):
    file = Path(peopled.url.removeprefix("sqlite:///"))
    shared(peopled.url).version()
    file.rename(tmp_path / "elsewhere.db")
    inside.cookies.set("chenxi_lang", language, "bank.test")
    answer = inside.get(path)
    assert answer.status_code == 503 and said in answer.text and "<html" in answer.text
    program = inside.get(path, headers={"accept": "*/*"})
    assert (program.status_code, program.text) == (503, "unavailable")
    with pytest.raises(WebSocketDisconnect) as closed, socket(inside):
        pass
    assert closed.value.code == 1013
    (tmp_path / "elsewhere.db").rename(file)
    assert inside.get(path).status_code in (200, 303)


def test_a_sign_in_that_cannot_be_stored_says_why_and_that_it_may_succeed_later(peopled, monkeypatch):
    def full(*_given):
        raise Unavailable(faults.FULL)

    monkeypatch.setattr(sign_in, "with_password", full)
    answer = enter(browser(), "audit")
    assert answer.status_code == 503 and "磁盘已满" in answer.text


def test_who_asks_for_a_page_does_not_wait_behind_a_password(inside, monkeypatch):
    threads, verify, find = {}, passwords.verify, sign_in.find

    def noting(name, ask):
        def noted(*args):
            threads.setdefault(name, threading.current_thread().name.partition("_")[0])
            return ask(*args)

        return noted

    monkeypatch.setattr(passwords, "verify", noting("password", verify))
    enter(browser(), "audit", "wrong-horse-battery")
    monkeypatch.setattr(auth_gate.sign_in, "find", noting("gate", find))
    inside.get("/my_day")
    assert threads == {"password": "passwords", "gate": "gate"}
