"""Whatever happens to the PostgreSQL server under a running one of ours: connections ended, the whole restarted, its
counter locked, writing forbidden. `SEED=7` plays another course of events."""

import random
import time
from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy import make_url

from db.engine import Store
from db.migrations.migrate import migrate
from db.simulate.simulate import simulate
from db.store.faults import BUSY, READ_ONLY
from metrics.definitions import DEFAULT, interpret
from tests.conftest import FRIDAY
from tests.support.chaos.clusters import Cluster, cluster
from tests.support.chaos.course import Course, assert_sound
from tests.support.chaos.people import at_work
from tests.support.servers import Server, server
from tests.support.sweep import SEED, SWEEP, scaled

pytestmark = [pytest.mark.slow, pytest.mark.postgres]
PHONES = scaled(20, 6)
CALM = scaled(3, 1)  # seconds at most between two faults
LOST = "The database cannot be used at present"
END_ONE = """SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1) AS one"""


class Bench:
    """A served database on a PostgreSQL server of its own, and what can be done to it."""

    def __init__(self, course: Course, own: Cluster, served: Server) -> None:
        self.course, self.own, self.served = course, own, served

    def connected(self) -> psycopg.Connection:
        return psycopg.connect(
            make_url(self.own.url).set(drivername="postgresql").render_as_string(False), autocommit=True
        )

    def end_connections(self, times: int = 1000) -> None:
        """At random moments, one after the other."""
        with self.connected() as other, self.course.fault("connections ended", LOST):
            while times > 0:
                times -= other.execute(END_ONE).fetchone()[0]
                time.sleep(self.course.chosen.uniform(0, 0.15))

    def restart(self, times: int = 20) -> None:
        """Half of them as after a crash."""
        for _ in range(times):
            with self.course.fault("restarted", LOST):
                self.own.stop(self.course.chosen.choice(("fast", "immediate")))
                self.own.start()
            self.course.calm(CALM * 2)

    def lock(self, seconds: float = 30) -> None:
        """Another program writes, for longer than anybody waits."""
        with self.connected() as other, other.transaction():
            other.execute("LOCK TABLE change_counter IN EXCLUSIVE MODE")
            with self.course.fault("locked", BUSY):
                time.sleep(seconds)

    def forbid(self, times: int = 5, seconds: float = 3) -> None:
        for _ in range(times):
            with self.connected() as other, self.course.fault("read-only", READ_ONLY):
                for said in ("on", "off"):
                    other.execute(f"ALTER SYSTEM SET default_transaction_read_only = {said}")
                    other.execute("SELECT pg_reload_conf()")
                    time.sleep(seconds / 2 if said == "off" else seconds)
            self.course.calm(CALM)

    def kill(self, times: int = 20) -> None:
        """The server of ours, not PostgreSQL. Each time the store is sound as it was left."""
        for _ in range(times):
            with self.course.fault("killed"):
                self.served.kill()
                store = opened(self.own)
                assert_sound(store)
                store.close()
            self.served.start()
            self.course.calm(CALM * 2)

    def a_bit_of_each(self) -> None:
        for happen in (
            lambda: self.end_connections(20),
            lambda: self.lock(0.6),
            lambda: self.forbid(1, 0.5),
            lambda: self.restart(1),
        ):
            happen()
            self.course.calm(CALM)


FULL_LENGTH = (Bench.end_connections, Bench.restart, Bench.lock, Bench.forbid, Bench.kill)


def opened(own: Cluster) -> Store:
    return Store(own.url, mark=interpret, patience=60)


@pytest.fixture(scope="module")
def own():
    with cluster() as own:
        migrate(own.url, DEFAULT)
        store = opened(own)
        simulate(store, today=FRIDAY, now_hour=16.5, branches=2, managers=12, months=scaled(4, 1))
        store.close()
        yield own


@pytest.mark.parametrize("happen", FULL_LENGTH if SWEEP else [Bench.a_bit_of_each])
def test_nothing_acknowledged_is_lost_and_everybody_is_told_the_truth(own, tmp_path, happen: Callable[[Bench], None]):
    served = server(own.url, tmp_path)
    served.start()
    try:
        with at_work(served.address, PHONES, SEED) as notes:
            course = Course(notes, random.Random(SEED))
            course.calm(CALM * 2)
            happen(Bench(course, own, served))
            course.calm(CALM * 2)
    finally:
        served.stop()
    print(course.report())
    course.was_told_truly()
    course.everybody_went_on()
    store = opened(own)
    course.lost_nothing(store)
    store.close()
