"""Hostile bodies, uploads and connections at the running server: refused before they are kept, and nothing stays of
them, neither in memory nor on disk."""

import contextlib
import itertools
import os
import random
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest

from tests.support.raw_client import Signed, answered, pushed
from tests.support.servers import ROOT, Server, free_port
from tests.support.sweep import SEED, scaled

pytestmark = pytest.mark.slow

IMPATIENT = ROOT / "tests/support/processes/impatient.py"
MB = 1024 * 1024
HUGE = 500 * MB
LET_IN = 12 * MB  # what lies in the buffers between the two by the time it is refused
FORM = "application/x-www-form-urlencoded"
LEFT = 24 * MB  # what the allocators keep for themselves


@pytest.fixture(scope="module")
def server(region_template, tmp_path_factory):
    """The real one, with little patience; what it stores for a moment it stores in `disk`."""
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copy(region_template, folder / "region.db")
    disk = folder / "disk"
    disk.mkdir()
    port = free_port()
    command = [sys.executable, str(IMPATIENT), f"sqlite:///{folder / 'region.db'}", str(port)]
    served = Server(command, folder, port, under=["env", f"TMPDIR={disk}"])
    try:
        served.start()
        address, process = served.address, served.process
        head, wall = Signed(address, "head-1"), Signed(address, "screen-1")
        with head.page() as own, wall.page() as walls:
            yield SimpleNamespace(
                address=address, process=process, disk=disk, head=head, wall=wall, own=own, walls=walls
            )
    finally:
        served.stop()


def held(server) -> tuple[int, int]:
    """Bytes of memory, and connections. A pair of sockets within the process is none: each page has one for its loop, and
    Streamlit keeps a page that was cut off (disconnectedSessionTTL), for whoever comes back."""
    process = Path(f"/proc/{server.process.pid}")
    said = (process / "status").read_text()
    lines = (process / "net" / "tcp").read_text().splitlines()[1:]
    connections = {f"socket:[{line.split()[9]}]" for line in lines}
    files = [os.readlink(one) for one in (process / "fd").iterdir()]
    return int(said.partition("VmRSS:")[2].split()[0]) * 1024, sum(one in connections for one in files)


def status(server, method: str, path: str, size: int | None, signed: Signed | None = None, **headers: str) -> int:
    """What is answered to a body of so many bytes, or of no end; how much of it was taken is looked at."""
    said, taken = pushed(server.address, method, path, size, signed.cookies() if signed else "", headers)
    assert taken <= LET_IN
    return said


def form_without_end(server):
    assert status(server, "POST", "/account/sign-in", None, origin=server.address, type=FORM) == 413


def huge_form(server):
    assert status(server, "POST", "/account/sign-in", HUGE, origin=server.address, type=FORM) == 413


def huge_form_of_another_site(server):
    assert status(server, "POST", "/account/sign-in", HUGE, origin="http://elsewhere.test", type=FORM) == 403


def huge_file_in_a_form(server):
    said = status(server, "POST", "/account/me", HUGE, origin=server.address, type="multipart/form-data; boundary=x")
    assert said in (400, 413)


def upload_of_a_stranger(server):
    assert status(server, "PUT", f"/_stcore/upload_file/{server.own}/file", HUGE) == 401


def body_where_none_belongs(server):
    for path in ("/", "/_stcore/health", "/static/x", "/account/files/account.css", "/_stcore/stream", "/media/x"):
        assert status(server, "POST", path, HUGE) in (401, 404, 405, 413)


def upload_of_a_wall(server):
    assert status(server, "PUT", f"/_stcore/upload_file/{server.walls}/file", 19 * MB, server.wall) == 403


def upload_to_another_page(server):
    assert status(server, "PUT", f"/_stcore/upload_file/{server.walls}/file", 19 * MB, server.head) == 403
    assert server.wall.delete(server.own, "file") == 403


def upload_too_large(server):
    assert status(server, "PUT", f"/_stcore/upload_file/{server.own}/file", 22 * MB, server.head) == 413


def upload_without_end(server):
    assert status(server, "PUT", f"/_stcore/upload_file/{server.own}/file", None, server.head) == 411


def uploads_at_once(server):
    """A third of them fits into what one person may hold; what fitted is taken back again."""
    own = uuid4().hex
    files = [f"{own}-{number}" for number in range(8)]
    with ThreadPoolExecutor(len(files)) as at_once:
        taken = list(at_once.map(lambda one: server.head.put(server.own, one, b"x" * 18 * MB), files))
    assert set(taken) <= {204, 413} and taken.count(204) <= 3
    assert {server.head.delete(server.own, one) for one in files} == {204}


def heads_without_end(server):
    for said in (b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * MB):
        with contextlib.suppress(ConnectionError):
            assert answered(server.address, said)[:12] in (b"", b"HTTP/1.1 400")


def head_by_drops(server):
    drops = itertools.chain([b"GET / HTTP/1.1\r\n"], (f"X-{n}: y\r\n".encode() for n in itertools.count()))
    assert answered(server.address, *itertools.islice(drops, 60), pause=0.2) == b""


def body_half_sent(server):
    head = f"POST /account/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: 99\r\n\r\n"
    assert answered(server.address, head.encode() + b"login=")[:12] == b"HTTP/1.1 408"


def body_by_drops(server):
    head = f"POST /account/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: 9999\r\n\r\n"
    assert answered(server.address, head.encode(), *[b"x"] * 40, pause=0.2)[:12] in (b"HTTP/1.1 408", b"")


def message_too_large(server):
    assert server.wall.announces(30 * MB) == 1009


def message_too_large_sent_whole(server):
    server.wall.says(b"x" * 30 * MB)


ATTACKS = [
    form_without_end,
    huge_form,
    huge_form_of_another_site,
    huge_file_in_a_form,
    upload_of_a_stranger,
    body_where_none_belongs,
    upload_of_a_wall,
    upload_to_another_page,
    upload_too_large,
    upload_without_end,
    uploads_at_once,
    heads_without_end,
    head_by_drops,
    body_half_sent,
    body_by_drops,
    message_too_large,
    message_too_large_sent_whole,
]


def test_hundreds_of_them_are_refused_and_leave_memory_and_disk_as_they_were(server):
    def attacked(some) -> None:
        with ThreadPoolExecutor(4) as crowd:
            list(crowd.map(lambda attack: attack(server), some))

    attacked(ATTACKS)
    memory, sockets = held(server)
    attacked(random.Random(SEED).choices(ATTACKS, k=scaled(200, 6)))
    later = held(server)
    assert list(server.disk.rglob("*")) == []
    assert later[0] - memory <= LEFT and later[1] - sockets <= 2
    assert server.head.http.get("/my_day").status_code == 200
