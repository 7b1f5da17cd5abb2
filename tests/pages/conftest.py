"""A demo of the small region to look at, shared where nothing is written."""

import os
import shutil
from typing import NamedTuple

import pytest
from playwright.sync_api import sync_playwright

from dashboard.shell.language import speak
from dashboard.shell.store import operator, shared
from db.engine import Store
from tests.support.browsing import CHROMIUM, Visitor
from tests.support.servers import serving
from tests.support.warm import Warm
from tests.support.windows import FLAGS, Windows


class Served(NamedTuple):
    address: str
    url: str  # of the database


@pytest.fixture(scope="session")
def browser():
    """One Chromium a worker: a test opens windows of its own in it, with nothing kept of those before."""
    if CHROMIUM is None:
        (pytest.fail if os.environ.get("REQUIRE_BROWSER") == "1" else pytest.skip)("no Chromium in /usr/bin")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def served(region_template, tmp_path_factory) -> Served:
    """One server a worker on the small region, for whoever signs in, looks and signs out: to be written to by
    nobody."""
    path = shutil.copy(region_template, tmp_path_factory.mktemp("served") / "region.db")
    with serving(f"sqlite:///{path}", tmp_path_factory.mktemp("server")) as address:
        yield Served(address, f"sqlite:///{path}")


@pytest.fixture(scope="session")
def address(served) -> str:
    """Where the browser goes; a file that writes puts a server of its own here."""
    return served.address


@pytest.fixture(scope="session")
def windows(browser) -> Windows:
    return Windows(browser)


@pytest.fixture
def visit(windows, address):
    """Opens a window, of one person who is new here."""
    visitors = []

    def enter(**options) -> Visitor:
        visitors.append(Visitor(windows, address, **options))
        return visitors[-1]

    yield enter
    for one in visitors:
        one.leave()


@pytest.fixture(autouse=True)
def chinese():
    yield
    speak("zh")


@pytest.fixture(scope="session")
def read_only_url(region_template, tmp_path_factory) -> str:
    """The small region, for tests that write nothing."""
    path = shutil.copy(region_template, tmp_path_factory.mktemp("look") / "region.db")
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def warm() -> Warm:
    """What tests that only look at the small region have computed of it."""
    return Warm()


@pytest.fixture
def demo(configured, read_only_url, warm, request) -> Store:
    """The demo on the small region; not to be written to."""
    configured.database_url, configured.demo = read_only_url, True
    yield (store := warm.give(shared(read_only_url)))
    if "monkeypatch" not in request.fixturenames:
        warm.keep(store)


@pytest.fixture
def cold_demo(configured, region_url) -> Store:
    """The demo on a copy of the small region that may be written to, nothing of it computed yet."""
    configured.database_url, configured.demo = region_url, True
    return shared(region_url)


@pytest.fixture
def own_demo(cold_demo, warm) -> Store:
    """The demo on a copy of the small region that may be written to."""
    return warm.give(cold_demo)


@pytest.fixture
def everything(demo):
    return operator(demo)
