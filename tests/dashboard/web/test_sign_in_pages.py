"""Signing in, as a browser meets it: cookies, refusals, the way back, and forms that come from elsewhere."""

import re
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import RedirectResponse

from dashboard.shell.store import operator
from dashboard.web import sign_in_pages
from dashboard.web.requests import local_link
from db.accounts import accounts
from db.accounts.accounts import listing
from db.accounts.throttling import FREE_TRIES
from db.models import SignIn
from tests.support import web_client
from tests.support.sheets import held_values
from tests.support.web_client import PASSWORD, browser, enter

pytestmark = pytest.mark.usefixtures("peopled")
NEW = "battery staple lane"
PIECES = (
    *("/", "//", "\\", "/\\", "http:", "https://", "javascript:", "data:text/html,", "\r\n", "\n", "\t", "\x00", " "),
    *("@", ":", "?", "#", "..", ".", "%2f", "%5c", "%0d%0aSet-Cookie:x=y", "evil.test", "bank.test", "account/me"),
    *("／", "。", "\u2028", "my_day", "next=", "[", "]", "张三", "\ud800"),
)


def cookies(answer) -> dict[str, str]:
    return {one.partition("=")[0]: one.lower() for one in answer.headers.get_list("set-cookie")}


# -- in ------------------------------------------------------------------------------------------------------------


def test_a_right_password_leads_to_where_one_was_going():
    client = browser()
    answer = enter(client, "audit", next="/audit_trail?lang=en")
    assert (answer.status_code, answer.headers["location"]) == (303, "/audit_trail?lang=en")
    assert client.get("/audit_trail").json()["identity"]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_cookies_are_out_of_reach_of_scripts_and_other_sites(scheme):
    given_ = cookies(enter(browser(f"{scheme}://bank.test"), "audit"))
    assert {"chenxi", "chenxi_device"} <= set(given_)
    for name in ("chenxi", "chenxi_device"):
        assert "httponly" in given_[name] and "samesite=lax" in given_[name] and "path=/" in given_[name]
        assert ("secure" in given_[name]) == (scheme == "https")
    ages = {name: int(re.search(r"max-age=(\d+)", one).group(1)) for name, one in given_.items()}
    assert ages == {"chenxi": 12 * 3600, "chenxi_device": 400 * 86400}


def test_each_sign_in_is_a_session_of_its_own():
    tokens = {enter(client, "audit") and client.cookies["chenxi"] for client in (browser(), browser(), browser())}
    assert len(tokens) == 3 and all(len(one) >= 40 for one in tokens)


@pytest.mark.parametrize(("login", "password"), [("audit", "wrong one"), ("nobody", PASSWORD), ("", ""), ("audit", "")])
@pytest.mark.parametrize(("lang", "said"), [("zh", "错误"), ("en", "is wrong")])
def test_a_wrong_name_and_a_wrong_password_are_told_alike(login, password, lang, said):
    client = browser()
    client.cookies.set("chenxi_lang", lang, "bank.test")
    answer = enter(client, login, password)
    assert answer.status_code == 403 and "chenxi" not in cookies(answer)
    (wrong,) = re.findall(r'class="wrong" role="alert">(.*?)<', answer.text)
    assert said in wrong and (login or "x") not in wrong


def test_a_disabled_account_is_refused_like_a_wrong_password(peopled):
    everyone = operator(peopled)
    accounts.disable(everyone, listing(everyone).filter(login="east")["account"].item())
    mistaken, disabled = enter(browser(), "audit", "wrong one"), enter(browser(), "east")
    assert disabled.status_code == 403
    assert disabled.text.replace("east", "audit") == mistaken.text


def test_who_guesses_is_told_how_many_seconds_to_wait():
    stranger, known = browser(), browser()
    enter(known, "audit")
    for _try in range(FREE_TRIES):
        assert enter(stranger, "audit", "wrong one").status_code == 403
    answer = enter(stranger, "audit")
    assert answer.status_code == 403 and re.search(r"请等\s*\d+\s*秒|\d+\s*秒", answer.text)
    place = cookies(answer)["chenxi_place"]
    assert (
        "path=/account/sign-in" in place and "httponly" in place and "samesite=lax" in place and "max-age=900" in place
    )
    assert enter(known, "audit").status_code == 303, "the device that has signed in before is counted by itself"


