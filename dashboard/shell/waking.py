"""Waking open pages: one thread a process asks whether anybody has written, and runs again the pages that show what was
touched; and the pages whose session has ended.

Streamlit has no public way to run somebody's page again from outside of it. The private names used here stand in this
file alone, and a test wakes a page for real."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime import Runtime, exists, get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

from db.access import Viewer
from db.accounts import sign_in
from db.engine import Store, Version
from db.store.history import Stamp
from db.store.parts import is_quiet, is_wide

EVERY = 0.5  # seconds between two looks at the store, where nobody of this process writes
CALM = 0.1  # seconds after a write, in which others may follow: the pages run once for all of them
WIDE = 3.0  # seconds between two runs of a page that many write to: a region's, the bank's
APART = 0.02  # seconds between two pages woken by one write, so that they do not all run at once
SESSIONS = 2.0  # seconds between two looks whether sessions have ended
WAIT = 0.1  # seconds until a page that is running is looked at again: a run under way is never broken off
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Shown:
    """What a page shows: the parts of the bank it depends on (db.store.parts), as they stood when it ran."""

    parts: frozenset[str]
    stamp: Stamp
    at: float  # when, on the process's own clock

    @property
    def resting(self) -> float:
        """How long it is left alone after it ran."""
        return WIDE if any(map(is_wide, self.parts)) else 0.0


class Watcher:
    """The pages of this process that run again when a part is touched that they show."""

    def __init__(self) -> None:
        self._shown: dict[str, Shown] = {}
        self._woken: set[str] = set()
        self._viewers: dict[str, Viewer] = {}
        self._lock = threading.Lock()

    def shows(self, version: Version | None, parts: Iterable[str] = ()) -> None:
        """Says which parts the page of this run shows, and at which version; None for a page that nobody's writing runs
        again."""
        page = page_of_this_run()
        if page is None:
            return
        with self._lock:
            if version is None:
                self._shown.pop(page, None)
            else:
                loud = frozenset(one for one in parts if not is_quiet(one))
                self._shown[page] = Shown(loud, version.stamp(loud), time.monotonic())

    def ends_with(self, viewer: Viewer | None) -> None:
        """The page of this run runs again when this viewer's session has ended; None for one that has no need to."""
        page = page_of_this_run()
        if page is None:
            return
        with self._lock:
            if viewer is None:
                self._viewers.pop(page, None)
            else:
                self._viewers[page] = viewer

    def was_woken(self) -> bool:
        """Whether this run is the watcher's doing, and nobody's click. Says so once."""
        page = page_of_this_run()
        with self._lock:
            woken = page in self._woken
            self._woken.discard(page or "")
            return woken

    def look(self, version: Version, wake: Callable[[str], bool]) -> int:
        """Wakes every page that shows a part as it no longer is, and gives how many; a page that is gone is forgotten.
        Each is woken once, however many write: it says itself what it shows when it has run."""
        now = time.monotonic()
        with self._lock:
            behind = [
                page
                for page, shown in self._shown.items()
                if shown.stamp != version.stamp(shown.parts) and now - shown.at >= shown.resting
            ]
            for page in behind:
                del self._shown[page]
            self._woken.update(behind)
        return self._wake(behind, wake)

    def look_for_ended(self, ended: Callable[[list[Viewer]], list[Viewer]], wake: Callable[[str], bool]) -> int:
        """Wakes every page whose viewer's session has ended, and gives how many; all are asked about at once."""
        with self._lock:
            viewers = [*self._viewers.values()]
        over = ended(viewers)
        with self._lock:
            pages = [page for page, viewer in self._viewers.items() if viewer in over]
            for page in pages:
                del self._viewers[page]
                self._shown.pop(page, None)
            self._woken.update(pages)
        return self._wake(pages, wake)

    def forget(self, is_open: Callable[[str], bool]) -> None:
        """The pages that nobody has open any more."""
        with self._lock:
            for page in [one for one in self._viewers if not is_open(one)]:
                del self._viewers[page]
                self._shown.pop(page, None)

    def _wake(self, pages: list[str], wake: Callable[[str], bool]) -> int:
        """Wakes them one after the other, and gives how many were there to be woken."""
        woken = 0
        for place, page in enumerate(pages):
            if place:
                time.sleep(APART)
            if wake(page):
                woken += 1
            else:
                with self._lock:
                    self._woken.discard(page)
        return woken

    def start(self, store: Store) -> threading.Thread:
        """Looks for as long as the process lives."""

        def watch() -> None:
            asked = time.monotonic()
            while True:
                store.written.wait(EVERY)
                time.sleep(CALM)
                store.written.clear()
                try:
                    if self._shown:
                        self.look(store.version(), run_again)
                    if time.monotonic() - asked >= SESSIONS:
                        asked = time.monotonic()
                        self.forget(is_open)
                        store.forget()
                        self.look_for_ended(partial(sign_in.ended, store), run_again)
                except Exception:  # the store is busy or gone for a moment: it is looked at again
                    log.warning("the store could not be asked for its version")

        thread = threading.Thread(target=watch, name="watcher", daemon=True)
        thread.start()
        return thread


def page_of_this_run() -> str | None:
    """The browser session whose script runs in this thread."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context is not None else None


def is_open(page: str) -> bool:
    """Whether somebody has the page open, or may come back to it."""
    return exists() and get_instance().get_app_session(page) is not None


def run_again(page: str) -> bool:
    """Runs somebody's page again, from any thread, without losing what is half typed or breaking off a run under way.
    False where the browser is gone."""
    if not exists():
        return False
    runtime: Runtime = get_instance()
    session = runtime.get_app_session(page)
    if session is None:
        return False
    loop = runtime._get_async_objs().eventloop

    def ask() -> None:
        if session._scriptrunner is not None:
            loop.call_later(WAIT, ask)
            return
        held = session._client_state
        session.request_rerun(
            ClientState(  # without widget states: the browser's are newer than any copy
                page_script_hash=session.page_script_hash,
                query_string=held.query_string,
                context_info=held.context_info,
                is_auto_rerun=True,
            )
        )

    loop.call_soon_threadsafe(ask)
    return True


WATCHER = Watcher()
