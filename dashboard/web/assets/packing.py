"""Streamlit's own files made small, once a version: scripts and styles compressed, fonts cut down to what is drawn of
them. `python -m dashboard.web.assets.packing FOLDER` does it; the server has it done beside itself when it starts."""

import gzip
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import brotli
import streamlit

STATIC = Path(streamlit.__file__).parent / "static" / "static"
COMPRESSED = (".js", ".css")
LEVEL = 9
ICONS, LATIN = "MaterialSymbols-Rounded*.woff2", "SourceSansVF-Upright*.woff2"
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
    from dashboard.web.assets import fonts  # 12 MB, which the server that only sends files can do without

    for path in STATIC.glob(f"media/{ICONS}"):
        write(into / path.relative_to(STATIC), partial(fonts.icons, path, STATIC))
    for path in STATIC.glob(f"media/{LATIN}"):
        write(into / path.relative_to(STATIC), partial(fonts.space, path))


def write(path: Path, content: Callable[[], bytes]) -> None:
    """At once or not at all, whoever else writes it or reads. What is there stays."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    unfinished.write_bytes(content())
    unfinished.replace(path)


def main(into: Path) -> None:
    """Packs as one who can wait."""
    if hasattr(os, "nice"):
        os.nice(10)
    pack(into)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
