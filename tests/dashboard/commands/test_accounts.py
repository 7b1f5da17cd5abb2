"""`account` and `check` on the command line: who may sign in, and whether the store is sound."""

import io
import json
import sqlite3
import sys
from datetime import date

import pytest

from dashboard.shell.store import open_store, operator
from db.accounts import accounts, sign_in
from db.errors import Refused
from db.log import mirror
from db.log.entry import Entry
from db.recording import recording
from tests.support.builders import WANG, bank, manager
from tests.support.command_line import call
from tests.support.pages import DESK
from tests.support.web_client import PASSWORD

pytestmark = pytest.mark.slow

NEW = "battery staple lane"


@pytest.fixture
def cast(sqlite_store):
    return bank(sqlite_store)


@pytest.fixture
def run(configured, cast, sqlite_url, capsys, monkeypatch):
    """Runs a command on the small bank, with a password on its standard input: (exit code, what it printed, errors)."""

    def command(*words: str, typed: str = PASSWORD):
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{typed}\n"))
        wanted = ("--password-stdin",) if {"add", "password"} & set(words) else ()
        return call(capsys, *words, *wanted, "--database", sqlite_url)

    return command


def listed(store) -> dict[str, tuple]:
    found = accounts.listing(operator(store))
    return {row["login"]: (row["role"], row["branch_name"], row["staff_no"]) for row in found.to_dicts()}


@pytest.mark.parametrize(
    ("role", "place", "held"),
    [
        ("administrator", None, (None, None)),
        ("auditor", None, (None, None)),
        ("manager", "1001", (None, "1001")),
        ("branch_head", "南山支行", ("南山支行", None)),
        ("branch_head", "江城分行/南山支行", ("南山支行", None)),
        ("screen", "东湖支行", ("东湖支行", None)),
        ("regional", "江城分行", (None, None)),
    ],
)
def test_an_account_is_added_for_each_role_and_signs_in(run, cast, role, place, held):
    code, said, wrong = run("account", "add", "zhou", "--role", role, *(("--place", place) if place else ()))
    assert (code, wrong) == (0, "") and "zhou" in said and PASSWORD not in said
    assert listed(cast) == {"zhou": (role, *held)}
    assert sign_in.with_password(cast, "zhou", PASSWORD, DESK).token


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("words", "typed", "named"),
    [
        (("zhou", "--role", "emperor"), PASSWORD, ""),
        (("zhou", "--role", "operator"), PASSWORD, ""),
        (("z", "--role", "auditor"), PASSWORD, "60"),
        (("taken", "--role", "auditor"), PASSWORD, "taken"),
        (("zhou", "--role", "auditor"), "short", "10"),
        (("zhou", "--role", "auditor"), "1234567890", ""),
        (("zhou", "--role", "auditor"), "", "10"),
        (("zhou", "--role", "manager"), PASSWORD, ""),
        (("zhou", "--role", "manager", "--place", "9999"), PASSWORD, "9999"),
        (("zhou", "--role", "branch_head", "--place", "火星支行"), PASSWORD, "火星支行"),
        (("zhou", "--role", "regional", "--place", "东湖支行"), PASSWORD, "东湖支行"),
    ],
)
def test_an_account_that_cannot_be_is_refused_with_the_reason(run, cast, words, typed, named, lang):
    assert run("account", "add", "taken", "--role", "auditor")[0] == 0
    code, said, wrong = run("--lang", lang, "account", "add", *words, typed=typed)
    assert (code, said) == (1, "") and named in wrong and "Traceback" not in wrong
    assert not typed or typed not in wrong
    assert list(listed(cast)) == ["taken"]


def test_a_disabled_account_is_out_at_once(run, cast):
    run("account", "add", "zhou", "--role", "auditor")
    token = sign_in.with_password(cast, "zhou", PASSWORD, DESK).token
    assert run("account", "disable", "zhou")[0] == 0
    assert sign_in.find(cast, token) is None
    with pytest.raises(Refused):
        sign_in.with_password(cast, "zhou", PASSWORD, DESK)


def test_a_new_password_ends_the_sessions_and_the_old_password(run, cast):
    run("account", "add", "zhou", "--role", "auditor")
    token = sign_in.with_password(cast, "zhou", PASSWORD, DESK).token
    code, said, _wrong = run("account", "password", "zhou", typed=NEW)
    assert code == 0 and "zhou" in said and NEW not in said and sign_in.find(cast, token) is None
    with pytest.raises(Refused):
        sign_in.with_password(cast, "zhou", PASSWORD, DESK)
    assert sign_in.with_password(cast, "zhou", NEW, DESK).token


@pytest.mark.parametrize("words", [("disable", "nobody"), ("password", "nobody"), ("disable", "chief")])
def test_what_cannot_be_done_to_an_account_is_refused(run, cast, words):
    run("account", "add", "chief", "--role", "administrator")
    code, said, wrong = run("account", *words)
    assert (code, said) == (1, "") and wrong.strip() and "Traceback" not in wrong
    assert sign_in.with_password(cast, "chief", PASSWORD, DESK).token, "the last administrator stays"


# -- check -----------------------------------------------------------------------------------------------------------

TAMPERED = {
    "audit": "UPDATE audit SET account = 'somebody else' WHERE id = 2",
    "deleted": "DELETE FROM audit WHERE id = 2",
    "links": "UPDATE activity SET customer_id = 999",
    "definitions": "UPDATE definitions SET body = '{\"weather\": 1}'",
}


@pytest.fixture
def logged(run, cast, sqlite_url):
    for login in ("zhou", "chen", "liu"):
        run("account", "add", login, "--role", "auditor")
    for place in range(3):
        entry = Entry("consultation", date(2026, 11, 20), customer_name=f"客户{place}")
        recording.record(manager(cast), WANG, entry, f"key {place}", date(2026, 11, 20))
    served = open_store(sqlite_url)
    mirror.of(served).refresh()
    served.close()  # what it knew of the log lies beside the database, for the next start


def test_a_sound_store_is_said_to_be_sound(run, logged):
    code, said, wrong = run("check")
    assert (code, wrong) == (0, "") and len([one for one in said.splitlines() if not one.startswith(" ")]) == 6
    code, said, _wrong = run("check", "--json")
    answer = json.loads(said)
    assert code == 0 and set(answer) == {"audit", "anchors", "links", "mirror", "names", "definitions"}
    assert [part["findings"] for part in answer.values()] == [[]] * 6
    assert answer["mirror"]["rows"] == 3 and answer["audit"]["rows"] >= 3 and answer["definitions"]["rows"] == 1


@pytest.mark.parametrize("part", TAMPERED)
def test_what_was_changed_behind_our_back_is_found(run, logged, sqlite_url, part):
    hand = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    for (trigger,) in hand.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        hand.execute(f"DROP TRIGGER {trigger}")
    hand.execute(TAMPERED[part])
    hand.commit()
    hand.close()
    code, said, wrong = run("check")
    assert (code, wrong) == (1, "") and len(said.splitlines()) > 4 and "Traceback" not in said
    code, said, _wrong = run("check", "--json")
    found = [name for name, one in json.loads(said).items() if one["findings"]]
    assert code == 1 and ("audit" if part == "deleted" else part) in found
    assert all(one["problem"] for name in found for one in json.loads(said)[name]["findings"])
