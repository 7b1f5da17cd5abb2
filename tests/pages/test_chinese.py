"""In Chinese every word is Chinese: pages, tables, charts, tooltips and hints, for everyone, with data and without."""

import pytest
from playwright.sync_api import expect
from typer.testing import CliRunner

import dashboard.__main__  # noqa: F401 registers the commands
from dashboard.commands.cli import cli
from dashboard.shell.language import speak
from tests.pages.test_every_page import CASES, OF_THE_BANK, account, add_accounts
from tests.support.browsing import Visitor
from tests.support.latin import latin, said
from tests.support.pages import AS, healthy, look, unfolded
from tests.support.sent_messages import listening
from tests.support.servers import serving
from tests.support.sweep import SWEEP

SHOWN = ("delta", "navigation", "page_config_changed", "page_not_found")


@pytest.fixture
def wire():
    with listening() as wire:
        yield wire


def foreign(wire) -> set[tuple[str, str]]:
    """The Latin words in what was sent, each with the beginning of its text."""
    shown = [getattr(message, kind) for message in wire.messages for kind in SHOWN if message.HasField(kind)]
    texts = {text for message in shown for text in said(message)}
    return {(word, text.strip()[:80]) for text in texts for word in latin(text)}


EACH_PAGE = {page: role for role, page in reversed(CASES)}  # once each, as one of those who have it


@pytest.mark.parametrize(("role", "page"), CASES if SWEEP else [(role, page) for page, role in EACH_PAGE.items()])
def test_a_page_of_the_demo_is_all_chinese(demo, wire, role, page):
    unfolded(healthy(look(page, as_=AS[role])))
    assert foreign(wire) == set()


@pytest.mark.parametrize(("role", "page"), [case for case in CASES if case[0] in OF_THE_BANK])
def test_a_page_of_an_empty_database_is_all_chinese(configured, sqlite_store, wire, role, page):
    add_accounts(sqlite_store, account(AS[role], role))
    configured.database_url = sqlite_store.url
    healthy(look(page, as_=AS[role]))
    assert foreign(wire) == set()


def test_an_english_word_is_found():
    assert latin("请选择 customer，或导入 .xlsx") == {"customer"}


@pytest.mark.browser
def test_what_streamlit_says_by_itself_is_chinese(browser, read_only_url, tmp_path):
    with serving(read_only_url, tmp_path) as address:
        visitor = Visitor(browser, address)
        dialog = visitor.page.get_by_role("dialog")
        for _ in range(5):  # on a busy machine Streamlit does not always say it
            visitor.open("nowhere", as_=AS["administrator"])
            if dialog.count():
                break
        expect(dialog).to_contain_text("没有您要打开的页面，已回到您的首页。")
        assert latin(dialog.inner_text()) == set()
        visitor.context.close()


def test_the_command_line_asks_for_a_password_twice_in_chinese(configured, sqlite_store):
    speak("zh")
    answer = CliRunner().invoke(
        cli,
        ["account", "add", "second", "--role", "administrator", "--database", sqlite_store.url],
        input="a-long-one-7\n" * 2,
    )
    assert answer.output.count("密码") >= 2 and "Repeat" not in answer.output and answer.exit_code == 0
