"""Minutes as Word, PDF and picture: everything said is in them, as text, in both languages and at any size."""

import dataclasses
import io
import json
import math
import re
import struct
import unicodedata

import pypdf
import pytest
import typst
from docx import Document as read_word
from docx.oxml.ns import qn

from dashboard.documents import typeset, word
from dashboard.documents.blocks import Bar, Bars, Cell, Document, Table, as_json
from dashboard.documents.cleaning import clean
from dashboard.documents.layout import parts, two_columns, widths
from dashboard.documents.typeset import NO_FONT, bar_pictures, chinese_font, drawn
from dashboard.shell.language import _, speak
from db.errors import Refused
from tests.support import minutes

CASES = {
    "40": lambda lang: minutes.morning(40, lang),
    "4": lambda lang: minutes.morning(4, lang),
    "empty": minutes.empty,
    "hostile": lambda _lang: minutes.hostile(),
}


@pytest.fixture(params=[(lang, case) for lang in ("zh", "en") for case in CASES], ids="-".join)
def document(request):
    lang, case = request.param
    speak(lang)
    yield CASES[case](lang)
    speak("zh")


def texts(given: object) -> list[str]:
    """Everything said in a document, in its order; keys, tones and links are not said."""
    if isinstance(given, str):
        return [given]
    if isinstance(given, tuple):
        return [text for one in given for text in texts(one)]
    if dataclasses.is_dataclass(given):
        unsaid = {"key", "tone", "href"}
        return [
            text
            for one in dataclasses.fields(given)
            if one.name not in unsaid
            for text in texts(getattr(given, one.name))
        ]
    return []


def bare(text: str) -> str:
    """Without what a page does to letters: lines, spaces, places to break, ligatures."""
    return re.sub("[\\s\u200b]", "", unicodedata.normalize("NFKC", text))


def of_word(content: bytes) -> str:
    body = read_word(io.BytesIO(content)).element.body
    return bare("".join(one.text or "" for one in body.iter(qn("w:t"))))


def of_pdf(content: bytes) -> str:
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]
    return bare("".join(re.sub(r"\n.*\d+ / \d+$", "", page) for page in pages))


def test_word_says_everything_in_it(document):
    said = of_word(word.docx(document))
    assert [text for text in texts(clean(document)) if bare(text) not in said] == []


def test_a_pdf_says_everything_in_it(document):
    said = of_pdf(typeset.pdf(document))
    lines = {line for text in texts(clean(document)) for line in text.split("\n")}
    assert {line for line in lines if bare(line) not in said} == set()


def test_a_picture_is_as_wide_as_a_chat_shows_it(document):
    wide, high = struct.unpack(">II", typeset.png(document)[16:24])
    assert wide == 1125 and high > 600


def test_nothing_is_lost_after_a_text_that_wants_to_be_more():
    for said in (of_word(word.docx(minutes.hostile())), of_pdf(typeset.pdf(minutes.hostile()))):
        for last in ("total", "outcomes", "section", "signatures", "footer"):
            assert f"END{last}" in said
        for one in ('#read("/etc/passwd")', "{{7*7}}{%raw%}", "=1+1", "<b>bold</b>&&amp;", "$x^2$\\sum", "@ref<label>"):
            assert said.count(one) >= 15
        assert "righttoleft" in said and "nul" in said and "halfcharacter" in said


def test_a_long_picture_gives_way_until_a_chat_takes_it():
    fine = typeset.png(minutes.morning(4))
    coarse = typeset.png(minutes.morning(4), most=len(fine) - 1)
    assert len(coarse) < len(fine) and struct.unpack(">I", coarse[16:20])[0] == 750
    with pytest.raises(Refused, match="too large"):
        typeset.png(minutes.morning(4), most=1000)


def test_without_a_chinese_font_nothing_is_made(monkeypatch):
    bundled = typst.Fonts(include_system_fonts=False)
    monkeypatch.setattr(typeset, "installed", lambda: bundled)
    for make in (typeset.pdf, typeset.png):
        with pytest.raises(Refused) as refused:
            make(minutes.morning(1))
        assert refused.value.message == NO_FONT
    assert chinese_font(["Arial", "SimSun", "Microsoft YaHei"]) == "Microsoft YaHei"
    assert bar_pictures(Bars(minutes.morning(1).sections[0].blocks[1].rows)), "bars have no letters: Word needs no font"


