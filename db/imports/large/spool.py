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
    """`report` is what can be said before names are looked up; `tables` (sheet → its table) are without values and with
    those rows only that something is said of. `places` numbers the branches as the file first names them."""

    folder: Path
    report: Report | None = None
    tables: dict[str, Table] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)  # of each place
    files: int = 0

    def scan(self) -> pl.LazyFrame:
        return pl.scan_parquet(self.folder / "*.parquet")

    def add(self, kind: str, table: Table) -> None:
        """A table, or the next rows of one."""
        said = unresolved(kind, [table], (), ())
        self.report = said if self.report is None else together(self.report, said)
        self.write(table.values.with_columns(sheet=pl.lit(table.sheet.name)))
        named = pl.concat([table.problems, table.warnings])["row"].unique()
        shown = pl.col("row").is_in(named.implode())
        before = self.tables.get(table.sheet.name)
        if before is None:
            shown = shown | (pl.col("row") <= table.sheet.header_row + FIRST_SHOWN)
        table = replace(table, values=table.values.clear())
        self.show(table if before is None else replace(table, sheet=before.sheet), table.sheet.cells.filter(shown))

    def show(self, table: Table, *cells: pl.DataFrame) -> None:
        """Keeps these rows of a table beside those that are kept of it, for the report."""
        before = self.tables.get(table.sheet.name)
        kept = [*([] if before is None else [before.sheet.cells]), *cells]
        rows = pl.concat(kept, how="diagonal").unique("row").sort("row")
        self.tables[table.sheet.name] = replace(table, sheet=replace(table.sheet, cells=rows))

    def sheets(self) -> tuple[Sheet, ...]:
        return tuple(one.sheet for one in self.tables.values())

    @property
    def unreadable(self) -> bool:
        """Whether a heading of any of them is wrong."""
        return any(one.unreadable for one in self.tables.values())

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
        return self.in_order(found.drop("_place"))

    def in_order(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows of the file (`sheet` and `row` among their columns) in its order."""
        numbers = {name: number for number, name in enumerate(self.tables)}
        sheet = pl.col("sheet").replace_strict(numbers, return_dtype=pl.Int32)
        return rows.sort(sheet, "row", maintain_order=True)

    def keep(self, portions: Iterator[Sheet], rows: pl.DataFrame) -> None:
        """Reads the file again for the cells of these rows (sheet, row), of which something is said."""
        if rows.is_empty():
            return
        for one in portions:
            here = rows.filter(sheet=one.name)
            self.show(self.tables[one.name], one.cells.join(here, on="row", how="semi"))

    def said_of(self, problems: pl.DataFrame) -> pl.DataFrame:
        """Problems of names, with headings and values as the person wrote them where the row was kept."""
        return localised(problems, [*self.tables.values()])

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
        ignored=one.ignored | other.ignored,
        free=tuple(name for name in one.free if name in other.free),
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
) -> Report:
    """Reads and checks the file into the spool, and gives what can be said of it; of a sheet no further than to a heading
    that cannot be read."""
    spellings = Spellings(columns, mapping)
    for sheet in portions:
        begins("checking")
        if sheet.name in spool.tables and spool.tables[sheet.name].unreadable:
            continue
        suitable(columns, spellings, (sheet,))
        spool.add(kind, read_table(columns, sheet, today, mapping))
    if spool.report is None:
        raise nothing_in(name)
    return replace(spool.report, sheets=spool.sheets())
