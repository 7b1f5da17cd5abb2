"""What can happen to the file of a SQLite database, its journal with it, and to the disk it lies on."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from db.store.faults import BUSY, FULL, READ_ONLY
from db.store.on_disk import GONE, REPLACED
from tests.support.chaos.course import Course

LOCK = """import sqlite3, sys
other = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
other.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
other.execute("ROLLBACK")
"""
FILES = ("", "-wal", "-shm")
BLOCK = 4096  # bytes of a page of the memory that the small disk lies in
# A server that root starts may write to what is read-only, unless this right is taken from it.
WITHOUT_ROOTS_RIGHTS = () if os.geteuid() else ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")


class Disk:
    """A small file system of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ballast = folder, folder / "ballast"

    def fill(self, left: int = 0) -> None:
        """Up to so many bytes, or what others take of them meanwhile."""
        with self.ballast.open("wb", buffering=0) as file, suppress(OSError):
            while os.statvfs(self.folder).f_bfree * BLOCK > left:
                file.write(bytes(BLOCK))

    def make_room(self) -> None:
        self.ballast.unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path, megabytes: int = 48) -> Iterator[Disk]:
    """Mounted while the block runs; the test is skipped where nothing may be mounted."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"no disk of its own to fill: {mounted.stderr.strip()}")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def locked(course: Course, path: Path, seconds: float) -> None:
    """Another program writes, for longer than anybody waits."""
    words = [sys.executable, "-c", LOCK, path]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        other.stdout.readline()
        with course.fault("locked", BUSY):
            time.sleep(seconds)
            other.communicate("enough\n")


def full(course: Course, path: Path, disk: Disk, seconds: float) -> None:
    """At one position of the journal or another: it is emptied first, so that it has to grow."""
    with closing(sqlite3.connect(path, timeout=1)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with course.fault("disk full", FULL):
        disk.fill(course.chosen.randrange(0, 40) * BLOCK)
        time.sleep(seconds)
        disk.make_room()


def taken_away(course: Course, path: Path, seconds: float) -> None:
    """Removed, and put back as it was."""
    with course.fault("removed", GONE):
        keep(path)
        time.sleep(seconds)
        put_back(path)


def replaced(course: Course, path: Path, seconds: float, by: Path) -> None:
    """By another bank's, and put back as it was."""
    with course.fault("replaced", GONE, REPLACED):
        keep(path)
        shutil.copy(by, path)
        time.sleep(seconds)
        assert path.read_bytes() == by.read_bytes(), "somebody wrote into it"
        put_back(path)


def keep(path: Path) -> None:
    for one in FILES:
        path.with_name(path.name + one).rename(path.with_name(f"kept{one}"))


def put_back(path: Path) -> None:
    for one in reversed(FILES):
        path.with_name(f"kept{one}").replace(path.with_name(path.name + one))


def read_only(course: Course, path: Path, seconds: float) -> None:
    with course.fault("read-only", READ_ONLY):
        allow(path, 0o444)
        time.sleep(seconds)
        allow(path, 0o644)


def allow(path: Path, mode: int) -> None:
    for one in FILES:
        path.with_name(path.name + one).chmod(mode)
