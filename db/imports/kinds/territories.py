"""Territories, their registers and their owners from a file."""

from dataclasses import replace

import polars as pl
from sqlalchemy import select

from db import identity
from db.access import Viewer
from db.engine import Write
from db.files.cells import count, day, share
from db.files.columns import (
    AT_LEAST_ZERO,
    BRANCH,
    COUNTABLE,
    NAME,
    NO_SHARE,
    NOT_A_DATE,
    REGION,
    STAFF_NO,
    needed,
    optional,
)
from db.imports import spelling
from db.imports.file_kind import FileKind
from db.imports.kinds import setting
from db.imports.kinds import territory_owners as owners
from db.imports.kinds.setting import ID
from db.imports.resolving import Found, Progress, all_problems, create, frame, without
from db.models import Territory, TerritoryRegister

NO_PART = "A share lies above 0 and is at most 1: write 0.5 or 50%"
COLUMNS = (
    replace(REGION, header=False, cell=False, hint="Needed where two branches have one name."),
    BRANCH,
    needed("territory", "辖区", checks=NAME, sample="East Lake shopping street"),
    optional("kind", "类型", "辖区类型", checks=NAME, sample="shopping street"),
    needed("as_of", "登记日期", "截至日期", "统计日期", parse=day, wrong=NOT_A_DATE),
    needed(
        "potential_customers",
        "潜在客户数",
        parse=count,
        wrong="Not a whole number: write digits only, such as 1200",
        checks=(NO_SHARE, AT_LEAST_ZERO, COUNTABLE),
        unit="count",
        like=("客户数", "户数"),
        hint="Digits only, such as 1200.",
        sample=900,
    ),
    needed("source", "来源", checks=NAME, hint="Who counted, such as the market office.", sample="market office"),
    replace(
        STAFF_NO, header=False, cell=False, sample="", hint="Who looks after the territory; one row each for several."
    ),
    optional(
        "share",
        "份额",
        parse=share,
        wrong=NO_PART,
        checks=((lambda cell: share(cell).fill_null(1).is_between(1e-9, 1), NO_PART),),
        hint="Their part of it, such as 0.5 or 50%; empty shares equally.",
        sample="",
    ),
    optional("from", "开始", "开始日期", parse=day, wrong=NOT_A_DATE, hint="Their first day there.", sample=""),
    optional("to", "结束", "结束日期", parse=day, wrong=NOT_A_DATE, hint="Their last day there.", sample=""),
)
ROW = ["sheet", "row"]


def resolve(viewer: Viewer, write: Write, values: pl.DataFrame, cells: pl.DataFrame, create_missing: bool) -> Found:
    """A row sets the register of its day, and with a staff number who looks after the territory."""
    rows = setting.with_branches(viewer, write, values, "branch")
    rows, of_owners = owners.with_owners(viewer, write, rows)
    problems = all_problems(
        [
            of_owners,
            setting.unknown_branches(viewer, rows),
        ]
    )
    rows = spelling.as_stored(rows, read_territories(write), {"territory": identity.key}, within=("branch_id",))
    good = without(rows, cells, problems).unique(["branch_id", "territory"], keep="first", maintain_order=True)
    new = good.join(read_territories(write), on=["branch_id", "territory"], how="anti", maintain_order="left")
    create(write, Territory, new.select("branch_id", "kind", name="territory"))
    rows = rows.join(read_territories(write), on=["branch_id", "territory"], how="left", maintain_order="left")
    keys, said = ["territory_id", "as_of"], ["potential_customers", "source"]
    held = owners.read(write, without(rows, cells, problems))
    problems = all_problems([problems, held.problems])
    registers = setting.split_known(write, TerritoryRegister, rows, keys, said, problems, cells)
    sound = without(rows, cells, registers.problems)
    changing = pl.concat([registers.rows.select(ROW), held.changing.select(ROW)]).unique()
    taken = sound.join(changing, on=ROW, how="semi", maintain_order="left")

    def store(write: Write, rows: pl.DataFrame, batch: int, progress: Progress) -> None:
        write.touch(branches=rows["branch_id"].to_list())
        registers.store(write, registers.rows.join(rows, on=ROW, how="semi", maintain_order="left"), batch, progress)
        owners.store(write, rows)
        progress(rows.height, rows.height)

    return Found(taken, sound.height - taken.height, registers.problems, store)


def read_territories(write: Write) -> pl.DataFrame:
    schema = {"branch_id": ID, "territory": pl.String, "territory_id": ID}
    return frame(write.session, select(Territory.branch_id, Territory.name, Territory.id), schema)


KIND = FileKind(
    "territories",
    "辖区",
    COLUMNS,
    ("regional", "administrator"),
    resolve,
    trail={"territory_register": "Territory register"},
)