def test_a_pdf_carries_its_chinese_font():
    fonts = {
        str(font["/BaseFont"])
        for page in pypdf.PdfReader(io.BytesIO(typeset.pdf(minutes.morning(4)))).pages
        for font in page["/Resources"]["/Font"].get_object().values()
        for font in [font.get_object()]
    }
    wanted = chinese_font(typeset.installed().families()).replace(" ", "")[:8]
    assert any(wanted in one for one in fonts), fonts


def test_word_is_a4_in_a_chinese_font_with_heads_that_repeat():
    file = read_word(io.BytesIO(word.docx(minutes.morning(40))))
    page = file.sections[0]
    assert (round(page.page_width.cm, 1), round(page.page_height.cm, 1)) == (21.0, 29.7)
    about = file.core_properties
    assert (about.title, about.author, about.created.year > 2025) == ("早会纪要 · 江城分行营业部", "晨夕", True)
    runs = [run for run in file.element.body.iter(qn("w:r")) if any(one.text for one in run.iter(qn("w:t")))]
    fonts = {run.find(f"{qn('w:rPr')}/{qn('w:rFonts')}").get(qn("w:eastAsia")) for run in runs}
    assert fonts == {word.FONT}
    for name in ("Normal", "Title", "Heading 1"):
        held = file.styles[name].element.rPr.rFonts
        assert held.get(qn("w:eastAsia")) == word.FONT and held.get(qn("w:asciiTheme")) is None
    longest = max(file.tables, key=lambda table: len(table.rows))
    assert longest.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert longest.rows[1]._tr.trPr.find(qn("w:tblHeader")) is None


def test_the_words_between_are_the_readers():
    speak("en")
    assert "Whatcameoutofit" in of_word(word.docx(minutes.morning(4, "en")))
    speak("zh")
    assert "形成结论" in of_pdf(typeset.pdf(minutes.morning(4))) and _("None.") == "无。"


def test_columns_share_the_line_and_the_widest_give_way():
    table = minutes.morning(4).commitments
    for room in (100.0, 64.0, 20.0):
        assert sum(widths(table, room)) == pytest.approx(1)
    fitting, narrow = widths(table, 100.0), widths(table, 40.0)
    assert fitting[0] == max(fitting) and narrow[0] < fitting[0]


def test_a_long_sign_in_list_stands_in_two_columns_and_names_everybody_once():
    one = minutes.morning(41).present
    beside = two_columns(one)
    assert len(beside.rows) == 21 and {len(row) for row in beside.rows} == {6}
    names = [row[0].text for row in beside.rows] + [row[3].text for row in beside.rows]
    assert names == [row[0].text for row in one.rows] + [""]
    assert two_columns(minutes.morning(4).present).rows == minutes.morning(4).present.rows


def test_a_document_is_json():
    document: Document = minutes.morning(4)
    said = json.loads(json.dumps(as_json(document)))
    assert said["sections"][0]["blocks"][0]["block"] == "table" and said["title"] == document.title


def test_a_table_too_wide_for_its_lines_is_cut_and_no_cell_is_lost():
    headings = ("客户经理", *(f"指标{one}" for one in range(9)))
    rows = tuple((Cell(minutes.name(n)), *(Cell(f"{n}.{one} 万元 (8–20%)") for one in range(9))) for n in range(3))
    table = Table(headings, rows, rows[0], "近八周")
    cut = parts(table, 64.0)
    assert len(cut) > 1 and [one.title for one in cut] == ["近八周"] + [""] * (len(cut) - 1)
    assert [text for one in cut for text in one.headings[1:]] == list(headings[1:])
    assert all(one.headings[0] == headings[0] and len(one.total) == len(one.headings) for one in cut)
    assert [cell.text for one in cut for cell in one.rows[1][1:]] == [cell.text for cell in rows[1][1:]]
    assert parts(minutes.morning(4).commitments, 64.0) == [minutes.morning(4).commitments]


def test_bars_of_both_signs_lie_on_both_sides_of_nought():
    rows = [
        Bar("a", 3.0, None, "+3"),
        Bar("b", -1.0, 1.0, "-1"),
        Bar("c", None, None, "—"),
        Bar("d", math.inf, None, "∞"),
    ]
    right, left, none, endless = drawn(Bars(tuple(rows)))
    assert (right["start"], right["length"], right["zero"]) == (0.25, 0.75, 0.25)
    assert (left["start"], left["length"], left["mark"]) == (0.0, 0.25, 0.5)
    assert none["length"] == endless["length"] == 0 and none["mark"] is None
    assert drawn(Bars((Bar("a", 0.0, None, "0"),))) == [{"start": 0.0, "length": 0.0, "mark": None, "zero": 0.0}]
    assert len(bar_pictures(Bars(tuple(rows)))) == 4
