"""Stores to test on, and what the whole suite shares."""

import asyncio
import gc
import logging
import os
import shutil
import sys
from datetime import date, datetime
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # there is a worker a core already

import pytest
from hypothesis import settings as examples
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine
from sqlalchemy.util import LRUCache

from dashboard.shell.language import speak
from dashboard.shell.settings import settings
from dashboard.shell.store import operator, shared
from db.accounts import extending, passwords
from db.engine import Store
from db.migrations.migrate import migrate
from db.simulate.simulate import simulate
from db.store import connecting
from metrics.definitions import DEFAULT, interpret
from tests.support import postgres, sweep

examples.register_profile("any machine", deadline=None)  # a slow one is no wrong one
examples.load_profile("any machine")
MEMORY, ROOM = Path("/dev/shm"), 6 << 30
PATIENCE = 60  # seconds: on a slow machine a turn to write comes late, and still comes
FRIDAY = date(2026, 11, 20)
# As many passwords are hashed here as a bank hashes in a day: the same way, at a fraction of the cost.
passwords.HASHER = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64),))
passwords.DUMMY_HASH = passwords.HASHER.hash("nobody's")


def _compile_once() -> None:
    """Every test opens engines of its own on databases that are alike: a statement is compiled once for all of them."""
    compiled: dict[str, LRUCache] = {}
    connect = connecting.connect

    def sharing(url: str) -> Engine:
        engine = connect(url)
        kind = type(engine.dialect)
        kind.__hash__, kind.__eq__ = (lambda one: hash(type(one))), (lambda one, other: type(one) is type(other))
        shared = compiled.setdefault(engine.dialect.name, LRUCache(2_000))
        engine.update_execution_options(compiled_cache=shared)
        return engine

    connecting.connect = sharing


_compile_once()
RESUMED = sweep.Resumed() if sweep.SWEEP else None


def pytest_collection_modifyitems(config, items):
    left_out = [] if sweep.SWEEP else [item for item in items if item.get_closest_marker("sweep")]
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


def pytest_collection_finish(session):
    """Streamlit collects garbage after every run of a page: it need not look at all modules and tests each time."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish(session):
    logging.getLogger(extending.__name__).disabled = True  # of databases that are deleted by now


def pytest_configure(config):
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:  # no commit waits for a disk there
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
    if RESUMED and not hasattr(config, "workerinput"):
        RESUMED.begin()
        config.pluginmanager.register(RESUMED)


def pytest_runtest_setup(item):
    if RESUMED and item.nodeid in RESUMED.passed:
        pytest.skip("passed earlier in this sweep")


def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line(f"SWEEP={int(sweep.SWEEP)} SEED={sweep.SEED}")


def pytest_generate_tests(metafunc):
    """What is marked `both_engines` runs on each of them; in the sweep everything does that could."""
    if "url" in metafunc.fixturenames and (sweep.SWEEP or metafunc.definition.get_closest_marker("both_engines")):
        engines = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
        metafunc.parametrize("url", engines, indirect=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    migrate(f"sqlite:///{path}", DEFAULT)
    return path


@pytest.fixture(scope="session")
def postgres_database():
    """This worker's database on the server; skips where there is none."""
    with postgres.worker_database() as database:
        yield database


@pytest.fixture
def sqlite_url(sqlite_template, tmp_path) -> str:
    shutil.copy(sqlite_template, tmp_path / "test.db")
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture
def postgres_url(postgres_database) -> str:
    postgres_database.reset()
    return postgres_database.url


@pytest.fixture
def url(request) -> str:
    """An empty, migrated database; on SQLite, unless the test is marked for both engines."""
    return request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url")


@pytest.fixture
def store(url):
    store = Store(url, mark=interpret, patience=PATIENCE)
    yield store
    store.close()


@pytest.fixture
def sqlite_store(sqlite_url):
    """For what does not depend on the engine."""
    store = Store(sqlite_url, mark=interpret, patience=PATIENCE)
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
    held.backups, held.audit_key = tmp_path / "backups", tmp_path / "audit.key"
    yield held
    for name, value in before.items():
        setattr(held, name, value)
    shared.cache_clear()


@pytest.fixture
def english():
    speak("en")
    yield
    speak("zh")


@pytest.fixture(autouse=True)
def chinese_unless_told():
    """Whatever the test before has spoken."""
    speak("zh")


@pytest.fixture(autouse=True)
def the_main_module_stays():
    """A page that runs takes its place, and a new process would run that page."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(autouse=True)
def outside_the_browsers_loop(request):
    """The browser's event loop stays in this thread between its tests; what else runs here must not find it."""
    loop = None if "browser" in request.fixturenames else asyncio._get_running_loop()
    asyncio._set_running_loop(None if loop else asyncio._get_running_loop())
    yield
    if loop:
        asyncio._set_running_loop(loop)
