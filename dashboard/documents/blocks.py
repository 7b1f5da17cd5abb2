"""What a document and an item of a meeting are made of. Texts are finished words in the reader's language: a renderer
(screen, Word, typst, JSON) lays them out and neither computes nor translates. They may hold anything somebody typed: a
renderer keeps it text."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Cell:
    """`tone` is one of metrics.statuses (good, note, warn, bad, faint) and only underlines what `text` says; `href` leads
    to where the number comes from, on screen alone."""

    text: str
    tone: str = ""
    href: str = ""


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str
    tone: str = ""


@dataclass(frozen=True)
class Table:
    """Rows as long as `headings`; the first `left` columns are text, the rest numbers. `total` stands below."""

    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] = ()
    title: str = ""
    left: int = 1


@dataclass(frozen=True)
class Bar:
    """`value` and `of` (what it is measured against) in one unit, None where there is none; a negative one lies on the
    other side of nought. `text` says both."""

    label: str
    value: float | None
    of: float | None
    text: str
    tone: str = ""


@dataclass(frozen=True)
class Bars:
    """Horizontal bars on one scale."""

    rows: tuple[Bar, ...]
    title: str = ""


Block = Text | Table | Bars


@dataclass(frozen=True)
class Note:
    """What one person wrote, as they wrote it: lines are theirs."""

    author: str
    text: str


@dataclass(frozen=True)
class Section:
    """An item: its blocks, notes and what came out of it; minutes planned and used, None where it was not held."""

    key: str
    title: str
    minutes: int | None = None
    used: int | None = None
    blocks: tuple[Block, ...] = ()
    notes: tuple[Note, ...] = ()
    outcomes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """A meeting's minutes, or what the data fill where none was held. `facts` are the lines below the title (when, where,
    chair …: label and value), `present` the sign-in list (name and what is said of it), `signatures` what stands before a
    line to sign on, `footer` the definitions, the version of the data and when it was made."""

    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    present: Table | None
    promises: Table | None
    commitments: Table | None
    signatures: tuple[str, ...]
    footer: tuple[str, ...]

    def choose(self, keys: Sequence[str]) -> "Document":
        """The same document with the sections of these keys alone."""
        kept = tuple(one for one in self.sections if one.key in keys)
        return Document(**{**self.__dict__, "sections": kept})


def as_json(block: Block | Section | Document) -> dict:
    """Plain dicts and lists; a block says what it is in `block`."""
    if isinstance(block, Document):
        return {**asdict(block), "sections": [as_json(one) for one in block.sections]}
    if isinstance(block, Section):
        return {**asdict(block), "blocks": [as_json(one) for one in block.blocks]}
    return {"block": type(block).__name__.lower(), **asdict(block)}
