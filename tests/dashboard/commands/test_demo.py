"""The demo is made once a day, in two sizes, each in a database of its own."""

from datetime import datetime

import pytest
from sqlalchemy import func, select

from dashboard.commands import demo
from dashboard.commands.demo import Scale, Size
from dashboard.shell.store import open_store
from db.models import Activity, Branch

NOON = datetime(2026, 11, 20, 12, 0)


@pytest.fixture
def small(configured, tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "VAR", tmp_path)
    monkeypatch.setattr(demo, "SCALES", {Size.BRANCH: Scale(1, 2, 1), Size.REGION: Scale(2, 4, 1, 9.75)})
    configured.now = NOON
    return configured


def counted(url: str) -> tuple[int, int]:
    """Branches and activities."""
    store = open_store(url)
    with store.reading() as connection:
        found = [
            connection.execute(select(func.count()).select_from(table)).scalar_one() for table in (Branch, Activity)
        ]
    store.close()
    return found[0], found[1]


def test_each_size_has_a_database_of_its_own_and_the_region_more_in_it(small, tmp_path):
    branch, region = demo.fill(), demo.fill(Size.REGION)
    assert (branch, region) == (f"sqlite:///{tmp_path}/demo.db", f"sqlite:///{tmp_path}/demo-region.db")
    (branches, few), (more_branches, many) = counted(branch), counted(region)
    assert (branches, more_branches) == (1, 2)
    assert many > 3 * few, "twice the managers, and more visits each"


def test_a_demo_is_kept_for_the_day_and_made_anew_on_the_next(small):
    made = demo.fill(Size.REGION)
    assert demo.made_on(Size.REGION) == NOON and demo.made_on(Size.BRANCH) is None
    small.now = datetime(2026, 11, 20, 23, 0)
    assert demo.fill(Size.REGION) == made and demo.made_on(Size.REGION) == NOON
    small.now = datetime(2026, 11, 23, 9, 0)
    assert demo.fill(Size.REGION) == made and demo.made_on(Size.REGION) == small.now


def test_the_whole_region_is_as_large_as_it_says():
    assert demo.SCALES[Size.BRANCH] == Scale(8, 90, 14)
    assert (demo.SCALES[Size.REGION].branches, demo.SCALES[Size.REGION].managers) == (50, 500)
