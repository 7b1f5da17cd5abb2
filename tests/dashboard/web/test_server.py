"""The server's settings: all of config.toml, the environment over it, and nothing Streamlit does not know."""

import asyncio
import tomllib

import pytest
import streamlit as st
import uvloop

from dashboard.monitoring import log_file
from dashboard.shell.settings import settings
from dashboard.web import server


@pytest.fixture
def written() -> dict:
    return server.flat(tomllib.loads(server.CONFIG.read_text()))


def test_every_setting_of_the_file_exists_in_streamlit(written):
    assert [name for name in written if not server.is_option(name)] == []
    assert len(written) > 20


def test_the_file_lies_where_plain_streamlit_finds_it():
    link = server.ROOT / "dashboard" / ".streamlit"
    assert (link / "config.toml").resolve() == server.CONFIG


def test_the_options_are_the_file_and_the_address(written):
    found = server.options("127.0.0.1", 8777)
    assert found["server.address"] == "127.0.0.1"
    assert found["server.port"] == found["browser.serverPort"] == 8777
    assert {name: found[name] for name in written} == written


def test_a_session_runs_once_at_a_time():
    """With fast reruns a click starts a second run beside the one that still ends: both share the session's triggers, and
    the end of the first takes the click from the second."""
    assert server.options("127.0.0.1", 8777)["runner.fastReruns"] is False


@pytest.mark.parametrize(
    ("variable", "option"),
    [
        ("STREAMLIT_SERVER_MAX_UPLOAD_SIZE", "server.maxUploadSize"),
        ("STREAMLIT_BROWSER_SERVER_ADDRESS", "browser.serverAddress"),
        ("STREAMLIT_THEME_PRIMARY_COLOR", "theme.primaryColor"),
        ("STREAMLIT_LOGGER_LEVEL", "logger.level"),
        ("STREAMLIT_SERVER_PORT", "server.port"),
    ],
)
def test_the_environment_goes_over_the_file(variable, option, monkeypatch):
    monkeypatch.setenv(variable, "7")
    assert server.options("127.0.0.1", 8777)[option] == "7"


@pytest.mark.parametrize(
    "variable", ["STREAMLIT_SERVER_COOKIE_SECRET", "STREAMLIT_NO_SUCH_THING", "STREAMLIT_", "STREAMLIT_X"]
)
def test_secrets_and_unknown_variables_are_left_alone(variable, monkeypatch):
    usual = server.options("127.0.0.1", 8777)
    monkeypatch.setenv(variable, "7")
    assert server.options("127.0.0.1", 8777) == usual


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("client.showErrorDetails", "none"),
        ("client.showErrorLinks", False),
        ("client.toolbarMode", "minimal"),
        ("browser.gatherUsageStats", False),
        ("server.enableXsrfProtection", True),
        ("server.enableCORS", True),
        ("runner.magicEnabled", False),
    ],
)
def test_what_keeps_customers_names_inside_is_set(option, value, written):
    assert written[option] == value


def test_the_entry_script_is_there():
    assert (server.ROOT / "dashboard" / "app.py").exists()
    assert st.__version__ == "1.67.0"


def test_a_browser_session_gets_the_small_event_loop(tmp_path, monkeypatch):
    """Streamlit makes one a session; the server's own, made before, may be another's."""

    monkeypatch.setattr(settings(), "logs", tmp_path)

    async def running() -> type:
        async with server.life(server.app()):
            session_loop = asyncio.new_event_loop()
            session_loop.close()
            return type(session_loop)

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    try:
        assert asyncio.run(running()).__module__.startswith("asyncio.")
    finally:
        asyncio.set_event_loop_policy(None)
    assert "started" in (tmp_path / log_file.NAME).read_text()
