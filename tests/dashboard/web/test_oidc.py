"""The bank's own sign-in, against a provider on this machine: claims become a role, a place and a session of ours."""

import httpx
import pytest
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from dashboard.shell import clock
from dashboard.shell.store import operator
from dashboard.web import oidc
from db.accounts import accounts, sign_in
from tests.support import oidc_provider, web_client
from tests.support.builders import EAST, REGION, SOUTH, WANG
from tests.support.web_client import browser

ROLES = {"XW-MGR": "manager", "XW-HEAD": "branch_head", "FH": "regional", "TV": "screen", "SJ": "auditor"}


@pytest.fixture(scope="module")
def running():
    with oidc_provider.running() as bank:
        yield bank


@pytest.fixture
def bank(running, peopled, configured):
    """The provider, and our server told of it."""
    running.calm()
    configured.oidc_metadata_url = f"{running.address}/.well-known/openid-configuration"
    configured.oidc_client_id, configured.oidc_client_secret = oidc_provider.CLIENT, SecretStr(oidc_provider.SECRET)
    configured.oidc_name, configured.oidc_roles = "统一认证", ROLES | {"GLY": "administrator"}
    oidc.client.cache_clear()
    yield running
    oidc.client.cache_clear()


def come(client, next_: str = "/x", change=lambda link: link):
    """To the bank's sign-in and back, as a browser is led."""
    away = client.get("/account/oidc", params={"next": next_})
    assert away.status_code == 302, away.text
    back = httpx.get(away.headers["location"], follow_redirects=False).headers["location"]
    return client.get(change(back))


def who(store, client):
    found = web_client.session(client, store)
    return found and sign_in.viewer(store, found, clock.today())


def account(store, login: str) -> dict:
    return accounts.listing(operator(store)).filter(login=login).row(0, named=True)


@pytest.mark.parametrize(
    ("stated", "place", "scope"),
    [
        ("XW-MGR", "1001", ("manager", REGION, EAST, WANG)),
        ("XW-HEAD", "南山支行", ("branch_head", REGION, SOUTH, None)),
        ("XW-HEAD", "江城分行/东湖支行", ("branch_head", REGION, EAST, None)),
        ("FH", "江城分行", ("regional", REGION, None, None)),
        ("TV", "东湖支行", ("screen", REGION, EAST, None)),
        ("SJ", "", ("auditor", None, None, None)),
        ("GLY", "anything", ("administrator", None, None, None)),
        (["other", "SJ"], "", ("auditor", None, None, None)),
    ],
)
def test_claims_become_a_role_and_a_place(bank, peopled, stated, place, scope):
    bank.claims = {"preferred_username": "zhou", "name": "周明", "role": stated, "place": place}
    client = browser()
    answer = come(client, "/my_day?lang=zh")
    assert (answer.status_code, answer.headers["location"]) == (303, "/my_day?lang=zh")
    viewer = who(peopled, client)
    assert (viewer.account, (viewer.role, viewer.region, viewer.branch, viewer.manager)) == ("zhou", scope)
    assert account(peopled, "zhou")["name"] == "周明"
    assert client.get("/x").status_code == 200


def test_the_button_is_there_when_the_bank_has_a_sign_in_and_only_then(bank, configured):
    page = browser().get("/account/sign-in?next=/my_day").text
    assert "统一认证" in page and 'href="/account/oidc?next=%2Fmy_day"' in page.replace("next=/my", "next=%2Fmy")
    configured.oidc_metadata_url = ""
    assert "统一认证" not in browser().get("/account/sign-in").text
    assert [browser().get(path).status_code for path in ("/account/oidc", "/account/oidc/back")] == [404, 404]


def test_what_the_bank_says_later_changes_the_account_and_ends_its_sessions(bank, peopled):
    bank.claims = {"preferred_username": "zhou", "role": "XW-HEAD", "place": "东湖支行"}
    before = browser()
    come(before)
    bank.claims = {"preferred_username": "zhou", "role": "XW-HEAD", "place": "南山支行"}
    after = browser()
    come(after)
    assert who(peopled, before) is None and who(peopled, after).branch == SOUTH
    again = browser()
    come(again)
    assert who(peopled, after) and who(peopled, again), "the same claims leave other sessions alone"


