"""Answers that are remembered until a part they depend on is touched: computed by one thread while others wait."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from db.store import parts
from db.store.history import Stamp, Version
from db.store.parts import Asked

REMEMBERED = 20_000  # answers: small tables, 10 kB on average; who was asked longest ago goes first
UNASKED = 900.0  # seconds: an answer that nobody has asked for as long is let go
PATIENCE = 10  # seconds to wait for another thread's answer before computing it too


@dataclass(slots=True)
class Answer:
    value: object
    made_of: Asked
    stamp: Stamp  # of its parts
    asked_at: float  # on the cache's clock, when last

    def holds(self, version: Version) -> bool:
        return self.stamp == version.stamp(self.made_of.parts) and self.made_of.holds(version)


class Cache:
    """The answers of one store in one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._under_way: dict[Hashable, threading.Event] = {}
        self._sets: dict[frozenset[str], frozenset[str]] = {}  # of parts: many answers are made of the same
        self._lock = threading.Lock()

    def ask(self, key: Hashable, version: Version, read: Callable[[], object]) -> object:
        """What `read()` answers at this version; who asks depends on what the answer depends on."""
        found = self._found_or_begun(key, version)
        if isinstance(found, threading.Event):
            found = self._computed(key, version, read, found)
        parts.depend(found.made_of)
        return found.value

    def __len__(self) -> int:
        return len(self._answers)

    def forget(self, unasked: float = UNASKED) -> None:
        """Lets go what nobody has asked for since so many seconds."""
        with self._lock:
            before = self._clock() - unasked
            while self._answers and next(iter(self._answers.values())).asked_at < before:
                self._answers.popitem(last=False)
            if len(self._sets) > len(self._answers):
                self._sets.clear()

    def _kept(self, one: frozenset[str]) -> frozenset[str]:
        """The set of parts that equals this one and is kept already."""
        return self._sets.setdefault(one, one)

    def _found_or_begun(self, key: Hashable, version: Version) -> Answer | threading.Event:
        """The answer, waited for where another thread is computing it; where it is this thread's to compute, what
        others wait for."""
        patient = True
        while True:
            found = self._answers.get(key)
            holds = found is not None and found.holds(version)
            with self._lock:
                if self._answers.get(key) is not found:
                    continue  # somebody has just answered it, or it was forgotten
                if found is not None and holds:
                    found.asked_at = self._clock()
                    self._answers.move_to_end(key)
                    return found
                other = self._under_way.get(key)
                if other is None or not patient:
                    self._under_way[key] = own = threading.Event()
                    return own
            patient = other.wait(PATIENCE)

    def _computed(self, key: Hashable, version: Version, read: Callable[[], object], own: threading.Event) -> Answer:
        try:
            with parts.collected() as asked:
                value = read()
            if not asked.parts and not asked.watched:  # made of what came from outside, of which nothing is known
                asked.parts = {parts.EVERYTHING}
            asked.parts = self._kept(frozenset(asked.parts))
            found = Answer(value, asked, version.stamp(asked.parts), self._clock())
            with self._lock:
                self._answers[key] = found
                self._answers.move_to_end(key)
                while len(self._answers) > REMEMBERED:
                    self._answers.popitem(last=False)
            return found
        finally:
            own.set()
            with self._lock:
                if self._under_way.get(key) is own:
                    del self._under_way[key]
