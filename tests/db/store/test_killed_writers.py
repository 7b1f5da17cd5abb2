"""Writers that are killed in the middle of their work: what they were acknowledged is there once, a file is wholly there
or not at all, and the store is sound each time. `SEED=7` kills others at other moments."""

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from sqlalchemy import select

from db.engine import Store
from db.models import Activity
from tests.support.builders import bank
from tests.support.chaos.course import assert_sound
from tests.support.processes import dying
from tests.support.processes.submitting import MONDAY
from tests.support.sheets import lines, row, sheet
from tests.support.sweep import parts, scaled

pytestmark = pytest.mark.slow
AT_ONCE, KILLED = 4, 40  # of a part; one of those at once imports a file
ROWS, LONGEST = 200, 0.25  # seconds between two kills


@dataclass
class Writer:
    name: str
    process: object
    heard: Connection
    rows: int = 0  # of the file it brings; 0 for one that records
    acknowledged: dict[str, int] = field(default_factory=dict)
    done: bool = False

    def listen(self) -> None:
        """Until nothing more comes."""
        while True:
            try:
                said = self.heard.recv()
            except EOFError:
                return
            if said == "done":
                self.done = True
            elif said != "begun":
                self.acknowledged |= dict([said])


def started(url: str, name: str, file: Path | None) -> Writer:
    heard, said = dying.PREPARED.Pipe(duplex=False)
    do, given = (dying.write, name) if file is None else (dying.bring, file)
    process = dying.PREPARED.Process(target=do, args=(url, given, said), daemon=True)
    process.start()
    said.close()
    return Writer(name, process, heard, 0 if file is None else ROWS)


def written(folder: Path, name: str) -> Path:
    told = {"staff_no": "1001", "customer": "客户", "date": MONDAY.isoformat()}
    rows = [row(**told, reference=f"{name}/{number}", note=f"第{number}行") for number in range(ROWS)]
    path = folder / f"{name}.csv"
    path.write_bytes(lines(sheet(*rows)))
    return path


def examine(store: Store, writers: list[Writer]) -> None:
    """Every acknowledged entry once under its number, at most one more of each writer; files whole or absent."""
    with store.reading() as connection:
        held = connection.execute(select(Activity.reference, Activity.id)).all()
    assert len({key for key, _ in held}) == len(held)
    stored, of = dict(held), Counter(key.partition("/")[0] for key, _ in held)
    for one in writers:
        if one.rows:
            assert of[one.name] == one.rows if one.done else of[one.name] in (0, one.rows)
        else:
            assert {key: stored.get(key) for key in one.acknowledged} == one.acknowledged
            assert of[one.name] - len(one.acknowledged) in (0, 1)


@pytest.mark.both_engines
@pytest.mark.parametrize("seed", parts(sweep=12))
def test_a_killed_writer_leaves_what_was_acknowledged_and_nothing_half(store, url, tmp_path, seed):
    chosen, dead = random.Random(seed), []
    bank(store)
    for life in range(scaled(sweep=KILLED, test=AT_ONCE) // AT_ONCE):
        names = [f"w{life}-{place}" for place in range(AT_ONCE)]
        alive = [started(url, one, written(tmp_path, one) if place == 0 else None) for place, one in enumerate(names)]
        for one in alive:
            one.heard.poll(60)
        for one in chosen.sample(alive, k=AT_ONCE):
            time.sleep(chosen.uniform(0, LONGEST))
            one.process.kill()
            one.process.join()
            one.listen()
            dead.append(one)
            assert_sound(store)
        examine(store, dead)
    files = [one for one in dead if one.rows]
    print(
        len(dead),
        "killed,",
        sum(len(one.acknowledged) for one in dead),
        "entries acknowledged,",
        sum(one.done for one in files),
        "of",
        len(files),
        "files done",
    )
