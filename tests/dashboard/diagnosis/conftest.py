"""The small region with plans nobody can keep: everybody has a reason to be behind."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from dashboard.shell.store import shared
from db.engine import Store

HARDER = {"consultations": 1.4, "applications": 1.7, "deals": 4, "deal_amount": 4}


@pytest.fixture(scope="session")
def hard_template(region_template, tmp_path_factory) -> Path:
    path = shutil.copy(region_template, tmp_path_factory.mktemp("hard") / "hard.db")
    with sqlite3.connect(path) as connection:
        for measure, times in HARDER.items():
            wanted = "UPDATE plan SET target = target * ? WHERE measure = ? AND month = '2026-11-01'"
            connection.execute(wanted, (times, measure))
    return Path(path)


@pytest.fixture
def hard(configured, hard_template) -> Store:
    """A demo whose managers are behind; not to be written to."""
    configured.database_url, configured.demo = f"sqlite:///{hard_template}", True
    return shared(configured.database_url)
