"""The demo's door, which lists its people: open only where the setting and the database both say demo. And the first
run."""

import pytest

from dashboard.shell.store import operator, shared
from db.accounts import accounts, demo_accounts, sign_in
from db.errors import Refused, StorageError
from db.simulate.simulate import simulate
from tests.conftest import FRIDAY
from tests.support import web_client
from tests.support.pages import DESK
from tests.support.web_client import browser, enter

PEOPLE = ("admin", "auditor", "region-1", "head-1", "head-2", "screen-1", "100001")


def listed(text: str) -> list[str]:
    return [one for one in PEOPLE if f'value="{one}"' in text]


@pytest.fixture
def demo(simulated, configured):
    configured.demo = True
    return simulated


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_demo_lists_a_person_of_each_role_and_managers_by_branch(demo, lang):
    page = browser().get(f"/account/sign-in?lang={lang}&next=/customers").text
    assert listed(page) == list(PEOPLE)
    assert page.count("<details") == 2 and 'type="password"' not in page
    assert 'name="next" value="/customers"' in page
    assert ("演示" in page, "demo" in page) == (lang == "zh", lang == "en")


@pytest.mark.parametrize("login", PEOPLE)
def test_one_tap_enters_the_demo_as_one_of_them(demo, login):
    client = browser()
    answer = client.post("/account/sign-in", data={"person": login, "next": "/x?lang=en"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/x?lang=en")
    found = sign_in.viewer(demo, web_client.session(client, demo), FRIDAY)
    assert found.account == login


@pytest.mark.parametrize("login", ["nobody", "", "admin' OR 1=1", "管理员", "operator", "unknown"])
def test_nobody_enters_the_demo_as_who_is_not_in_it(demo, login):
    client = browser()
    assert client.post("/account/sign-in", data={"person": login, "next": "/"}).status_code == 403
    assert web_client.session(client, demo) is None


def refuses_people(store) -> None:
    assert listed(browser().get("/account/sign-in").text) == []
    for login in (*PEOPLE, *web_client.CAST):
        client = browser()
        answer = client.post("/account/sign-in", data={"person": login, "login": login, "password": "", "next": "/"})
        assert answer.status_code == 403 and web_client.session(client, store) is None


def test_a_database_that_demo_made_lists_nobody_when_it_is_served_by_run(simulated):
    refuses_people(simulated)
    assert 'type="password"' in browser().get("/account/sign-in").text


def test_the_setting_alone_opens_no_banks_own_database(peopled, configured):
    configured.demo = True
    refuses_people(peopled)
    page = browser().get("/account/sign-in").text
    assert 'type="password"' in page
    assert enter(browser(), "audit").status_code == 303


def test_below_the_door_a_banks_own_database_refuses_as_well(peopled):
    assert demo_accounts.people(peopled, FRIDAY).is_empty()
    with pytest.raises(Refused):
        demo_accounts.enter(peopled, "admin", DESK)


def test_a_database_stays_a_banks_own_whatever_is_done_to_it_by_hand(peopled):
    """Only filling an empty database makes a demo of it."""
    with pytest.raises(StorageError):
        simulate(peopled, today=FRIDAY, branches=2, managers=4, months=1)
    assert not demo_accounts.is_demo(peopled)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_first_run_says_how_to_make_the_administrator(configured, sqlite_url, lang):
    configured.database_url = sqlite_url
    asked = browser().get(f"/account/sign-in?lang={lang}").text
    assert "python -m dashboard account add admin --role administrator" in asked
    accounts.add(operator(shared(sqlite_url)), "chief", "The chief", "administrator", None, web_client.PASSWORD)
    assert "account add" not in browser().get("/account/sign-in").text
