"""Templates: they read back through our own reader, offer what may be chosen, and their sample row stores nothing."""

import io
import re
import zipfile

import polars as pl
import pytest

from dashboard.imports import workbook_template
from dashboard.shell.language import speak
from dashboard.shell.store import operator
from db.access import Viewer
from db.codes import CHANNELS, CUSTOMER_KINDS, KINDS, METHODS
from db.files.columns import SAMPLES
from db.files.files import read_file
from db.files.table import read_table
from db.imports import imports
from db.imports.kinds import BY_NAME
from tests.conftest import FRIDAY
from tests.support.builders import EAST, bank, far_region, head, manager, regional
from tests.support.sheets import counts, lines
from tests.support.sweep import sampled

pytestmark = pytest.mark.slow

ROLES = {
    "manager": manager,
    "branch_head": head,
    "regional": regional,
    "administrator": lambda store: Viewer(store, "admin", "administrator"),
    "operator": operator,
}
CASES = [(role, kind, "zh") for role in ROLES for kind in imports.brought_by(role)]
CASES += [("operator", kind, "en") for kind in BY_NAME]


@pytest.fixture
def cast(sqlite_store):
    yield far_region(bank(sqlite_store))
    speak("zh")


def template(store, role: str, kind: str) -> bytes:
    return workbook_template.workbook(ROLES[role](store), kind, FRIDAY)


def parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return {name: book.read(name).decode() for name in book.namelist()}


def words(content: bytes) -> set[str]:
    return set(re.findall(r"<t[^>]*>([^<]*)</t>", parts(content)["xl/sharedStrings.xml"]))


@pytest.mark.parametrize(("role", "kind", "language"), sampled(CASES, 7))
def test_a_template_fits_its_format_and_its_sample_row_is_one_that_would_be_taken(cast, role, kind, language):
    speak(language)
    (sheet,) = read_file("t.xlsx", template(cast, role, kind)).sheets
    table = read_table(BY_NAME[kind].columns, sheet, FRIDAY)
    assert table.problems.is_empty() and table.ignored == {} and len(table.headings) == len(BY_NAME[kind].columns)
    assert table.values.is_empty() and table.samples == 1
    first, *cells = sheet.cells.drop("row").row(0)
    assert first.startswith(SAMPLES[language])
    row = [first.removeprefix(SAMPLES[language]), *(cell or "" for cell in cells)]
    content, options = lines([sheet.headers, row]), {"create_missing": True, "dry_run": True}
    report = imports.import_file(ROLES[role](cast), kind, "t.csv", content, FRIDAY, **options)
    assert report.problems.is_empty() and report.accepted == 1


@pytest.mark.parametrize("kind", BY_NAME)
def test_a_template_stores_nothing_as_it_is(cast, kind):
    held = counts(cast)
    content = template(cast, "operator", kind)
    report = imports.import_file(operator(cast), kind, "t.xlsx", content, FRIDAY, create_missing=True)
    assert (report.rows, report.samples, report.batch) == (0, 1, None) and counts(cast) == held


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_word_of_a_drop_down_is_one_the_reader_knows(cast, language):
    speak(language)
    coded = [one for kind in BY_NAME.values() for one in kind.columns if one.codes]
    assert {"kind", "customer_kind", "channel", "method", "level", "measure", "tier", "part"} == {o.name for o in coded}
    for one in coded:
        read = pl.DataFrame({"cell": workbook_template.code_labels(one.codes)}).select(one.parse(pl.col("cell")))
        assert read.to_series().to_list() == list(one.codes)


def test_columns_with_a_list_have_a_drop_down_and_every_heading_a_hint(cast):
    found = parts(template(cast, "branch_head", "activities"))
    table = found["xl/worksheets/sheet1.xml"]
    ruled = set(re.findall(r'<dataValidation [^>]*sqref="([A-Z]+)2:\1\d+"', table))
    offered = (
        "region",
        "branch",
        "staff_no",
        "manager",
        "kind",
        "customer_kind",
        "product",
        "channel",
        "method",
        "effective",
    )
    letters = {chr(ord("A") + place) for place, one in enumerate(BY_NAME["activities"].columns) if one.name in offered}
    assert ruled == letters
    assert {*KINDS.values(), *CHANNELS.values(), *METHODS.values(), *CUSTOMER_KINDS.values(), "是", "否"} <= words(
        template(cast, "branch_head", "activities")
    )
    hints = re.findall(r"<comment ref=\"[A-Z]+1\"", found["xl/comments1.xml"])
    assert len(hints) == len(BY_NAME["activities"].columns)


@pytest.mark.parametrize("kind", BY_NAME)
def test_the_heading_stays_in_view_and_nothing_is_merged_or_computed(cast, kind):
    found = parts(template(cast, "operator", kind))
    table = found["xl/worksheets/sheet1.xml"]
    assert 'ySplit="1"' in table and "mergeCell" not in table and "<f>" not in table
    assert 'state="hidden"' in found["xl/workbook.xml"] and len(re.findall("<sheet ", found["xl/workbook.xml"])) == 2


@pytest.mark.parametrize(
    ("role", "within", "beyond"),
    [
        ("manager", {"东湖支行", "王芳", "1001"}, {"李强", "1002", "南山支行", "赵敏", "北门支行", "孙梅"}),
        ("branch_head", {"东湖支行", "王芳", "李强"}, {"南山支行", "赵敏", "1003", "北门支行"}),
        ("regional", {"东湖支行", "南山支行", "赵敏"}, {"山城分行", "北门支行", "孙梅", "1004"}),
    ],
)
def test_the_lists_name_nobody_beyond_the_viewers_scope(cast, role, within, beyond):
    found = words(template(cast, role, "activities"))
    assert within <= found and not beyond & found


def test_headings_and_words_are_in_the_language_of_the_session(cast):
    (zh,) = read_file("t.xlsx", template(cast, "branch_head", "activities")).sheets
    speak("en")
    (en,) = read_file("t.xlsx", template(cast, "branch_head", "activities")).sheets
    assert zh.headers[0] == "日期 *" and en.headers[:5] == ["Date *", "Time", "Region *", "Branch *", "Staff no *"]


def test_a_template_of_a_branch_nobody_works_in_is_made_all_the_same(sqlite_store):
    content = workbook_template.workbook(head(bank(sqlite_store), EAST + 99), "activities", FRIDAY)
    assert read_file("t.xlsx", content)


def test_a_file_with_old_headings_is_read_as_before(cast):
    """Headings with an underline, as programs write them."""
    content = "date,region,branch,staff_no,manager,kind\n2026-11-16,江城分行,东湖支行,1001,王芳,consultation"
    assert imports.import_file(operator(cast), "activities", "a.csv", content.encode(), FRIDAY).accepted == 1
