"""Whatever happens to the file under a running server: pages are read, people are told what is the matter, nothing that
was acknowledged is lost or there twice, and a moment later everybody goes on. `SEED=7` plays another course of events."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from db.engine import Store
from metrics.definitions import interpret
from tests.support.chaos import files
from tests.support.chaos.course import Course, assert_sound
from tests.support.chaos.files import Disk, small_disk
from tests.support.chaos.lives import CALM, live_through
from tests.support.servers import Server, server
from tests.support.sweep import SWEEP

pytestmark = pytest.mark.slow


class Bench:
    """A served database on a disk of its own, and what can be done to it."""

    def __init__(self, course: Course, disk: Disk, path: Path, served: Server, template: Path) -> None:
        self.course, self.disk, self.path, self.served, self.template = course, disk, path, served, template

    def lock(self, seconds: float = 30) -> None:
        files.locked(self.course, self.path, seconds)

    def fill(self, seconds: float = 70) -> None:
        files.full(self.course, self.path, self.disk, seconds)

    def fill_often(self, times: int = 50) -> None:
        for _ in range(times):
            self.fill(1)
            self.course.calm(CALM / 2)

    def take_away(self, times: int = 5, seconds: float = 3) -> None:
        for _ in range(times):
            files.taken_away(self.course, self.path, seconds)
            self.course.calm(CALM)

    def replace(self, times: int = 5, seconds: float = 3) -> None:
        for _ in range(times):
            files.replaced(self.course, self.path, seconds, self.template)
            self.course.calm(CALM)

    def forbid(self, times: int = 5, seconds: float = 3) -> None:
        for _ in range(times):
            files.read_only(self.course, self.path, seconds)
            self.course.calm(CALM)

    def kill(self, times: int = 20) -> None:
        """Each time the store is sound as it was left, before anybody opens it again to serve it."""
        for _ in range(times):
            with self.course.fault("killed"):
                self.served.kill()
                store = opened(self.path)
                assert_sound(store)
                store.close()
            self.served.start()
            self.course.calm(CALM * 2)

    def a_bit_of_each(self) -> None:
        for happen in (
            lambda: self.lock(0.6),
            lambda: self.fill(1.4),
            lambda: self.take_away(1, 0.5),
            lambda: self.replace(1, 0.5),
            lambda: self.forbid(1, 0.5),
            lambda: self.fill_often(1),
        ):
            happen()
            self.course.calm(CALM)


FULL_LENGTH = (Bench.lock, Bench.fill, Bench.fill_often, Bench.take_away, Bench.replace, Bench.forbid, Bench.kill)


def opened(path: Path) -> Store:
    return Store(f"sqlite:///{path}", mark=interpret, patience=60)


@pytest.mark.parametrize("happen", FULL_LENGTH if SWEEP else [Bench.a_bit_of_each])
def test_nothing_acknowledged_is_lost_and_everybody_is_told_the_truth(
    region_template, sqlite_template, tmp_path, happen: Callable[[Bench], None]
):
    with small_disk(tmp_path / "disk") as disk:
        path = Path(shutil.copy(region_template, disk.folder / "region.db"))
        served = server(f"sqlite:///{path}", tmp_path, under=files.WITHOUT_ROOTS_RIGHTS)
        live_through(
            served, lambda: opened(path), lambda course: happen(Bench(course, disk, path, served, sqlite_template))
        )
