"""Fonts cut down to the signs that are drawn."""

import io
import re
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

from dashboard.shell.settings import ROOT

ICON = re.compile(r":material/(\w+):")
QUOTED = re.compile(r"""[`"'](\w+)[`"']""")  # how a script names the icons that it draws by itself


def icons(path: Path, static: Path) -> bytes:
    """The font of icons with those alone that our sources or Streamlit's scripts (`static`) name. An icon is drawn for
    its name, as one sign for many letters."""
    font = TTFont(path)
    letters = {glyph: chr(code) for code, glyph in font.getBestCmap().items()}
    named = names(static)
    used = set()
    for table in ligatures(font):
        for first, rows in table.items():
            whole = {"".join(letters.get(one, "\0") for one in (first, *row.Component)): row for row in rows}
            table[first] = [row for name, row in whole.items() if name in named]
            used |= whole.keys() & named
        for first in [first for first, rows in table.items() if not rows]:
            del table[first]
    return cut(font, "".join(used))


def space(path: Path) -> bytes:
    """The font with the space alone."""
    return cut(TTFont(path), " ")


def ligatures(font: TTFont) -> Iterable[dict]:
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            table = getattr(table, "ExtSubTable", table)
            if hasattr(table, "ligatures"):
                yield table.ligatures


def names(static: Path) -> set[str]:
    """Whatever may be an icon's name."""
    ours = [path for one in ("pages", "dashboard") for path in (ROOT / one).rglob("*.py")]
    found = {name for path in ours for name in ICON.findall(path.read_text())}
    for path in static.glob("js/*.js"):
        script = path.read_text()
        found |= {*ICON.findall(script), *QUOTED.findall(script)}
    return found


def cut(font: TTFont, text: str) -> bytes:
    """The font with the signs of the text alone, as WOFF2."""
    # A font without a single outline is none to a browser: it says so in its console, again with every element.
    options = subset.Options(layout_features=["*"], glyph_names=False, notdef_outline=True)
    cutter = subset.Subsetter(options)
    cutter.populate(text=text)
    cutter.subset(font)
    font.flavor = "woff2"
    content = io.BytesIO()
    font.save(content)
    return content.getvalue()
