"""Streamlit's own files come packed where a browser takes them so, plain where it does not, and nothing else comes."""

import gzip
import io
import re

import brotli
import pytest
from fontTools.ttLib import TTFont
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from dashboard.shell.settings import ROOT, settings
from dashboard.web.assets import fonts, packed_files, packing

PLAIN = "as Streamlit sends it"


def one(pattern: str):
    return next(packing.STATIC.glob(pattern))


@pytest.fixture
def packed(tmp_path, monkeypatch) -> TestClient:
    """A client of a server that has packed two of its files."""
    monkeypatch.setattr(settings(), "packed", tmp_path)
    for pattern in ("js/index.*.js", "css/index.*.css"):
        packing.compress(one(pattern), packing.folder(tmp_path))
    return TestClient(packed_files.Packed(PlainTextResponse(PLAIN)))


def asked(client: TestClient, path: str, encodings: str = "gzip", method: str = "GET"):
    """The answer as it came over the line, and the bytes of it."""
    with client.stream(method, path, headers={"Accept-Encoding": encodings}) as answer:
        return answer, b"".join(answer.iter_raw())


@pytest.mark.parametrize("pattern", ["js/index.*.js", "css/index.*.css"])
@pytest.mark.parametrize(
    ("taken", "encoding", "unpack"),
    [
        ("gzip, deflate", "gzip", gzip.decompress),
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("br;q=1.0, gzip;q=0.8", "br", brotli.decompress),
    ],
)
def test_a_script_comes_as_small_as_the_browser_takes_it(packed, pattern, taken, encoding, unpack):
    path = one(pattern)
    answer, content = asked(packed, f"/static/{path.relative_to(packing.STATIC).as_posix()}", taken)
    assert unpack(content) == path.read_bytes()
    assert len(content) < path.stat().st_size / 3
    assert answer.headers["content-encoding"] == encoding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith(("text/javascript", "text/css"))


@pytest.mark.parametrize(
    ("path", "taken", "method"),
    [
        ("/static/js/index.{name}", "identity", "GET"),
        ("/static/js/index.{name}", "deflate, zstd", "GET"),
        ("/static/js/index.{name}", "gzip", "POST"),
        ("/static/js/none.js", "gzip", "GET"),
        ("/static/%2e%2e/done", "gzip", "GET"),
        ("/static/done", "gzip", "GET"),
        ("/static/js/index.{name}.gz", "gzip", "GET"),
        ("/js/index.{name}", "gzip", "GET"),
        ("/", "gzip", "GET"),
    ],
)
def test_everything_else_is_streamlits_to_answer(packed, path, taken, method):
    name = one("js/index.*.js").name.removeprefix("index.")
    answer, content = asked(packed, path.format(name=name), taken, method)
    assert content.decode() == PLAIN
    assert "content-encoding" not in answer.headers


def test_what_is_not_packed_yet_comes_plain(tmp_path, monkeypatch):
    monkeypatch.setattr(settings(), "packed", tmp_path)
    client = TestClient(packed_files.Packed(PlainTextResponse(PLAIN)))
    assert asked(client, f"/static/js/{one('js/index.*.js').name}")[1].decode() == PLAIN


@pytest.mark.slow
def test_of_the_latin_font_so_much_is_left_that_a_browser_takes_it():
    font = TTFont(io.BytesIO(fonts.space(one(f"media/{packing.LATIN}"))))
    assert {*font.getBestCmap()} == {ord(" ")} and len(font.getTableData("glyf")) > 1


def test_every_icon_of_ours_is_drawn_by_the_cut_font(tmp_path):
    """As the browser does it: the letters of its name give one sign, the same as in the whole font."""
    packing.cut_fonts(tmp_path)
    whole, cut = one(f"media/{packing.ICONS}"), next(tmp_path.glob(f"media/{packing.ICONS}"))
    ours = {name for path in ROOT.glob("[dp]a*/**/*.py") for name in re.findall(r":material/(\w+):", path.read_text())}
    assert len(ours) > 5
    assert cut.stat().st_size < whole.stat().st_size / 4
    before, after = outlines(TTFont(whole)), outlines(TTFont(cut))
    assert {name: after.get(name) for name in ours} == {name: before[name] for name in ours}
    assert {"close", "keyboard_arrow_down", "menu", "error"} <= after.keys()  # which Streamlit draws by itself


def outlines(font: TTFont) -> dict[str, object]:
    """What is drawn for each name."""
    letters = {glyph: chr(code) for code, glyph in font.getBestCmap().items()}
    return {
        "".join(letters.get(one, "\0") for one in (first, *row.Component)): font["glyf"][row.LigGlyph].coordinates
        for table in fonts.ligatures(font)
        for first, rows in table.items()
        for row in rows
    }
