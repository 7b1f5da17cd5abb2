"""A document as a Word file, to be edited and signed: styles that reach Chinese letters, tables whose head is repeated."""

import dataclasses
import io
from datetime import UTC, datetime

from docx import Document as new_file
from docx.document import Document as WordFile
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.table import Table as WordTable
from docx.table import _Cell as WordCell
from docx.text.paragraph import Paragraph

from dashboard.documents.blocks import Bars, Block, Cell, Document, Section, Table, Text
from dashboard.documents.cleaning import clean
from dashboard.documents.layout import letters, pair_widths, parts, two_columns, widths
from dashboard.documents.typeset import bar_pictures, minutes
from dashboard.shell.language import _, language

FONT = "微软雅黑"  # what Word and WPS have everywhere; where it is missing, they take another Chinese one
STYLES = ("Normal", "Title", "Subtitle", "Heading 1", "Heading 2", "List Bullet", "Quote")
THEMED = ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme")
ACCENT, FAINT = RGBColor(0x1F, 0x5F, 0xBF), RGBColor(0x5C, 0x66, 0x75)
TONES = {
    "good": RGBColor(0x14, 0x80, 0x4A),
    "note": RGBColor(0x3F, 0x65, 0x9B),
    "warn": RGBColor(0xA0, 0x5F, 0x00),
    "bad": RGBColor(0xC6, 0x28, 0x28),
    "faint": FAINT,
}
WIDTH = 17.2  # cm between the margins of A4
LINE = 100.0  # letters that fit into it
HAIR, SOFT = "D3DAE4", "F1F4F9"


def docx(document: Document) -> bytes:
    """A4, as .docx."""
    said, file = clean(document), new_file()
    prepare(file, said)
    head(file, said)
    for one in said.sections:
        section(file, one)
    for table in (said.promises, said.commitments):
        if table is not None:
            heading(file, table.title, 1)
            add_tables(file, dataclasses.replace(table, title=""))
    signatures(file, said)
    for place, one in enumerate(said.footer):
        paragraph = faint(file.add_paragraph(), one, 8)
        paragraph.paragraph_format.space_before = Pt(18 if place == 0 else 0)
    target = io.BytesIO()
    file.save(target)
    return target.getvalue()


def prepare(file: WordFile, document: Document) -> None:
    """Page, fonts, what the file says of itself."""
    page = file.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(1.9)
    page.top_margin, page.bottom_margin = Cm(1.8), Cm(1.9)
    for name in STYLES:
        set_font(file.styles[name].element.get_or_add_rPr())
    speech = OxmlElement("w:lang")  # or Chinese punctuation stands as another language has it
    speech.set(qn("w:val"), "en-US"), speech.set(qn("w:eastAsia"), "zh-CN")
    defaults = file.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for held in defaults.findall(qn("w:lang")):
        defaults.remove(held)
    defaults.append(speech)
    file.styles["Normal"].font.size = Pt(10)
    file.styles["Normal"].paragraph_format.space_after = Pt(4)
    file.styles["Title"].font.size, file.styles["Title"].font.bold = Pt(21), True
    file.styles["Heading 1"].font.size, file.styles["Heading 2"].font.size = Pt(13), Pt(10.5)
    for name, colour in (("Title", RGBColor(0x1B, 0x23, 0x30)), ("Heading 1", ACCENT), ("Heading 2", FAINT)):
        file.styles[name].font.color.rgb = colour
    about, made = file.core_properties, datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    about.title, about.author, about.last_modified_by = document.title[:250], _("Chenxi"), _("Chenxi")
    about.comments, about.language = "", "zh-CN" if language() == "zh" else "en-US"
    about.created = about.modified = made
    numbered(page.footer.paragraphs[0])


def set_font(properties) -> None:
    """The font for Latin and Chinese letters alike; a style's theme fonts would win over it."""
    fonts = properties.get_or_add_rFonts()
    for theme in THEMED:
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for kind in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{kind}"), FONT)


