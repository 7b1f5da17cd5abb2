"""A large file as it was read and checked, on disk: memory holds one portion of it."""

import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import polars as pl

from db import identity
from db.files.columns import Column
from db.files.files import Sheet, nothing_in
from db.files.headings import Spellings
from db.files.table import Table, read_table
from db.imports.report import Report, localised, suitable, unresolved

PREFIX = "chenxi-import-"
GROUP = 500  # rows of the spool that are decoded at once
BETWEEN = "\x1f"
FIRST_SHOWN = 100  # rows that a preview shows
SHARED = ("opportunity", "reference")  # what rows of several branches may have in common


@dataclass
class Spool:
    """`report` is what can be said before names are looked up; `tables` are without values and with those rows only that
    something is said of. `places` numbers the branches as the file first names them."""

    folder: Path
    report: Report | None = None
    table: Table | None = None
    places: dict[str, int] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)  # of each place
    files: int = 0

    def scan(self) -> pl.LazyFrame:
        return pl.scan_parquet(self.folder / "*.parquet")

    def add(self, kind: str, table: Table) -> None:
        said = unresolved(kind, [table], (table.sheet,), ())
        named = pl.concat([table.problems, table.warnings])["row"].unique()
        shown = pl.col("row").is_in(named.implode())
        if self.report is None:
            shown = shown | (pl.col("row") <= table.sheet.header_row + FIRST_SHOWN)
        sheet = replace(table.sheet, cells=table.sheet.cells.filter(shown))
        self.write(table.values.with_columns(sheet=pl.lit(sheet.name)))
        self.report = said if self.report is None else together(self.report, said)
        before = sheet if self.table is None else self.table.sheet
        cells = [sheet.cells] if self.table is None else [before.cells, sheet.cells]
        whole = replace(before, cells=pl.concat(cells, how="diagonal"))
        self.report = replace(self.report, sheets=(whole,))
        self.table = replace(table, sheet=whole, values=table.values.clear())

    def write(self, values: pl.DataFrame) -> None:
        if values.is_empty():
            return
        names = [identity.keys(pl.col(one)).fill_null("") for one in ("region", "branch")]
        place = pl.concat_str(names, separator=BETWEEN)
        values = values.with_columns(_place=place)
        for one in values["_place"].unique(maintain_order=True):
            self.places.setdefault(one, len(self.places))
        numbers = pl.col("_place").replace_strict(self.places, return_dtype=pl.Int32)
        values = values.with_columns(_place=numbers).sort("_place", maintain_order=True)
        self.rows += [0] * (len(self.places) - len(self.rows))
        for place_number, count in values.group_by("_place").len().rows():
            self.rows[place_number] += count
        path = self.folder / f"{self.files:05}.parquet"
        values.write_parquet(path, compression="lz4", row_group_size=GROUP, statistics=True)
        self.files += 1

    def of(self, places: list[int]) -> pl.DataFrame:
        """The rows of these places, in the order of the file."""
        found = self.scan().filter(pl.col("_place").is_in(places)).collect()
        return found.drop("_place").sort("row", maintain_order=True)

    def keep(self, portions: Iterator[Sheet], rows: pl.Series) -> None:
        """Reads the file again for the cells of these rows, of which something is said."""
        if self.report is None or self.table is None or rows.is_empty():
            return
        more = [one.cells.filter(pl.col("row").is_in(rows.implode())) for one in portions]
        cells = pl.concat([self.table.sheet.cells, *more], how="diagonal").unique("row").sort("row")
        sheet = replace(self.table.sheet, cells=cells)
        self.table, self.report = replace(self.table, sheet=sheet), replace(self.report, sheets=(sheet,))

    def said_of(self, problems: pl.DataFrame) -> pl.DataFrame:
        """Problems of names, with headings and values as the person wrote them where the row was kept."""
        return localised(problems, [self.table]) if self.table is not None else problems

    def portions(self, rows: int) -> list[list[int]]:
        """The places, put together where they share an opportunity or a reference, and as long as they have no more than
        that many rows."""
        parent = list(range(len(self.places)))

        def root(one: int) -> int:
            while parent[one] != one:
                parent[one] = one = parent[parent[one]]
            return one

        for first, other in shared(self.scan()):
            low, high = sorted((root(first), root(other)))
            parent[high] = low
        families: dict[int, list[int]] = {}
        for one in range(len(parent)):
            families.setdefault(root(one), []).append(one)
        found: list[list[int]] = []
        room = 0
        for family in families.values():
            many = sum(self.rows[one] for one in family)
            if many > room:
                found.append([])
                room = rows
            found[-1] += family
            room -= many
        return found


def shared(rows: pl.LazyFrame) -> list[tuple[int, int]]:
    """Pairs of places whose rows name the same opportunity, or the same reference."""
    pairs: set[tuple[int, int]] = set()
    for name in SHARED:
        named = rows.filter(pl.col(name).is_not_null())
        named = named.select("_place", form=pl.col(name).str.to_lowercase().hash())
        first, last = pl.col("_place").min(), pl.col("_place").max()
        spans = named.group_by("form").agg(first=first, last=last).filter(pl.col("first") != pl.col("last"))
        several = spans.select("form", "first").collect(engine="streaming")
        others = named.join(several.lazy(), on="form").select("first", "_place").unique()
        pairs |= {(one, other) for one, other in others.collect(engine="streaming").rows() if one != other}
    return sorted(pairs)


def together(one: Report, other: Report) -> Report:
    return replace(
        one,
        rows=one.rows + other.rows,
        samples=one.samples + other.samples,
        problems=pl.concat([one.problems, other.problems]),
        warnings=pl.concat([one.warnings, other.warnings]),
        left_out=pl.concat([one.left_out, other.left_out]),
    )


@contextmanager
def spooled() -> Generator[Spool]:
    """An empty spool, gone afterwards."""
    clear_spools()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    try:
        yield Spool(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear_spools() -> None:
    """Deletes what processes have left that were killed."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = left.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdigit() and not is_alive(int(owner)):
            shutil.rmtree(left, ignore_errors=True)


def is_alive(process: int) -> bool:
    with suppress(ProcessLookupError):
        try:
            os.kill(process, 0)
        except PermissionError:
            return True
        return True
    return False


def read(
    spool: Spool,
    columns: tuple[Column, ...],
    kind: str,
    name: str,
    portions: Iterator[Sheet],
    today: date,
    mapping: Mapping[str, str] | None,
    begins: Callable[[str], None],
) -> tuple[Report, Table]:
    """Reads and checks the file into the spool, and gives what can be said of it; no further than to a heading that
    cannot be read."""
    spellings = Spellings(columns, mapping)
    for sheet in portions:
        begins("checking")
        suitable(columns, spellings, (sheet,))
        table = read_table(columns, sheet, today, mapping)
        spool.add(kind, table)
        if table.unreadable:
            break
    if spool.report is None or spool.table is None:
        raise nothing_in(name)
    return spool.report, spool.table
