"""What a kind of file is: declared once, by the module in db/imports/kinds that resolves it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from db.access import Viewer
from db.engine import Write
from db.files.columns import Column
from db.imports.resolving import Found, Progress


@dataclass(frozen=True)
class InPortions:
    """How a large file of a kind is taken in portions, each a transaction of its own that nobody sees the rows of.

    `begin` adds what the rows name and the bank has not, as far as it is everybody's; `look_up` adds to good rows what
    is read of the store, and gives what else `put` is to know; `put` stores them with a batch (write, rows, known,
    batch, progress); `fill_in` adds to customers who are on record what the rows know of them, once all is accepted, and
    `lacking` says beforehand of which rows that is anything at all."""

    begin: Callable[[Viewer, Write, pl.DataFrame], None]
    look_up: Callable[[Viewer, Write, pl.DataFrame], tuple[pl.DataFrame, tuple[pl.DataFrame, ...]]]
    put: Callable[[Write, pl.DataFrame, tuple[pl.DataFrame, ...], int, Progress], None]
    lacking: Callable[[Write, pl.DataFrame], pl.DataFrame]
    fill_in: Callable[[Write, pl.DataFrame], None]


@dataclass(frozen=True)
class FileKind:
    """A kind of file. `name` is its code, what the command line calls it; `zh` its Chinese word.

    `roles` may bring it, each within its scope; whoever holds the database may bring every kind. `resolve` makes of the
    read rows what is to be stored: (viewer, write, values, problems, create_missing) → resolving.Found. A batch of an
    `undoable` kind can be taken out again. `note` is said beside the rows that can be taken. `trail`
    names what its rows alone are written of in the audit trail: entity → its word, a message id. Large files of a kind
    with `portions` are divided."""

    name: str
    zh: str
    columns: tuple[Column, ...]
    roles: tuple[str, ...]
    resolve: Callable[[Viewer, Write, pl.DataFrame, pl.DataFrame, bool], Found]
    undoable: bool = False
    note: str = ""
    trail: dict[str, str] = field(default_factory=dict)
    portions: InPortions | None = None
