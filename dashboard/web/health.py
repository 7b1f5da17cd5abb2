"""Whether the store can be read and written, and whether the audit trail is signed, for whoever watches the machine:
/_stcore/health, open to all.

Open pages ask the same address before they connect again; they need reading only, so that a full disk does not keep
everybody from what is stored."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response

from dashboard.shell.settings import settings
from dashboard.shell.store import shared
from db.engine import Store
from db.store import probe

ADDRESS = "/_stcore/health"
FRESH = 3.0  # seconds an answer is given again: however often it is asked, the store is not


@dataclass
class Health:
    """What was found last, asked for by one thread at a time."""

    now: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[str, str] = {}
        self._at = 0.0

    def of(self, store: Store) -> dict[str, str]:
        """`read` and `write`, each "ok" or what is wrong, in English: it goes to programs."""
        with self._lock:
            if not self._found or self.now() - self._at >= FRESH:
                self._found = probe.probe(store.engine)
                self._at = self.now()
            return self._found


HEALTH = Health()


def answer(request: HTTPConnection) -> Response | None:
    """What was found, as JSON, to programs with the status 200 or 503; to pages what is wrong. None where nothing is, and
    Streamlit answers a page: its answer brings the cookie without which nothing can be uploaded."""
    found = HEALTH.of(shared(settings().database_url))
    of_a_page = "sec-fetch-dest" in request.headers or bool(request.cookies)
    wanted = ("read",) if of_a_page else ("read", "write")
    good = all(found[one] == probe.GOOD for one in wanted)
    if of_a_page and good:
        return None
    return JSONResponse(
        found | {"trail": "signed" if settings().audit_key.exists() else "unsigned"}, 200 if good else 503
    )
