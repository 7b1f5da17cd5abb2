"""A PostgreSQL server of one's own, to be stopped and started: never the one that others work on."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.servers import free_port

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
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
