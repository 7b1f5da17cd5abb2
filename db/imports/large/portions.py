"""A portion of a large file: judged in one moment of the store, stored in short writes, and judged again where others' writes
concern it meanwhile."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

import polars as pl
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from db import identity
from db.access import Viewer, writing_note
from db.engine import Write
from db.errors import Refused
from db.files.table import PROBLEM
from db.imports.file_kind import FileKind, InPortions
from db.imports.large import turns
from db.imports.large.spool import Spool
from db.imports.large.unfinished import Range, last_ids, take_out
from db.imports.resolving import Progress
from db.models import Activity, Audit, ChangeCounter, Customer, ImportBatch, PartVersion
from db.store.parts import OTHER, PRODUCTS, branch

THROUGH_ENTRIES = ("activity", "opportunity")  # what the trail says of these, their entries say too
GONE = "The import was given up and removed meanwhile: import the file again."
KEYS = {"customer": identity.key, "phone": None, "reference": identity.key}  # what others may write of, too
FILLED = ("phone", "customer_kind", "territory_id")
NOTHING_SAID = pl.DataFrame(schema=PROBLEM)


@dataclass
class Portion:
    """Some branches' rows of the file (their places in the spool), and what became of them when they were judged last: at
    the version `seen`, `trail` being the end of the audit trail and `customer` the last of the customers then. `keys` are
    hashes of KEYS; `good` has one row a row of the file that is taken, `ids` the rows stored of each table."""

    places: list[int]
    good: pl.DataFrame = field(default_factory=pl.DataFrame)
    duplicates: int = 0
    problems: pl.DataFrame = field(default_factory=NOTHING_SAID.clear)
    warnings: pl.DataFrame = field(default_factory=NOTHING_SAID.clear)
    seen: int = 0
    trail: int = 0
    customer: int = 0
    branches: set[int] = field(default_factory=set)
    regions: set[int] = field(default_factory=set)
    customers: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.Int64))
    keys: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.UInt64))
    fills: pl.DataFrame = field(default_factory=pl.DataFrame)
    ids: dict[str, Range] = field(default_factory=dict)


Judged = tuple[pl.DataFrame, tuple[pl.DataFrame, ...]]  # the rows to store, and what is known of their opportunities


@dataclass(frozen=True)
class Intake:
    """A large file on its way into the store, as a batch that is not accepted; its rows have the `version` that it will
    be accepted with. Both are 0 where the file is only judged."""

    viewer: Viewer
    kind: FileKind
    steps: InPortions
    spool: Spool
    cell_problems: pl.DataFrame
    create_missing: bool
    batch: int = 0
    version: int = 0

    def judge(self, write: Write, portion: Portion) -> Judged:
        """Decides what is to be stored of the portion, as the store stands now."""
        values = self.spool.of(portion.places)
        here = self.cell_problems.join(values, on=["sheet", "row"], how="semi")
        portion.seen = write.session.scalar(select(ChangeCounter.value)) or 0
        portion.trail = write.session.scalar(select(func.max(Audit.id))) or 0
        portion.customer = write.session.scalar(select(func.max(Customer.id))) or 0
        found = self.kind.resolve(self.viewer, write, values, here, self.create_missing)
        rows, known = self.steps.look_up(self.viewer, write, found.rows)
        portion.good, portion.duplicates = found.rows.select("sheet", "row"), found.duplicates
        portion.problems, portion.warnings = found.problems, found.warnings
        portion.branches = {*rows["branch_id"].unique().to_list()}
        portion.regions = {*rows["region_id"].unique().to_list()}
        portion.customers = rows["customer_id"].drop_nulls().unique()
        portion.keys = pl.concat([hashed(values[name], form) for name, form in KEYS.items()]).unique()
        stated = self.spool.in_order(rows.filter(pl.col("customer_id").is_not_null())).group_by("customer_id")
        stated = stated.agg(pl.col(name).drop_nulls().first() for name in FILLED)
        portion.fills = self.steps.lacking(write, stated)
        return rows.drop("written"), known

    def judge_now(self, portion: Portion) -> Judged:
        """The same in a moment of its own."""
        with self.viewer.store.judging(self.viewer.account) as write:
            return self.judge(write, portion)

    def put(self, portion: Portion, judged: Judged, progress: Progress) -> None:
        """Stores the portion; where somebody was quicker with one of its references, it is judged again."""
        while True:
            try:
                with in_turns(self.viewer, self.batch, self.version) as write:
                    self.put_in(write, portion, judged, progress)
                return
            except IntegrityError:
                self.withdraw(portion)
            judged = self.judge_now(portion)

    def put_in(self, write: Write, portion: Portion, judged: Judged, progress: Progress) -> None:
        before = last_ids(write)
        portion.ids = {name: (last, 2**62) for name, last in before.items()}  # where it breaks off
        self.steps.put(write, *judged, self.batch, progress)
        portion.ids = {name: (before[name], last) for name, last in last_ids(write).items()}

    def withdraw(self, portion: Portion) -> None:
        """Deletes what was stored of the portion."""
        with in_turns(self.viewer, self.batch, self.version) as write:
            self.withdraw_in(write, portion)

    def withdraw_in(self, write: Write, portion: Portion) -> None:
        last = last_ids(write)
        take_out(
            write, self.batch, {name: (after, min(upto, last[name])) for name, (after, upto) in portion.ids.items()}
        )
        portion.ids = {}

    def concerned(self, write: Write, portions: list[Portion]) -> list[Portion]:
        """The portions that others' writes concern since they were judged; all others are as if they were judged now."""
        touched = dict(write.session.execute(select(PartVersion.part, PartVersion.version)).all())
        now = write.session.scalar(select(ChangeCounter.value)) or 0
        trail = write.session.scalar(select(func.max(Audit.id))) or 0
        found = []
        for one in portions:
            parts = {OTHER, PRODUCTS, *map(branch, one.branches)}
            late = max(touched.get(part, 0) for part in parts) > one.seen
            if late and is_concerned(write, one):
                found.append(one)
            elif now < self.version:  # the write that accepts the batch has drawn its version
                one.seen, one.trail = now, trail
        return found


