"""Two processes behind nginx, as deploy/ sets them up, on one PostgreSQL: either of them may go, PostgreSQL too, and nobody
loses an entry or has to sign in again. `SEED=7` plays another course of events; `python -m benchmarks.load.pair` does the
same under a hundred open pages."""

import pytest

from tests.support.chaos.clusters import filled_cluster, opened, restart
from tests.support.chaos.course import Course
from tests.support.chaos.lives import CALM, live_through
from tests.support.chaos.pairs import Pair
from tests.support.sweep import scaled

pytestmark = [pytest.mark.slow, pytest.mark.postgres]
PROCESSES, DATABASES = scaled(100, 2), scaled(20, 1)  # how often one of the processes is restarted, and PostgreSQL


def test_whichever_is_restarted_nothing_acknowledged_is_lost_and_nobody_signs_in_again(tmp_path):
    with filled_cluster(branches=2, managers=12, months=scaled(4, 1)) as own:
        pair = Pair(own.url, tmp_path)

        def happen(course: Course) -> None:
            order = ["a process"] * PROCESSES + ["PostgreSQL"] * DATABASES
            course.chosen.shuffle(order)
            for which in order:
                pair.restart_one(course) if which == "a process" else restart(course, own)
                course.calm(CALM * 2)

        course = live_through(pair, lambda: opened(own), happen)
    assert not course.notes.signed_out
