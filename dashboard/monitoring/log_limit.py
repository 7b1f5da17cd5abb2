"""No browser fills the disk with log lines: so many a second of each, and how many more there were."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from dashboard.shell.waking import page_of_this_run

A_SECOND = 5.0  # lines of one browser session that are written
AT_ONCE = 50.0
MOST = 1_000  # sessions that are told apart at a time
SERVER = "server"  # what no browser session's run has said


@dataclass
class Allowance:
    left: float
    at: float
    dropped: int = 0


class Limit(logging.Filter):
    """Lets through AT_ONCE lines of a session, then A_SECOND; the next one that passes says how many were left out."""

    def __init__(self, now: Callable[[], float] = time.monotonic, speaker: Callable[[], str | None] = page_of_this_run):
        super().__init__()
        self.now, self.speaker = now, speaker
        self._held: dict[str, Allowance] = {}
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        now, who = self.now(), self.speaker() or SERVER
        with self._lock:
            if who not in self._held and len(self._held) >= MOST:
                self._held.pop(next(iter(self._held)))
            held = self._held.setdefault(who, Allowance(AT_ONCE, now))
            held.left, held.at = min(AT_ONCE, held.left + (now - held.at) * A_SECOND), now
            if held.left < 1:
                held.dropped += 1
                return False
            held.left -= 1
            if held.dropped:
                record.left_out, held.dropped = held.dropped, 0
            return True
