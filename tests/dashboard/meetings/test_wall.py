"""The wall is laid out for what it has to show: the fewer lines, the larger."""

import pytest

from dashboard.documents.blocks import Bar, Bars, Cell, Table, Text
from dashboard.meetings import wall


def team(size: int) -> Table:
    return Table(("Manager",), tuple((Cell(f"{one}"),) for one in range(size)), (Cell("Together"),))


@pytest.mark.parametrize(
    ("blocks", "lines"),
    [
        ((team(4),), 6),
        ((team(16),), 18),
        ((team(40),), 18),
        ((Text("nothing"),), 4),
        ((Bars(tuple(Bar("Deals", 0.5, 1.0, "50%", "good") for _one in range(5))),), 5),
        ((team(2), Text("more"), team(2)), 9),
    ],
)
def test_heads_totals_and_texts_are_lines_too(blocks, lines):
    assert wall.lines(blocks) == lines
