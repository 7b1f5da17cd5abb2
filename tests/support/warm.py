"""What a store has computed of a database holds for each copy of it, until somebody writes there: a copy in a test need
not compute it again."""

from dataclasses import replace

from db.engine import Store
from db.log import mirror


class Warm:
    """What the copies of one database have computed so far in this process. Whatever one of them writes draws a token
    of its own, so nothing here is taken for an answer afterwards."""

    def __init__(self) -> None:
        self._seen: Store | None = None

    def give(self, store: Store) -> Store:
        """The store, knowing what the others know."""
        if self._seen is not None:
            for key, known in self._seen._cache._answers.items():
                watched = {replace(rows, mirror=mirror.of(store)): at for rows, at in known.made_of.watched.items()}
                store._cache._answers[key] = replace(known, made_of=replace(known.made_of, watched=watched))
            store.cache |= {name: known.copy() for name, known in self._seen.cache.items() if isinstance(known, dict)}
            if "mirror" in self._seen.cache:
                own, other = mirror.of(store), mirror.of(self._seen)
                own._state, own._recent = other._state, dict(other._recent)
        return store

    def keep(self, store: Store) -> None:
        """The others will know what this one does, which nobody has written to."""
        self._seen = store
