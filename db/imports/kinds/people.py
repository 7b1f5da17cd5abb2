"""People from a file: regions, branches, managers and their postings."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import polars as pl
from sqlalchemy import select

from db import identity
from db.access import Viewer
from db.engine import Write
from db.files.cells import day
from db.files.columns import BRANCH, MANAGER, NOT_A_DATE, REGION, STAFF_NO, TODAY, optional
from db.imports import organisation, spelling
from db.imports.file_kind import FileKind
from db.imports.kinds import setting
from db.imports.resolving import Found, all_problems, create, flag, frame, insert_all, without
from db.models import Branch, Manager, Posting, Region

STAY = {"staff_no": pl.String, "manager": pl.String, "joined_on": pl.Date, "left_on": pl.Date}

STAY |= {"region": pl.String, "branch": pl.String, "from": pl.Date, "to": pl.Date}

ZEROS_APART = "Another's number but for zeros in front, which a spreadsheet drops: write all its digits"
NEW_NAME = "This staff number had another name: the manager is called so from now on"
BACKWARDS = "The last day is before the first: correct one of them"


COLUMNS = (
    REGION,
    BRANCH,
    replace(STAFF_NO, choices="", sample="900001"),  # somebody new
    replace(MANAGER, choices="", sample="Wang Fang"),
    optional("joined_on", "入职日期", parse=day, wrong=NOT_A_DATE),
    optional("left_on", "离职日期", parse=day, wrong=NOT_A_DATE),
    optional(
        "from",
        *("任职开始", "开始日期"),
        parse=day,
        wrong=NOT_A_DATE,
        hint="The first day in this branch; empty keeps what is stored.",
        sample=TODAY,
    ),
    optional("to", "任职结束", "结束日期", parse=day, wrong=NOT_A_DATE),
)


def resolve(viewer: Viewer, write: Write, values: pl.DataFrame, cells: pl.DataFrame, create_missing: bool) -> Found:
    """The file that declares the organisation: its regions, branches and managers are created as it names them. An
    empty `from` means the stay they have in that branch, else from when they joined; an empty `joined_on` leaves what
    is stored."""
    known = organisation.read_managers(write)
    values, twice = organisation.as_stored(viewer, write, values)
    named = known.rename({"known_as": "manager"})
    values = spelling.as_stored(values, named, {"manager": identity.key}, within=("staff_no",))
    name = pl.col("manager")
    problems = all_problems(
        [
            twice,
            flag(values, pl.col("left_on") < pl.col("joined_on"), "left_on", BACKWARDS),
            flag(values, pl.col("to") < pl.col("from"), "to", BACKWARDS),
            flag(
                values,
                name != name.first().over("staff_no"),
                "manager",
                "One staff number with two names in the file: correct the number or the name",
            ),
            flag(values, zeros_apart(values, known), "staff_no", ZEROS_APART),
        ]
    )
    held = read_stays(write)
    rows = resolved_stays(without(values, cells, problems), held)
    branch = pl.struct("region", "branch")
    further = [
        flag(
            rows,
            pl.col("undated") & pl.col("posted"),
            "from",
            "Posted to another branch already: write the day on which the new posting begins",
        ),
        flag(
            rows,
            branch != branch.first().over("staff_no", "from"),
            "from",
            "Two branches from one day on: write the day on which each posting begins",
        ),
        flag(rows, pl.col("to") < pl.col("from"), "to", BACKWARDS),
    ]
    problems = all_problems([problems, *further])
    good = until_the_next(without(rows, problems), held)
    new = good.join(held, on=list(STAY), how="anti", nulls_equal=True, maintain_order="left")
    new = new.unique(list(STAY), keep="first", maintain_order=True)
    renamed = good.join(known, on="staff_no")
    renamed = flag(renamed, pl.col("known_as") != pl.col("manager"), "manager", NEW_NAME)
    return Found(new, good.height - new.height, problems, store_people, renamed)


def zeros_apart(rows: pl.DataFrame, known: pl.DataFrame) -> pl.Expr:
    """Whether a new staff number is another's but for zeros in front, which spreadsheets drop."""
    numbers = pl.concat([known.select("staff_no"), rows.select("staff_no").drop_nulls()]).unique()
    bare = numbers.with_columns(bare=pl.col("staff_no").str.strip_chars_start("0"))
    several = bare.filter(pl.col("bare").is_duplicated())["staff_no"]
    return pl.col("staff_no").is_in(several.implode()) & ~pl.col("staff_no").is_in(known["staff_no"].implode())


def read_stays(write: Write) -> pl.DataFrame:
    """One row a stay (STAY), in the order they began."""
    statement = (
        select(
            Manager.staff_no,
            Manager.name,
            Manager.joined_on,
            Manager.left_on,
            Region.name,
            Branch.name,
            Posting.from_day,
            Posting.to_day,
        )
        .join(Posting, Posting.manager_id == Manager.id)
        .join(Branch, Branch.id == Posting.branch_id)
        .join(Region, Region.id == Branch.region_id)
    )
    return frame(write.session, statement, STAY).sort("from", nulls_last=False, maintain_order=True)


