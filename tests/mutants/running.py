"""Tests run in a copy of the sources, in a process forked from one that has loaded every library already: what is forked
loads our own modules alone, and with them the fault that was written into the copy."""

import ast
import builtins
import contextlib
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

MARK = "reached_by_a_test"
OURS = {"db", "metrics", "dashboard", "pages", "tests", "benchmarks", "docs"}
SURVIVED, KILLED, TOO_LONG = "survived", "killed", "killed: it took too long"
LONGEST = 300  # seconds with a fault
LOADED = (
    "import json, sys, pytest; pytest.main(['--collect-only', '-qq', *sys.argv[1:]]); print(json.dumps([*sys.modules]))"
)


def copied(root: Path, folder: Path) -> Path:
    """The sources as they are now, without what is made from them."""
    files = subprocess.run(
        ["git", "ls-files"], cwd=root, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    for one in files:
        if one.endswith((".png", ".jpg")) or not (root / one).exists():
            continue
        (folder / one).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / one, folder / one, follow_symlinks=False)
    return folder


def load_libraries(tree: Path, files: Collection[str]) -> None:
    """Loads whatever these tests load that is not ours."""
    said = subprocess.run(
        [sys.executable, "-c", LOADED, "-p", "no:xdist", *files], cwd=tree, capture_output=True, text=True, check=True
    )
    for name in json.loads(said.stdout.splitlines()[-1]):
        if name.partition(".")[0] not in OURS and name not in sys.modules:
            with contextlib.suppress(Exception):  # some exist only where another was loaded first
                importlib.import_module(name)


class Chosen:
    """These tests of those collected, in this order."""

    def __init__(self, tests: Sequence[str]) -> None:
        self.place = {test: number for number, test in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((one for one in items if one.nodeid in self.place), key=lambda one: self.place[one.nodeid])


class Reached:
    """Which functions of the core each test reaches, and how long a processor works for it, whoever else works there."""

    def __init__(self, result: Path) -> None:
        self.functions: dict[str, set[str]] = defaultdict(set)
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()
        self.result, self.test = result, ""
        setattr(builtins, MARK, lambda function: self.functions[self.test].add(function))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item):
        self.test, begun = item.nodeid, time.process_time()
        done = yield
        self.seconds[item.nodeid] = time.process_time() - begun
        return done

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.outcome != "passed":
            self.failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        found = {
            test: {"seconds": seconds, "functions": sorted(self.functions[test])}
            for test, seconds in self.seconds.items()
            if test not in self.failed
        }
        self.result.write_text(json.dumps({"failed": sorted(self.failed), "tests": found}))


def marked(source: str, path: str) -> str:
    """The source, each of whose functions says that it is reached."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.body.insert(0, ast.parse(f"{MARK}({f'{path}:{node.lineno}'!r})").body[0])
    return ast.unparse(ast.fix_missing_locations(tree))


def fork(tree: Path, files: Sequence[str], plugin: object, to_its_end: bool = False) -> int:
    """The number of a process that runs these files of tests in the tree, and ends with what pytest ends with."""
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        os.setsid()  # whatever a test starts ends with it
        os.chdir(tree)
        sys.path[0] = str(tree)
        sys.dont_write_bytecode = not to_its_end
        for name in [one for one in sys.modules if one.partition(".")[0] in OURS]:
            del sys.modules[name]
        importlib.invalidate_caches()
        with (tree / "said.txt").open("w") as said:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
        exclude = "not browser and not postgres and not sweep"
        words = [*files, *(() if to_its_end else ("-x",)), "-p", "no:xdist", "-m", exclude]
        code = pytest.main(words, [plugin])
    finally:
        os._exit(int(code))


def ended(child: int, begun: float) -> int | None:
    """What a process ended with, None while it runs; one that takes too long is ended, -1."""
    if time.monotonic() - begun > LONGEST:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return -1
    number, status = os.waitpid(child, os.WNOHANG)
    if not number:
        return None
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(status)


def verdict(code: int) -> str:
    return {0: SURVIVED, 5: SURVIVED, -1: TOO_LONG}.get(code, KILLED)  # 5: there is no test
