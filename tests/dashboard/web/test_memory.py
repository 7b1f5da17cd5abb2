"""What is let go is given back: sessions that nobody comes back to, what was kept for many, blocks that are freed."""

import asyncio
import weakref
from types import SimpleNamespace

import pytest
from polars.testing import assert_frame_equal
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.session_manager import SessionInfo
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from dashboard.web import memory
from db.errors import Unavailable
from db.log import mirror
from metrics.plans.scatter import chance
from tests.support.builders import EAST
from tests.support.mirror_log import put, with_customers


class Session:
    """As much of Streamlit's as is kept of it."""

    def __init__(self, number: int) -> None:
        self.id = str(number)


def keeping(seconds: float) -> WebsocketSessionManager:
    """Sessions that are kept so long for those who have left."""
    kept = MemorySessionStorage(ttl_seconds=seconds)
    return WebsocketSessionManager(kept, SimpleNamespace(), SimpleNamespace(), lambda: None)


def left(sessions: WebsocketSessionManager, number: int) -> weakref.ref:
    """One who has left."""
    one = Session(number)
    sessions._session_storage.save(SessionInfo(None, one, 1))
    return weakref.ref(one)


@pytest.mark.parametrize(("seconds", "goes"), [(-1.0, True), (600.0, False)])
def test_who_has_left_for_long_is_let_go_though_nobody_else_leaves(monkeypatch, seconds, goes):
    sessions = keeping(seconds)
    monkeypatch.setattr(memory, "exists", lambda: True)
    swept = []
    files = SimpleNamespace(remove_orphaned_files=lambda: swept.append(True))
    monkeypatch.setattr(memory, "get_instance", lambda: SimpleNamespace(_session_mgr=sessions, media_file_mgr=files))
    one = left(sessions, 1)
    assert one() is not None
    assert memory.sessions_left() == (0 if goes else 1)
    assert (one() is None) is goes and swept == [True]


@pytest.mark.parametrize(
    ("numbers", "at_rest"),
    [
        ([300, 160, 150, 150], [2]),
        ([300, 150, 149, 76, 75, 60], [1, 4]),
        ([300, 0, 0, 300, 0], [1, 4]),
        ([39, 20, 19], [2]),  # few people: what is kept for all is small
        ([19, 0, 1, 0], []),
        ([0, 10, 20, 30], []),
    ],
)
def test_when_half_of_the_people_have_gone_what_was_kept_for_so_many_goes_too(monkeypatch, numbers, at_rest):
    looks, done = iter(numbers), []
    monkeypatch.setattr(memory, "sessions_left", lambda: next(looks))
    monkeypatch.setattr(memory, "rest", lambda: done.append("at rest"))
    monkeypatch.setattr(memory, "trim", lambda: done.append("trimmed"))

    async def a_while() -> None:
        most = 0
        for _ in numbers:
            most = await memory.tidied(most)

    asyncio.run(a_while())
    assert done == [did for nth in range(len(numbers)) for did in [*["at rest"] * (nth in at_rest), "trimmed"]]


def test_at_rest_nothing_stays_that_was_put_together_for_who_asked(monkeypatch, sqlite_store):
    monkeypatch.setattr(memory, "shared", lambda _url: sqlite_store)
    put(with_customers(sqlite_store))
    state = mirror.of(sqlite_store).refresh()
    month = next(iter(state.months.values()))
    before = month.rows(branch=EAST).collect()
    chance("deals", 1.0, 5.0, 1.0, None, None)
    assert month.asked and chance.cache_info().currsize > 0
    memory.rest()
    assert not month.asked and chance.cache_info().currsize == 0 and sqlite_store.engine.pool.checkedin() == 1
    assert_frame_equal(month.rows(branch=EAST).collect(), before)


def test_the_server_tidies_for_as_long_as_it_runs_though_the_store_is_gone_for_a_moment(monkeypatch, caplog):
    monkeypatch.setattr(memory, "EVERY", 0.0)
    seen = []

    async def tidied(most: int) -> int:
        seen.append(most)
        if len(seen) == 2:
            raise Unavailable("gone")
        return most + 1

    monkeypatch.setattr(memory, "tidied", tidied)

    async def a_while() -> None:
        task = asyncio.create_task(memory.tidy())
        while len(seen) < 5:
            await asyncio.sleep(0)
        task.cancel()

    asyncio.run(a_while())
    assert seen[:5] == [0, 1, 1, 2, 3]
    assert "could not be tidied up" in caplog.text
