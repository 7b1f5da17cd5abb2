"""A demo of the small region to look at, shared where nothing is written."""

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

from dashboard.stores import operator, shared
from dashboard.words import speak
from db.engine import Store
from tests.pages.browsing import CHROMIUM


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM.exists() and os.environ.get("REQUIRE_BROWSER") != "1":
        pytest.skip(f"no browser at {CHROMIUM}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def chinese():
    yield
    speak("zh")


@pytest.fixture(scope="session")
def read_only_url(region_template, tmp_path_factory) -> str:
    """The small region, for tests that write nothing."""
    path = shutil.copy(region_template, tmp_path_factory.mktemp("look") / "region.db")
    return f"sqlite:///{path}"


@pytest.fixture
def demo(configured, read_only_url) -> Store:
    """The demo on the small region; not to be written to."""
    configured.database_url, configured.demo = read_only_url, True
    return shared(read_only_url)


@pytest.fixture
def own_demo(configured, region_url) -> Store:
    """The demo on a copy of the small region that may be written to."""
    configured.database_url, configured.demo = region_url, True
    return shared(region_url)


@pytest.fixture
def everything(demo):
    return operator(demo)
