"""A small bank with accounts, behind its gate."""

import shutil

import pytest

from dashboard.shell.language import speak
from dashboard.shell.store import shared
from db.engine import Store
from metrics.definitions import interpret
from tests.support import web_client


@pytest.fixture(scope="session")
def peopled_template(sqlite_template, tmp_path_factory):
    path = tmp_path_factory.mktemp("peopled") / "peopled.db"
    shutil.copy(sqlite_template, path)
    store = web_client.peopled(Store(f"sqlite:///{path}", mark=interpret))
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path


@pytest.fixture
def peopled(peopled_template, configured, tmp_path) -> Store:
    """The store the gate looks into; not a demo."""
    shutil.copy(peopled_template, tmp_path / "peopled.db")
    configured.database_url = f"sqlite:///{tmp_path / 'peopled.db'}"
    yield shared(configured.database_url)
    speak("zh")


@pytest.fixture
def simulated(configured, region_url) -> Store:
    """A store that `demo` made; the setting is still off."""
    configured.database_url = region_url
    yield shared(region_url)
    speak("zh")
