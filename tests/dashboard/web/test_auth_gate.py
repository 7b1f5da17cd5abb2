"""The gate: who has not signed in gets to the sign-in page and no further, and every answer carries its headers."""

import re
from contextlib import nullcontext
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.websockets import WebSocketDisconnect

from dashboard.shell.settings import settings
from dashboard.shell.store import operator
from dashboard.web import auth_gate
from dashboard.web.auth_gate import HEADERS, IDENTITY, policy
from dashboard.web.requests import COOKIE, local_link
from db.accounts import accounts, throttling
from tests.support import web_client
from tests.support.web_client import browser, enter, socket

pytestmark = pytest.mark.usefixtures("peopled")
GUARDED = [
    "/",
    "/my_day",
    "/accounts",
    "/accountant/x",
    "/staticfiles",
    "/media/1234.xlsx",
    "/component/x",
    "/auth/login",
    "/oauth2callback",
    "/_stcore/host-config",
    "/_stcore/metrics",
    "/_stcore/stream",
    "/_stcore/upload_file/1/2",
    "/ACCOUNT/sign-in",
    "/x/static/y",
    "/x/_stcore/health",
]


@pytest.fixture
def inside_browser():
    client = browser()
    assert enter(client, "audit").status_code == 303
    return client


@pytest.mark.parametrize("path", GUARDED)
def test_a_stranger_is_led_to_the_sign_in_page_from_every_page(path):
    answer = browser().get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/account/sign-in?next=")


def test_a_stranger_is_turned_away_without_a_question_to_the_database(monkeypatch):
    asked = []
    monkeypatch.setattr(auth_gate.sign_in, "find", lambda *told: asked.append(told))
    assert browser().get("/my_day").status_code == 303
    with pytest.raises(WebSocketDisconnect), socket(browser()):
        pass
    assert asked == []


@pytest.mark.parametrize("link", ["/", "/my_day?branch=2&day=2026-11-20", "/weekly_meeting?measure=a%26b&lang=en#x"])
def test_the_way_back_is_kept(link):
    location = browser().get(link).headers["location"]
    (kept,) = parse_qs(urlsplit(location).query)["next"]
    assert kept == local_link(kept) == link.partition("#")[0]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_whatever_a_stranger_sends_is_refused(method):
    answer = browser().request(method, "/_stcore/upload_file/1/2", content=b"x")
    assert (answer.status_code, answer.text) == (401, "signed out")


@pytest.mark.parametrize("accept", ["*/*", "application/json", "", "image/png"])
@pytest.mark.parametrize("path", GUARDED)
def test_what_a_strangers_script_asks_for_is_refused_not_redirected(path, accept):
    answer = browser(accept=accept).get(path)
    assert (answer.status_code, answer.text) == (401, "signed out")


@pytest.mark.parametrize("path", ["/_stcore/stream", "/", "/account/stream", "/static/stream"])
def test_a_strangers_socket_reaches_nobody(path):
    with (
        pytest.raises(WebSocketDisconnect),
        socket(browser(), path, **{IDENTITY: "1"}) as opened,
    ):
        assert opened.receive_json() == [], "the identity came from outside"
        raise WebSocketDisconnect


def test_a_strangers_socket_is_closed_as_signed_out():
    with pytest.raises(WebSocketDisconnect) as closed, socket(browser()):
        pass
    assert closed.value.code == 4401


ELSEWHERE = [
    *(
        "http://evil.test",
        "null",
        "",
        "http://bank.test:81",
        "http://localhost",
        "http://localhost:9",
        "http://127.0.0.1:8501",
    ),
    *(
        "http://bank.test.evil.test",
        "http://user@bank.test",
        "file://bank.test",
        "//bank.test",
        "http://BANK.test.",
        "bank.test",
    ),
]


