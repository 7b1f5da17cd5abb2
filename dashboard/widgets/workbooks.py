"""Tables to take away: Excel and CSV in which nothing a customer is called can turn into a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

import polars as pl
import xlsxwriter

from dashboard.shell.language import _
from db.files.files import Sheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BOOK = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
LONGEST_CELL = 32_767  # characters that Excel takes
REASONS = "错误原因"
DANGEROUS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # full width too: a Chinese Excel takes them for the same
MOVES_ON = ("\t", "\r", "\n")
SHOWS_NOTHING = "\u200b\u200c\u200d\u2060\ufeff"
NOT_IN_A_SHEET_NAME = re.compile(r"[][:*?/\\']")


def workbook(
    sheets: dict[str, pl.DataFrame], shares: Sequence[str] = (), wrong: dict[str, set[tuple[int, int]]] | None = None
) -> bytes:
    """An .xlsx with one sheet a purpose: a header row that stays in view, filters, columns as wide as their text. The
    columns named in `shares` are shown as percentages; the `wrong` cells of a sheet (row and column from 0) are red,
    and of a column 错误原因 only the rows that have one are in view until the filter is taken off."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, BOOK) as book:
        percent = book.add_format({"num_format": "0.0%"})
        bold = book.add_format({"bold": True, "bottom": 1})
        red = book.add_format({"bg_color": "#ffd6d6", "font_color": "#9c0006"})
        by_type = {
            pl.Float64: book.add_format({"num_format": "#,##0.00##"}),
            pl.Int64: book.add_format({"num_format": "#,##0"}),
            pl.Date: book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        for title, (name, table) in zip(sheet_names(sheets), sheets.items(), strict=True):
            sheet = book.add_worksheet(title)
            sheet.freeze_panes(1, 0)
            for place, column in enumerate(table.columns):
                sheet.write_string(0, place, column, bold)
                values = table[column].to_list()
                cells = percent if column in shares else by_type.get(table.schema[column])
                sheet.write_column(1, place, values, cells)
                longest = max((width(str(value)) for value in (column, *values[:200]) if value is not None), default=8)
                sheet.set_column(place, place, min(longest + 2, 50))
            for row, place in (wrong or {}).get(name, ()):
                sheet.write(row + 1, place, table.item(row, place), red)
            if table.width and table.height:
                sheet.autofilter(0, 0, table.height, table.width - 1)
            if REASONS in table.columns and 0 < table[REASONS].null_count() < table.height:
                sheet.filter_column(table.columns.index(REASONS), "x == NonBlanks")
                for row in table[REASONS].is_null().arg_true():
                    sheet.set_row(row + 1, None, None, {"hidden": True})
    return target.getvalue()


def streamed(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """An .xlsx of one sheet of texts, of which one row at a time is in memory while it is written."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, BOOK | {"in_memory": False, "constant_memory": True}) as book:
        sheet = book.add_worksheet(*sheet_names([title]))
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(headings) - 1, 20)
        bold, last = book.add_format({"bold": True, "bottom": 1}), 0
        for place, heading in enumerate(headings):
            sheet.write_string(0, place, heading, bold)
        for last, row in enumerate(rows, 1):
            for place, text in enumerate(row):
                sheet.write_string(last, place, text[:LONGEST_CELL])
        sheet.autofilter(0, 0, last, len(headings) - 1)
    return target.getvalue()


def sheet_names(wanted: Iterable[str]) -> list[str]:
    """Names Excel takes: without certain signs, at most 31 long, each once whatever its case."""
    names: list[str] = []
    for name in wanted:
        plain = NOT_IN_A_SHEET_NAME.sub("_", name)[:31] or "_"
        one, number = plain, 1
        while one.lower() in (other.lower() for other in names):
            number += 1
            one = f"{plain[:27]} {number}"
        names.append(one)
    return names


def width(text: str) -> int:
    """In half-width characters."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def comma_separated(table: pl.DataFrame) -> bytes:
    """CSV that Excel opens in UTF-8, with a quote before whatever could begin a formula."""
    target = io.StringIO()
    writer = csv.writer(target)
    for row in (table.columns, *table.iter_rows()):
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return "\ufeff".encode() + target.getvalue().encode()


def harmless(text: str) -> str:
    """The text, with a quote before it where it could begin a formula, blanks before that or not."""
    first = text.lstrip().lstrip(SHOWS_NOTHING).lstrip()
    return f"'{text}" if text.startswith(MOVES_ON) or first.startswith(DANGEROUS) else text


def with_reasons(sheets: tuple[Sheet, ...], problems: pl.DataFrame) -> bytes:
    """The sheets as they came in, the wrong cells red, with a column 错误原因: what is wrong with the row, cell by cell."""
    tables, wrong = {}, {}
    for sheet in (one for one in sheets if not one.problem):  # a page of instructions has no rows to give back
        said = [
            (row, f"{column}: {_(problem)}" + (f" ({value})" if value else ""))
            for _sheet, row, column, value, problem in problems.filter(pl.col("sheet") == sheet.name).iter_rows()
        ]
        reasons = pl.DataFrame(said, {"row": pl.Int64, "reason": pl.String}, orient="row")
        reasons = reasons.group_by("row", maintain_order=True).agg(pl.col("reason").str.join("；"))
        table = sheet.cells.join(reasons, on="row", how="left", maintain_order="left")
        if (reasons["row"] == sheet.header_row).any():  # a missing column is no data row's fault
            first = reasons.filter(pl.col("row") == sheet.header_row)["reason"][0]
            table = table.with_columns(reason=pl.coalesce("reason", pl.lit(first)))
        names = dict(zip((str(n) for n in range(len(sheet.headers))), sheet.headers, strict=True))
        columns = [column for column in names if names[column] != REASONS]
        title = sheet.name.removesuffix(".csv").removesuffix(".csv.gz")
        tables[title] = table.select(
            *(pl.col(column).alias(names[column]) for column in columns), pl.col("reason").alias(REASONS)
        )
        lines = {row: line for line, row in enumerate(table["row"])}
        places = {names[column]: place for place, column in enumerate(columns)}
        cells = problems.filter(pl.col("sheet") == sheet.name).select("row", "column").iter_rows()
        wrong[title] = {(lines[row], places[name]) for row, name in cells if row in lines and name in places}
    return workbook(tables, wrong=wrong)
