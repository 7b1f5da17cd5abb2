"""Whether the store can be read and written, for whoever watches the machine: /_stcore/health, open to all.

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


def refusal(request: HTTPConnection) -> Response | None:
    """What is wrong, as JSON with the status 503; None where all is well, and Streamlit answers: its answer brings the
    cookie without which nothing can be uploaded."""
    found = HEALTH.of(shared(settings().database_url))
    of_a_page = "sec-fetch-dest" in request.headers or bool(request.cookies)
    wanted = ("read",) if of_a_page else ("read", "write")
    return None if all(found[one] == probe.GOOD for one in wanted) else JSONResponse(found, 503)
