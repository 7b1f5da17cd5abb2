"""The log within a moment: as it was when the moment began, whoever writes meanwhile."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import update

from dashboard.shell.store import operator
from db.engine import Store
from db.log import activity, mirror
from db.log.columns.state import State
from db.models import Activity, ChangeCounter
from metrics.definitions import interpret
from tests.support.builders import EAST
from tests.support.mirror_log import TUESDAY, YEAR, put

pytestmark = pytest.mark.both_engines


@pytest.mark.parametrize("writes", [1, mirror.RECENT + 3])
def test_a_moment_goes_on_reading_its_own_log_however_many_write_meanwhile(staffed, url, writes):
    other = Store(url, mark=interpret)
    put(staffed)
    with staffed.moment():
        before = activity.read(operator(staffed), YEAR).collect()
        for n in range(writes):
            put(other, customer_id=2 + n % 3, day=TUESDAY)
            assert activity.read(operator(other), YEAR).collect().height == before.height + n + 1
        assert_frame_equal(activity.read(operator(staffed), YEAR).collect(), before)
    assert activity.read(operator(staffed), YEAR).collect().height == before.height + writes
    other.close()


@pytest.mark.parametrize("writes", [1, mirror.RECENT + 3])
def test_a_moment_that_reads_the_log_late_gets_it_as_it_was(staffed, writes):
    """Others of the same process have brought the mirror further meanwhile."""
    put(staffed)
    before = activity.read(operator(staffed), YEAR).collect()

    def write_and_read() -> None:
        for _ in range(writes):
            put(staffed, customer_id=2, day=TUESDAY)
            activity.read(operator(staffed), YEAR).collect()

    with staffed.moment():
        others = threading.Thread(target=write_and_read)
        others.start()
        others.join()
        assert_frame_equal(activity.read(operator(staffed), YEAR).collect(), before)
    assert activity.read(operator(staffed), YEAR).collect().height == before.height + writes


def test_a_database_put_back_is_read_again_within_a_moment_too(local):
    put(local)
    activity.read(operator(local), YEAR).collect()
    with local.engine.begin() as connection:
        connection.execute(update(ChangeCounter).values(value=ChangeCounter.value - 1))
        connection.execute(Activity.__table__.delete())
    with local.moment():
        assert activity.read(operator(local), YEAR).collect().is_empty()


def write_and_refresh(store: Store) -> State:
    with store.writing("test") as write:
        write.touch(branches=[EAST])
    return mirror.of(store).refresh()


def test_what_an_older_moment_read_is_read_once(staffed):
    """Others are ahead by now; every answer that the page is made of asks the log as it stood in its own moment."""
    mirrored = mirror.of(staffed)
    mirrored.refresh()
    with staffed.writing("test") as write:
        write.touch(branches=[EAST])
    with staffed.moment() as version:
        with ThreadPoolExecutor(1) as others:
            newest = others.submit(write_and_refresh, staffed).result()
        first = mirrored.refresh()
        assert first.version == version != newest.version
        assert mirrored.refresh() is first and mirrored.at(version) is first
    assert mirrored.refresh() is newest, "what was read of an older moment is not taken for the present"


def test_what_a_moment_read_is_kept_for_the_next_one(staffed):
    """Each page is a moment: the log is brought up to date once a version, not once a read."""
    mirrored = mirror.of(staffed)
    mirrored.refresh()
    with staffed.writing("test") as write:
        write.touch(branches=[EAST])
    with staffed.moment():
        state = mirrored.refresh()
        assert mirrored.refresh() is state
    with staffed.moment():
        assert mirrored.refresh() is state