def numbered(paragraph: Paragraph) -> None:
    """The page's number in the footer."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = text
        run._r.append(part)
    run.font.size, run.font.color.rgb = Pt(8), FAINT


def head(file: WordFile, document: Document) -> None:
    """Title, facts, sign-in list."""
    write(file.add_paragraph(style="Title"), document.title)
    if document.subtitle:
        faint(file.add_paragraph(), document.subtitle, 11)
    if document.facts:
        table = grid(file, 2, pair_widths(document.facts, LINE))
        for one, value in document.facts:
            row = table.add_row().cells
            faint(row[0].paragraphs[0], one, 10)
            write(row[1].paragraphs[0], value)
            shade(row[0]), shade(row[1])
        finish(file, table)
    if document.present is not None:
        add_table(file, two_columns(document.present))


def section(file: WordFile, one: Section) -> None:
    """An item: heading and minutes, blocks, notes, what came out of it."""
    line = heading(file, one.title, 1)
    took = minutes(one.minutes, one.used)
    if took:
        run = write(line, f"    {took}")
        run.bold, run.font.size, run.font.color.rgb = False, Pt(9), FAINT
    for block in one.blocks:
        add_block(file, block)
    if one.notes:
        heading(file, _("Notes"), 2)
    for note in one.notes:
        paragraph = file.add_paragraph()
        paragraph.paragraph_format.left_indent = Cm(0.4)
        if note.author:
            write(paragraph, f"{note.author}\n").bold = True
        write(paragraph, note.text)
    if one.outcomes:
        heading(file, _("What came out of it"), 2)
    for outcome in one.outcomes:
        write(file.add_paragraph(style="List Bullet"), outcome)
    if not (one.blocks or one.notes or one.outcomes):
        faint(file.add_paragraph(), _("Nothing was written down."))


def add_block(file: WordFile, block: Block) -> None:
    if isinstance(block, Text):
        tone(write(file.add_paragraph(), block.text), block.tone)
    elif isinstance(block, Table):
        add_tables(file, block)
    else:
        add_bars(file, block)


def add_tables(file: WordFile, given: Table) -> None:
    """A table, one too wide for its lines in several."""
    for one in parts(given, LINE):
        add_table(file, one)


def add_table(file: WordFile, given: Table) -> None:
    """Head repeated on every page, numbers to the right, rows not torn apart."""
    if given.title:
        heading(file, given.title, 2)
    if not given.headings:
        return
    table = grid(file, len(given.headings), widths(given, LINE))
    rows = [(tuple(map(Cell, given.headings)), True), *((one, False) for one in given.rows)]
    rows += [(given.total, True)] if given.total else []
    size = Pt(8.5 if len(given.headings) > 7 else 9)
    for place, (cells, bold) in enumerate(rows):
        row = table.add_row()
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for column, (cell, one) in enumerate(zip(row.cells, cells, strict=True)):
            run = tone(write(cell.paragraphs[0], one.text), one.tone)
            run.bold, run.font.size = bold or None, size
            if column >= given.left:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
            if place == 0:
                shade(cell)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    finish(file, table)
    if not given.rows:
        faint(file.add_paragraph(), _("None."))


def add_bars(file: WordFile, bars: Bars) -> None:
    """A row each: label, bar, the words for it."""
    if bars.title:
        heading(file, bars.title, 2)
    if not bars.rows:
        faint(file.add_paragraph(), _("None."))
        return
    label = min(max(letters(one.label) for one in bars.rows) + 2, 30) / LINE
    table = grid(file, 3, [label, 0.38, 1 - label - 0.38])
    for one, picture in zip(bars.rows, bar_pictures(bars), strict=True):
        cells = table.add_row().cells
        write(cells[0].paragraphs[0], one.label).font.size = Pt(9)
        shown = cells[1].paragraphs[0].add_run().add_picture(io.BytesIO(picture), width=Cm(0.36 * WIDTH))
        shown._inline.docPr.set("descr", f"{one.label}: {one.text}")
        tone(write(cells[2].paragraphs[0], one.text), one.tone).font.size = Pt(9)
    finish(file, table)


def signatures(file: WordFile, document: Document) -> None:
    """What stands before a line to sign on."""
    for place, one in enumerate(document.signatures):
        paragraph = file.add_paragraph()
        paragraph.paragraph_format.space_before = Pt(28 if place == 0 else 14)
        paragraph.paragraph_format.keep_with_next = place + 1 < len(document.signatures)
        paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(11), leader=WD_TAB_LEADER.LINES)
        write(paragraph, f"{one} ")
        paragraph.add_run().add_tab()


def grid(file: WordFile, columns: int, shares: list[float]) -> WordTable:
    """An empty table of fixed widths, hairlines between its rows."""
    table = file.add_table(0, columns)
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, share in zip(table.columns, shares, strict=True):
        column.width = Cm(share * WIDTH)
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", HAIR)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    table._tbl.tblPr.append(borders)
    return table


def finish(file: WordFile, table: WordTable) -> None:
    """Close rows, widths in every cell as Word wants them, room below the table."""
    wide = [column.width for column in table.columns]
    for row in table.rows:
        for cell, width in zip(row.cells, wide, strict=True):
            cell.width = width
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
    after = file.add_paragraph().paragraph_format
    after.space_before = after.space_after = Pt(0)
    after.line_spacing = Pt(7)


def shade(cell: WordCell) -> None:
    fill = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", SOFT)):
        fill.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(fill)


def write(paragraph: Paragraph, text: str):
    """A run with the text, its lines its own, whose font reaches Chinese letters."""
    run = paragraph.add_run(text)
    set_font(run._r.get_or_add_rPr())
    return run


def heading(file: WordFile, text: str, level: int) -> Paragraph:
    paragraph = file.add_heading("", level)
    write(paragraph, text)
    return paragraph


def faint(paragraph: Paragraph, text: str, size: float = 9) -> Paragraph:
    run = write(paragraph, text)
    run.font.color.rgb, run.font.size = FAINT, Pt(size)
    return paragraph


def tone(run, given: str):
    """Coloured where the text has a tone; the words say the same."""
    if given in TONES:
        run.font.color.rgb = TONES[given]
    return run
