"""A large import that is killed leaves nothing that anybody sees; what it stored and its spool are taken out, and the same
file is then taken whole. `SEED=7` kills at other steps."""

import random
import tempfile
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update

from dashboard.shell.store import operator
from db.engine import Store
from db.imports.imports import batches
from db.imports.large import unfinished
from db.imports.large.spool import PREFIX
from db.jobs import tick
from db.models import ImportBatch
from metrics.definitions import interpret
from tests.db.imports.test_large import rows, seen, two_regions
from tests.support.chaos.course import assert_sound
from tests.support.processes import dying_import
from tests.support.processes.dying import PREPARED
from tests.support.processes.dying_import import ACCEPTING, JUDGING, STORING
from tests.support.sheets import TODAY, bring, lines, numbers, sheet
from tests.support.sweep import parts

STEPS = {
    JUDGING: (25, 90),
    STORING: (0, 90),
    ACCEPTING: (0, 8),
}  # of the first portion and later ones, as there are on any engine
FILE = rows(2, 40)


def killed(url: str, folder: Path, phase: str, step: int) -> None:
    path, spools = folder / "large.csv", folder / "spools"
    spools.mkdir()
    path.write_bytes(lines(sheet(*FILE)))
    heard, said = PREPARED.Pipe(duplex=False)
    process = PREPARED.Process(target=dying_import.bring, args=(url, path, spools, phase, step, said), daemon=True)
    process.start()
    said.close()
    assert heard.poll(120) and heard.recv() == "dying"
    process.join()


def stored(store: Store) -> dict[str, int]:
    """How many rows there are, whoever may see them."""
    with store.reading() as connection:
        return {one: connection.scalar(text(f"SELECT count(*) FROM {one}")) for one in unfinished.ARRIVING}


def spools() -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob(f"{PREFIX}*"))


@pytest.mark.both_engines
@pytest.mark.parametrize("seed", parts(sweep=20))
@pytest.mark.parametrize("phase", [JUDGING, STORING, ACCEPTING])
def test_a_large_import_that_is_killed_leaves_nothing(store, url, tmp_path, monkeypatch, phase, seed):
    two_regions(store)
    step = random.Random(f"{seed} {phase}").randrange(*STEPS[phase])
    killed(url, tmp_path, phase, step)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "spools"))
    print(phase, "step", step, "left", stored(store))
    other = Store(url, mark=interpret)
    assert seen(store) == seen(other) == (0, 0, 0, 0)
    assert len(spools()) == 1
    if phase == ACCEPTING:
        assert stored(store)["activity"] == len(FILE)
    assert_sound(store)
    with store.noting("test") as write:  # five minutes later
        write.session.execute(update(ImportBatch).values(at=write.now - unfinished.ALIVE * 2))
    tick(other, TODAY)
    assert set(stored(store).values()) == {0} and spools() == []
    assert batches(operator(store))["undone_at"].null_count() == 0
    assert numbers(bring(operator(store), *FILE)) == (len(FILE), len(FILE), 0, 0)
    assert seen(store)[0] == seen(other)[3] == len(FILE)
    with store.reading() as connection:
        assert connection.scalar(select(func.count()).where(ImportBatch.version.is_not(None))) == 1
    assert_sound(store)
    other.close()
