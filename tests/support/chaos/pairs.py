"""Two processes of ours on one database behind nginx, as deploy/ sets them up, and what may happen to them."""

import os
import subprocess
from pathlib import Path

from tests.support.chaos.course import Course
from tests.support.nginx import Nginx
from tests.support.servers import Server, server

PROCESS = "a process restarted"
LONGEST_STOP = 20  # seconds, as in deploy/systemd
AWAY = "系统正在启动"  # what nginx says itself where no process does
LIKE_DEPLOY = {"CHENXI_PROXIES": '["127.0.0.1"]', "STREAMLIT_SERVER_COOKIE_SECRET": "of both"}


class Pair:
    """`address` is that of nginx in front of both."""

    def __init__(self, url: str, folder: Path) -> None:
        self.servers: list[Server] = []
        for name in ("first", "second"):
            (folder / name).mkdir()
            self.servers.append(server(url, folder / name))
        self.nginx = Nginx(folder / "nginx", [one.address for one in self.servers])
        self.address = self.nginx.address

    def start(self) -> None:
        """Returns once both answer, each by itself."""
        os.environ.update(LIKE_DEPLOY)
        for one in self.servers:
            one.start()
        self.nginx.start()

    def stop(self) -> None:
        self.nginx.stop()
        for one in self.servers:
            stop(one)
        for name in LIKE_DEPLOY:
            os.environ.pop(name, None)

    def restart_one(self, course: Course) -> None:
        """Either of them, ended as it may end: told to, or in the middle of whatever it does."""
        one = course.chosen.choice(self.servers)
        with course.fault(PROCESS, AWAY):
            course.chosen.choice((stop, Server.kill))(one)
            one.start()


def stop(one: Server) -> None:
    """As systemd does: it is told to, and ended where it has not ended by itself after TimeoutStopSec."""
    one.process.terminate()
    try:
        one.process.wait(LONGEST_STOP)
    except subprocess.TimeoutExpired:
        one.kill()
