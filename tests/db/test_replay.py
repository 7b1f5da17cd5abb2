"""Nothing is lost and nothing is doubled: whatever becomes of the connection and the server, each submission is one row.
REPLAYED=100000 sends more."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import LI, MONDAY, WANG, bank, manager
from replaying import NAMED, entry, replay
from sheets import counts, logged, trail, wanted

from dashboard.stores import operator
from db import activity
from db.errors import Conflict
from db.models import Activity

SUBMISSIONS = {True: wanted("REPLAYED", 10_000), False: 500}  # by whether it is SQLite


@pytest.mark.slow
def test_submissions_sent_again_over_reconnects_and_restarts_are_each_one_row(store):
    submissions = SUBMISSIONS[store.is_sqlite]
    answers = replay(bank(store).url, submissions, kills=2, seed=20261120)
    stored = dict(logged(store, Activity.reference, Activity.id))
    assert len(stored) == counts(store)["activity"] == submissions
    assert answers == {number: {stored[f"key-{number}"]} for number in range(submissions)}
    assert (counts(store)["customer"], trail(store)) == (submissions // NAMED, [])


def test_the_same_key_with_other_content_is_refused_and_stands_in_the_trail(store):
    viewer = manager(bank(store))
    activity.record(viewer, WANG, entry(0), "key-0", MONDAY)
    others = [entry(0, note="改过的"), replace(entry(0), day=MONDAY - timedelta(1)), entry(NAMED)]
    for other in others:
        with pytest.raises(Conflict):
            activity.record(viewer, WANG, other, "key-0", MONDAY)
    with pytest.raises(Conflict):
        activity.record(operator(store), LI, entry(0), "key-0", MONDAY)
    assert logged(store, Activity.note, Activity.kind) == [("第0笔", "consultation")]
    told = [("manager 1", "conflict", "activity")] * len(others) + [("operator", "conflict", "activity")]
    assert trail(store) == told
