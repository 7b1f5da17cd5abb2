"""A bank of three regions to be probed, written once a file and not to be written to."""

import shutil

import pytest

from dashboard.shell.store import shared
from db.engine import Store
from metrics.definitions import interpret
from tests.support.three_regions import Names, fill


@pytest.fixture(scope="module")
def written(sqlite_template, tmp_path_factory) -> tuple[str, Names]:
    path = tmp_path_factory.mktemp("three") / "regions.db"
    shutil.copy(sqlite_template, path)
    store = Store(f"sqlite:///{path}", mark=interpret)
    names = fill(store)
    store.close()
    return f"sqlite:///{path}", names


@pytest.fixture
def bank(configured, written) -> Store:
    configured.database_url = written[0]
    return shared(written[0])


@pytest.fixture
def names(written) -> Names:
    return written[1]
