"""Meters for Prometheus, on an address of their own (CHENXI_METRICS): what the server does, how long, how far behind."""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry, Histogram, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from dashboard.shell.settings import settings
from db.backup import backup
from db.delivery import sending
from db.engine import Store
from db.log import mirror

REGISTRY = CollectorRegistry()
RERUNS = Histogram(
    "chenxi_rerun_seconds",
    "Runs of a page's script",
    ["page"],
    buckets=(0.03, 0.1, 0.3, 1, 3, 10, 30),
    registry=REGISTRY,
)


@contextmanager
def run(page: str) -> Generator[None]:
    """Measures one run of a page's script."""
    began = time.perf_counter()
    try:
        yield
    finally:
        RERUNS.labels(page).observe(time.perf_counter() - began)


def start(store: Store) -> None:
    """Answers at `settings().metrics` (host:port) for as long as the process lives; where none is set, nowhere."""
    host, _, port = settings().metrics.rpartition(":")
    if not port:
        return
    REGISTRY.register(OfStore(store, settings().backups))
    start_http_server(int(port), host or "127.0.0.1", registry=REGISTRY)


class OfStore(Collector):
    """What is read when somebody asks. A store that cannot be asked now leaves out what it would have said."""

    def __init__(self, store: Store, backups: Path) -> None:
        self.store, self.backups = store, backups

    def collect(self) -> Iterator[Metric]:
        counts = self.store.counts
        yield CounterMetricFamily("chenxi_statements", "Statements sent to the database", counts.statements)
        yield SummaryMetricFamily(
            "chenxi_writer_wait_seconds", "Waiting for the writer's lock", counts.writes, counts.waited
        )
        yield GaugeMetricFamily("chenxi_writer_longest_wait_seconds", "Longest of these waits", counts.longest)
        for name, meaning, ask in (
            ("chenxi_up", "Whether the store answers", self.answers),
            ("chenxi_mirror_behind_writes", "Writes the mirror has not read yet", self.behind),
            ("chenxi_mirror_age_seconds", "For how long the mirror, where it is behind, has not looked", self.age),
            ("chenxi_messages_waiting", "Messages that wait to be sent", self.waiting),
            ("chenxi_last_backup_seconds", "When the newest backup was made (Unix time)", self.last_backup),
        ):
            value = asked(ask)
            if value is not None:
                yield GaugeMetricFamily(name, meaning, value)

    def answers(self) -> float:
        self.store.version()
        return 1.0

    def behind(self) -> float:
        return mirror.of(self.store).behind()[0]

    def age(self) -> float:
        return mirror.of(self.store).behind()[1]

    def waiting(self) -> float:
        return sending.waiting(self.store)

    def last_backup(self) -> float | None:
        return max((one.stat().st_mtime for one in self.backups.glob(f"*{backup.SUFFIX}")), default=None)


def asked(ask: Callable[[], float | None]) -> float | None:
    try:
        return ask()
    except Exception:
        return None
