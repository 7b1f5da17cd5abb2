"""Tables to type into. Streamlit loses every second edit of a table that is fed with its own answer, and what is being
typed in one that is fed with live numbers: here a table keeps its start until it is saved, and is a new one after that."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import polars as pl
import streamlit as st

from dashboard.shell import session

ROW = 36  # pixels


class Change(NamedTuple):
    """A cell typed over: what stood there when the table was opened, and what stands there now."""

    before: Any
    after: Any


def draw(
    start: pl.DataFrame,
    columns: Mapping[str, Any],
    key: str,
    alt: str,
    order: Sequence[str] | None = None,
    may_add: bool = False,
    fed: Any = None,
) -> pl.DataFrame:
    """The table as it stands now, all its rows without scrolling; with `may_add` rows can be added and taken out. The
    start must stay the same as long as the key does; `fed` is the start as Streamlit takes it in, a frame of pandas,
    where that is kept: to turn it there and back is most of what an untouched table costs."""
    fed = start.to_pandas() if fed is None else fed
    edited = st.data_editor(
        fed,
        num_rows="dynamic" if may_add else "fixed",
        hide_index=True,
        column_config=columns,
        column_order=order,
        height="auto" if may_add else ROW * (start.height + 1) + 2,
        row_height=ROW,
        placeholder="",
        key=key,
        alt=alt,
    )
    return start if edited.equals(fed) else pl.DataFrame(pl.from_pandas(edited), start.schema)


@dataclass(frozen=True)
class Opened:
    """`key` names the widget, `start` is what it is fed with (`fed` for Streamlit), `seen` what was stored as it was
    opened."""

    key: str
    start: pl.DataFrame
    fed: Any
    seen: pl.DataFrame


class EditedTable:
    """One table under this name in the session. `start` reads the rows as they are stored now, asked only when the table
    is opened; `identity` is the column that tells rows apart, `fields` are the columns that may be typed over. Where a
    table is typed in other units than it is stored in, `stored` turns it back."""

    def __init__(
        self,
        name: str,
        start: Callable[[], pl.DataFrame],
        identity: str,
        fields: Sequence[str],
        stored: Callable[[pl.DataFrame], pl.DataFrame] = lambda table: table,
    ):
        self.name, self.identity, self.fields = name, identity, fields
        self._start, self._stored = start, stored
        if name not in session.state():
            table = start()
            self._open(table, stored(table))
        self.typed = self.opened.seen

    @property
    def opened(self) -> Opened:
        return session.state()[self.name]

    def _open(self, start: pl.DataFrame, seen: pl.DataFrame) -> None:
        session.state()[self.name] = Opened(uuid.uuid4().hex, start, start.to_pandas(), seen)

    def show(self, columns: Mapping[str, Any], alt: str, order: Sequence[str] | None = None) -> pl.DataFrame:
        """Draws all its rows without scrolling, and gives it as it stands now, in the units of storage."""
        opened = self.opened
        self.typed = self._stored(draw(opened.start, columns, opened.key, alt, order, fed=opened.fed))
        return self.typed

    def changes(self, wanted: pl.DataFrame | None = None) -> dict[Any, dict[str, Change]]:
        """By row the fields that were typed over, or that `wanted` has otherwise: what somebody else has set meanwhile
        is left alone, and storage can compare what stood there."""
        before = {row[self.identity]: row for row in self.opened.seen.to_dicts()}
        found = {}
        for row in (self.typed if wanted is None else wanted).to_dicts():
            old = before[row[self.identity]]
            changed = {name: Change(old[name], row[name]) for name in self.fields if row[name] != old[name]}
            if changed:
                found[row[self.identity]] = changed
        return found

    def follow(self) -> None:
        """To be called when it was drawn: where nothing is typed nothing is lost, and it shows what is stored by now."""
        if not self.changes() and not self._stored(self._start()).equals(self.opened.seen):
            self.undo()

    def fill(self, start: pl.DataFrame) -> None:
        """Stands as if this had been typed; nothing is stored yet."""
        self._open(start, self.opened.seen)
        st.rerun()

    def undo(self) -> None:
        """What was typed is gone, and the table shows what is stored by now."""
        self.close()
        st.rerun()

    def close(self) -> None:
        """It is saved: the next one is a new table, edits of this one must not come back."""
        session.state().pop(self.name)
