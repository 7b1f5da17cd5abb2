"""Regions, branches, managers and where they are posted: found by name, created when a file may do so."""

import polars as pl
from sqlalchemy import ColumnElement, select, true

from db import identity
from db.access import Viewer, scope, within
from db.engine import Write
from db.imports import spelling
from db.imports.resolving import all_problems, as_problems, create, flag, frame
from db.models import Audit, Branch, Manager, Posting, Region

ID = pl.Int64
BRANCHES = {"region": pl.String, "branch": pl.String, "region_id": ID, "branch_id": ID}
MANAGERS = {"staff_no": pl.String, "known_as": pl.String, "manager_id": ID}
POSTINGS = {"manager_id": ID, "branch_id": ID, "from_day": pl.Date, "to_day": pl.Date}
UNKNOWN_REGION = "Unknown region: check the name, or import people first"
UNKNOWN_BRANCH = "Unknown branch of this region: check the name, or import people first"
UNKNOWN_MANAGER = "Unknown manager: check the staff number, or import people first"
# The same words whether there is such a thing elsewhere or not.
NOT_YOUR_REGION = "This region is not within your scope: write your own, or leave the row out"
NOT_YOUR_BRANCH = "This branch is not within your scope: write one of yours, or leave the row out"
NOT_YOUR_MANAGER = "This manager is not within your scope: check the staff number, or leave the row out"
RENAMED = "The manager is called otherwise now: taken by the staff number"
NOT_POSTED_HERE = "The manager was not posted to this branch on that day: check branch and date"


def covers_bank(viewer: Viewer) -> bool:
    """Whether the viewer's files may name anybody in the bank."""
    return not scope(viewer, "import_data")


def own_branches(viewer: Viewer) -> ColumnElement[bool]:
    """The branches the viewer's files may name; a manager's are those they were ever posted to."""
    manager = scope(viewer, "import_data").get("manager")
    if manager is not None:
        return Branch.id.in_(select(Posting.branch_id).where(Posting.manager_id == manager))
    return within(viewer, "import_data", region=Branch.region_id, branch=Branch.id)


def own_managers(viewer: Viewer) -> ColumnElement[bool]:
    """The managers the viewer's files may name: whoever was ever posted within their scope."""
    if covers_bank(viewer):
        return true()
    here = within(viewer, "import_data", region=Branch.region_id, branch=Branch.id, manager=Posting.manager_id)
    posted = select(Posting.manager_id).join(Branch, Branch.id == Posting.branch_id).where(here)
    return Manager.id.in_(posted)


def read_branches(write: Write, which: ColumnElement[bool] | None = None) -> pl.DataFrame:
    statement = select(Region.name, Branch.name, Region.id, Branch.id).join(Region, Region.id == Branch.region_id)
    return frame(write.session, statement.where(true() if which is None else which), BRANCHES)


def read_regions(write: Write) -> pl.DataFrame:
    return frame(write.session, select(Region.name, Region.id), {"region": pl.String, "region_id": ID})


def read_managers(write: Write, which: ColumnElement[bool] | None = None) -> pl.DataFrame:
    statement = select(Manager.staff_no, Manager.name, Manager.id)
    return frame(write.session, statement.where(true() if which is None else which), MANAGERS)


def posted_on(write: Write, rows: pl.DataFrame, first: str, last: str) -> pl.DataFrame:
    """The rows (`manager_id`, days `first` to `last`) once for each posting of the manager in that time: with the
    posting's `posted_branch`."""
    columns = (Posting.manager_id, Posting.branch_id, Posting.from_day, Posting.to_day)
    postings = frame(write.session, select(*columns), POSTINGS).rename({"branch_id": "posted_branch"})
    begun = pl.col("from_day").is_null() | (pl.col("from_day") <= pl.col(last))
    open_still = pl.col("to_day").is_null() | (pl.col("to_day") >= pl.col(first))
    return rows.join(postings, on="manager_id").filter(begun & open_still)


