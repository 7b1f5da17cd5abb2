"""Who works where: branches, managers and their posted days, as the viewer may see them."""

from datetime import date, timedelta
from functools import cache

import polars as pl
from sqlalchemy import Date, Integer, Select, bindparam, or_, select
from sqlalchemy.orm import Session

from db.access import Viewer, check, scope, within
from db.engine import Store
from db.errors import Refused
from db.models import Absence, Branch, Manager, Posting, Region
from db.spans import Span
from db.store.parts import NOTHING

DAYS_KEPT = timedelta(62)  # of a branch; longer spans are made anew
PARTS = {"full": 1.0, "morning": 0.5, "afternoon": 0.5}  # of a day of leave
NOT_POSTED_THEN = "This manager is not posted to a branch of yours in that month: check the manager and the month."
NOT_POSTED = "This manager is not posted to a branch on that day."
BRANCH = {"region": pl.Int32, "region_name": pl.String, "branch": pl.Int32, "branch_name": pl.String}
MANAGER = {"manager": pl.Int32, "staff_no": pl.String, "manager_name": pl.String}
POSTING_DAY = {"manager": pl.Int32, "branch": pl.Int32, "region": pl.Int32, "day": pl.Date, "away": pl.Float64}


def branches(viewer: Viewer) -> pl.DataFrame:
    """One row a branch: region, region_name, branch, branch_name; sorted by region and branch id."""

    def read() -> pl.DataFrame:
        seen = within(viewer, "read_people", region=Branch.region_id, branch=Branch.id)
        statement = (
            select(Region.id, Region.name, Branch.id, Branch.name)
            .join(Region, Region.id == Branch.region_id)
            .where(seen)
            .order_by(Region.id, Branch.id)
        )
        with viewer.reading(log=False) as connection:
            return pl.DataFrame([tuple(row) for row in connection.execute(statement)], BRANCH, orient="row")

    return viewer.cached("branches", read=read)


def branch_name(viewer: Viewer, branch: int | None) -> str:
    """Empty where there is none within the viewer's scope."""

    def read() -> str:
        return dict(branches(viewer).select("branch", "branch_name").iter_rows()).get(branch, "")

    return viewer.cached("branch name", branch, read=read)


def region_of(viewer: Viewer, branch: int | None) -> int | None:
    """None where there is no such branch within the viewer's scope."""

    def read() -> int | None:
        return dict(branches(viewer).select("branch", "region").iter_rows()).get(branch)

    return viewer.cached("region of", branch, read=read)


def postings(viewer: Viewer) -> pl.DataFrame:
    """One row a stay: the manager, the branch, from_day, to_day (null is open), joined_on, left_on. Every stay of each
    manager who ever worked within the viewer's scope, elsewhere too: a month's plan is divided over all of them."""

    def read() -> pl.DataFrame:
        statement = (
            select(
                Manager.id,
                Manager.staff_no,
                Manager.name,
                Region.id,
                Region.name,
                Branch.id,
                Branch.name,
                Posting.from_day,
                Posting.to_day,
                Manager.joined_on,
                Manager.left_on,
            )
            .join(Posting, Posting.manager_id == Manager.id)
            .join(Branch, Branch.id == Posting.branch_id)
            .join(Region, Region.id == Branch.region_id)
            .where(Posting.manager_id.in_(ever_here(viewer)))
            .order_by(Manager.staff_no, Posting.from_day)
        )
        days = dict.fromkeys(("from_day", "to_day", "joined_on", "left_on"), pl.Date)
        with viewer.reading(log=False) as connection:
            return pl.DataFrame(
                [tuple(row) for row in connection.execute(statement)], MANAGER | BRANCH | days, orient="row"
            )

    return viewer.cached("postings", action="read_people", read=read)


def ever_here(viewer: Viewer) -> Select[int]:
    """The managers who were ever posted within the viewer's scope."""
    here = within(viewer, "read_people", region=Branch.region_id, branch=Branch.id, manager=Posting.manager_id)
    return select(Posting.manager_id).join(Branch, Branch.id == Posting.branch_id).where(here)


def managers(viewer: Viewer, span: Span, branch: int | None = None) -> pl.DataFrame:
    """One row a manager and branch of the viewer's scope in which they were posted on a day of the span: manager,
    staff_no, manager_name, region, region_name, branch, branch_name; sorted by staff number. A manager sees all their
    own stays."""
    begun = pl.max_horizontal("from_day", "joined_on").is_null() | (
        pl.max_horizontal("from_day", "joined_on") <= span.last
    )
    ends = pl.min_horizontal("to_day", "left_on")
    here = [pl.col(level) == identity for level, identity in scope(viewer, "read_people").items()]
    own = [] if viewer.manager is None else [pl.col("manager") == viewer.manager]
    seen = pl.any_horizontal(pl.all_horizontal(pl.lit(True), *here), *own)
    asked = [] if branch is None else [pl.col("branch") == branch]
    stays = postings(viewer).filter(begun, ends.is_null() | (ends >= span.first), seen, *asked)
    return stays.select(*MANAGER, *BRANCH).unique(maintain_order=True)


