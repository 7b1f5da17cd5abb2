"""Stores to test on: the same tests run on SQLite and on PostgreSQL. A missing server skips, unless REQUIRE_POSTGRES=1."""

import os
import shutil
import uuid
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import settings as examples
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from dashboard.settings import settings
from dashboard.stores import operator, shared
from dashboard.words import speak
from db.engine import Store, migrate
from db.simulate import simulate
from metrics.definitions import DEFAULT, interpret

examples.register_profile("any machine", deadline=None)  # a slow one is no wrong one
examples.load_profile("any machine")
# Begun first, so that at the end nobody waits for one of them.
LONG = (
    "sessions",
    "secrets_stay_in",
    "replay",
    "crash",
    "concurrency",
    "probes",
    "half_typed",
    "browser",
    "reverse_recovers",
)
POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql+psycopg://root@127.0.0.1:5432/test")
FRIDAY = date(2026, 11, 20)


def pytest_collection_modifyitems(items):
    items.sort(
        key=lambda item: item.path.stem.removeprefix("test_") not in LONG
    )  # stable: the others stay as they were


def server():
    """A connection that may create databases."""
    return create_engine(POSTGRES, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    migrate(f"sqlite:///{path}", DEFAULT)
    return path


@pytest.fixture(scope="session")
def postgres_template():
    """The name of a migrated database to copy; skips where there is no server."""
    name = f"chenxi_template_{uuid.uuid4().hex[:8]}"
    engine = server()
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except SQLAlchemyError as error:
        if os.environ.get("REQUIRE_POSTGRES") == "1":
            raise
        pytest.skip(f"no PostgreSQL at {make_url(POSTGRES).render_as_string()}: {type(error).__name__}")
    migrate(make_url(POSTGRES).set(database=name).render_as_string(hide_password=False), DEFAULT)
    yield name
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def sqlite_url(sqlite_template, tmp_path) -> str:
    shutil.copy(sqlite_template, tmp_path / "test.db")
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture
def postgres_url(postgres_template):
    name = f"chenxi_test_{uuid.uuid4().hex[:8]}"
    engine = server()
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {postgres_template}"))
    yield make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request) -> str:
    """An empty, migrated database of its own, on each of the two engines."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def store(url):
    store = Store(url, mark=interpret)
    yield store
    store.close()


@pytest.fixture
def sqlite_store(sqlite_url):
    """For what does not depend on the engine."""
    store = Store(sqlite_url, mark=interpret)
    yield store
    store.close()


@pytest.fixture
def viewer(store):
    """Whoever holds the database."""
    return operator(store)


@pytest.fixture(scope="session")
def region_template(sqlite_template, tmp_path_factory) -> Path:
    """A small region of two branches and twelve managers, four months up to the afternoon of Friday 2026-11-20."""
    path = tmp_path_factory.mktemp("region") / "region.db"
    shutil.copy(sqlite_template, path)
    small = Store(f"sqlite:///{path}", mark=interpret)
    simulate(small, today=FRIDAY, now_hour=16.5, branches=2, managers=12, months=4)
    with small.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    small.close()
    return path


@pytest.fixture
def region_url(region_template, tmp_path) -> str:
    """A copy of the small region that may be written to."""
    shutil.copy(region_template, tmp_path / "region.db")
    return f"sqlite:///{tmp_path / 'region.db'}"


@pytest.fixture
def configured(tmp_path):
    """The settings, to be changed at will: put back afterwards, and no store left open. It is Friday, 16:30."""
    held = settings()
    before = held.model_dump()
    held.snapshots, held.lang, held.demo, held.now = tmp_path, "zh", False, datetime(2026, 11, 20, 16, 30)
    yield held
    for name, value in before.items():
        setattr(held, name, value)
    shared.cache_clear()


@pytest.fixture
def english():
    speak("en")
    yield
    speak("zh")
