"""A large batch whose undoing is killed is whole for everybody or gone for everybody, and what is left of it goes on.
`SEED=7` kills at other steps."""

import random
import threading

import pytest

from dashboard.shell.store import operator
from db.engine import Store
from db.imports import undo
from db.imports.imports import batches
from db.imports.large import withdrawing
from db.imports.undo import undo_batch
from db.jobs import tick
from db.models import Activity, KeptEntry
from db.recording import recording
from metrics.definitions import interpret
from tests.db.imports.test_large import two_regions
from tests.db.imports.test_large_undo import FILE, both, left, shown, small_portions, there  # noqa: F401
from tests.support.chaos.course import assert_sound
from tests.support.moments import until
from tests.support.processes import dying_undo
from tests.support.processes.dying import PREPARED
from tests.support.sheets import TODAY, bring, held_values, logged, numbers, row, trail
from tests.support.sweep import parts

STEPS = 70  # within the portions, as there are on any engine


@pytest.fixture
def bank(store) -> Store:
    return two_regions(store)


def killed(url: str, batch: int, step: int, at_once: int = 3) -> str:
    heard, said = PREPARED.Pipe(duplex=False)
    process = PREPARED.Process(target=dying_undo.take_back, args=(url, batch, step, at_once, said), daemon=True)
    process.start()
    said.close()
    assert heard.poll(120)
    process.join()
    return heard.recv()


@both
@pytest.mark.parametrize("seed", parts(sweep=20, test=2))
def test_an_undoing_that_is_killed_is_not_begun_or_goes_on(bank, url, seed):
    batch = bring(operator(bank), *FILE).batch
    first, version = logged(bank, Activity.id, Activity.version)[0]
    recording.correct(operator(bank), first, version, TODAY, note="改过")
    other = Store(url, mark=interpret)
    assert shown(other) == (len(FILE), len(FILE))
    step = random.Random(seed).randrange(STEPS)
    assert killed(url, batch, step) == "dying"
    undone = batches(operator(bank))["undone_at"][0] is not None
    expected = 1 if undone else len(FILE)
    print("step", step, "undone" if undone else "not undone", "left", left(bank))
    assert shown(bank) == shown(other) == (expected, expected)
    assert_sound(bank)
    tick(other, TODAY)
    assert left(bank) == expected and shown(bank) == shown(other) == (expected, expected)
    if not undone:
        assert undo_batch(operator(bank), batch).rows == len(FILE) - 1
    assert there(bank) == [first] and left(bank) == 1
    assert held_values(bank, KeptEntry.activity_id) == set()
    assert [one[1] for one in trail(bank)].count("undo") == 1
    assert numbers(bring(operator(bank), *FILE)) == (len(FILE), len(FILE) - 1, 1, 0)
    assert_sound(bank)
    other.close()


@pytest.mark.slow
@both
def test_twenty_thousand_rows_are_there_or_gone_whoever_looks_and_whatever_is_killed(bank, url, monkeypatch):
    monkeypatch.setattr(withdrawing, "AT_ONCE", 500)
    monkeypatch.setattr(undo, "ROWS", 5_000)
    file = [row(customer=f"客{one % 900}", note=f"第{one}行") for one in range(20_000)]
    batch = bring(operator(bank), *file).batch
    other = Store(url, mark=interpret)
    assert shown(other) == (len(file), len(file))
    assert killed(url, batch, STEPS, at_once=500) == "dying"
    assert 0 < left(bank) < len(file) and shown(bank) == shown(other) == (0, 0)
    tick(other, TODAY)
    assert left(bank) == 0 and numbers(bring(operator(bank), *file)) == (len(file), len(file), 0, 0)
    looks, done = [], threading.Event()

    def look() -> None:
        while not done.is_set():
            looks.append(shown(other))

    looking = threading.Thread(target=look)
    looking.start()
    until(lambda: looks)
    again = batches(operator(bank))["id"][0]
    assert undo_batch(operator(bank), again).rows == len(file)
    done.set()
    looking.join()
    assert {one for look in looks for one in look} <= {0, len(file)}
    assert left(bank) == 0 and shown(bank) == shown(other) == (0, 0)
    assert_sound(bank)
    other.close()
