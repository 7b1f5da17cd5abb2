"""What an item of a meeting takes from the shelf, as blocks of a document."""

from datetime import date

from dashboard.documents.blocks import Block, Cell, Table, Text
from dashboard.shelf import words
from dashboard.shell.language import _, word
from dashboard.widgets import formats
from db.access import Viewer
from db.meetings import shelf


def of_item(
    viewer: Viewer, branch: int, item: str, on: date, step: str | None = None, product: int | None = None
) -> tuple[Block, ...]:
    """For the item of this key (shelf.FITTING) what the shelf proposes on a day: the first entry whole, the others by
    their title. `step` is the branch's weak one. Empty where the shelf has nothing that fits."""
    if item not in shelf.FITTING:
        return ()
    found = shelf.proposed(viewer, branch, item, on, step, product).to_dicts()
    if not found:
        return ()
    first, *others = found
    blocks: list[Block] = [Text(f"{first['title']} · {word(first['kind'])} · {formats.day(first['day'])}", "note")]
    blocks += [Text(f"{label}: {text}" if label else text) for label, text in words.parts(first)]
    if others:
        rows = tuple((Cell(one["title"]), Cell(word(one["kind"])), Cell(formats.day(one["day"]))) for one in others)
        blocks.append(Table((_("Also on the shelf"), _("Kind"), _("Day")), rows, left=3))
    return tuple(blocks)
