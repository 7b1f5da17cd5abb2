"""Servers to measure: started, asked how much they take, stopped."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from tests.support.servers import free_port

ROOT = Path(__file__).parents[2]
HEALTH = "/_stcore/health"


@dataclass(frozen=True)
class Server:
    """A process that serves pages; what it takes is read from Linux's /proc."""

    address: str
    process: int
    counts: np.ndarray | None = None

    @property
    def megabytes(self) -> float:
        """Of memory held by now."""
        pages = int(Path(f"/proc/{self.process}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    @property
    def cpu(self) -> float:
        """Seconds of processor time so far."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def statements(self) -> int:
        """Sent to the database so far, BEGIN and COMMIT aside."""
        return 0 if self.counts is None else int(self.counts[0])


@contextmanager
def ours(database: Path, now: datetime) -> Iterator[Server]:
    """The product's server on a demo database, where it is `now`."""
    counts = database.with_suffix(".counts")
    counts.write_bytes(bytes(8))
    port = free_port()
    call = [sys.executable, "-m", "benchmarks.load.serve", f"sqlite:///{database}", str(port), str(counts)]
    kept = {name: str(database.parent) for name in ("CHENXI_SNAPSHOTS", "CHENXI_LOGS")}
    more = kept | {"CHENXI_NOW": now.isoformat()}
    with started(call, more, port, database.with_suffix(".log")) as process:
        yield Server(f"http://127.0.0.1:{port}", process, np.memmap(counts, np.int64, "r", shape=(1,)))


@contextmanager
def peer(database: Path, now: datetime) -> Iterator[Server]:
    """`streamlit run` on a page of pandas and SQL, with the settings it comes with."""
    port = free_port()
    app = str(Path(__file__).with_name("peer_app.py"))
    call = [sys.executable, "-m", "streamlit", "run", app, "--server.port", str(port), "--server.headless", "true"]
    call += ["--server.address", "127.0.0.1", "--browser.gatherUsageStats", "false"]
    day = now.date()
    more = {"PEER_DATABASE": str(database), "PEER_MONTH": str(day.replace(day=1)), "PEER_DAY": str(day)}
    with started(call, more, port, database.with_suffix(".peer.log")) as process:
        yield Server(f"http://127.0.0.1:{port}", process)


@contextmanager
def started(call: list[str], more: dict[str, str], port: int, log: Path) -> Iterator[int]:
    with log.open("w") as said:
        # In a folder of its own: the product's settings of Streamlit are found from the working folder.
        running = subprocess.Popen(
            call, env=os.environ | {"PYTHONPATH": str(ROOT)} | more, cwd=log.parent, stdout=said, stderr=said
        )
        try:
            for _ in range(1_800):
                if running.poll() is not None:
                    raise RuntimeError(log.read_text())
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}{HEALTH}")
                    break
                except OSError:
                    time.sleep(0.2)
            yield running.pid
        finally:
            running.terminate()
            try:
                running.wait(30)
            except subprocess.TimeoutExpired:  # a peer with more to do than it can
                running.kill()
                running.wait()
