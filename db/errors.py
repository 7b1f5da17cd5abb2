"""What storage says when it does not do as asked. The text is a message id; the edge translates it and fills in the
values."""


class StorageError(Exception):
    """Base of this layer. `message` is an English message id with {named} places, `values` fill them."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message.format(**values) if values else message)
        self.message = message
        self.values = values


class Unavailable(StorageError):
    """The database is busy, read-only, full or out of reach; nothing was stored, and the same may succeed later."""


class Refused(StorageError):
    """The input breaks a rule a person can mend; nothing was stored."""


class Conflict(Refused):
    """The same reference came with other content, or somebody else changed the row first; nothing was stored."""


class Changed(Conflict):
    """Somebody changed or withdrew the row after it was looked at. `changes` says what: {field: (before, after)}."""

    def __init__(self, message: str, changes: dict[str, tuple[object, object]], **values: object) -> None:
        super().__init__(message, **values)
        self.changes = changes


class NotAllowed(Refused):
    """The viewer's role does not give this right, here; nothing was read or stored."""
