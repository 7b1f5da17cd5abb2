"""Regions, branches, managers and where they are posted: found by name, created when a file may do so."""

import polars as pl
from sqlalchemy import select

from db.engine import Write
from db.models import Branch, Manager, Posting, Region
from db.resolving import all_problems, create, flag, frame

ID = pl.Int64
BRANCHES = {"region": pl.String, "branch": pl.String, "region_id": ID, "branch_id": ID}
MANAGERS = {"staff_no": pl.String, "known_as": pl.String, "manager_id": ID}
POSTINGS = {"manager_id": ID, "branch_id": ID, "from_day": pl.Date, "to_day": pl.Date}


def read_branches(write: Write) -> pl.DataFrame:
    statement = select(Region.name, Branch.name, Region.id, Branch.id).join(Region, Region.id == Branch.region_id)
    return frame(write.session, statement, BRANCHES)


def read_regions(write: Write) -> pl.DataFrame:
    return frame(write.session, select(Region.name, Region.id), {"region": pl.String, "region_id": ID})


def read_managers(write: Write) -> pl.DataFrame:
    return frame(write.session, select(Manager.staff_no, Manager.name, Manager.id), MANAGERS)


def resolve(write: Write, rows: pl.DataFrame, check_posting: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Adds region_id, branch_id and manager_id to rows with region, branch, staff_no, manager and date; gives the rows
    and what is wrong with them: unknown names, a staff number of somebody else, a day he was not posted there."""
    branches = read_branches(write)
    rows = rows.join(branches, on=["region", "branch"], how="left", maintain_order="left")
    rows = rows.join(read_managers(write), on="staff_no", how="left", maintain_order="left")
    region_known = pl.col("region").is_in(branches["region"].unique().implode())
    other_name = pl.col("known_as") != pl.col("manager")
    wrong = [
        flag(rows, ~region_known, "region", "Unknown region: check the name, or import people first"),
        flag(
            rows,
            region_known & pl.col("branch_id").is_null() & pl.col("branch").is_not_null(),
            "branch",
            "Unknown branch of this region: check the name, or import people first",
        ),
        flag(
            rows,
            pl.col("manager_id").is_null() & pl.col("staff_no").is_not_null(),
            "staff_no",
            "Unknown manager: check the staff number, or import people first",
        ),
        flag(rows, other_name, "manager", "This staff number belongs to somebody else: correct the number or the name"),
    ]
    if check_posting:
        postings = frame(
            write.session, select(Posting.manager_id, Posting.branch_id, Posting.from_day, Posting.to_day), POSTINGS
        )
        asked = rows.select("sheet", "row", "manager_id", "branch_id", "date").drop_nulls()
        begun = pl.col("from_day").is_null() | (pl.col("from_day") <= pl.col("date"))
        open_still = pl.col("to_day").is_null() | (pl.col("to_day") >= pl.col("date"))
        posted = asked.join(postings, on=["manager_id", "branch_id"]).filter(begun & open_still)
        elsewhere = asked.join(posted, on=["sheet", "row"], how="anti").select("sheet", "row")
        elsewhere = rows.join(elsewhere, on=["sheet", "row"], how="semi").filter(~other_name)
        wrong.append(
            flag(
                elsewhere,
                pl.lit(True),
                "branch",
                "The manager was not posted to this branch on that day: check branch and date",
            )
        )
    return rows.drop("known_as"), all_problems(wrong)


def create_branches(write: Write, rows: pl.DataFrame) -> None:
    """Adds the regions and branches (region, branch by name) that are not there yet."""
    named = rows.select("region", "branch").drop_nulls().unique(maintain_order=True)
    there = read_regions(write)
    regions = named.select("region").unique(maintain_order=True).join(there, on="region", how="anti")
    create(write, Region, regions.rename({"region": "name"}))
    new = named.join(read_branches(write), on=["region", "branch"], how="anti", maintain_order="left")
    new = new.join(read_regions(write), on="region", maintain_order="left")
    create(write, Branch, new.select("region_id", name="branch"))


def create_missing(write: Write, rows: pl.DataFrame) -> None:
    """Adds regions, branches and managers that an activities file names. A new manager is posted where the file first
    shows him, from the beginning; to a further branch from his first day there."""
    create_branches(write, rows)
    new = rows.drop_nulls(["staff_no", "manager", "date"]).join(read_managers(write), on="staff_no", how="anti")
    new = new.sort("date", "row").join(read_branches(write), on=["region", "branch"], maintain_order="left")
    people = new.unique("staff_no", keep="first", maintain_order=True)
    create(write, Manager, people.select("staff_no", name="manager"))
    stays = new.group_by("staff_no", "branch_id", maintain_order=True).agg(from_day=pl.col("date").min())
    stays = stays.sort("from_day", maintain_order=True).join(read_managers(write), on="staff_no", maintain_order="left")
    following = pl.col("from_day").shift(-1).over("staff_no")
    is_first = pl.int_range(pl.len()).over("staff_no") == 0
    stays = stays.with_columns(from_day=pl.when(~is_first).then("from_day"), to_day=following.dt.offset_by("-1d"))
    create(write, Posting, stays.select("manager_id", "branch_id", "from_day", "to_day"))
