"""What is let go is given back: sessions that nobody comes back to, blocks that are freed."""

import asyncio
import weakref
from types import SimpleNamespace

import pytest
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.session_manager import SessionInfo
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from dashboard.web import memory


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
    monkeypatch.setattr(memory, "get_instance", lambda: SimpleNamespace(_session_mgr=sessions))
    one = left(sessions, 1)
    assert one() is not None
    memory.expire_sessions()
    assert (one() is None) is goes


def test_the_server_tidies_for_as_long_as_it_runs(monkeypatch):
    done = []
    monkeypatch.setattr(memory, "EVERY", 0.0)
    monkeypatch.setattr(memory, "expire_sessions", lambda: done.append("sessions"))
    monkeypatch.setattr(memory, "trim", lambda: done.append("heaps"))

    async def a_while() -> None:
        task = asyncio.create_task(memory.tidy())
        while len(done) < 4:
            await asyncio.sleep(0)
        task.cancel()

    asyncio.run(a_while())
    assert done[:4] == ["sessions", "heaps"] * 2