def test_what_was_typed_comes_back_as_text():
    page = enter(browser(), '"><script>alert(1)</script>', "wrong one").text
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page
    linked = browser().get('/account/sign-in?next=/x"><script>alert(2)</script>').text
    assert "<script>" not in linked


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", ("登录", "zh-CN", ">English<")), ("en", ("Sign in", '"en"', ">中文<"))]
)
def test_the_sign_in_page_speaks_both_languages(lang, words):
    by_link = browser().get(f"/account/sign-in?lang={lang}")
    by_browser = browser(accept_language={"zh": "zh-CN,zh;q=0.9", "en": "en-GB"}[lang]).get("/account/sign-in")
    for answer in (by_link, by_browser):
        assert answer.status_code == 200 and all(word in answer.text for word in words)
        assert "晨夕" in answer.text or lang == "en"


def test_of_whom_is_in_no_session_nobody_asks_who_they_are(monkeypatch):
    asked = []
    monkeypatch.setattr(sign_in_pages.sign_in, "viewer", lambda *told: asked.append(told))
    stranger, forger = browser(), browser()
    forger.cookies.set("chenxi", "made-up", "bank.test")
    assert [one.get("/account/sign-in").status_code for one in (stranger, forger)] == [200, 200] and asked == []


def test_what_the_page_is_made_of_is_served_to_strangers():
    page = browser().get("/account/sign-in").text
    own = re.findall(r'(?:href|src)="(/account/files/[^"]+)"', page)
    kinds = {browser().get(one).headers["content-type"].partition(";")[0] for one in own}
    assert own and kinds <= {"text/css", "text/javascript", "image/svg+xml"}, "by the pages themselves"


def test_who_is_signed_in_already_goes_straight_on():
    client = browser()
    enter(client, "audit")
    assert client.get("/account/sign-in?next=/audit_trail").headers["location"] == "/audit_trail"


def test_people_are_listed_by_role_and_managers_by_branch_in_the_order_they_come():
    roles = ["auditor", "screen", "branch_head", "regional", "administrator", "branch_head"]
    heads = [{"login": f"{role} {place}", "role": role, "branch_name": None} for place, role in enumerate(roles)]
    branches = [f"支行{number * 7 % 50}" for number in range(50)]
    staff = [{"login": f"of {one}", "role": "manager", "branch_name": one} for one in branches for _twice in "ab"]
    shown = sign_in_pages.people(pl.DataFrame([*heads, *staff]))
    assert [[one["login"] for one in rows] for rows in shown["roles"].values()] == [
        *(["regional 3"], ["branch_head 2", "branch_head 5"], ["screen 1"], ["administrator 4"], ["auditor 0"])
    ]
    assert list(shown["managers"]) == branches and set(map(len, shown["managers"].values())) == {2}


# -- the way back ----------------------------------------------------------------------------------------------------

AWAY = [
    *("//evil.test", "///evil.test", "/\\evil.test", "\\\\evil.test", "http://evil.test", "https:evil.test", "evil"),
    *("javascript:alert(1)", "data:text/html,x", "/x\r\nSet-Cookie: a=b", "/\t/evil.test", " //evil.test", ""),
    *("/account/sign-in", "/account/oidc", "/\x00/x", "\n/x", "@evil.test", "?next=//evil.test"),
]


