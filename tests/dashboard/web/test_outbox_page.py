"""The outbox's endpoint: every entry is stored once, or answered with what stands in its way, in the person's
language."""

import json
from datetime import date, time, timedelta

import pytest
from sqlalchemy import select, update

from dashboard.activity import entries
from dashboard.shell.navigation import OUTBOX as PATH
from dashboard.shell.store import operator
from dashboard.web.outbox_page import ENTRIES, LISTS
from db.log.entry import Entry
from db.models import Activity, Audit, Posting
from db.recording import recording
from tests.conftest import FRIDAY
from tests.support import web_client
from tests.support.builders import LI, WANG
from tests.support.outbox_entries import JSON, KEY, VISIT, nothing_stored, send
from tests.support.web_client import browser, enter

pytestmark = pytest.mark.usefixtures("peopled")

DEAL = VISIT | {"kind": "deal", "product": 1, "amount_cents": 30_000_000}


HOSTILE = (
    "<script>alert(1)</script>",
    "=1+1",
    "'; DROP TABLE activity; --",
    "![x](http://127.0.0.1:9/x)",
    "\u202e右",
    "店" + "🏦" * 49,
)


def stored(store, *columns) -> list[tuple]:
    columns = columns or (Activity.reference, Activity.kind)
    with store.reading() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(Activity.id))]


def test_an_entry_is_stored_with_the_day_and_time_it_was_made(phone, peopled):
    yesterday = str(FRIDAY - timedelta(1))
    answer = send(phone, DEAL, day=yesterday)
    assert (answer.status_code, list(answer.json())) == (200, ["id"])
    columns = (Activity.day, Activity.time, Activity.amount_cents, Activity.product_id, Activity.recorded_by)
    made = (date(2026, 11, 19), time(9, 30), 30_000_000, 1, "1001")
    assert stored(peopled, *columns, Activity.manager_id) == [(*made, WANG)]


def test_an_entry_sent_again_is_answered_alike_and_stored_once(phone, peopled):
    answers = [send(phone) for _again in range(5)]
    assert {(one.status_code, one.json()["id"]) for one in answers} == {(200, answers[0].json()["id"])}
    assert stored(peopled) == [(KEY, "consultation")]


def test_what_is_stored_is_answered_so_after_it_could_be_entered_no_more(phone, configured):
    first = send(phone).json()
    configured.now += timedelta(60)
    assert send(phone).json() == first


def test_an_entry_survives_a_sign_in_in_between(phone, peopled):
    first = send(phone).json()
    phone.post("/account/me", data={"leave": "everywhere"})
    assert send(phone).status_code == 401
    enter(phone, "1001")
    assert send(phone).json() == first and len(stored(peopled)) == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_stored_as_it_was_typed(phone, peopled, text):
    assert send(phone, customer_name=text, phone=None, note=text, next_step=text).status_code == 200
    assert stored(peopled, Activity.note) == [(text,)]


BREAKS = {
    "an ID number in the note": ({"note": "110101199003078515"}, "ID or bank card"),
    "an ID number as next step": ({"next_step": "6222 0212 3456 7890 123"}, "ID or bank card"),
    "a kind that is none": ({"kind": "sale"}, "Choose what happened"),
    "nobody applied": ({"kind": "application", "customer_name": "  ", "phone": None}, "Name the customer"),
    "a phone clock that is ahead": ({"day": "2026-11-21"}, "future"),
    "a forbidden channel": ({"channel": "broker"}, "channel"),
    "a phone that is none": ({"phone": "12"}, "phone"),
    "a negative amount": ({"kind": "deal", "amount_cents": -1}, "amount"),
    "an amount beyond measure": ({"kind": "deal", "amount_cents": 10**17}, "amount"),
    "a product nobody has": ({"product": 999}, "product"),
    "a product nobody has, and no customer": ({"product": 999, "customer_name": None, "phone": None}, "product"),
    "a customer nobody has": ({"customer": 999}, "customer"),
    "half a character": ({"note": "\ud800"}, "cannot be stored"),
    "half a character in the phone": ({"phone": "\ud800"}, "cannot be stored"),
    "a control character": ({"customer_name": "a\x00b"}, "cannot be stored"),
    "a note without end": ({"note": "长" * 501}, "Too long"),
}