def test_a_session_by_the_bank_ends_when_the_account_is_disabled(bank, peopled):
    bank.claims = {"preferred_username": "zhou", "role": "SJ"}
    client = browser()
    come(client)
    accounts.disable(operator(peopled), account(peopled, "zhou")["account"])
    assert client.get("/x").status_code == 303
    refused = come(browser())
    assert refused.status_code == 403 and account(peopled, "zhou")["disabled"]


@pytest.mark.parametrize(
    "claims",
    [
        {"preferred_username": "zhou", "role": "UNKNOWN"},
        {"preferred_username": "zhou", "role": []},
        {"preferred_username": "zhou"},
        {"preferred_username": "zhou", "role": "administrator"},
        {"role": "SJ"},
        {"preferred_username": "", "role": "SJ"},
        {"preferred_username": "zhou", "role": "XW-MGR", "place": "9999"},
        {"preferred_username": "zhou", "role": "XW-MGR"},
        {"preferred_username": "zhou", "role": "XW-HEAD", "place": "火星支行"},
        {"preferred_username": "zhou", "role": "FH", "place": "东湖支行"},
        {"preferred_username": "zhou", "role": 7},
        {"preferred_username": "zhou" * 100, "role": "SJ"},
        {"preferred_username": "operator", "role": "SJ"},
        {"preferred_username": "unknown", "role": "SJ"},
    ],
    ids=str,
)
def test_a_role_or_place_that_is_not_known_is_refused_and_makes_no_account(bank, peopled, claims):
    held = accounts.listing(operator(peopled)).height
    bank.claims = claims
    client = browser()
    answer = come(client)
    assert answer.status_code == 403 and 'role="alert"' in answer.text
    assert web_client.session(client, peopled) is None and accounts.listing(operator(peopled)).height == held


LIES = {
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "another audience": {"aud": "another"},
    "another issuer": {"iss": "http://evil.test"},
    "long over": {"exp": 1_000_000_000},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_token_that_is_not_for_this_sign_in_is_refused(bank, peopled, lie):
    bank.claims, bank.lie = {"preferred_username": "zhou", "role": "SJ"}, lie
    client = browser()
    assert come(client).status_code == 403 and web_client.session(client, peopled) is None


def test_a_token_signed_by_somebody_else_is_refused(bank, peopled):
    bank.claims, bank.key = {"preferred_username": "zhou", "role": "SJ"}, RSAKey.generate_key(2048, {"kid": "1"})
    client = browser()
    assert come(client).status_code == 403 and web_client.session(client, peopled) is None


@pytest.mark.parametrize("query", ["?code=once&state=forged", "?code=once", "", "?error=access_denied&state={state}"])
def test_an_answer_nobody_asked_for_is_refused(bank, peopled, query):
    bank.claims = {"preferred_username": "zhou", "role": "SJ"}
    client = browser()
    client.get("/account/oidc")
    answer = client.get(f"/account/oidc/back{query}")
    assert answer.status_code == 403 and web_client.session(client, peopled) is None


def test_an_answer_is_taken_once_and_by_the_browser_that_asked(bank, peopled):
    bank.claims = {"preferred_username": "zhou", "role": "SJ"}
    mine, links = browser(), []
    come(mine, change=lambda link: links.append(link) or link)
    for client in (browser(), mine):
        assert client.get(links[0]).status_code == 403


@pytest.mark.parametrize("part", ["metadata", "token"])
def test_a_bank_whose_sign_in_is_down_is_told_in_words(bank, peopled, part):
    bank.claims, bank.down = {"preferred_username": "zhou", "role": "SJ"}, part
    client = browser()
    answer = client.get("/account/oidc")
    if answer.status_code == 302:
        answer = client.get(httpx.get(answer.headers["location"]).headers["location"])
    assert answer.status_code in (403, 502, 503) and 'role="alert"' in answer.text
    assert web_client.session(client, peopled) is None


@pytest.mark.parametrize("link", ["//evil.test", "http://evil.test/x", "/\\evil.test", "javascript:alert(1)"])
def test_the_way_back_from_the_bank_stays_on_the_site(bank, link):
    bank.claims = {"preferred_username": "zhou", "role": "SJ"}
    assert come(browser(), link).headers["location"] == "/"


def test_what_is_asked_of_the_bank_is_bound_to_this_browser(bank):
    browser().get("/account/oidc"), httpx.get(browser().get("/account/oidc").headers["location"])
    (asked,) = bank.asked
    assert {"nonce", "state", "code_challenge"} <= set(asked) and asked["code_challenge_method"] == "S256"