@pytest.mark.parametrize("link", AWAY)
def test_a_link_that_leads_away_leads_to_the_start(link):
    answer = enter(browser(), "audit", next=link)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "set-cookie: a" not in str(answer.headers).lower()
    client = browser()
    client.cookies.set("chenxi", enter(client, "audit").cookies["chenxi"], "bank.test")
    assert client.get("/account/sign-in", params={"next": link}).headers["location"] == "/"


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join) | st.text(max_size=20))
def test_no_link_leads_off_the_site(link):
    location = RedirectResponse(local_link(link).encode("utf-8", "replace").decode()).headers["location"]
    as_browsers_read = re.sub("[\t\r\n]", "", location).strip("\x00\x1f ").replace("\\", "/")
    target = urlsplit(urljoin("http://bank.test/account/sign-in", as_browsers_read))
    assert (target.scheme, target.netloc) == ("http", "bank.test")
    assert not {"\r", "\n"} & set(location)


# -- forms of others ------------------------------------------------------------------------------------------------

FOREIGN = [{"origin": "http://evil.test"}, {"origin": "null"}, {"origin": "http://bank.test.evil.test"}, {"origin": ""}]
FOREIGN += [{"origin": "http://bank.test:81"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}]


@pytest.mark.parametrize("sent_from", FOREIGN, ids=str)
def test_a_form_posted_from_another_site_does_nothing(sent_from, peopled):
    client = browser()
    answer = client.post("/account/sign-in", data={"login": "audit", "password": PASSWORD}, headers=sent_from)
    assert answer.status_code == 403 and cookies(answer) == {}
    enter(client, "audit")
    for form in ({"leave": "everywhere"}, {"old": PASSWORD, "new": NEW, "again": NEW}):
        assert client.post("/account/me", data=form, headers=sent_from).status_code == 403
    assert web_client.session(client, peopled) and enter(browser(), "audit").status_code == 303


@pytest.mark.parametrize(
    "sent_from",
    [{"origin": "http://bank.test"}, {"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}, {}],
    ids=str,
)
def test_a_form_from_ones_own_page_is_taken(sent_from):
    client = browser()
    answer = client.post("/account/sign-in", data={"login": "audit", "password": PASSWORD}, headers=sent_from)
    assert answer.status_code == 303


def test_a_device_that_has_to_wait_is_given_no_place():
    client = browser()
    enter(client, "audit")
    client.cookies.delete("chenxi")
    for _try in range(FREE_TRIES + 1):
        answer = enter(client, "audit", "wrong one")
    assert answer.status_code == 403 and "chenxi_place" not in cookies(answer)


@pytest.mark.parametrize(
    "agent, minutes",
    [("Mozilla/5.0 (Linux; Android 14) Mobile Safari/537.36", 240), ("Mozilla/5.0 (X11; Linux)", 30), ("", 30)],
)
def test_a_phone_may_be_idle_for_longer_and_nobody_for_more_than_the_hours_set(peopled, agent, minutes):
    client = browser(user_agent=agent)
    enter(client, "audit")
    idle, began, expires = held_values(peopled, SignIn.idle_minutes, SignIn.began_at, SignIn.expires_at).pop()
    assert idle == minutes and expires - began == timedelta(hours=12)


@pytest.mark.parametrize(
    "asked, cookie, preferred, lang",
    [
        ("en", None, "zh-CN", "en"),
        ("zh", "en", "en-GB", "zh-CN"),
        (None, "en", "zh-CN", "en"),
        (None, None, "en-GB,en", "en"),
        (None, None, "zh-TW", "zh-CN"),
        (None, None, "fr", "zh-CN"),
        ("xx", "en", "fr", "zh-CN"),
        ("xx", None, "en", "en"),
        (None, None, None, "zh-CN"),
    ],
)
def test_the_page_speaks_the_language_asked_for_else_the_one_chosen_else_the_browsers(asked, cookie, preferred, lang):
    client = browser()
    client.headers.pop("accept-language", None)
    if cookie:
        client.cookies.set("chenxi_lang", cookie, "bank.test")
    said = {"accept-language": preferred} if preferred else {}
    answer = client.get("/account/sign-in", params={"lang": asked} if asked else {}, headers=said)
    assert f'lang="{lang}"' in answer.text.partition("<body")[0]
    (kept, *terms) = cookies(answer)["chenxi_lang"].split("; ")
    assert kept == f"chenxi_lang={lang[:2]}" and f"max-age={400 * 86400}" in terms
