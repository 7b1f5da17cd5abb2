"""How far the long checks go: `make test` takes a sample of them, `make sweep` the whole, from where it stopped."""

import os
import subprocess
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

SWEEP = os.environ.get("SWEEP") == "1"
SEED = int(os.environ.get("SEED", "20261120"))
ROOT = Path(__file__).parents[2]
PASSED = ROOT / "var" / "sweep.txt"  # its first line says of which code and seed, each other names a test


def scaled(sweep: int, test: int) -> int:
    """How many: so many in the sweep, so many in `make test`."""
    return sweep if SWEEP else test


def sampled(cases: Sequence, one_in: int) -> list:
    """All in the sweep; else every so-manieth, beginning where the seed says."""
    return list(cases) if SWEEP else list(cases[SEED % one_in :: one_in])


def parts(sweep: int, test: int = 1) -> list[int]:
    """Seeds for the parts of a check that is cut up, so that a sweep can be resumed between them."""
    return [SEED + part for part in range(scaled(sweep, test))]


class Resumed:
    """Notes what has passed, so that a sweep of the same code and seed that is begun again goes on from there."""

    def __init__(self):
        code = b"".join(
            subprocess.run(["git", *words], cwd=ROOT, capture_output=True).stdout
            for words in (("rev-parse", "HEAD"), ("diff", "HEAD"))
        )
        self.title = f"{sha256(code).hexdigest()} SEED={SEED}"
        lines = PASSED.read_text().splitlines() if PASSED.exists() else []
        self.passed = set(lines[1:]) if lines[:1] == [self.title] else set()
        self.failed: set[str] = set()

    def begin(self) -> None:
        if not self.passed:
            PASSED.parent.mkdir(exist_ok=True)
            PASSED.write_text(self.title + "\n")

    def pytest_runtest_logreport(self, report) -> None:
        """Called where the results of all workers come together."""
        if report.outcome != "passed":
            self.failed.add(report.nodeid)
        elif report.when == "teardown" and report.nodeid not in self.failed:
            with PASSED.open("a") as file:
                file.write(report.nodeid + "\n")
