"""Blank workbooks to fill in: the columns of a kind of file, drop-downs, a hint at each heading, one row as a sample."""

import datetime
import io
from datetime import date

import polars as pl
import xlsxwriter

from dashboard import export
from dashboard.words import _, language, word
from db import cells, codes, customers, people
from db.access import Viewer
from db.formats import FORMATS, SAMPLES, Column
from metrics import periods

ROWS = 5_000  # with drop-downs; what is pasted below them is read as well
LISTS = "lists"
CODES = {
    ("activities", "kind"): codes.KINDS,
    ("activities", "customer_kind"): codes.CUSTOMER_KINDS,
    ("activities", "channel"): codes.CHANNELS,
    ("activities", "method"): codes.METHODS,
    ("plans", "level"): codes.LEVELS,
    ("plans", "measure"): codes.MEASURES,
    ("plans", "tier"): codes.TIERS,
    ("absences", "part"): codes.DAY_PARTS,
}
DAYS, SHARP = (cells.day,), ("staff_no", "phone", "opportunity", "reference", "month")


def workbook(viewer: Viewer, kind: str, today: date) -> bytes:
    """The template of a kind of file, in the session's language; names in its lists are those within the viewer's scope.
    Its sample row is known again by how its first cell begins (formats.SAMPLE)."""
    columns, target = FORMATS[kind], io.BytesIO()
    named = names(viewer, today)
    choices = {one.name: options(viewer, kind, one, named) for one in columns}
    with xlsxwriter.Workbook(target, export.BOOK) as book:
        sheet = book.add_worksheet(word(kind))
        sheet.set_comments_author("晨夕")
        sheet.freeze_panes(1, 0)
        needed = book.add_format({"bold": True, "bottom": 1, "bg_color": "#dbe7f6"})
        optional = book.add_format({"bottom": 1, "bg_color": "#f0f2f5"})
        grey = {"italic": True, "font_color": "#808080", "bg_color": "#fff8e1"}
        for place, one in enumerate(columns):
            form = number_format(one)
            sheet.write_string(0, place, title(one), needed if one.cell else optional)
            sheet.write_comment(0, place, hint(kind, one, bool(choices[one.name])), {"x_scale": 1.6})
            sheet.set_column(place, place, max(14, export.width(title(one)) + 4), book.add_format(form))
            value = sample(kind, one, choices[one.name], today)
            if place == 0:
                value = f"{SAMPLES[language()]}{value}"
                sheet.set_column(0, 0, 24, book.add_format(form))
            sheet.write(1, place, value, book.add_format(grey | (form if place else {})))
        add_lists(book, sheet, kind, columns, choices)
    return target.getvalue()


def add_lists(book, sheet, kind: str, columns: tuple[Column, ...], choices: dict[str, list[str]]) -> None:
    """The drop-downs; their words stand on a hidden sheet, because Excel takes no more than 255 characters in a cell's rule."""
    lists = book.add_worksheet(LISTS)
    lists.hide()
    for place, one in enumerate(columns):
        words = choices[one.name]
        if not words:
            continue
        lists.write_column(0, place, words)
        letter = xlsxwriter.utility.xl_col_to_name(place)
        closed = (kind, one.name) in CODES or one.parse is cells.yes_no
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
    written = one.zh[0] if language() == "zh" else one.name.replace("_", " ").capitalize()
    return f"{written} *" if one.cell else written


def spelt(table: dict[str, str]) -> list[str]:
    """The words of a list of codes in the session's language."""
    return list(table.values()) if language() == "zh" else [one.replace("_", " ").capitalize() for one in table]


def options(viewer: Viewer, kind: str, one: Column, named: dict) -> list[str]:
    """What may be chosen in a column, `named` the people and places; nothing where it is free."""
    if (kind, one.name) in CODES:
        return spelt(CODES[kind, one.name])
    if one.parse is cells.yes_no:
        return ["是", "否"] if language() == "zh" else ["yes", "no"]
    if one.name == "product":
        return customers.products(viewer)[f"product_{language()}"].to_list()
    return named.get((kind, one.name), named.get(one.name, []))


def names(viewer: Viewer, today: date) -> dict:
    """The regions, branches and managers whom the viewer's files may name, by column, or by kind of file and column."""
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
        "staff_no": staff["staff_no"].unique(maintain_order=True).to_list(),
        ("activities", "manager"): staff["manager_name"].unique(maintain_order=True).to_list(),
        ("people", "staff_no"): [],  # somebody new
        ("plans", "name"): [*regions, *branches],
    }


def number_format(one: Column) -> dict:
    """How Excel shows a column: days as 2026-11-20, and numbers that begin with a nought as they were typed."""
    if one.parse in DAYS:
        return {"num_format": "yyyy-mm-dd"}
    if one.parse is cells.clock:
        return {"num_format": "hh:mm"}
    return {"num_format": "@"} if one.name in SHARP else {}


def hint(kind: str, one: Column, has_list: bool) -> str:
    """What stands at the heading: whether the cell must be filled in, and how."""
    need = _("Needed in every row.") if one.cell else _("May stay empty.")
    hints = {
        "staff_no": _("The staff number, as in the personnel list."),
        "customer": _("The customer's name; empty for a mere contact."),
        "phone": _("11 digits, or area code and number."),
        "opportunity": _("The bank's own number of the case."),
        "amount": _("In yuan, digits only, such as 120000."),
        "effective": _("Empty counts as yes where a customer is named."),
        "note": _("No ID or bank card numbers."),
        "reference": _("Your own number of the row. Empty: it is known again by what it says."),
        "month": _("Such as 2026-11."),
        "target": _("A count, or an amount in yuan, digits only."),
        "time": _("Such as 09:30."),
        "potential_customers": _("Digits only, such as 1200."),
        "source": _("Who counted, such as the market office."),
        "from": _("The first day in this branch; empty keeps what is stored."),
        "part": _("Empty means the whole day."),
    }
    how = [_("Choose from the list.")] if has_list else [_("Such as 2026-11-20.")] if one.parse in DAYS else []
    if (kind, one.name) == ("plans", "name"):
        how.append(_("The region or branch; for a manager write his staff number instead."))
    elif one.name in hints:
        how.append(hints[one.name])
    return " ".join([need, *how]) if language() == "en" else "".join([need, *how])


def sample(kind: str, one: Column, choices: list[str], today: date):
    """The value of the sample row: the first choice, or something believable."""
    values = {
        "time": datetime.time(9, 30),
        "customer": _("Lakeside Bookshop"),
        "phone": "13800000000",
        "product": choices[0] if choices else "",
        "amount": 120000,
        "note": _("wants to renew the stock before the holidays"),
        "month": f"{today:%Y-%m}",
        "target": 20,
        "territory": _("East Lake shopping street"),
        "potential_customers": 900,
        "source": _("market office"),
        ("territories", "kind"): _("shopping street"),
        ("people", "staff_no"): "900001",
        ("people", "manager"): _("Wang Fang"),
        ("calendar", "name"): _("worked weekend"),
        ("plans", "product"): "",
        ("plans", "tier"): "",
        ("plans", "level"): spelt(codes.LEVELS)[1],
        ("plans", "name"): choices[-1] if choices else "",
        ("plans", "staff_no"): "",
    }
    for key in ((kind, one.name), one.name):
        if key in values:
            return values[key]
    if one.parse in DAYS:
        return today if one.cell or one.name == "from" else ""
    return choices[0] if choices else ""
