"""An import that is killed leaves the whole batch or nothing, and the file can come again."""

import random
import shutil
import subprocess
import sys
import time
from collections import Counter, deque
from pathlib import Path

import pytest
from sqlalchemy import text

from dashboard.shell.store import operator
from db.engine import Store
from db.imports.imports import batches
from db.imports.undo import undo_batch
from tests.support.processes import importing
from tests.support.sheets import TODAY, counts, file, numbers, row, sheet
from tests.support.sheets import lines as written
from tests.support.sweep import SEED, scaled

pytestmark = pytest.mark.slow

ROWS = 3_000
CRASHES = scaled(sweep=200, test=2)
CRASHES_OF_A_CLIENT = scaled(sweep=50, test=1)


def activities() -> bytes:
    kinds = ("咨询", "咨询", "咨询", "申请", "成交")
    rows = [
        row(
            date=TODAY.replace(day=1 + place % 20).isoformat(),
            kind=kinds[place % 5],
            customer=f"客户{place % 700}",
            product="信用贷款",
            amount=str(place),
            reference=f"r{place}",
            note="约了下周再谈" * 5,
        )
        for place in range(ROWS)
    ]
    return written(sheet(*rows))


def started(url: str, path: Path) -> subprocess.Popen:
    command = [sys.executable, importing.__file__, url, path]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def heard(process: subprocess.Popen, word: str) -> float:
    """Waits until the process says so; gives the moment."""
    assert process.stdout.readline() == word + "\n"
    return time.perf_counter()


def let_go(process: subprocess.Popen) -> float:
    """Lets a process that is ready import; gives the moment its transaction opened."""
    heard(process, "ready")
    process.stdin.write("go\n")
    process.stdin.flush()
    return heard(process, "open")


def durations(process: subprocess.Popen) -> tuple[float, float]:
    """How long an import needs from the opened transaction to the last row, and from there to its end."""
    opened, written, done = let_go(process), heard(process, "written"), heard(process, "done")
    process.communicate()
    return written - opened, done - written


def killed(process: subprocess.Popen, after: str, seconds: float) -> str:
    """Kills it that long after it said so; gives whether it was done by then."""
    let_go(process)
    if after != "open":
        heard(process, after)
    time.sleep(seconds)
    process.kill()
    rest, _ = process.communicate()
    return "done" if "done" in rest else "killed"


def examined(store: Store, before: dict[str, int], content: bytes) -> str:
    """What is there more than before: nothing or the whole batch. The file then comes again and completes it."""
    held = counts(store)
    if store.is_sqlite:
        with store.reading() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
    more = [held[table] - before[table] for table in ("activity", "import_batch", "audit")]
    assert more in ([0, 0, 0], [ROWS, 1, 1])
    report = file(operator(store), "activities", content, create_missing=True)
    assert numbers(report) == (ROWS, ROWS - more[0], more[0], 0)
    after = counts(store)
    assert (after["activity"] - before["activity"], after["import_batch"] - before["import_batch"]) == (ROWS, 1)
    assert after["customer"] == 700
    return "whole" if more[0] else "nothing"


def outcomes(urls: list[str], path: Path, content: bytes, seed: int) -> Counter:
    """Kills an import on each database but the first, which tells how long each part of the transaction takes."""
    chance, found = random.Random(seed), Counter()
    waiting = deque(started(url, path) for url in urls[:2])
    coming = iter(urls[2:])
    for place, url in enumerate(urls):
        process, store = waiting.popleft(), Store(url)
        before = counts(store)
        if place == 0:
            longest = dict(zip(("open", "written"), durations(process), strict=True))
        else:
            after = chance.choice(["open", "open", "written"])
            said = killed(process, after, chance.uniform(0, longest[after]))
            longest[after] *= 0.8 if said == "done" else 1.05  # how busy the machine is changes
            found[examined(store, before, content), said] += 1
        undo_batch(operator(store), batches(operator(store))["id"][0])  # frees the references
        store.close()
        if following := next(coming, None):
            waiting.append(started(following, path))
    print(longest, dict(found))
    return found


@pytest.mark.slow
def test_an_import_killed_at_any_moment_is_whole_or_absent(sqlite_template, tmp_path):
    content = activities()
    path = tmp_path / "activities.csv"
    path.write_bytes(content)
    for place in range(CRASHES + 1):
        shutil.copy(sqlite_template, tmp_path / f"{place}.db")
    urls = [f"sqlite:///{tmp_path / str(place)}.db" for place in range(CRASHES + 1)]
    found = outcomes(urls, path, content, seed=SEED)
    assert sum(found.values()) == CRASHES
    assert found["nothing", "killed"] >= CRASHES // 4  # else the moments missed the transaction
    assert found["nothing", "done"] == 0


@pytest.mark.slow
@pytest.mark.postgres
def test_an_import_whose_client_is_killed_is_whole_or_absent_on_a_server(postgres_url, tmp_path):
    content = activities()
    path = tmp_path / "activities.csv"
    path.write_bytes(content)
    found = outcomes([postgres_url] * (CRASHES_OF_A_CLIENT + 1), path, content, seed=SEED + 1)
    assert found["nothing", "killed"] >= CRASHES_OF_A_CLIENT // 5 and found["nothing", "done"] == 0
