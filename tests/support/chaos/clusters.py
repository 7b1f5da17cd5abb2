"""A PostgreSQL server of one's own, to be stopped and started: never the one that others work on."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from db.engine import Store
from db.migrations.migrate import migrate
from db.simulate.simulate import simulate
from metrics.definitions import DEFAULT, interpret
from tests.conftest import FRIDAY
from tests.support.chaos.course import Course
from tests.support.servers import free_port

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
POSTGRES = "PostgreSQL restarted"
LOST = "The database cannot be used at present"  # what people are told while it is away
AS_POSTGRES = () if os.geteuid() else ("runuser", "-u", "postgres", "--")  # PostgreSQL refuses to run as root


class Cluster:
    """`url` of its one database."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"postgresql+psycopg://root@127.0.0.1:{self.port}/postgres"

    def begin(self) -> None:
        self.run("initdb", "--pgdata", self.folder / "data", "--username=root", "--auth=trust", "--encoding=UTF8")
        self.start()

    def start(self) -> None:
        said = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c max_connections=100"
        self.run("pg_ctl", "start", "--wait", *self.data(), "-l", self.folder / "log", "-o", said)

    def stop(self, how: str = "fast") -> None:
        """`fast` ends every session; `immediate` is a crash."""
        self.run("pg_ctl", "stop", "--wait", *self.data(), "-m", how)

    def data(self) -> tuple[str | Path, ...]:
        return "-D", self.folder / "data"

    def run(self, program: str, *words: str | Path) -> None:
        command = [*AS_POSTGRES, PROGRAMS[-1] / program, *words]
        said = subprocess.run(command, cwd=self.folder, capture_output=True, text=True)
        if said.returncode:
            raise RuntimeError(f"{program}: {said.stdout}{said.stderr}")


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A new one, empty; removed afterwards. Skips where PostgreSQL's programs are not installed."""
    if not PROGRAMS:
        pytest.skip("no PostgreSQL programs in /usr/lib/postgresql")
    folder = Path(tempfile.mkdtemp(prefix="chenxi-postgres-"))
    if AS_POSTGRES:
        shutil.chown(folder, "postgres")
    own = Cluster(folder)
    try:
        own.begin()
        yield own
    finally:
        subprocess.run(
            [*AS_POSTGRES, PROGRAMS[-1] / "pg_ctl", "stop", *own.data(), "-m", "immediate"], capture_output=True
        )
        shutil.rmtree(folder)


@contextmanager
def filled_cluster(branches: int, managers: int, months: int) -> Iterator[Cluster]:
    """One that holds a region."""
    with cluster() as own:
        migrate(own.url, DEFAULT)
        store = opened(own)
        simulate(store, today=FRIDAY, now_hour=16.5, branches=branches, managers=managers, months=months)
        store.close()
        yield own


def opened(own: Cluster) -> Store:
    return Store(own.url, mark=interpret, patience=60)


def restart(course: Course, own: Cluster) -> None:
    """As it is restarted, or as after a crash."""
    with course.fault(POSTGRES, LOST):
        own.stop(course.chosen.choice(("fast", "immediate")))
        own.start()
