"""A large file from its first row to the write that accepts it: short, and nobody sees a row before."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date

import polars as pl
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from db.access import Viewer, writing, writing_note
from db.engine import Write, now
from db.errors import Refused, StorageError
from db.files.files import Sheet
from db.imports import organisation
from db.imports.file_kind import FileKind, InPortions
from db.imports.large.portions import GONE, Intake, Judged, Portion
from db.imports.large.spool import Spool, read, spooled
from db.imports.large.unfinished import ALIVE, clear_away, empty, last_ids, of_batch
from db.imports.report import Report, finished, open_batch
from db.imports.resolving import Progress, without
from db.log.arriving import unaccepted
from db.models import Branch, ImportBatch
from db.store.unaccepted import every_row

ROWS = 20_000  # of a portion, and of the largest file that goes in whole
AHEAD = 20_000  # versions: more than others draw while a file comes in
ROUNDS = 8  # of judging again what others' writes concern, before they wait for it
ANOTHER = "Another large file is being imported: wait until it is done."
NAMED = ("posting", "manager", "product", "branch", "region")  # in the order they can be deleted in
NAMES = ("sheet", "row", "date", "region", "branch", "staff_no", "manager", "product")


def untold(_done: int, _total: int) -> None:
    """For what is done beside what the progress counts."""


class _NotAccepted(Exception):
    """Rolls the last write back: others have written of what is in the file, or something is wrong with it by now."""


def import_large(
    viewer: Viewer,
    kind: FileKind,
    steps: InPortions,
    name: str,
    content: bytes,
    portions_of_file: Callable[[], Iterator[Sheet]],
    today: date,
    *,
    create_missing: bool,
    accept_valid: bool,
    dry_run: bool,
    mapping: Mapping[str, str] | None,
    progress: Progress,
    begins: Callable[[str], None],
) -> Report:
    """What import_file says of it, for a table of many rows, which can be read twice."""
    with spooled() as spool:
        report = read(spool, kind.columns, kind.name, name, portions_of_file(), today, mapping, begins)
        if report.rows == 0 or spool.unreadable:
            return finished(report, report.problems, report.good, 0)
        portions = [Portion(places) for places in spool.portions(ROWS)]
        intake = Intake(viewer, kind, steps, spool, report.problems, create_missing)
        storing, made = not dry_run and (accept_valid or report.problems.is_empty()), {}
        if storing:
            begins("storing")
            intake, made = opened(intake, report, name, content)
        try:
            for one, judged in judged_ahead(intake, portions):
                storing = storing and (accept_valid or one.problems.is_empty())
                if storing:
                    intake.put(one, judged, untold)
                progress(sum(len(each.good) for each in portions), report.rows)
            if storing and any(one.good.height for one in portions):
                storing = accepted(intake, portions, report, accept_valid)
        except BaseException:
            if intake.batch:
                with suppress(StorageError):
                    broken_off(intake)
            raise
        if intake.batch and not (storing and any(one.good.height for one in portions)):
            given_up(intake, made)
            storing = False
        said = pl.concat([pl.concat([one.problems, one.warnings]) for one in portions])
        spool.keep(portions_of_file(), said.select("sheet", "row").unique())
        done = summed(spool, replace(report, sheets=spool.sheets()), portions)
        if done.rejected and not accept_valid:
            return finished(done, done.problems, report.good, done.duplicates)
        return replace(done, batch=intake.batch if storing else None)


def judged_ahead(intake: Intake, portions: Sequence[Portion]) -> Iterator[tuple[Portion, Judged]]:
    """Each portion with what is to be stored of it. The next one is judged while one is stored: they share no customer,
    opportunity or reference, and nobody sees what is stored of a batch that is not accepted, this batch neither."""
    with ThreadPoolExecutor(1, "judging") as beside:
        following = [beside.submit(intake.judge_now, one) for one in portions[:1]]
        for place, one in enumerate(portions):
            judged = following.pop().result()
            following += [beside.submit(intake.judge_now, next_one) for next_one in portions[place + 1 : place + 2]]
            yield one, judged


def opened(intake: Intake, report: Report, name: str, content: bytes) -> tuple[Intake, dict[str, tuple[int, int]]]:
    """The intake with a batch that nobody sees; and the ids of the regions, branches, managers and products that had to be
    added for it. Those are there at once."""
    viewer = intake.viewer
    clear_away(viewer.store)
    names = intake.create_missing and organisation.covers_bank(viewer)
    rows = without(named(intake.spool), intake.cell_problems) if names else pl.DataFrame()
    with (writing if names else writing_note)(viewer) as write:
        others = unaccepted().where(ImportBatch.undone_at.is_(None), ImportBatch.at >= now() - ALIVE)
        if write.session.scalars(others).first() is not None:
            raise Refused(ANOTHER)
        before = last_ids(write, NAMED)
        if names:
            rows, _problems = organisation.as_stored(viewer, write, rows)
            intake.steps.begin(viewer, write, rows)
        nothing_yet = replace(report, accepted=0, duplicates=0, rejected=0)
        batch = open_batch(viewer, write, nothing_yet, name, content, None)
        after = last_ids(write, NAMED)
        made = {one: (before[one], after[one]) for one in NAMED}
        return replace(intake, batch=batch, version=write.version + AHEAD), made


def named(spool: Spool) -> pl.DataFrame:
    """Who and what the file names, each where it does so first."""
    once = [one for one in NAMES if one not in ("sheet", "row", "date")]
    parts = []
    for path in sorted(spool.folder.glob("*.parquet")):
        rows = pl.read_parquet(path, columns=list(NAMES)).sort("date", "sheet", "row")
        parts.append(rows.unique(once, keep="first", maintain_order=True))
    first = pl.concat(parts).sort("date", "sheet", "row").unique(once, keep="first", maintain_order=True)
    return spool.in_order(first)


def accepted(intake: Intake, portions: list[Portion], report: Report, accept_valid: bool) -> bool:
    """Makes the batch everybody's in one short write. Before, what others' writes concern is judged again, while they go
    on; False where something is wrong with it by then."""
    viewer = intake.viewer
    for left in reversed(range(ROUNDS)):
        with viewer.store.judging(viewer.account) as write:
            concerned = intake.concerned(write, portions)
        for one in concerned:
            intake.withdraw(one)
            intake.put(one, intake.judge_now(one), untold)
        done = summed(intake.spool, report, portions)
        with suppress(_NotAccepted), writing(viewer, intake.version) as write:
            concerned = intake.concerned(write, portions)
            if concerned and left:
                raise _NotAccepted
            for one in concerned:
                intake.withdraw_in(write, one)
                intake.put_in(write, one, intake.judge(write, one), untold)
            if any(one.problems.height for one in portions) and not accept_valid:
                raise _NotAccepted
            accept(write, intake, portions, summed(intake.spool, report, portions) if concerned else done)
            return True
        if any(one.problems.height for one in portions) and not accept_valid:
            break
    return False


def accept(write: Write, intake: Intake, portions: list[Portion], done: Report) -> None:
    for one in portions:
        intake.steps.fill_in(write, one.fills)
    here = update(ImportBatch).where(ImportBatch.id == intake.batch, ImportBatch.undone_at.is_(None))
    here = here.values(accepted=done.accepted, duplicates=done.duplicates, rejected=done.rejected)
    here = here.values(at=write.now, version=write.version)
    name = write.session.scalar(here.returning(ImportBatch.file_name))
    if name is None:
        raise Refused(GONE)
    regions = set().union(*(one.regions for one in portions))
    branches = write.session.scalars(select(Branch.id).where(Branch.region_id.in_(regions)))
    write.touch(branches=branches, regions=regions, over=True)
    said = {"kind": done.kind, "file": name, "rows": done.accepted}
    write.audit("import", "import_batch", intake.batch, None, said)


def summed(spool: Spool, report: Report, portions: list[Portion]) -> Report:
    """The report with what became of the portions."""
    problems = pl.concat([report.problems, spool.said_of(pl.concat([one.problems for one in portions]))])
    warnings = pl.concat([report.warnings, spool.said_of(pl.concat([one.warnings for one in portions]))])
    report = replace(report, warnings=warnings.sort("sheet", "row", maintain_order=True))
    good = spool.in_order(pl.concat([one.good for one in portions]))
    return finished(report, problems, good, sum(one.duplicates for one in portions))


def given_up(intake: Intake, made: dict[str, tuple[int, int]]) -> None:
    """Takes everything out again that a refused file has brought: its rows, its batch, and what it named first where
    nobody has used it since."""
    store, viewer = intake.viewer.store, intake.viewer
    with writing_note(viewer) as write:
        ids = of_batch(write, intake.batch)
    empty(store, intake.batch, ids)
    with writing_note(viewer) as write:
        write.session.execute(delete(ImportBatch).where(ImportBatch.id == intake.batch))
    if any(last > first for first, last in made.values()):
        with suppress(IntegrityError), writing(viewer) as write:
            for name, (first, last) in made.items():
                rows = every_row(name, "id")
                write.session.execute(delete(rows).where(rows.c.id > first, rows.c.id <= last))


def broken_off(intake: Intake) -> None:
    """Takes out what an import has stored that failed; the list of imports says so, and the trail."""
    with writing_note(intake.viewer) as write:
        here = update(ImportBatch).where(ImportBatch.id == intake.batch)
        write.session.execute(here.values(undone_at=write.now))
        write.audit("undo", "import_batch", intake.batch, None, {"rows": 0, "kept": 0})
        ids = of_batch(write, intake.batch)
    empty(intake.viewer.store, intake.batch, ids)