@pytest.mark.parametrize(("changes", "reason"), BREAKS.values(), ids=BREAKS)
def test_a_broken_rule_is_told_and_nothing_stored(phone, peopled, changes, reason):
    answer = phone.post(f"{ENTRIES}?lang=en", content=json.dumps(VISIT | changes), headers=JSON)
    assert (answer.status_code, list(answer.json())) == (422, ["refused"])
    assert reason in answer.json()["refused"] and nothing_stored(peopled)


def test_a_refused_entry_can_come_again_mended_under_its_key(phone, peopled):
    assert send(phone, note="110101199003078515").status_code == 422
    assert send(phone, note="证件已收").status_code == 200
    assert stored(peopled, Activity.reference, Activity.note) == [(KEY, "证件已收")]


@pytest.mark.parametrize(("lang", "said"), [("zh", "客户"), ("en", "Name the customer")])
def test_a_reason_is_in_the_persons_language(phone, lang, said):
    by_link = send(phone, path=f"{ENTRIES}?lang={lang}", kind="deal", customer_name=None, phone=None)
    phone.cookies.set("chenxi_lang", lang, "bank.test")
    by_cookie = send(phone, kind="deal", customer_name=None, phone=None)
    assert said in by_link.json()["refused"] and said in by_cookie.json()["refused"]


def test_the_same_key_with_other_content_is_a_conflict_in_the_trail(phone, peopled):
    send(phone)
    answer = send(phone, note="想开分店")
    assert (answer.status_code, list(answer.json())) == (409, ["conflict"])
    assert stored(peopled, Activity.note) == [("想装修",)]
    with peopled.reading() as connection:
        assert ("1001", "activity") in connection.execute(
            select(Audit.account, Audit.entity).where(Audit.action == "conflict")
        ).all()


def test_the_key_of_another_managers_entry_is_a_conflict_too(phone, peopled):
    entry = Entry("consultation", FRIDAY, customer_name="别人的客户")
    recording.record(operator(peopled), LI, entry, KEY, FRIDAY)
    answer = send(phone)
    assert answer.status_code == 409 and "别人" not in answer.text
    assert stored(peopled, Activity.manager_id) == [(LI,)]


@pytest.mark.parametrize("login", ["east", "river", "tv", "audit", "admin"])
def test_only_a_manager_has_an_outbox(login, peopled):
    client = browser(accept="*/*", origin="http://bank.test")
    enter(client, login)
    assert send(client, account=login).status_code == 403 and nothing_stored(peopled)
    lists = client.get(LISTS)
    assert lists.status_code == 403 and set(lists.json()) == {"stop"}
    page = client.get(f"{PATH}?lang=en", headers=web_client.PAGE)
    assert page.status_code == 403 and "Only a manager" in page.text and "X-Chenxi-Outbox" not in page.headers


def test_a_stranger_is_told_to_sign_in_and_nothing_is_stored(peopled):
    stranger = browser(accept="*/*", origin="http://bank.test")
    assert [stranger.get(LISTS).status_code, send(stranger).status_code] == [401, 401]
    assert stranger.get(PATH, headers=web_client.PAGE).headers["location"] == "/account/sign-in?next=/outbox"
    assert nothing_stored(peopled)


def test_an_entry_of_another_person_is_not_stored_under_this_one(phone, peopled):
    answer = send(phone, account="1002")
    assert (answer.status_code, list(answer.json())) == (401, ["signed_out"]) and nothing_stored(peopled)


def test_a_manager_who_is_posted_nowhere_is_told_so(phone, peopled):
    with peopled.writing("test") as write:
        write.session.execute(update(Posting).where(Posting.manager_id == WANG).values(to_day=FRIDAY - timedelta(1)))
    for answer in (send(phone), phone.get(LISTS)):
        assert (answer.status_code, list(answer.json())) == (403, ["stop"])
    assert nothing_stored(peopled)


def test_a_session_that_ends_while_an_entry_is_stored_leaves_it_waiting(phone, peopled, monkeypatch):
    session = web_client.session(phone, peopled)

    def late(viewer, manager, entry, reference):
        web_client.run_out(peopled, session)
        return recording.record(viewer, manager, entry, reference, FRIDAY)

    monkeypatch.setattr(entries, "send", late)
    answer = send(phone)
    assert (answer.status_code, list(answer.json())) == (401, ["signed_out"]) and nothing_stored(peopled)