def as_stored(viewer: Viewer, write: Write, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows with region, branch and staff number as they are stored, and what is wrong with them: a number that
    stands for two."""
    managers, branches = read_managers(write, own_managers(viewer)), read_branches(write, own_branches(viewer))
    twice = spelling.known_twice(rows, managers, "staff_no", identity.number)
    rows = spelling.as_stored(rows, branches, {"region": identity.key})
    rows = spelling.as_stored(rows, branches, {"branch": identity.key}, within=("region",))
    return spelling.as_stored(rows, managers, {"staff_no": identity.number}), twice


def resolve(
    viewer: Viewer, write: Write, rows: pl.DataFrame, check_posting: bool
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Adds region_id, branch_id and manager_id to rows with region, branch, staff_no, manager and date; gives the rows,
    what is wrong with them: names unknown within the viewer's scope, a staff number of somebody else, a day they were
    not posted there; and what is to be said of them: a name the manager no longer has."""
    covers_all = covers_bank(viewer)
    branches = read_branches(write, own_branches(viewer))
    rows = rows.join(branches, on=["region", "branch"], how="left", maintain_order="left")
    rows = rows.join(read_managers(write, own_managers(viewer)), on="staff_no", how="left", maintain_order="left")
    region_known = pl.col("region").is_in(branches["region"].unique().implode())
    rows = rows.with_columns(called=identity.keys(pl.col("manager")))
    rows = rows.join(former_names(write), on=["manager_id", "called"], how="left", maintain_order="left")
    other = pl.col("called") != identity.keys(pl.col("known_as"))
    other_name = other & pl.col("formerly").is_null()
    wrong = [
        flag(rows, ~region_known, "region", UNKNOWN_REGION if covers_all else NOT_YOUR_REGION),
        flag(
            rows,
            region_known & pl.col("branch_id").is_null() & pl.col("branch").is_not_null(),
            "branch",
            UNKNOWN_BRANCH if covers_all else NOT_YOUR_BRANCH,
        ),
        flag(
            rows,
            pl.col("manager_id").is_null() & pl.col("staff_no").is_not_null(),
            "staff_no",
            UNKNOWN_MANAGER if covers_all else NOT_YOUR_MANAGER,
        ),
        flag(rows, other_name, "manager", "This staff number belongs to somebody else: correct the number or the name"),
    ]
    if check_posting:
        asked = rows.select("sheet", "row", "manager_id", "branch_id", "date").drop_nulls()
        posted = posted_on(write, asked, "date", "date").filter(pl.col("posted_branch") == pl.col("branch_id"))
        elsewhere = asked.join(posted, on=["sheet", "row"], how="anti").select("sheet", "row")
        elsewhere = rows.join(elsewhere, on=["sheet", "row"], how="semi").filter(~other_name)
        wrong.append(as_problems(elsewhere, "branch", NOT_POSTED_HERE))
    renamed = flag(rows, other & pl.col("formerly").is_not_null(), "manager", RENAMED)
    return rows.drop("known_as", "called", "formerly"), all_problems(wrong), renamed


def former_names(write: Write) -> pl.DataFrame:
    """What managers were called before they were renamed: manager_id, called (normal form), formerly."""
    statement = select(Audit.entity_id, Audit.before).where(Audit.entity == "manager", Audit.action == "set")
    held = [(one, before.get("name")) for one, before in write.session.execute(statement) if before]
    names = [(one, identity.key(str(name)), True) for one, name in held if name]
    return pl.DataFrame(names, {"manager_id": ID, "called": pl.String, "formerly": pl.Boolean}, orient="row").unique()


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
    shows them, from the beginning; to a further branch from their first day there."""
    create_branches(write, rows)
    new = rows.drop_nulls(["staff_no", "manager", "date"]).join(read_managers(write), on="staff_no", how="anti")
    new = new.sort("date", "sheet", "row").join(read_branches(write), on=["region", "branch"], maintain_order="left")
    people = new.unique("staff_no", keep="first", maintain_order=True)
    create(write, Manager, people.select("staff_no", name="manager"))
    stays = new.group_by("staff_no", "branch_id", maintain_order=True).agg(from_day=pl.col("date").min())
    stays = stays.sort("from_day", maintain_order=True).join(read_managers(write), on="staff_no", maintain_order="left")
    following = pl.col("from_day").shift(-1).over("staff_no")
    is_first = pl.int_range(pl.len()).over("staff_no") == 0
    stays = stays.with_columns(from_day=pl.when(~is_first).then("from_day"), to_day=following.dt.offset_by("-1d"))
    create(write, Posting, stays.select("manager_id", "branch_id", "from_day", "to_day"))