@pytest.mark.parametrize("origin", ELSEWHERE)
def test_a_socket_is_opened_by_a_page_of_the_same_address_alone(inside_browser, origin):
    with pytest.raises(WebSocketDisconnect) as closed, socket(inside_browser, origin=origin) as opened:
        opened.receive_json()
    assert (closed.value.code, closed.value.reason) == (4403, "not from this address")
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        inside_browser.websocket_connect("ws://bank.test/_stcore/stream"),
    ):
        pass
    assert closed.value.code == 4403, "and one that does not say where from"


def test_where_this_server_speaks_tls_a_plain_page_opens_no_socket(inside_browser):
    inside_browser.cookies = {COOKIE: inside_browser.cookies[COOKIE]}
    for origin, opens in (("https://bank.test", True), ("http://bank.test", False)):
        with (
            nullcontext() if opens else pytest.raises(WebSocketDisconnect),
            inside_browser.websocket_connect("wss://bank.test/_stcore/stream", headers={"origin": origin}) as opened,
        ):
            assert opened.receive_json()


def test_behind_a_proxy_that_speaks_tls_a_page_of_this_address_opens_a_socket(inside_browser):
    for origin in ("https://bank.test", "http://bank.test"):
        with socket(inside_browser, origin=origin) as opened:
            assert opened.receive_json()


def test_only_the_names_of_the_server_are_answered_where_they_are_set(inside_browser, monkeypatch):
    monkeypatch.setattr(settings(), "hosts", ["bank.test", "10.0.0.5:8501"])
    assert inside_browser.get("/my_day").status_code == 200
    for host in ("evil.test", "bank.test:81", "10.0.0.5", "", "bank.test.", "bank.test@evil.test"):
        for path in ("/my_day", "/account/sign-in", "/static/js/main.js", "/_stcore/health"):
            assert inside_browser.get(path, headers={"host": host}).status_code == 421
        with pytest.raises(WebSocketDisconnect) as closed, socket(inside_browser, host=host, origin=f"http://{host}"):
            pass
        assert closed.value.code == 4403


@pytest.mark.parametrize("path", ["/static/js/main.js", "/favicon.png", "/_stcore/health"])
def test_what_holds_nothing_of_the_banks_is_open_to_all(path):
    assert browser().get(path, headers={"sec-fetch-dest": "empty"}).json()["path"] == path


@pytest.mark.parametrize("path", [*GUARDED, "/static/js/main.js", "/favicon.png", "/_stcore/health"])
def test_an_identity_from_outside_never_gets_through(path, inside_browser):
    forged = [(IDENTITY, "7"), (IDENTITY.upper(), "8"), ("X-Chenxi-Sign-In", "9"), ("sec-fetch-dest", "empty")]
    answers = [client.get(path, headers=[*web_client.PAGE.items(), *forged]) for client in (browser(), inside_browser)]
    for answer in answers:
        passed = answer.json()["identity"] if answer.status_code == 200 else []
        assert not {"7", "8", "9"} & set(passed)


def test_exactly_the_verified_identity_gets_through(inside_browser, peopled):
    own = str(web_client.session(inside_browser, peopled))
    assert inside_browser.get("/my_day", headers={IDENTITY: "999"}).json()["identity"] == [own]
    with socket(inside_browser, **{IDENTITY: "999"}) as opened:
        assert opened.receive_json() == [own]


@pytest.mark.parametrize("token", ["", "x", "'", "é" * 10, "0" * 64, '"; --', "a" * 4000])
def test_a_made_up_cookie_is_a_strangers(token):
    client = browser()
    answer = client.get("/my_day", headers={"cookie": f"chenxi={token}".encode()})
    assert answer.status_code == 303


