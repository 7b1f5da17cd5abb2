"""The pages outside Streamlit are as Chinese as the others."""

import re

import pytest

from dashboard.shell.navigation import OUTBOX
from dashboard.web.outbox_page import LISTS
from tests.support import web_client
from tests.support.latin import latin, of_html
from tests.support.web_client import enter

pytestmark = pytest.mark.usefixtures("peopled")
OWN_NAMES = {"Person", "manager", "testclient"}  # of the account of the test, and of where it comes from


@pytest.fixture
def browser():
    return web_client.browser(accept_language="zh-CN")


def foreign(answer) -> set[str]:
    assert answer.status_code in (200, 403), answer.text
    assert any("\u4e00" <= one <= "\u9fff" for one in answer.text)
    return latin(re.sub(r"\{\w+\}", "", of_html(answer.text))) - OWN_NAMES  # what the script fills in


def test_the_sign_in_page_and_what_it_answers_are_chinese(browser):
    assert foreign(browser.get("/account/sign-in")) == set()
    assert foreign(enter(browser, "1001", "not the password")) == set()


@pytest.mark.parametrize("page", ["/account/me", OUTBOX])
def test_ones_account_and_the_outbox_are_chinese(browser, page):
    enter(browser, "1001")
    assert foreign(browser.get(page)) == set()


def test_what_the_outbox_offers_to_choose_is_chinese(browser):
    enter(browser, "1001")
    lists = browser.get(LISTS).json()
    assert {word for text in words(lists) for word in latin(text)} == set()


def words(part: object):
    if isinstance(part, dict):
        for value in part.values():
            yield from words(value)
    elif isinstance(part, list):
        for value in part:
            yield from words(value)
    elif isinstance(part, str):
        yield part
