"""Sessions go on while somebody does something: noted at once, written a little later, many in one write, and never in
anybody's way. Where the database cannot be written to they run out as if nobody had done anything, and no page breaks."""

import logging
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select, update

from db.engine import Store, now
from db.models import SignIn
from db.store.parts import NOTHING

GATHERED = 0.5  # seconds in which clicks are gathered for one write
AGAIN = 5.0  # seconds until a write that was refused is tried again
WORTH_WRITING = timedelta(minutes=1)  # a session's end is moved no oftener
LATEST = timedelta(minutes=5)  # a click that could not be written by then is let go
log = logging.getLogger(__name__)
Clicks = Mapping[int, datetime]  # of a session, the moment of its latest


class Extensions:
    """What is to be written of one store's sessions."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._clicks: dict[int, datetime] = {}
        self._lock = threading.Lock()
        self._one_at_a_time = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pause = threading.Event()

    def note(self, session: int, moment: datetime) -> None:
        with self._lock:
            self._clicks[session] = moment
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="sessions", daemon=True)
                self._thread.start()

    def write(self) -> None:
        """Writes what was noted up to now. Raises whatever the database says, and then has it still."""
        with self._one_at_a_time:
            with self._lock:
                clicks, self._clicks = self._clicks, {}
            try:
                extend(self._store, clicks)
            except Exception:
                with self._lock:
                    self._clicks = {**clicks, **self._clicks}
                raise

    def _work(self) -> None:
        """Until there is nothing left to write."""
        wait = GATHERED
        while True:
            self._pause.wait(wait)
            try:
                self.write()
                wait = GATHERED
            except Exception:
                log.warning("the sessions' ends could not be written")
                wait = AGAIN
            with self._lock:
                self._clicks = {one: at for one, at in self._clicks.items() if now() - at < LATEST}
                if not self._clicks:
                    self._thread = None
                    return


def of(store: Store) -> Extensions:
    return store.cache.setdefault("extensions", Extensions(store))


def extend(store: Store, clicks: Clicks) -> None:
    """Moves the ends of these sessions, where that is worth a write; one that has ended meanwhile stays ended."""
    columns = (SignIn.id, SignIn.lasts_until, SignIn.expires_at, SignIn.idle_minutes)
    which = (SignIn.id.in_(clicks), SignIn.ended_at.is_(None))
    with store.reading(*NOTHING) as connection:
        found = connection.execute(select(*columns).where(*which)).all()
    ends = {}
    for session, lasts_until, expires_at, idle_minutes in found:
        until = min(clicks[session] + timedelta(minutes=idle_minutes), expires_at)
        if until - lasts_until >= WORTH_WRITING:
            ends[session] = until
    if not ends:
        return
    with store.noting("sessions") as write:
        for session, until in ends.items():
            still = (SignIn.id == session, SignIn.ended_at.is_(None), SignIn.lasts_until > write.now)
            write.session.execute(update(SignIn).where(*still).values(lasts_until=until))
        run_out = (SignIn.ended_at.is_(None), SignIn.lasts_until < write.now - LATEST)
        # Said once for all: a clock that is set back brings nobody back.
        write.session.execute(update(SignIn).where(*run_out).values(ended_at=SignIn.lasts_until))
