"""Blank workbooks to fill in: the columns of a kind of file, drop-downs, a hint at each heading, one row as a
sample."""

import io
from datetime import date

import polars as pl
import xlsxwriter

from dashboard.imports.headings import heading
from dashboard.shell.language import _, language, word
from dashboard.widgets import workbooks
from db.access import Viewer
from db.files import cells
from db.files.columns import SAMPLES, TODAY, Column
from db.imports.kinds import BY_NAME
from db.log import product_list
from db.people import people
from metrics import periods

ROWS = 5_000  # with drop-downs; what is pasted below them is read as well
LISTS = "lists"


def workbook(viewer: Viewer, kind: str, today: date) -> bytes:
    """The template of a kind of file, in the session's language; names in its lists are those within the viewer's
    scope. Its sample row is known again by how its first cell begins (columns.SAMPLE)."""
    columns, target = BY_NAME[kind].columns, io.BytesIO()
    named = names(viewer, today)
    choices = {one.name: options(one, named) for one in columns}
    with xlsxwriter.Workbook(target, workbooks.BOOK) as book:
        sheet = book.add_worksheet(word(kind))
        sheet.set_comments_author("晨夕")
        sheet.freeze_panes(1, 0)
        needed = book.add_format({"bold": True, "bottom": 1, "bg_color": "#dbe7f6"})
        optional = book.add_format({"bottom": 1, "bg_color": "#f0f2f5"})
        grey = {"italic": True, "font_color": "#808080", "bg_color": "#fff8e1"}
        for place, one in enumerate(columns):
            form = number_format(one)
            sheet.write_string(0, place, title(one), needed if one.cell else optional)
            sheet.write_comment(0, place, hint(one, bool(choices[one.name])), {"x_scale": 1.6})
            sheet.set_column(place, place, max(14, workbooks.width(title(one)) + 4), book.add_format(form))
            value = sample(one, choices[one.name], today)
            if place == 0:
                value = f"{SAMPLES[language()]}{value}"
                sheet.set_column(0, 0, 24, book.add_format(form))
            sheet.write(1, place, value, book.add_format(grey | (form if place else {})))
        add_lists(book, sheet, columns, choices)
    return target.getvalue()


def add_lists(book, sheet, columns: tuple[Column, ...], choices: dict[str, list[str]]) -> None:
    """The drop-downs; their words stand on a hidden sheet, because Excel takes no more than 255 characters in a cell's
    rule."""
    lists = book.add_worksheet(LISTS)
    lists.hide()
    for place, one in enumerate(columns):
        words = choices[one.name]
        if not words:
            continue
        lists.write_column(0, place, words)
        letter = xlsxwriter.utility.xl_col_to_name(place)
        closed = bool(one.codes) or one.parse is cells.yes_no
        rule = {
            "validate": "list",
            "source": f"={LISTS}!${letter}$1:${letter}${len(words)}",
            "error_title": title(one).rstrip(" *"),
            "error_message": _("Choose from the list."),
            "show_error": closed,  # a name may be new, or not yet within the list
        }
        sheet.data_validation(1, place, ROWS, place, rule)


def title(one: Column) -> str:
    """The heading, with a star where every row needs a value."""
    return f"{heading(one)} *" if one.cell else heading(one)


def code_labels(table: dict[str, str]) -> list[str]:
    """The words of a list of codes in the session's language."""
    return list(table.values()) if language() == "zh" else [one.replace("_", " ").capitalize() for one in table]


def options(one: Column, named: dict[str, list[str]]) -> list[str]:
    """What may be chosen in a column, `named` the names within the viewer's scope; nothing where it is free."""
    if one.codes:
        return code_labels(one.codes)
    if one.parse is cells.yes_no:
        return ["是", "否"] if language() == "zh" else ["yes", "no"]
    return named.get(one.choices, [])


def names(viewer: Viewer, today: date) -> dict[str, list[str]]:
    """The products, and the regions, branches and managers whom the viewer's files may name (columns.CHOICES)."""
    staff = people.managers(viewer, periods.day(today))
    if viewer.manager is not None:
        staff = staff.filter(pl.col("manager") == viewer.manager)
    places = staff if viewer.manager is not None else people.branches(viewer)
    regions, branches = (
        places[f"{level}_name"].unique(maintain_order=True).to_list() for level in ("region", "branch")
    )
    return {
        "region": regions,
        "branch": branches,
        "place": [*branches, *regions],
        "staff_no": staff["staff_no"].unique(maintain_order=True).to_list(),
        "manager": staff["manager_name"].unique(maintain_order=True).to_list(),
        "product": product_list.read(viewer)[f"product_{language()}"].to_list(),
    }


def number_format(one: Column) -> dict:
    """How Excel shows a column: days as 2026-11-20, and digits that are no number as they were typed."""
    if one.parse is cells.day:
        return {"num_format": "yyyy-mm-dd"}
    if one.parse is cells.clock:
        return {"num_format": "hh:mm"}
    return {"num_format": "@"} if one.as_text else {}


def hint(one: Column, has_list: bool) -> str:
    """What stands at the heading: whether the cell must be filled in, and how."""
    said = [_("Required in every row.") if one.cell else _("May stay empty.")]
    if has_list:
        said.append(_("Choose from the list."))
    elif one.parse is cells.day:
        said.append(_("Such as 2026-11-20."))
    if one.hint:
        said.append(_(one.hint))
    return " ".join(said) if language() == "en" else "".join(said)


def sample(one: Column, choices: list[str], today: date) -> object:
    """The value of the sample row: the column's own, else the first choice, or today."""
    if one.sample in one.codes:
        return code_labels(one.codes)[list(one.codes).index(one.sample)]
    if one.parse is cells.day:
        return today if one.cell or one.sample == TODAY else ""
    if one.parse is cells.month:
        return f"{today:%Y-%m}"
    if one.sample is not None:
        return _(one.sample) if isinstance(one.sample, str) and one.sample else one.sample
    return choices[0] if choices else ""
