"""What is sent is weighed before it is parsed or kept: how much, how fast, by whom."""

import asyncio
from types import SimpleNamespace

import pytest

from dashboard.web.incoming import bodies
from tests.support import web_client
from tests.support.web_client import browser, enter

PLACE = "/_stcore/upload_file/page-1/file-1"
LET_THROUGH = 405  # what stands behind the gate here knows no files
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def pages(peopled, monkeypatch):
    """The open pages Streamlit knows of, and the files it holds: page → sign-in session, page → bytes held."""
    owners, held = {}, {}
    runtime = SimpleNamespace(
        get_app_session=lambda page: (
            (page in owners and SimpleNamespace(_user_info={"sign_in": str(owners[page])})) or None
        ),
        uploaded_file_mgr=SimpleNamespace(file_storage=held),
    )
    monkeypatch.setattr(bodies, "exists", lambda: True)
    monkeypatch.setattr(bodies, "get_instance", lambda: runtime)
    return SimpleNamespace(owners=owners, held=held, store=peopled)


def signed_in(pages, login: str, page: str = "page-1"):
    client = browser(accept="*/*")
    assert enter(client, login).status_code == 303
    pages.owners[page] = web_client.session(client, pages.store)
    return client


@pytest.mark.parametrize("path", ["/account/sign-in", "/account/me"])
def test_a_large_form_is_refused_whoever_sends_it_and_however(peopled, path):
    large = b"login=" + b"x" * bodies.LARGEST_FORM
    assert browser().post(path, content=large, headers=FORM).status_code == 413
    assert browser().post(path, content=iter([large[:9], large[9:]]), headers=FORM).status_code == 413


def test_a_file_in_the_sign_in_form_is_not_taken(peopled):
    answer = browser().post("/account/sign-in", files={"login": ("a.bin", b"x" * 1000)})
    assert answer.status_code == 400


def test_a_form_of_another_site_is_refused_before_it_is_read(peopled):
    large = b"x" * (bodies.LARGEST_FORM * 2)
    for path in ("/account/sign-in", "/account/me"):
        answer = browser(origin="http://elsewhere.test").post(path, content=large, headers=FORM)
        assert (answer.status_code, answer.text) == (403, "not from this site")


def test_whoever_may_import_puts_a_file_on_their_own_page(pages):
    client = signed_in(pages, "east")
    assert client.put(PLACE, content=b"x").status_code == LET_THROUGH
    assert client.delete(PLACE).status_code == LET_THROUGH


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_file_on_somebody_elses_page_is_refused(pages, method):
    signed_in(pages, "east")
    other = signed_in(pages, "admin", "page-2")
    assert other.request(method, PLACE, content=b"x").status_code == 403
    assert other.request(method, "/_stcore/upload_file/no-page/file", content=b"x").status_code == 403


def test_who_may_import_nothing_stores_nothing(pages):
    assert signed_in(pages, "tv").put(PLACE, content=b"x").status_code == 403


def test_no_more_is_held_than_a_few_files(pages):
    client = signed_in(pages, "east")
    assert client.put(PLACE, content=b"x" * (bodies.LARGEST_UPLOAD + 1)).status_code == 413
    assert client.put(PLACE, content=iter([b"x"])).status_code == 411
    pages.owners["page-2"] = pages.owners["page-1"]
    pages.held["page-2"] = {"one": SimpleNamespace(data=b"x" * (bodies.HELD - 10))}
    assert client.put(PLACE, content=b"x" * 11).status_code == 413
    assert client.put(PLACE, content=b"x" * 10).status_code == LET_THROUGH
    assert not bodies.UNDER_WAY


def test_a_body_that_came_while_the_server_had_no_time_to_look_is_taken_once(monkeypatch):
    monkeypatch.setattr(bodies, "SLOWEST", 0.01)
    calls = []

    async def late():
        calls.append(1)
        if len(calls) % 2:
            await asyncio.sleep(60)
        return {"type": "http.request", "body": b"a", "more_body": True}

    async def read() -> None:
        body = bodies.Body(late, 100)
        assert (await body())["body"] == b"a"
        with pytest.raises(bodies.Broken):
            await body()

    asyncio.run(read())


def test_a_body_that_stops_half_way_is_given_up(monkeypatch):
    monkeypatch.setattr(bodies, "SLOWEST", 0.01)
    monkeypatch.setattr(bodies, "LOOKED", 0.01)

    async def half():
        if not sent:
            sent.append(1)
            return {"type": "http.request", "body": b"login=a", "more_body": True}
        await asyncio.sleep(60)

    async def read():
        body = bodies.Body(half, 100)
        await body()
        await body()

    sent = []
    with pytest.raises(bodies.Broken) as given_up:
        asyncio.run(read())
    assert given_up.value.status == 408
