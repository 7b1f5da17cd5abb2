"""What a worksheet shows beside its values: rows and columns that are hidden, cells that are merged, numbers whose format
says more than the number. Read in the child process of db.files.workbook."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from xml.etree import ElementTree

BOOK_PARTS = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
MAX_BLOCKS = 200_000  # merged blocks of one worksheet
ROW_OR_CELL = re.compile(rb"<(?:\w+:)?(row|c)\b([^>]*)>")
ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
COLUMN = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
BLOCK = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*\bref=["\']\$?([A-Z]+)\$?(\d+):\$?([A-Z]+)\$?(\d+)["\']')
HIDDEN = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
PLACE = re.compile(rb"""\br=["']([A-Z]*)(\d+)["']""")
STYLE = re.compile(rb"""\bs=["'](\d+)["']""")
UNIT = re.compile("^(百万|千万|亿|万|千)?元$|^[亿万千]$")
LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[[^\]]*\]')
PERCENT = (9, 10)  # the formats that Excel knows by number alone

Style = tuple[str, str]  # what it is, and what it needs: ("percent", ""), ("zeros", "A|000"), ("unit", "万元")


@dataclass
class Layout:
    """Rows count from 1, columns from 0; `merged` are blocks: first and last row, first and last column. `formatted`
    are the cells whose format says more than the number: column → row and format."""

    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    formatted: dict[int, list[tuple[int, Style]]] = field(default_factory=lambda: defaultdict(list))


def layout(xml: bytes, styled: dict[int, Style]) -> Layout:
    """What a worksheet's XML says of it; `styled` are the cell styles whose format matters (shown_formats)."""
    seen = Layout()
    head = xml[: xml.find(b"<sheetData")] if b"<sheetData" in xml else xml[:100_000]
    for found in COLUMN.finditer(head):
        if HIDDEN.search(found[1]):
            first, last = (int(re.search(rb"""\b%s=["'](\d+)["']""" % one, found[1])[1]) for one in (b"min", b"max"))  # ty: ignore[not-subscriptable]
            seen.hidden_columns += range(first - 1, min(last, 1_000))
    for found in BLOCK.finditer(xml):
        left, top, right, bottom = (one.decode() for one in found.groups())
        seen.merged.append((int(top), int(bottom), letters(left), letters(right)))
        if len(seen.merged) > MAX_BLOCKS:
            raise SystemExit("too many merged cells")
    if styled:
        cells(xml, styled, seen)
    elif HIDDEN.search(xml):
        for row, attributes in numbered(ROW.finditer(xml)):
            if HIDDEN.search(attributes):
                seen.hidden_rows.append(row)
    return seen


def numbered(rows: Iterable[re.Match[bytes]]) -> Iterator[tuple[int, bytes]]:
    """Row numbers, also where the XML leaves them out, each with its attributes."""
    row = 0
    for found in rows:
        given = PLACE.search(found[1])
        row = int(given[2]) if given else row + 1
        yield row, found[1]


def cells(xml: bytes, styled: dict[int, Style], seen: Layout) -> None:
    row, column = 0, -1
    for found in ROW_OR_CELL.finditer(xml):
        tag, attributes = found.groups()
        given = PLACE.search(attributes)
        if tag == b"row":
            row, column = (int(given[2]) if given else row + 1), -1
            if HIDDEN.search(attributes):
                seen.hidden_rows.append(row)
            continue
        column = letters(given[1].decode()) if given else column + 1
        style = STYLE.search(attributes)
        if style and int(style[1]) in styled:
            seen.formatted[column].append((row, styled[int(style[1])]))


def letters(name: str) -> int:
    """A is 0, AA is 26."""
    place = 0
    for letter in name:
        place = place * 26 + ord(letter) - 64
    return place - 1


def shown_formats(xml: bytes) -> dict[int, Style]:
    """The cell styles whose number format says more than the number."""
    root = ElementTree.fromstring(xml)
    codes = {int(one.get("numFmtId", 0)): one.get("formatCode", "") for one in root.iter() if local(one) == "numFmt"}
    found = {}
    for table in (one for one in root.iter() if local(one) == "cellXfs"):
        for place, style in enumerate(one for one in table if local(one) == "xf"):
            number = int(style.get("numFmtId", 0))
            shown = ("percent", "") if number in PERCENT else format_of(codes.get(number, ""))
            if shown:
                found[place] = shown
    return found


def local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def format_of(code: str) -> Style | None:
    """What a number format adds: a percentage, zeros in front and letters between them, or a unit behind."""
    code = code.split(";")[0]
    bare = LITERAL.sub("", code)
    if "%" in bare:
        return "percent", ""
    spelt = LITERAL.sub(lambda one: "".join(f"\0{sign}" for sign in one[1] or one[2] or ""), code).replace("¥", "")
    said = re.sub("\0(.)", r"\1", "".join(re.findall("\0.", spelt))).strip()
    zeros = re.fullmatch("(?:\0.|0|-)+", spelt)
    if zeros and (bare.count("0") > 1 or (said and not UNIT.match(said))):
        return "zeros", spelt
    behind = re.fullmatch(r"(?:[#,0.?]+|General)(?<!,)((?:\0.)+)\s*", spelt.strip(), re.IGNORECASE)
    if behind and UNIT.match(unit := behind[1].replace("\0", "").strip()):
        return "unit", unit
    return None


def as_shown(value: str, style: Style) -> str:
    """A number as its format shows it; whatever is no number stays."""
    kind, needs = style
    with suppress(InvalidOperation, ValueError, OverflowError):
        number = Decimal(value)
        if kind == "percent":
            return f"{float(number * 100):.12g}%"
        if kind == "unit":
            return f"{value}{needs}"
        if number >= 0 and number == int(number) and len(value) <= 20:
            return zero_padded(str(int(number)), needs)
    return value


def zero_padded(digits: str, pattern: str) -> str:
    """77 by 000-00 is 000-77."""
    signs = re.findall("\0.|.", pattern)
    digits = digits.zfill(signs.count("0"))
    shown, left, place, first = "", len(digits) - signs.count("0"), 0, True
    for sign in signs:
        if sign != "0":
            shown += sign[-1]
            continue
        take = 1 + (left if first else 0)
        shown, place, first = shown + digits[place : place + take], place + take, False
    return shown


def sheet_parts(book: dict[str, bytes]) -> dict[str, str]:
    """The part of each worksheet by the sheet's name, both as the workbook says; part names in lower case."""
    targets = {}
    for one in ElementTree.fromstring(book.get("xl/_rels/workbook.xml.rels", b"<none/>")):
        target = (one.get("Target") or "").replace("\\", "/").lower()
        targets[one.get("Id")] = target.lstrip("/") if target.startswith("/") else f"xl/{target.removeprefix('./')}"
    names = {}
    for one in ElementTree.fromstring(book.get("xl/workbook.xml", b"<none/>")).iter():
        if local(one) == "sheet":
            identity = next((value for key, value in one.attrib.items() if key.endswith("}id")), None)
            names[one.get("name", "")] = targets.get(identity, "")
    return names
