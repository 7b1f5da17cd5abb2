"""What a store has done in this process since it was opened, for whoever watches the machine."""

import threading
from dataclasses import dataclass, field


@dataclass
class Counts:
    """Statements sent to the database (those that begin and end transactions aside); writes, the seconds they waited for
    the writer's lock, and the longest of these waits."""

    statements: int = 0
    writes: int = 0
    waited: float = 0.0
    longest: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def asked(self) -> None:
        with self._lock:
            self.statements += 1

    def wrote(self, waited: float) -> None:
        with self._lock:
            self.writes += 1
            self.waited += waited
            self.longest = max(self.longest, waited)
