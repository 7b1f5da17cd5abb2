"""Nothing is lost and nothing is doubled: whatever becomes of the connection and the server, each submission is one
row."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dashboard.shell.store import operator
from db.errors import Conflict
from db.models import Activity
from db.recording import recording
from tests.support.builders import LI, MONDAY, WANG, bank, manager
from tests.support.processes.replaying import NAMED, entry, replay
from tests.support.sheets import counts, logged, trail
from tests.support.sweep import SEED, scaled

pytestmark = pytest.mark.both_engines

SUBMISSIONS = {True: scaled(sweep=100_000, test=60), False: scaled(sweep=5_000, test=20)}  # by whether it is SQLite


@pytest.mark.slow
def test_submissions_sent_again_over_reconnects_and_restarts_are_each_one_row(store):
    submissions = SUBMISSIONS[store.is_sqlite]
    answers = replay(bank(store).url, submissions, kills=2, seed=SEED)
    stored = dict(logged(store, Activity.reference, Activity.id))
    assert len(stored) == counts(store)["activity"] == submissions
    assert answers == {number: {stored[f"key-{number}"]} for number in range(submissions)}
    assert (counts(store)["customer"], trail(store)) == (submissions // NAMED, [])


def test_the_same_key_with_other_content_is_refused_and_stands_in_the_trail(store):
    viewer = manager(bank(store))
    recording.record(viewer, WANG, entry(0), "key-0", MONDAY)
    others = [entry(0, note="改过的"), replace(entry(0), day=MONDAY - timedelta(1)), entry(NAMED)]
    for other in others:
        with pytest.raises(Conflict):
            recording.record(viewer, WANG, other, "key-0", MONDAY)
    with pytest.raises(Conflict):
        recording.record(operator(store), LI, entry(0), "key-0", MONDAY)
    assert logged(store, Activity.note, Activity.kind) == [("第0笔", "consultation")]
    told = [("manager 1", "conflict", "activity")] * len(others) + [("operator", "conflict", "activity")]
    assert trail(store) == told
