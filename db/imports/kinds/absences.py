"""Leave from a file."""

import polars as pl

from db import identity
from db.access import Viewer
from db.codes import DAY_PARTS
from db.engine import Write
from db.files.cells import day
from db.files.columns import NOT_A_DATE, STAFF_NO, needed, optional
from db.imports import organisation, spelling
from db.imports.file_kind import FileKind
from db.imports.kinds import setting
from db.imports.organisation import NOT_YOUR_MANAGER, UNKNOWN_MANAGER
from db.imports.resolving import Found, all_problems, as_problems, flag
from db.models import Absence

COLUMNS = (
    STAFF_NO,
    needed("day", "日期", parse=day, wrong=NOT_A_DATE),
    optional("part", "时段", codes=DAY_PARTS, hint="Empty means the whole day."),
)


def resolve(viewer: Viewer, write: Write, values: pl.DataFrame, cells: pl.DataFrame, create_missing: bool) -> Found:
    managers = organisation.read_managers(write, organisation.own_managers(viewer))
    twice = spelling.known_twice(values, managers, "staff_no", identity.number)
    values = spelling.as_stored(values, managers, {"staff_no": identity.number})
    rows = values.join(managers, on="staff_no", how="left", maintain_order="left")
    unknown = pl.col("manager_id").is_null() & pl.col("staff_no").is_not_null()
    message = UNKNOWN_MANAGER if organisation.covers_bank(viewer) else NOT_YOUR_MANAGER
    problems = all_problems(
        [
            twice,
            flag(rows, unknown, "staff_no", message),
            as_problems(
                setting.posted_elsewhere(viewer, write, rows, pl.col("day"), pl.col("day")),
                "day",
                "The manager was posted outside your scope on that day: check manager and day",
            ),
        ]
    )
    rows = rows.with_columns(pl.col("part").fill_null("full"))

    def touch(write: Write, rows: pl.DataFrame) -> None:
        write.touch(managers=rows["manager_id"].to_list())

    return setting.split_known(write, Absence, rows, ["manager_id", "day"], ["part"], problems, cells, touch)


KIND = FileKind("absences", "请假", COLUMNS, ("branch_head", "administrator"), resolve)
