"""Two editors on one row: one of them is first, the other is told what changed, and nothing is lost."""

import threading
from itertools import pairwise

import pytest

from db.errors import Changed
from db.log.entry import Entry
from db.models import Activity, Audit
from db.recording import recording
from tests.support.builders import MONDAY, WANG, bank, head, manager
from tests.support.sheets import logged, trail
from tests.support.sweep import scaled

pytestmark = pytest.mark.both_engines

RACES = {"sqlite": scaled(sweep=1_000, test=20), "postgresql": scaled(sweep=200, test=8)}


@pytest.mark.slow
def test_of_two_editors_one_is_first_and_the_other_sees_what_changed(store):
    races = RACES[store.engine.dialect.name]
    entry = Entry("consultation", MONDAY, customer_name="湖滨书店", note="0")
    identity = recording.record(manager(bank(store)), WANG, entry, "r", MONDAY)
    seen = [logged(store, Activity.version)[0][0]]
    start, over = threading.Barrier(3), threading.Barrier(3)
    outcomes: list[dict] = []

    def edit(viewer) -> None:
        for race in range(races):
            start.wait()
            note = f"{viewer.account} {race}"
            try:
                recording.correct(viewer, identity, seen[0], MONDAY, note=note)
                outcomes.append({"won": note})
            except Changed as told:
                outcomes.append({"told": told.changes, "by": told.values["account"]})
            over.wait()

    editors = [threading.Thread(target=edit, args=(one,)) for one in (manager(store), head(store))]
    [one.start() for one in editors]
    last = "0"
    for _race in range(races):
        outcomes.clear()
        start.wait(60)
        over.wait(60)
        (won,) = [one["won"] for one in outcomes if "won" in one]
        (told,) = [one for one in outcomes if "told" in one]
        assert told == {"told": {"note": (last, won)}, "by": won.rsplit(" ", 1)[0]}
        ((seen[0], note),) = logged(store, Activity.version, Activity.note)
        assert note == won
        last = won
    [one.join(60) for one in editors]
    corrected = [one for one in trail(store, Audit.action, Audit.before, Audit.after) if one[0] == "correct"]
    pairs = [(before["note"], after["note"]) for _deed, before, after in corrected]
    assert len(pairs) == races
    assert all(after == before for (_, after), (before, _) in pairwise(pairs))


def test_the_later_one_is_told_all_that_happened_since_he_looked(store):
    viewer = manager(bank(store))
    entry = Entry("deal", MONDAY, customer_name="湖滨书店", product=1, amount_cents=1_000, note="a")
    identity = recording.record(viewer, WANG, entry, "r", MONDAY)
    versions = [logged(store, Activity.version)[0][0]]
    for changes in ({"note": "b"}, {"note": "c", "amount_cents": 2_000}):
        recording.correct(viewer, identity, versions[-1], MONDAY, **changes)
        versions.append(logged(store, Activity.version)[0][0])
    recording.void(head(store), identity, versions[-1])
    expected = {
        versions[0]: {"note": ("a", "c"), "amount_cents": (1_000, 2_000), "voided": (False, True)},
        versions[1]: {"note": ("b", "c"), "amount_cents": (1_000, 2_000), "voided": (False, True)},
        versions[2]: {"voided": (False, True)},
    }
    for version, changes in expected.items():
        with pytest.raises(Changed, match="head 1 changed this entry") as told:
            recording.correct(viewer, identity, version, MONDAY, note="mine")
        assert told.value.changes == changes
