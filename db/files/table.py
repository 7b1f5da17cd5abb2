"""A sheet read as its kind: every cell checked and made a value, and nothing left out without a word."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

import polars as pl

from db import identity
from db.files import columns as say
from db.files.cells import Parse, as_number, day, has_unit, number, text, time_of
from db.files.columns import SAMPLE, Column
from db.files.files import Sheet
from db.files.headings import Spellings
from db.identity import Encoded, encoded

PROBLEM = {"sheet": pl.String, "row": pl.Int64, "column": pl.String, "value": pl.String, "problem": pl.String}
LEFT_OUT = {"sheet": pl.String, "row": pl.Int64, "reason": pl.String}
WRITTEN = "written"  # the texts of a row as they stood in the file
OVER_THE_TABLE = "It stands above the headings"
A_SAMPLE = "The sample row of the template"
NOT_PAST = "The day lies in the future, or before 2000: check the date"
HIDDEN_ROW = "The row is hidden in the workbook; it counts all the same"
HIDDEN_COLUMN = "The column is hidden in the workbook; it counts all the same"


@dataclass(frozen=True)
class Table:
    """One row a data row, `row` as in the spreadsheet, every column of the kind as a value; WRITTEN has the texts of names
    as they stood there, where they are not the value. `headings` is column → heading as it is written. `ignored` are
    headings that stand for nothing, each with the column it may be meant for; `left_out` (LEFT_OUT) and `warnings` (PROBLEM)
    have one row a line or cell."""

    sheet: Sheet
    headings: dict[str, str]
    values: pl.DataFrame
    problems: pl.DataFrame
    warnings: pl.DataFrame
    ignored: dict[str, str | None]
    left_out: pl.DataFrame
    samples: int

    @property
    def unreadable(self) -> bool:
        """Whether a heading is wrong, so that nothing below it can be judged."""
        return (self.problems["row"] == self.sheet.header_row).any()


def read_table(
    columns: tuple[Column, ...], sheet: Sheet, today: date, mapping: Mapping[str, str] | None = None
) -> Table:
    """Finds the columns by their headings, or by what `mapping` says of a heading ("" for none), checks every cell,
    each spelling once, and reads it. What is wrong with a heading is a problem of its row; a cell in error is null in `values`
    and listed in `problems` (PROBLEM)."""
    spellings = Spellings(columns, mapping)
    found = spellings.found(sheet)
    is_sample = pl.any_horizontal(pl.exclude("row").str.contains(SAMPLE)).fill_null(False)
    rows = sheet.cells.filter(~is_sample)
    raw = rows.select("row", *(texts_of(one, found.places, sheet).alias(one.name) for one in columns))
    present = [one for one in columns if one.name in found.places]
    absent = {one.name for one in columns} - found.places.keys()
    headings = {name: sheet.headers[place] for name, place in found.places.items()}
    problems, warnings = Said(sheet.name, headings), Said(sheet.name, headings)
    for one in columns:
        if one.header and one.name not in found.places:
            problems.add(sheet.header_row, one.name, say.MISSING)
    for place in found.same:
        problems.add(sheet.header_row, sheet.headers[place], say.SAME_MEANING)
    suggestions = {sheet.headers[place]: spellings.suggestion(sheet.headers[place], absent) for place in found.unknown}
    for place in found.unknown:
        name = suggestions[sheet.headers[place]]
        has_values = sheet.cells[str(place)].null_count() < sheet.cells.height
        counts = name is not None and bool(spellings.columns[name].unit)
        if has_values and counts and not spellings.ignored(sheet.headers[place]):
            problems.add(sheet.header_row, sheet.headers[place], say.MAY_COUNT)
    merged(sheet, present, found.places, rows, problems)
    cells = {one.name: encoded(raw[one.name]) for one in columns}
    cells = {one.name: cells[one.name] if one.free else cells[one.name].map(identity.clean_texts) for one in columns}
    for one in present:
        cells[one.name] = named(one, cells[one.name], raw, problems, warnings)
    for one in columns:
        if one.time_of:
            of_day = cells[one.time_of].map(partial(read_as, time_of)).column()
            cells[one.name] = encoded(pl.select(pl.coalesce(cells[one.name].column(), of_day)).to_series())
    scaled = [one for one in present if found.factors[one.name] != 1]
    if scaled:
        table = pl.DataFrame({name: cell.column() for name, cell in cells.items()})
        table = table.select(in_ones(one, found.factors[one.name]) for one in scaled)
        cells |= {one.name: encoded(table[one.name]) for one in scaled}
    for one in present:
        check(one, cells[one.name], raw, today, problems)
    warnings.add_rows(rows.filter(pl.col("row").is_in(sheet.hidden_rows)), HIDDEN_ROW)
    for place in sheet.hidden_columns:
        if place in found.places.values():
            warnings.add(sheet.header_row, sheet.headers[place], HIDDEN_COLUMN)
    values = pl.DataFrame(
        [raw["row"], *(cells[one.name].map(partial(read_as, one.parse)).column().alias(one.name) for one in columns)]
    )
    texts = [one.name for one in columns if one.parse in (text, as_number)]
    otherwise = [pl.when(raw[one].ne_missing(values[one])).then(raw[one]).alias(one) for one in texts]
    samples = sheet.cells.filter(is_sample)["row"].to_list()
    left_out = [(sheet.name, row, OVER_THE_TABLE) for row, _text in sheet.above]
    left_out += [(sheet.name, row, A_SAMPLE) for row in samples]
    return Table(
        sheet,
        headings,
        values.with_columns(pl.struct(otherwise).alias(WRITTEN)),
        problems.all(),
        warnings.all(),
        suggestions,
        pl.DataFrame(left_out, LEFT_OUT, orient="row"),
        len(samples),
    )


class Said:
    """What is to be said of a sheet, in the order it was found (PROBLEM): of a heading as it is written, or of cells of a
    column, which goes by its heading."""

    def __init__(self, sheet: str, headings: Mapping[str, str]) -> None:
        self.sheet, self.headings = sheet, headings
        self.parts: list[pl.DataFrame] = [pl.DataFrame(schema=PROBLEM)]

    def add(self, row: int, column: str, message: str) -> None:
        self.parts.append(pl.DataFrame([(self.sheet, row, column, None, message)], PROBLEM, orient="row"))

    def add_rows(self, rows: pl.DataFrame, message: str, column: str | None = None) -> None:
        said = rows.select(
            sheet=pl.lit(self.sheet),
            row=pl.col("row").cast(pl.Int64),
            column=pl.lit(self.headings.get(column or "", column), pl.String),
            value=pl.lit(None, pl.String),
            problem=pl.lit(message),
        )
        self.parts.append(said)

    def all(self) -> pl.DataFrame:
        return pl.concat(self.parts)


def texts_of(one: Column, places: Mapping[str, int], sheet: Sheet) -> pl.Expr:
    """The column's texts; of cells merged over several rows each has the value."""
    if one.name not in places:
        return pl.lit(None, pl.String)
    cell = pl.col(str(places[one.name]))
    covered = sheet.merged.filter(~pl.col("beside"), place=places[one.name])["row"]
    if covered.is_empty() or one.unit:
        return cell
    above = pl.when(~pl.col("row").is_in(covered.implode())).then(cell.fill_null("")).forward_fill()
    return pl.when(above != "").then(above)


