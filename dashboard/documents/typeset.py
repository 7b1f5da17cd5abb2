"""A document as PDF and as one long picture, set by typst: everything said goes in as JSON, never as its source."""

import json
from collections.abc import Sequence
from functools import cache
from math import isfinite
from pathlib import Path

import typst

from dashboard.documents.blocks import Bars, Block, Document, Table, as_json
from dashboard.documents.cleaning import clean
from dashboard.documents.layout import letters, pair_widths, parts, two_columns, widths
from dashboard.shell.language import _, language
from db.errors import Refused

FOLDER = Path(__file__).parent
PICTURE = (216.0, 144.0, 96.0)  # pixels per inch: a page of 375 pt is 1125 wide at the first
LINE = {"a4": 100.0, "phone": 64.0}  # letters that fit in a line of a table
LATIN = ("Libertinus Serif", "DejaVu Sans Mono")  # what typst brings along, for signs the Chinese font lacks
# Any of these that is installed, the most readable first.
CHINESE = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "HarmonyOS Sans SC",
    "MiSans",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "Heiti SC",
    "STHeiti",
    "SimHei",
    "DengXian",
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "Noto Serif SC",
    "STSong",
    "SimSun",
    "AR PL UMing CN",
)
NO_FONT = "No Chinese font is installed on the server: install one (Debian: fonts-noto-cjk) and start again."


@cache
def installed() -> typst.Fonts:
    """The fonts of this machine, looked for once a process."""
    return typst.Fonts()


def chinese_font(families: list[str]) -> str:
    """The first of CHINESE that is there. Raises Refused where none is: the text would be empty boxes."""
    for one in CHINESE:
        if one in families:
            return one
    raise Refused(NO_FONT)


def pdf(document: Document) -> bytes:
    """A4. Raises Refused without a Chinese font."""
    return compiled(document, "a4", format="pdf")


def png(document: Document, most: int | None = None) -> bytes:
    """One picture as long as it needs to be, 1125 pixels wide, for a chat on a phone; coarser where it would have more
    bytes than `most`. Raises Refused without a Chinese font, and where the coarsest is still too large."""
    for ppi in PICTURE:
        made = compiled(document, "phone", format="png", ppi=ppi)
        if most is None or len(made) <= most:
            return made
    raise Refused("The picture is too large for a chat: choose fewer items.")


def compiled(document: Document, shape: str, **options: object) -> bytes:
    fonts = installed()
    said = inputs(clean(document), shape) | {"fonts": [chinese_font(fonts.families()), *LATIN]}
    data = {"data": json.dumps(said, ensure_ascii=False, allow_nan=False)}
    return typst.compile(FOLDER / "minutes.typ", root=FOLDER, font_paths=fonts, sys_inputs=data, **options)


def inputs(document: Document, shape: str) -> dict:
    """The document as the template reads it: with the words it needs beside it, and how wide columns are."""
    room = LINE[shape]
    paper = shape == "a4"
    two = paper and all(letters(value) < 32 for _label, value in document.facts)
    sections = [as_json(one) | {"beside": minutes(one.minutes, one.used)} for one in document.sections]
    for held, section in zip(sections, document.sections, strict=True):
        held["blocks"] = [as_json(one) | measures(one, room) for block in section.blocks for one in cut(block, room)]
    present = document.present and (two_columns if paper else aligned)(document.present)
    words = {
        "notes": _("Notes"),
        "outcomes": _("What came out of it"),
        "nothing": _("Nothing was written down."),
        "no_rows": _("None."),
    }
    return {
        **as_json(document),
        "present": present and as_json(present) | measures(present, room),
        "promises": tables_of(document.promises, room),
        "commitments": tables_of(document.commitments, room),
        "sections": sections,
        "facts-in-two": two,
        "facts-widths": pair_widths(document.facts, room / 2 if two else room),
        "shape": shape,
        "words": words,
        "author": _("Chenxi"),
        "lang": language(),
        "region": "cn" if language() == "zh" else "us",
    }


def aligned(table: Table) -> Table:
    """A sign-in list: all of it is text."""
    return Table(table.headings, table.rows, table.total, table.title, len(table.headings))


def minutes(planned: int | None, used: int | None) -> str:
    """How long an item was to take, and how long it took."""
    if planned is None and used is None:
        return ""
    if used is None:
        return _("{minutes} min planned", minutes=planned)
    if planned is None:
        return _("{minutes} min", minutes=used)
    return _("{used} of {planned} min", used=used, planned=planned)


def cut(block: Block, room: float) -> Sequence[Block]:
    """The block, a table too wide for its lines in several."""
    return parts(block, room) if isinstance(block, Table) else [block]


def tables_of(table: Table | None, room: float) -> list[dict]:
    return [as_json(one) | measures(one, room) for one in cut(table, room)] if table is not None else []


def measures(block: Block, room: float) -> dict:
    """What the template need not work out: columns' widths, where bars begin and end."""
    if isinstance(block, Table):
        return {"widths": widths(block, room)}
    if isinstance(block, Bars):
        label = min(max([4, *(letters(one.label) for one in block.rows)]), 0.3 * room)
        text = min(max([4, *(letters(one.text) for one in block.rows)]), 0.4 * room)
        return {"drawn": drawn(block), "widths": [label + 1, room - label - text - 2, text + 1]}
    return {}


def drawn(bars: Bars) -> list[dict[str, float | None]]:
    """Each bar on the scale of all, 0 to 1: where it begins and how long it is (negative values lie left of `zero`), and
    the mark of what it is measured against."""
    values = [one for row in bars.rows for one in (row.value, row.of) if one is not None and isfinite(one)]
    low, high = min([0.0, *values]), max([0.0, *values])
    span = (high - low) or 1.0

    def place(value: float | None) -> float | None:
        return None if value is None or not isfinite(value) else (value - low) / span

    zero = -low / span
    rows = []
    for row in bars.rows:
        end, mark = place(row.value), place(row.of)
        end = zero if end is None else end
        rows.append({"start": min(zero, end), "length": abs(end - zero), "mark": mark, "zero": zero})
    return rows


def bar_pictures(bars: Bars) -> list[bytes]:
    """Each bar as a picture for Word, 180 pt wide; it holds no letters and needs no font."""
    if not bars.rows:
        return []
    data = {"data": json.dumps({"rows": drawn(bars)})}
    options = {"format": "png", "ppi": PICTURE[0], "font_paths": installed()}
    made = typst.compile(FOLDER / "bars.typ", root=FOLDER, sys_inputs=data, **options)
    return made if isinstance(made, list) else [made]
