"""What a kind of file is: declared once, by the module in db/imports/kinds that resolves it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from db.access import Viewer
from db.engine import Write
from db.files.columns import Column
from db.imports.resolving import Found


@dataclass(frozen=True)
class FileKind:
    """A kind of file. `name` is its code, what the command line calls it; `zh` its Chinese word.

    `roles` may bring it, each within its scope; whoever holds the database may bring every kind. `resolve` makes of the
    read rows what is to be stored: (viewer, write, values, problems, create_missing) → resolving.Found. A batch of an
    `undoable` kind can be taken out again. `note` is said beside the rows that can be taken. `trail`
    names what its rows alone are written of in the audit trail: entity → its word, a message id."""

    name: str
    zh: str
    columns: tuple[Column, ...]
    roles: tuple[str, ...]
    resolve: Callable[[Viewer, Write, pl.DataFrame, pl.DataFrame, bool], Found]
    undoable: bool = False
    note: str = ""
    trail: dict[str, str] = field(default_factory=dict)