def is_concerned(write: Write, portion: Portion) -> bool:
    """Whether somebody has written of what is in the portion: changed anything but entries, written of its customers,
    or of customers, with phones, or under references that it names."""
    other = select(Audit.id).where(Audit.id > portion.trail, Audit.entity.not_in(THROUGH_ENTRIES)).limit(1)
    if write.session.scalar(other) is not None:
        return True
    newer = Activity.version > portion.seen
    entries = select(Activity.customer_id, Activity.reference, Customer.name_key, Customer.phone).where(newer)
    entries = entries.outerjoin(Customer, Customer.id == Activity.customer_id)
    seen = [tuple(row) for row in write.session.execute(entries)]
    new = select(Customer.id, Customer.phone, Customer.name_key, Customer.phone).where(Customer.id > portion.customer)
    seen += [tuple(row) for row in write.session.execute(new.where(Customer.branch_id.in_(portion.branches)))]
    theirs = pl.Series([row[0] for row in seen], dtype=pl.Int64)
    keys = hashed(pl.Series([key for row in seen for key in row[1:]], dtype=pl.String))
    return bool(theirs.is_in(portion.customers.implode()).any() or keys.is_in(portion.keys.implode()).any())


def hashed(texts: pl.Series, form: Callable[[str], str] | None = None) -> pl.Series:
    """A number for each that is there, in its normal form."""
    texts = texts.drop_nulls().unique()
    return (texts if form is None else identity.formed(texts, form, pl.String)).hash()


@contextmanager
def in_turns(viewer: Viewer, batch: int, version: int) -> Generator[Write]:
    """A write to a batch that nobody sees yet, in turns with others. Raises Refused where somebody took the import for
    dead."""

    @contextmanager
    def opened() -> Generator[Write]:
        with writing_note(viewer) as write:
            here = update(ImportBatch).where(ImportBatch.id == batch, ImportBatch.undone_at.is_(None))
            if write.session.execute(here.values(at=write.now).returning(ImportBatch.id)).first() is None:
                raise Refused(GONE)
            yield write

    with turns.taken(viewer.store, opened, version) as write:
        yield write
