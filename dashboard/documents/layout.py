"""How wide a table's columns are: what Word and the typesetter have in common."""

import dataclasses
import unicodedata
from collections.abc import Iterable

from dashboard.documents.blocks import Cell, Table

LEAST, MOST = 3.0, 46.0  # of a column, in letters; a Chinese character is two, as are the signs of its fonts
SPARE = 3.0  # beside a text, for the space between columns
CROWDED = 1.1  # how much wider than the line a table may be before it is cut into several
SIDE_BY_SIDE = 10  # rows from which a sign-in list stands in two columns


def letters(text: str) -> int:
    """How wide a text is, in Latin letters: the longest of its lines."""
    wide = unicodedata.east_asian_width
    return max(sum(2 if wide(one) in "WFA" else 1 for one in line) for line in text.split("\n"))


def wanted_widths(table: Table) -> list[float]:
    """What each column needs, in letters."""
    rows = [tuple(cell.text for cell in row) for row in (*table.rows, table.total) if row]
    columns = zip(table.headings, *rows, strict=True)
    return [min(max(*map(letters, texts), LEAST), MOST) + SPARE for texts in ((*one, "") for one in columns)]


def parts(table: Table, room: float) -> list[Table]:
    """The table, or where its many narrow columns do not fit, several: each has the rows' names and as many columns as do,
    shared out evenly. The title stands above the first."""
    wanted = wanted_widths(table)
    names, left = sum(wanted[: table.left]), table.left
    numbers = wanted[left:]
    if sum(wanted) <= room * CROWDED or len(numbers) < 4 or names + 2 * max(numbers) > room:
        return [table]
    pieces = -(-sum(numbers) // (room - names))
    each = -(-len(numbers) // int(pieces))
    firsts = range(left, len(wanted), each)
    chosen = [[*range(left), *range(first, min(first + each, len(wanted)))] for first in firsts]
    return [
        dataclasses.replace(
            table,
            headings=tuple(table.headings[one] for one in columns),
            rows=tuple(tuple(row[one] for one in columns) for row in table.rows),
            total=tuple(table.total[one] for one in columns) if table.total else (),
            title=table.title if place == 0 else "",
        )
        for place, columns in enumerate(chosen)
    ]


def widths(table: Table, room: float) -> list[float]:
    """The part of `room` (a line's letters) that each column takes, as shares of 1. Where all fit, what is
    left over is spread among them; where they do not, the widest give way."""
    wanted = wanted_widths(table)
    if sum(wanted) > room:
        most = narrowest(wanted, room)
        wanted = [min(one, most) for one in wanted]
    return [one / sum(wanted) for one in wanted]


def pair_widths(pairs: Iterable[tuple[str, str]], room: float) -> list[float]:
    """The shares of labels and of what stands beside them; labels take at most a third."""
    label = min(max((letters(one) for one, _value in pairs), default=0) + SPARE, room / 3)
    return [label / room, 1 - label / room]


def narrowest(wanted: list[float], room: float) -> float:
    """The width at which columns are cut, so that together they take the room."""
    ordered, left = sorted(wanted), room
    for place, one in enumerate(ordered):
        share = left / (len(ordered) - place)
        if one >= share:
            return share
        left -= one
    return ordered[-1]


def two_columns(table: Table) -> Table:
    """A sign-in list on paper: long ones in two columns, read down the first and then the second."""
    left = len(table.headings)
    if len(table.rows) < SIDE_BY_SIDE or left > 3 or table.total:
        return Table(table.headings, table.rows, table.total, table.title, left)
    half = -(-len(table.rows) // 2)
    empty = (Cell(""),) * left
    second = (*table.rows[half:], *((empty,) if len(table.rows) % 2 else ()))
    rows = tuple((*first, *other) for first, other in zip(table.rows[:half], second, strict=True))
    return Table(table.headings * 2, rows, (), table.title, left * 2)