def last_places(viewer: Viewer, on: date) -> pl.DataFrame:
    """Where each manager in `postings` works on a day, or worked last before it: manager, manager_name, branch,
    region."""
    first = pl.max_horizontal("from_day", "joined_on")
    begun = postings(viewer).with_columns(first=first).filter(first.is_null() | (first <= on))
    last = begun.sort("first", nulls_last=False, maintain_order=True).unique(
        "manager", keep="last", maintain_order=True
    )
    return last.select("manager", "manager_name", "branch", "region")


def names(viewer: Viewer) -> pl.DataFrame:
    """One row a manager who ever worked within the viewer's scope: manager, staff_no, manager_name."""

    def read() -> pl.DataFrame:
        return postings(viewer).select(list(MANAGER)).unique("manager", maintain_order=True)

    return viewer.cached("names of managers", action="read_people", read=read)


def posting_days(viewer: Viewer, span: Span) -> pl.DataFrame:
    """One row a manager and day they are posted (metrics.frames.POSTING_DAY), within the span; `away` is the part
    of the day they are on leave. Of a branch over months they are made in a millisecond, and take more memory than all
    else that is kept for it: they are not kept."""

    def read() -> pl.DataFrame:
        stays = postings(viewer).with_columns(
            first=pl.max_horizontal("from_day", "joined_on", pl.lit(span.first)),
            last=pl.min_horizontal("to_day", "left_on", pl.lit(span.last)),
        )
        stays = stays.filter(pl.col("first") <= pl.col("last"))
        days = (
            stays.with_columns(day=pl.date_ranges("first", "last")).explode("day")
            if stays.height
            else stays.with_columns(day=pl.lit(None, pl.Date))
        )
        leave = absences(viewer, span).select(
            "manager", "day", away=pl.col("part").replace_strict(PARTS, return_dtype=pl.Float64)
        )
        days = days.join(leave, on=["manager", "day"], how="left").with_columns(pl.col("away").fill_null(0.0))
        return days.unique(["manager", "day"], keep="last", maintain_order=True).select(list(POSTING_DAY))

    if viewer.branch is not None and span.last - span.first > DAYS_KEPT:
        return read()
    return viewer.cached("posting days", span.first, span.last, action="read_people", read=read)


def absences(viewer: Viewer, span: Span) -> pl.DataFrame:
    """One row a manager and day of leave, within the span, of the managers in `postings`: manager, day, part
    (PARTS)."""

    def stored() -> pl.DataFrame:
        statement = select(Absence.manager_id, Absence.day, Absence.part).order_by(Absence.day, Absence.id)
        statement = statement.where(Absence.manager_id.in_(ever_here(viewer)))
        with viewer.reading(log=False) as connection:
            rows = [tuple(row) for row in connection.execute(statement)]
        return pl.DataFrame(rows, {"manager": pl.Int32, "day": pl.Date, "part": pl.String}, orient="row")

    return viewer.cached("absences", action="read_people", read=stored).filter(
        pl.col("day").is_between(span.first, span.last)
    )


def posted(viewer: Viewer, action: str, manager: int, day: date) -> tuple[int, int]:
    """Region and branch the manager is posted to on a day, where the viewer may do this. Raises NotAllowed alike for
    one who is posted elsewhere, on another day, or does not exist."""
    region, branch = branch_on(viewer.store, manager, day) or (None, None)
    own = manager if region is not None else None
    check(viewer, action, region=region, branch=branch, manager=own, missing=NOT_POSTED)
    if region is None or branch is None:
        raise Refused(NOT_POSTED)
    return region, branch


def managers_then(session: Session, branch: int, day: date) -> set[int]:
    """Who is posted to a branch on a day, for a write."""
    lasting = or_(Posting.to_day.is_(None), Posting.to_day >= day)
    begun = or_(Posting.from_day.is_(None), Posting.from_day <= day)
    statement = select(Posting.manager_id).join(Manager, Manager.id == Posting.manager_id)
    statement = statement.where(Posting.branch_id == branch, begun, lasting)
    return set(session.scalars(statement.where(or_(Manager.left_on.is_(None), Manager.left_on >= day))))


def branch_on(store: Store, manager: int, day: date) -> tuple[int, int] | None:
    """Region and branch the manager is posted to on a day; None when nowhere. For a write, which checks the right, and
    for signing in."""
    with store.reading(*NOTHING) as connection:
        found = connection.execute(select_posting(), {"manager": manager, "day": day}).first()
    return tuple(found) if found else None


@cache
def select_posting() -> Select[int, int]:
    """Region and branch of a manager on a day; built once, as every visit asks for it."""
    manager, day = bindparam("manager", type_=Integer()), bindparam("day", type_=Date())
    begun = or_(Posting.from_day.is_(None), Posting.from_day <= day)
    lasting = or_(Posting.to_day.is_(None), Posting.to_day >= day)
    joined = or_(Manager.joined_on.is_(None), Manager.joined_on <= day)
    not_left = or_(Manager.left_on.is_(None), Manager.left_on >= day)
    return (
        select(Branch.region_id, Branch.id)
        .join(Posting, Posting.branch_id == Branch.id)
        .join(Manager, Manager.id == Posting.manager_id)
        .where(Posting.manager_id == manager, begun, lasting, joined, not_left)
        .order_by(Posting.from_day.desc().nulls_last())
    )
