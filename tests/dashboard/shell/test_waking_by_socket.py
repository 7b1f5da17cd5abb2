"""What is written in one branch runs the open pages of that branch, and nobody else's: real sockets on a real server."""

import asyncio
import shutil

import pytest

from benchmarks import region
from benchmarks.load import people, waking
from tests.support.servers import serving

pytestmark = pytest.mark.slow
WRITES = 2


def test_a_visit_recorded_runs_the_meeting_page_of_its_branch_alone(region_template, tmp_path):
    database = tmp_path / "region.db"
    shutil.copy(region_template, database)
    now, who = region.last_afternoon(database), people.everybody(f"sqlite:///{database}")
    waking.begin_meetings(database, [1, 2], now)
    with serving(f"sqlite:///{database}", tmp_path) as address:
        found = asyncio.run(waking.waking(address, who["branch_head"], who["manager"], now, WRITES, patience=120))
    assert (len(found.arrived), found.lost, found.runs_of_others) == (WRITES, 0, 0)
