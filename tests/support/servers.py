"""The real server in a process of its own: started, stopped, killed, and started again at the same address."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).parents[2]
SERVE = """import sys
from dashboard.web.server import serve
serve(sys.argv[1], '127.0.0.1', int(sys.argv[2]), demo=sys.argv[3] == 'True')
"""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Server:
    """Serves one database; it is Friday 2026-11-20, 16:30. `under` is the command that runs it, where one does."""

    def __init__(self, command: Sequence[str], folder: Path, port: int, under: Sequence[str] = ()) -> None:
        self.command, self.folder = [*under, *command], folder
        self.address = f"http://127.0.0.1:{port}"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        """Returns once it answers."""
        kept = {name: str(self.folder) for name in ("CHENXI_SNAPSHOTS", "CHENXI_LOGS")}
        environment = os.environ | kept | {"CHENXI_NOW": "2026-11-20T16:30"}
        log = self.folder / "server.log"
        with log.open("a") as said:
            self.process = subprocess.Popen(self.command, cwd=ROOT, env=environment, stdout=said, stderr=said)
        for _attempt in range(1_200):
            if self.process.poll() is not None:
                raise RuntimeError(log.read_text())
            try:
                urlopen(f"{self.address}/_stcore/health")
                return
            except OSError:
                time.sleep(0.1)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)

    def kill(self) -> None:
        """In the middle of whatever it does."""
        self.process.kill()
        self.process.wait(10)


def server(url: str, folder: Path, port: int | None = None, demo: bool = True, under: Sequence[str] = ()) -> Server:
    """One that is not started yet. In a `demo` one tap enters as anybody."""
    port = port or free_port()
    return Server([sys.executable, "-c", SERVE, url, str(port), str(demo)], folder, port, under)


@contextmanager
def serving(url: str, folder: Path, port: int | None = None, demo: bool = True, new: bool = False):
    """The address of a server on this database. A port is given to one that comes back; a `new` bank is begun by the
    command that serves it."""
    port = port or free_port()
    served = server(url, folder, port, demo)
    if new:
        begun = [sys.executable, "-m", "dashboard", "run", "--new", "--database", url, "--port", str(port)]
        served = Server(begun, folder, port)
    try:
        served.start()
        yield served.address
    finally:
        served.stop()