def test_a_session_that_ended_ran_out_or_lost_its_account_is_a_strangers(peopled):
    everyone = operator(peopled)
    audit, river, east = (browser() for _one in range(3))
    for client, login in ((audit, "audit"), (river, "river"), (east, "east")):
        enter(client, login)
        assert client.get("/x").status_code == 200
    token = audit.cookies["chenxi"]
    audit.post("/account/me", data={"leave": "here"})
    audit.cookies.set("chenxi", token, "bank.test")
    web_client.run_out(peopled, web_client.session(river, peopled))
    accounts.disable(everyone, accounts.listing(everyone).filter(login="east")["account"].item())
    assert [client.get("/x").status_code for client in (audit, river, east)] == [303, 303, 303]


def test_who_has_to_change_his_password_gets_to_his_account_and_nowhere_else():
    client = browser()
    assert enter(client, "fresh").status_code == 303
    for path in ("/", "/audit_trail", "/_stcore/metrics"):
        assert client.get(path).headers["location"] == "/account/me"
    assert client.get("/x", headers={"accept": "*/*"}).status_code == 401
    with pytest.raises(WebSocketDisconnect), socket(client):
        pass
    changed = client.post(
        "/account/me", data={"old": web_client.PASSWORD, "new": "battery staple lane", "again": "battery staple lane"}
    )
    assert (changed.status_code, changed.headers["location"]) == (303, "/")
    assert client.get("/audit_trail").json()["identity"]


ANSWERS = {
    "a page": ("GET", "/my_day", True),
    "a redirect": ("GET", "/my_day", False),
    "a refusal": ("POST", "/my_day", False),
    "the sign-in page": ("GET", "/account/sign-in", False),
    "a wrong password": ("POST", "/account/sign-in", False),
    "one's account": ("GET", "/account/me", True),
    "a file": ("GET", "/account/files/account.css", False),
    "no such file": ("GET", "/account/files/web_client.py", False),
    "a method nobody expects": ("DELETE", "/account/sign-in", False),
    "a static file": ("GET", "/static/js/main.js", False),
    "health": ("GET", "/_stcore/health", False),
    "an error": ("GET", "/broken", True),
}


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(("method", "path", "signed_in"), ANSWERS.values(), ids=ANSWERS)
def test_every_answer_carries_its_headers(method, path, signed_in, scheme):
    client = browser(f"{scheme}://bank.test")
    if signed_in:
        enter(client, "audit")
    answer = client.request(method, path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert answer.headers["content-security-policy"] == policy()
    assert ("strict-transport-security" in answer.headers) == (scheme == "https")
    assert (answer.headers.get("cache-control") == "no-store") == (not path.startswith("/static/"))


def test_the_policy_lets_no_script_or_frame_of_others_in():
    parts = {part.split()[0]: part.split()[1:] for part in policy().split("; ")}
    assert parts["default-src"] == ["'self'"] and parts["object-src"] == parts["frame-ancestors"] == ["'none'"]
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "data:", "https:"} & set(parts["script-src"])
    assert any(one.startswith("'sha256-") for one in parts["script-src"])
    outside = {one for name in parts for one in parts[name] if "." in one or one.startswith(("http", "*"))}
    assert outside == set()


def test_a_token_is_kept_as_a_digest_alone(inside_browser, peopled):
    token = inside_browser.cookies["chenxi"]
    with peopled.reading() as connection:
        held = connection.exec_driver_sql("SELECT * FROM session").all()
    assert token not in str(held) and throttling.digest(token) in str(held)


def test_the_policy_and_the_headers_are_these(inside_browser):
    """Written by hand: what a page may do is widened in two places or not at all."""
    headers = inside_browser.get("/my_day").headers
    lines = [re.sub("'sha256-[^']+'", "HASH", one) for one in headers["content-security-policy"].split("; ")]
    assert lines[1].startswith("script-src 'self' HASH") and lines[1].endswith("'wasm-unsafe-eval'")
    assert [*lines[:1], *lines[2:]] == [
        "default-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "frame-src 'self'",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "base-uri 'self'",
        "object-src 'none'",
    ]
    assert {name: headers[name] for name in HEADERS} == {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    }
