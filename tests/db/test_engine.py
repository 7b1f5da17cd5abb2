"""Transactions, versions, and what is cached until the next write."""

import threading

import pytest
from sqlalchemy import insert, select, text

from db.access import Viewer
from db.engine import Store
from db.errors import StorageError
from db.models import Region
from db.store.connecting import BUSY_SECONDS, connect
from metrics.definitions import interpret

pytestmark = pytest.mark.both_engines


def regions(store) -> list[str]:
    with store.reading() as connection:
        return list(connection.scalars(select(Region.name).order_by(Region.id)))


def add_region(store) -> None:
    with store.writing("somebody else") as write:
        write.session.add(Region(name="江城分行"))


def test_every_write_has_the_next_version(store):
    start = store.counter()
    for number in (1, 2, 3):
        with store.writing("test") as write:
            assert write.version == start + number
    assert store.counter() == start + 3


def test_a_write_that_fails_leaves_nothing_not_even_its_version(store):
    start = store.counter()
    with pytest.raises(ZeroDivisionError), store.writing("test") as write:
        write.session.add(Region(name="江城分行"))
        write.session.flush()
        raise ZeroDivisionError
    assert regions(store) == [] and store.counter() == start


def test_a_reader_sees_no_write_before_it_is_committed(store):
    with store.writing("test") as write:
        write.session.add(Region(name="江城分行"))
        write.session.flush()
        assert regions(store) == []
    assert regions(store) == ["江城分行"]


def test_a_snapshot_sees_one_moment(store):
    with store.reading(snapshot=True) as connection:
        before = connection.scalar(select(Region.id))
        with store.writing("test") as write:
            write.session.add(Region(name="江城分行"))
        assert connection.scalar(select(Region.id)) == before is None


def test_versions_appear_in_the_order_of_their_commits(store, url):
    """A second process may not commit version n + 1 before n: it waits."""
    other, order = Store(url), []
    holding, go = threading.Event(), threading.Event()

    def first():
        with store.writing("first") as write:
            holding.set()
            go.wait(10)
            order.append(write.version)

    def second():
        holding.wait(10)
        go.set()
        with other.writing("second") as write:
            order.append(write.version)

    threads = [threading.Thread(target=one) for one in (first, second)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    other.close()
    assert order == sorted(order) and len(order) == 2


def test_what_is_cached_is_read_again_after_a_write_by_anyone(store, url):
    asked = []

    def read():
        asked.append(None)
        return regions(store)

    assert [store.cached("regions", read) for _ in range(3)] == [[]] * 3 and len(asked) == 1
    other = Store(url)
    with other.writing("somebody else") as write:
        write.session.add(Region(name="江城分行"))
    other.close()
    assert store.cached("regions", read) == ["江城分行"] and len(asked) == 2


def test_ids_go_on_after_rows_that_brought_their_own(store):
    with store.writing("test") as write:
        write.session.execute(insert(Region), [{"id": 7, "name": "江城分行"}])
        write.settle_ids(Region)
        write.session.add(Region(name="山城分行"))
    assert regions(store) == ["江城分行", "山城分行"]


@pytest.mark.parametrize("rested", [False, True])
def test_sqlite_waits_writes_through_and_keeps_its_references(sqlite_store, rested):
    if rested:
        sqlite_store.rest(unasked=0.0)
    with sqlite_store.reading() as connection:
        for pragma, value in [
            ("journal_mode", "wal"),
            ("synchronous", 2),
            ("foreign_keys", 1),
            ("busy_timeout", BUSY_SECONDS * 1000),
        ]:
            assert connection.execute(text(f"PRAGMA {pragma}")).scalar() == value


@pytest.mark.parametrize(
    "wrong",
    ["", "nonsense", "mysql://localhost/bank", "bank.db", "sqlite:/bank.db:x", "sqlite://", "sqlite:///:memory:"],
)
def test_what_is_no_database_url_is_refused_with_an_example(wrong):
    with pytest.raises(StorageError, match=r"sqlite:///path\.db"):
        connect(wrong)


def test_all_that_is_read_in_a_moment_is_of_its_version_whoever_writes(store, url):
    other = Store(url, mark=interpret)
    with store.moment() as version:
        add_region(other)
        assert regions(store) == [] and store.version() == version
        with store.moment() as same:
            assert same == version
    assert regions(store) == ["江城分行"] and store.version() != version
    other.close()


def test_a_write_within_a_moment_sees_what_is_stored_by_then(store, url):
    other = Store(url, mark=interpret)
    with store.moment() as version:
        add_region(other)
        with store.writing("test") as write:
            assert write.session.scalars(select(Region.name)).all() == ["江城分行"]
            assert regions(store) == ["江城分行"], "also beside its own session"
        assert regions(store) == [] and store.version() == version
    other.close()


def test_a_moment_is_this_threads_alone(store):
    seen = []
    with store.moment():
        add_region(Store(store.url, mark=interpret))
        reader = threading.Thread(target=lambda: seen.extend(regions(store)))
        reader.start()
        reader.join()
        assert regions(store) == []
    assert seen == ["江城分行"]


def test_what_is_cached_is_kept_apart_by_what_the_viewer_sees(store):
    head, regional = Viewer(store, "h", "branch_head", 1, 2), Viewer(store, "r", "regional", 1)
    assert head.cached("rows", 7, read=lambda: "of the branch") == "of the branch"
    assert regional.cached("rows", 7, read=lambda: "of the region") == "of the region"
    assert head.cached("rows", 7, read=lambda: "never asked") == "of the branch"
    assert regional.cached("names", read=lambda: "everybody's", same_for_all=True) == "everybody's"
    assert head.cached("names", read=lambda: "never asked", same_for_all=True) == "everybody's"


def test_at_rest_nothing_stays_of_many_who_asked_and_who_is_still_reading_goes_on(store):
    add_region(store)
    others = [store.engine.connect() for _ in range(3)]
    with store.reading(snapshot=True) as connection:
        assert store.cached("regions", lambda: regions(store)) == ["江城分行"]
        [one.close() for one in others]
        assert store.engine.pool.checkedin() > 1
        store.rest(unasked=600.0)
        assert store.engine.pool.checkedin() == 1
        assert connection.scalar(select(Region.name)) == "江城分行"
    assert store.cached("regions", lambda: pytest.fail("asked for just now")) == ["江城分行"]
    store.rest(unasked=-1.0)
    assert store.cached("regions", lambda: "read again") == "read again"
    assert regions(store) == ["江城分行"] and store.engine.pool.checkedout() == 0
