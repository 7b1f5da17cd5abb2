"""Whatever happens to the PostgreSQL server under a running one of ours: connections ended, the whole restarted, its
counter locked, writing forbidden. `SEED=7` plays another course of events."""

import time
from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy import make_url

from db.store.faults import BUSY, READ_ONLY
from tests.support.chaos import clusters
from tests.support.chaos.clusters import LOST, Cluster, opened
from tests.support.chaos.course import Course, assert_sound
from tests.support.chaos.lives import CALM, live_through
from tests.support.servers import Server, server
from tests.support.sweep import SWEEP, scaled

pytestmark = [pytest.mark.slow, pytest.mark.postgres]
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
            clusters.restart(self.course, self.own)
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


@pytest.fixture
def own():
    """New for each course: the phones of the next one send under the keys of the last."""
    with clusters.filled_cluster(branches=2, managers=12, months=scaled(4, 1)) as own:
        yield own


@pytest.mark.parametrize("happen", FULL_LENGTH if SWEEP else [Bench.a_bit_of_each])
def test_nothing_acknowledged_is_lost_and_everybody_is_told_the_truth(own, tmp_path, happen: Callable[[Bench], None]):
    served = server(own.url, tmp_path)
    live_through(served, lambda: opened(own), lambda course: happen(Bench(course, own, served)))
