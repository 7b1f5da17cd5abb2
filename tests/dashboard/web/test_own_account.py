"""One's own account: the password, and signing out of this browser or of all."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.shell.store import operator
from db.accounts import sign_in
from db.audit import trail
from tests.support import web_client
from tests.support.web_client import PASSWORD, browser, enter

pytestmark = pytest.mark.usefixtures("peopled")
NEW = "battery staple lane"


@pytest.fixture
def mine():
    client = browser()
    enter(client, "audit")
    return client


def change(client, old: str = PASSWORD, new: str = NEW, again: str | None = None):
    return client.post("/account/me", data={"old": old, "new": new, "again": new if again is None else again})


def told(answer) -> str:
    return "".join(re.findall(r'class="(?:wrong|done)"[^>]*>(.*?)</p>', answer.text))


def deeds(store, login: str) -> list[str]:
    today = (datetime.now(UTC) + timedelta(hours=8)).date()
    found = trail.entries(operator(store), trail.Wanted(today - timedelta(1), today, account=login))
    return found["action"].to_list()[::-1]


def test_signing_out_ends_this_browser_alone_and_everywhere_ends_all(mine, peopled):
    there, other = browser(), browser()
    enter(there, "audit"), enter(other, "river")
    token = mine.cookies["chenxi"]
    gone = mine.post("/account/me", data={"leave": "here"})
    assert (gone.status_code, gone.headers["location"]) == (303, "/account/sign-in")
    assert "chenxi" not in mine.cookies and sign_in.find(peopled, token) is None
    assert there.get("/x").status_code == 200
    enter(mine, "audit")
    mine.post("/account/me", data={"leave": "everywhere"})
    assert there.get("/x").status_code == 303 and other.get("/x").status_code == 200
    assert deeds(peopled, "audit") == ["sign_in", "sign_in", "sign_out", "sign_in", "sign_out"]


def test_a_new_password_takes_the_place_of_the_old_one_and_ends_the_other_sessions(mine, peopled):
    there = browser()
    enter(there, "audit")
    answer = change(mine)
    assert answer.status_code == 200 and "已" in told(answer)
    assert mine.get("/x").status_code == 200 and there.get("/x").status_code == 303
    assert enter(browser(), "audit").status_code == 403
    assert enter(browser(), "audit", NEW).status_code == 303
    assert "change_password" in deeds(peopled, "audit")


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("wrong one", NEW, NEW),
        ("", NEW, NEW),
        (PASSWORD, NEW, "battery stable lane"),
        (PASSWORD, "short", "short"),
        (PASSWORD, "1234567890123", "1234567890123"),
        (PASSWORD, "aaaaaaaaaaaaa", "aaaaaaaaaaaaa"),
        (PASSWORD, "audit-audit-1", "audit-audit-1"),
        (PASSWORD, PASSWORD, PASSWORD),
        (PASSWORD, "", ""),
        (PASSWORD, "x1y2z3 " * 100, "x1y2z3 " * 100),
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_password_that_is_wrong_weak_or_mistyped_is_refused_with_the_reason(mine, old, new, again, lang):
    mine.cookies.set("chenxi_lang", lang, "bank.test")
    answer = change(mine, old, new, again)
    assert answer.status_code == 400 and told(answer)
    assert bool(re.search("[一-鿿]", told(answer))) == (lang == "zh")
    assert enter(browser(), "audit").status_code == 303


def test_no_page_shows_a_password(mine):
    for answer in (change(mine, "wrong one"), change(mine, again="different"), enter(browser(), "audit", "wrong one")):
        assert not [one for one in (PASSWORD, NEW, "wrong one", "different") if one in answer.text]


def test_the_page_says_where_one_is_signed_in_by_the_banks_clock(mine, peopled):
    page = mine.get("/account/me").text
    lines = re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td><td>(.*?)</td></tr>", page)
    assert [address for _began, address, _here in lines] == ["testclient"]
    now = datetime.now(UTC) + timedelta(hours=8)
    assert lines[0][0] in {f"{now - timedelta(minutes=ago):%m-%d %H:%M}" for ago in (0, 1)}


def test_who_is_not_signed_in_has_no_account_page():
    client = browser()
    for answer in (client.get("/account/me"), change(client), client.post("/account/me", data={"leave": "everywhere"})):
        assert (answer.status_code, answer.headers["location"]) == (303, "/account/sign-in")


def test_who_was_given_his_password_can_still_sign_out(peopled):
    client = browser()
    enter(client, "fresh")
    assert 'href="/"' not in client.get("/account/me").text
    assert client.post("/account/me", data={"leave": "here"}).status_code == 303
    assert web_client.session(client, peopled) is None
