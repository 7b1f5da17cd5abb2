"""The interviews of the simulated region are believable: held where somebody works, most of what was agreed done."""

from datetime import date, timedelta

import pytest
from sqlalchemy import or_, select

from db.engine import Store
from db.models import AgreedAction, Interview, Posting
from tests.conftest import FRIDAY

pytestmark = pytest.mark.slow


def test_heads_speak_with_their_own_and_who_spoke_lately_has_not_read_the_sheet(region_template):
    store = Store(f"sqlite:///{region_template}")
    there = (
        Posting.manager_id == Interview.manager_id,
        or_(Posting.from_day.is_(None), Posting.from_day <= Interview.day),
        or_(Posting.to_day.is_(None), Posting.to_day >= Interview.day),
    )
    columns = (Interview.day, Interview.viewed_at, Interview.held_by, Interview.branch_id, Posting.branch_id)
    with store.reading() as connection:
        held = connection.execute(select(*columns).where(*there)).all()
        everyone = connection.execute(select(Interview.real_reason)).all()
        agreed = connection.execute(select(AgreedAction.due, AgreedAction.done_on)).all()
    store.close()
    assert len(held) == len(everyone) >= 10 and all(reason for (reason,) in everyone)
    assert all(by == f"head-{branch}" and branch == posted for _, _, by, branch, posted in held)
    waiting = [(day, branch) for day, read, _, branch, _ in held if read is None]
    assert {branch for _, branch in waiting} == {1, 2} and min(waiting)[0] > FRIDAY - timedelta(7)
    assert min(held)[0] < date(2026, 10, 1), "old enough for an effect"
    due = [done for by, done in agreed if by < FRIDAY]
    assert 0 < due.count(None) < len(due) / 2, "most of what is due is done"