def merged(sheet: Sheet, present: list[Column], places: Mapping[str, int], rows: pl.DataFrame, problems: Said) -> None:
    """Merged cells of which nobody can tell what they say."""
    for one in present:
        covered = sheet.merged.filter(place=places[one.name])
        if covered.is_empty():
            continue
        here = rows.select("row", cell=pl.col(str(places[one.name])), filled=texts_of(one, places, sheet))
        here = here.join(covered, on="row")
        problems.add_rows(here.filter("beside"), say.MERGED_BESIDE, one.name)
        if one.unit:
            problems.add_rows(here.filter(~pl.col("beside")), say.MERGED_NUMBER, one.name)
        else:
            other = pl.col("cell").is_not_null() & pl.col("cell").ne_missing(pl.col("filled"))
            problems.add_rows(here.filter(~pl.col("beside") & other), say.UNDERNEATH, one.name)


def named(one: Column, cells: Encoded, rows: pl.DataFrame, problems: Said, warnings: Said) -> Encoded:
    """The cells without error words, and without placeholders where a name is asked for."""
    cells, wrong = without(cells, identity.is_error)
    problems.add_rows(rows.filter(wrong), say.ERROR, one.name)
    if not one.is_name or (one.cell and one.codes):
        return cells
    cells, nobody = without(cells, identity.is_nobody)
    if one.cell:
        problems.add_rows(rows.filter(nobody), say.NO_NAME, one.name)
    elif one.nobody:
        warnings.add_rows(rows.filter(nobody), one.nobody, one.name)
    return cells


def without(cells: Encoded, which: Callable[[str], bool]) -> tuple[Encoded, pl.Series]:
    """The cells without some, and in which rows these stood."""
    wrong = cells.map(lambda texts: identity.formed(texts, which, pl.Boolean).fill_null(False))
    if not wrong.texts.any():
        return cells, pl.Series([False]).new_from_index(0, len(cells.places))
    left = cells.map(lambda texts: pl.select(pl.when(~wrong.texts).then(texts)).to_series())
    return left, wrong.column().fill_null(False)


def in_ones(one: Column, factor: int) -> pl.Expr:
    """A number in thousands or ten thousands as the number it is; one with a unit of its own goes by that."""
    cell = pl.col(one.name)
    scaled = pl.lit(True) if one.amount_where is None else one.amount_where
    scaled = scaled & number(cell).is_not_null() & ~has_unit(cell)
    return pl.when(scaled).then((number(cell) * factor).cast(pl.String)).otherwise(cell).alias(one.name)


def check(one: Column, cells: Encoded, rows: pl.DataFrame, today: date, problems: Said) -> None:
    """Says of every cell which rules of its column it breaks."""
    rules = list(one.checks)
    if one.wrong:
        rules.append((partial(readable, one), one.wrong))
    if one.past:
        rules.append((lambda cell: (day(cell) <= today) & (day(cell).dt.year() >= 2000), NOT_PAST))
    if one.cell:
        problems.add_rows(rows.filter(cells.column().is_null()), say.EMPTY, one.name)
    broken = [~holds(pl.col("text")).fill_null(True) for holds, _message in rules]
    found = cells.texts.to_frame("text").select(rule.alias(str(place)) for place, rule in enumerate(broken))
    for (_holds, message), of_texts in zip(rules, found.iter_columns(), strict=True):
        if of_texts.any():
            problems.add_rows(rows.filter(Encoded(of_texts, cells.places).column().fill_null(False)), message, one.name)


def read_as(parse: Parse, texts: pl.Series) -> pl.Series:
    return texts.to_frame("text").select(parse(pl.col("text"))).to_series()


def readable(column: Column, cell: pl.Expr) -> pl.Expr:
    """Whether the cell can be read, or breaks a check that says more than that it cannot."""
    broken = [~holds(cell).fill_null(True) for holds, _message in column.checks]
    return pl.any_horizontal(column.parse(cell).is_not_null(), cell.is_null(), *broken)