def resolved_stays(rows: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """The rows with their days filled in from the other rows of the manager and from the store; `undated` where nothing
    says when the stay began, `posted` where they have one already."""
    known = held.unique("staff_no", keep="last")
    known = known.select("staff_no", known_joined="joined_on", known_left="left_on", posted=pl.lit(True))
    place = ["staff_no", "region", "branch"]
    stay = held.unique(place, keep="last").select(*place, stay_from="from", has_stay=pl.lit(True))
    rows = rows.join(known, on="staff_no", how="left", maintain_order="left")
    rows = rows.join(stay, on=place, how="left", maintain_order="left")
    # An empty cell keeps what is stored; a stay that begins later is that of somebody who came back.
    gone = pl.when(pl.col("from").is_null() | (pl.col("from") <= pl.col("known_left"))).then("known_left")
    rows = rows.with_columns(
        joined_on=pl.coalesce("joined_on", pl.col("joined_on").min().over("staff_no"), "known_joined"),
        left_on=pl.coalesce("left_on", pl.col("left_on").max().over("staff_no"), gone),
        undated=pl.col("from").is_null() & pl.col("has_stay").is_null(),
    )
    first = pl.when(pl.col("from").is_null() & pl.col("has_stay")).then("stay_from")
    return rows.with_columns(
        pl.col("posted").fill_null(False),
        first.otherwise(pl.coalesce("from", "joined_on")).alias("from"),
        pl.coalesce("to", "left_on").alias("to"),
    ).drop("known_joined", "known_left", "stay_from", "has_stay")


def until_the_next(rows: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """A stay ends at the latest on the day before the manager's next one."""
    starts = pl.concat([one.select("staff_no", following="from") for one in (rows, held)]).drop_nulls().unique()
    later = rows.select("sheet", "row", "staff_no", "from").join(starts, on="staff_no")
    later = later.filter(pl.col("from").is_null() | (pl.col("following") > pl.col("from")))
    later = later.group_by("sheet", "row").agg(pl.col("following").min().dt.offset_by("-1d"))
    rows = rows.join(later, on=["sheet", "row"], how="left", maintain_order="left")
    return rows.with_columns(pl.min_horizontal("to", "following").alias("to")).drop("following")


def store_people(write: Write, rows: pl.DataFrame, batch: int, progress: Callable[[int, int], None]) -> None:
    organisation.create_branches(write, rows)
    rows = rows.join(organisation.read_branches(write), on=["region", "branch"], how="left", maintain_order="left")
    fresh = rows.filter(pl.col("staff_no").is_unique()).join(
        organisation.read_managers(write), on="staff_no", how="anti", maintain_order="left"
    )
    fresh = fresh.sort("from", nulls_last=False, maintain_order=True)
    managers = create(write, Manager, fresh.select("staff_no", "joined_on", "left_on", name="manager"))
    stays = fresh.select("branch_id", manager_id=managers, from_day="from", to_day="to")
    insert_all(write, Posting, stays, lambda done, _fresh: progress(done, rows.height))
    others = without(rows, fresh).sort("from", nulls_last=False, maintain_order=True)
    for done, row in enumerate(others.to_dicts(), fresh.height + 1):
        values = {"name": row["manager"], "joined_on": row["joined_on"], "left_on": row["left_on"]}
        setting.set_row(write, Manager, {"staff_no": row["staff_no"]}, values)
        manager = write.session.scalars(select(Manager).where(Manager.staff_no == row["staff_no"])).one()
        post(write, manager.id, row["branch_id"], row["from"], row["to"])
        progress(done, rows.height)


def post(write: Write, manager: int, branch: int, first: date | None, last: date | None) -> None:
    """Posts a manager to a branch from a day on. A stay with the same first day is corrected; the one they are in ends
    on the day before."""
    stays = write.session.scalars(select(Posting).where(Posting.manager_id == manager)).all()
    for stay in stays:
        if stay.from_day == first:
            setting.set_row(
                write, Posting, {"manager_id": manager, "from_day": first}, {"branch_id": branch, "to_day": last}
            )
            return
        begun = first is not None and (stay.from_day is None or stay.from_day < first)
        if begun and (stay.to_day is None or stay.to_day >= first):
            day_before = {"to_day": first - timedelta(1)}
            setting.set_row(write, Posting, {"manager_id": manager, "from_day": stay.from_day}, day_before)
    write.session.add(Posting(manager_id=manager, branch_id=branch, from_day=first, to_day=last))
    write.session.flush()


KIND = FileKind("people", "人员", COLUMNS, ("administrator",), resolve, trail={"posting": "Posting"})
