"""A document as it leaves the bank: in plain words for a chat, without the notes people wrote for themselves."""

import dataclasses

from dashboard.documents.blocks import Bars, Block, Document, Table, Text
from dashboard.documents.cleaning import clean
from dashboard.shell.language import _, word
from db.meetings.agenda import NAMES

MOST_ROWS = 12  # of a table in a chat; the picture has them all


def kind_name(kind: str) -> str:
    """What a message is: a meeting by its name, or another kind by its word."""
    return _(NAMES[kind]) if kind in NAMES else word(kind)


def outward(document: Document) -> Document:
    """Without notes and without lines to sign on."""
    sections = tuple(dataclasses.replace(one, notes=()) for one in document.sections)
    return dataclasses.replace(clean(document), sections=clean(sections), signatures=())


def text(document: Document) -> str:
    """The document for a chat: what it is, each item's sentences, totals and outcomes, promises and commitments."""
    given = outward(document)
    lines = [f"【{given.title}】", given.subtitle]
    for one in given.sections:
        said = [line for block in one.blocks for line in lines_of(block)] + [f"· {line}" for line in one.outcomes]
        if said:
            lines += ["", f"▍{one.title}", *said]
    for table in (given.promises, given.commitments):
        if table is not None and (table.rows or table.total):
            lines += ["", f"▍{table.title}", *rows_of(table)]
    lines += ["", *given.footer]
    return "\n".join(lines).replace("\n\n\n", "\n\n").strip()


def lines_of(block: Block) -> list[str]:
    match block:
        case Text():
            return [block.text] if block.text else []
        case Bars():
            return ([block.title] if block.title else []) + [f"{row.label}：{row.text}" for row in block.rows]
        case Table():
            return ([block.title] if block.title else []) + rows_of(block)
    return []


def rows_of(table: Table) -> list[str]:
    """A table's total in words; without one its first rows."""
    if table.total:
        return [row(table.headings, table.total)]
    said = [row(table.headings, one) for one in table.rows[:MOST_ROWS]]
    more = len(table.rows) - MOST_ROWS
    return [*said, _("… and {number} more", number=more)] if more > 0 else said


def row(headings: tuple[str, ...], cells: tuple) -> str:
    """周敏：咨询 5，申请 2"""
    first, *others = [(heading, cell.text) for heading, cell in zip(headings, cells, strict=True)]
    said = "，".join(f"{heading} {value}" for heading, value in others if value)
    return f"{first[1]}：{said}" if said else first[1]


def texts(given: object) -> list[str]:
    """Every text in a document, for whoever has to know what a picture of it shows."""
    if isinstance(given, str):
        return [given]
    if isinstance(given, tuple):
        return [one for part in given for one in texts(part)]
    if dataclasses.is_dataclass(given):
        return [one for field in dataclasses.fields(given) for one in texts(getattr(given, field.name))]
    return []
