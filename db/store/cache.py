"""Answers that are remembered until a part they depend on is touched: computed by one thread while others wait."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from db.store import parts
from db.store.history import Stamp, Version

REMEMBERED = 5_000  # answers: small tables, so some tens of megabytes; who was asked longest ago goes first
PATIENCE = 10  # seconds to wait for another thread's answer before computing it too


@dataclass(frozen=True)
class Answer:
    value: object
    parts: frozenset[str]
    stamp: Stamp


class Cache:
    """The answers of one store in one process."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._under_way: dict[Hashable, threading.Event] = {}
        self._lock = threading.Lock()

    def ask(self, key: Hashable, version: Version, read: Callable[[], object]) -> object:
        """What `read()` answers at this version; who asks depends on what the answer depends on."""
        found = self._found_or_begun(key, version)
        if isinstance(found, threading.Event):
            found = self._computed(key, version, read, found)
        parts.depend_on(found.parts)
        return found.value

    def __len__(self) -> int:
        return len(self._answers)

    def _found_or_begun(self, key: Hashable, version: Version) -> Answer | threading.Event:
        """The answer, waited for where another thread is computing it; where it is this thread's to compute, what
        others wait for."""
        patient = True
        while True:
            with self._lock:
                found = self._answers.get(key)
                if found is not None and found.stamp == version.stamp(found.parts):
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
            found = Answer(value, frozenset(asked), version.stamp(asked))
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
