"""Streamlit's own files made small, once a version: scripts and styles compressed, fonts cut down to what is drawn of
them. `python -m dashboard.web.assets.packing FOLDER` does it; the server has it done beside itself when it starts."""

import gzip
import io
import os
import re
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import brotli
import streamlit
from fontTools import subset
from fontTools.ttLib import TTFont

from dashboard.shell.settings import ROOT

STATIC = Path(streamlit.__file__).parent / "static" / "static"
COMPRESSED = (".js", ".css")
LEVEL = 9
ICONS, LATIN = "MaterialSymbols-Rounded*.woff2", "SourceSansVF-Upright*.woff2"
ICON = re.compile(r":material/(\w+):")
QUOTED = re.compile(r"""[`"'](\w+)[`"']""")  # how a script names the icons that it draws by itself
DONE = "done"


def folder(under: Path) -> Path:
    """Where the packed files of this version of Streamlit lie."""
    return under / f"static-{streamlit.__version__}"


def pack(into: Path) -> None:
    """Packs every file; what is there already stays. The file DONE says that it is all there."""
    for path in sorted(STATIC.rglob("*")):
        if path.suffix in COMPRESSED:
            compress(path, into)
    cut_fonts(into)
    write(into / DONE, bytes)


def compress(path: Path, into: Path) -> None:
    """Writes it with .br and .gz behind its name."""
    place = into / path.relative_to(STATIC)
    write(place.with_name(f"{place.name}.br"), lambda: brotli.compress(path.read_bytes(), quality=LEVEL))
    write(place.with_name(f"{place.name}.gz"), lambda: gzip.compress(path.read_bytes(), LEVEL, mtime=0))


def cut_fonts(into: Path) -> None:
    """Writes the two fonts that come with every page under their own names. Of the Latin one nothing is left but the
    space: the pages are set in fonts that the reader has."""
    for path in STATIC.glob(f"media/{ICONS}"):
        write(into / path.relative_to(STATIC), partial(icons, path))
    for path in STATIC.glob(f"media/{LATIN}"):
        write(into / path.relative_to(STATIC), lambda path=path: cut(TTFont(path), " "))


def write(path: Path, content: Callable[[], bytes]) -> None:
    """At once or not at all, whoever else writes it or reads. What is there stays."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    unfinished.write_bytes(content())
    unfinished.replace(path)


def icons(path: Path) -> bytes:
    """The font of icons with those alone that our sources or Streamlit's scripts name. An icon is drawn for its name, as
    one sign for many letters."""
    font = TTFont(path)
    letters = {glyph: chr(code) for code, glyph in font.getBestCmap().items()}
    named = names()
    used = set()
    for table in ligatures(font):
        for first, rows in table.items():
            whole = {"".join(letters.get(one, "\0") for one in (first, *row.Component)): row for row in rows}
            table[first] = [row for name, row in whole.items() if name in named]
            used |= whole.keys() & named
        for first in [first for first, rows in table.items() if not rows]:
            del table[first]
    return cut(font, "".join(used))


def ligatures(font: TTFont) -> Iterable[dict]:
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            table = getattr(table, "ExtSubTable", table)
            if hasattr(table, "ligatures"):
                yield table.ligatures


def names() -> set[str]:
    """Whatever may be an icon's name."""
    ours = [path for one in ("pages", "dashboard") for path in (ROOT / one).rglob("*.py")]
    found = {name for path in ours for name in ICON.findall(path.read_text())}
    for path in STATIC.glob("js/*.js"):
        script = path.read_text()
        found |= {*ICON.findall(script), *QUOTED.findall(script)}
    return found


def cut(font: TTFont, text: str) -> bytes:
    """The font with the signs of the text alone, as WOFF2."""
    options = subset.Options(layout_features=["*"], glyph_names=False)
    cutter = subset.Subsetter(options)
    cutter.populate(text=text)
    cutter.subset(font)
    font.flavor = "woff2"
    content = io.BytesIO()
    font.save(content)
    return content.getvalue()


def main(into: Path) -> None:
    """Packs as one who can wait."""
    if hasattr(os, "nice"):
        os.nice(10)
    pack(into)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
