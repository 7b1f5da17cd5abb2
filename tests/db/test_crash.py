"""An import that is killed leaves the whole batch or nothing, and the file can come again. CRASHES=200 kills more often."""

import random
import shutil
import subprocess
import sys
import time
from collections import Counter, deque
from pathlib import Path

import pytest
from sheets import TODAY, counts, file, numbers, row, sheet, wanted
from sheets import lines as written
from sqlalchemy import text

from dashboard.stores import operator
from db.engine import Store

ROWS = 3_000
IMPORTING = Path(__file__).with_name("importing.py")
CRASHES = wanted("CRASHES", 25)


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
    command = [sys.executable, IMPORTING, url, path]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def until_open(process: subprocess.Popen) -> None:
    """Waits until the process is ready, lets it go, and waits until its transaction is open."""
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("go\n")
    process.stdin.flush()
    assert process.stdout.readline() == "open\n"


def seconds_open(process: subprocess.Popen) -> float:
    until_open(process)
    begun = time.perf_counter()
    assert process.stdout.readline() == "done\n"
    open_for = time.perf_counter() - begun
    process.communicate()
    return open_for


def killed(process: subprocess.Popen, after: float) -> bool:
    """Kills it that long after its transaction opened; whether it had not finished by then."""
    until_open(process)
    time.sleep(after)
    process.kill()
    rest, _ = process.communicate()
    return "done" not in rest


def examined(url: str, content: bytes) -> str:
    """What is there: nothing or the whole batch; the file then comes again and completes it."""
    store = Store(url)
    held = counts(store)
    if store.is_sqlite:
        with store.reading() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
    assert (held["activity"], held["import_batch"], held["audit"]) in [(0, 0, 0), (ROWS, 1, 1)]
    report = file(operator(store), "activities", content, create_missing=True)
    assert numbers(report) == (ROWS, ROWS - held["activity"], held["activity"], 0)
    after = counts(store)
    store.close()
    assert (after["activity"], after["import_batch"], after["customer"]) == (ROWS, 1, 700)
    return "whole" if held["activity"] else "nothing"


def outcomes(urls: list[str], path: Path, content: bytes, seed: int) -> Counter:
    """Kills an import on each database but the first two, which tell how long the transaction is open."""
    chance = random.Random(seed)
    waiting = deque(started(url, path) for url in urls[:2])
    coming = iter(urls[2:])
    open_for, found = [], Counter()
    for place, url in enumerate(urls):
        process = waiting.popleft()
        if place < 2:
            open_for.append(seconds_open(process))
        else:
            # Now and then after the end: the commit itself must fall within the moments.
            unfinished = killed(process, chance.uniform(0, 1.15 * min(open_for)))
            found[examined(url, content), "killed" if unfinished else "done before"] += 1
        if following := next(coming, None):
            waiting.append(started(following, path))
    print(f"open for {min(open_for):.2f} s:", dict(found))
    return found


@pytest.mark.slow
def test_an_import_killed_at_any_moment_is_whole_or_absent(sqlite_template, tmp_path):
    content = activities()
    path = tmp_path / "activities.csv"
    path.write_bytes(content)
    urls = []
    for place in range(CRASHES + 2):
        urls.append(f"sqlite:///{tmp_path / str(place)}.db")
        shutil.copy(sqlite_template, tmp_path / f"{place}.db")
    found = outcomes(urls, path, content, seed=20261120)
    assert sum(found.values()) == CRASHES
    assert found["nothing", "killed"] > CRASHES // 2  # else the moments missed the transaction
    assert found["nothing", "done before"] == 0


@pytest.mark.slow
@pytest.mark.postgres
def test_an_import_whose_client_is_killed_is_whole_or_absent_on_a_server(postgres_urls, tmp_path):
    content = activities()
    path = tmp_path / "activities.csv"
    path.write_bytes(content)
    found = outcomes(postgres_urls(10 + 2), path, content, seed=20261121)
    assert found["nothing", "killed"] >= 3 and found["nothing", "done before"] == 0


@pytest.fixture
def postgres_urls(postgres_template):
    from conftest import server
    from sqlalchemy import make_url

    engine, made = server(), []

    def make(count: int) -> list[str]:
        with engine.connect() as connection:
            for place in range(count):
                made.append(f"{postgres_template}_crash_{place}")
                connection.execute(text(f"CREATE DATABASE {made[-1]} TEMPLATE {postgres_template}"))
        return [make_url(engine.url).set(database=one).render_as_string(hide_password=False) for one in made]

    yield make
    with engine.connect() as connection:
        for one in made:
            connection.execute(text(f"DROP DATABASE {one} WITH (FORCE)"))
