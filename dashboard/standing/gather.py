"""The frames a summary is made of, read from storage."""

from datetime import date, timedelta

import polars as pl

from dashboard.standing.part import Part
from db.access import Viewer
from db.calendar import calendar
from db.log import activity, learning
from db.people import people
from db.plans import plans
from db.spans import Ever
from metrics import periods, workdays
from metrics.periods import Period
from metrics.plans import scatter
from metrics.plans import summary as summaries

SCATTERED = timedelta(150)  # calendar days that hold the working days a scatter is learned from, whatever the festivals


def frames(
    viewer: Viewer,
    period: Period,
    part: Part = Part(),
    tier: str = "target",
    through: date | None = None,
    as_of: date | None = None,
) -> summaries.Frames:
    """Everything a summary of this part of the bank is made of; the plans are those of one tier (codes.TIERS), the
    scatter is what was known of it by the last day of the period up to `through`, or none. `as_of` gives the plans and
    postings that were in force on a day of the period, instead of what became of them."""
    here, months = part.conditions(), periods.whole_months(period)
    posted = people.posting_days(viewer, months)
    if as_of is not None:
        posted = workdays.in_force(posted, months, as_of)
    holders = plans.read(viewer, period, tier, as_of)
    if part.region is not None:
        holders = holders.filter(pl.col("region").is_null() | (pl.col("region") == part.region))
    if part.branch is not None:
        holders = holders.filter(pl.col("region").is_null())
    # A manager is told of nobody else: asked for a colleague, of two different managers nothing is both.
    asked = {part.manager, plans.reach(viewer).get("manager")} - {None}
    own = [pl.col("manager") == manager for manager in asked]
    holders, posted, here = holders.filter(*own), posted.filter(*own), [*here, *own]
    begun = period if as_of is None else Period(period.first, as_of)
    staff = posted_or_empty(viewer, begun, part).filter(*here)
    return summaries.Frames(
        activity.read(viewer, period).filter(*here),
        staff,
        holders,
        posted,
        calendar.read(viewer, months),
        bool(own),
        scatter_of(viewer, staff["branch"].unique().sort(), through and min(through, period.last)),
    )


def log(viewer: Viewer, part: Part) -> pl.LazyFrame:
    """Everything that was ever recorded in a part of the bank."""
    return activity.read(viewer, Ever()).filter(*part.conditions())


def scatter_of(viewer: Viewer, branches: pl.Series, through: date | None) -> pl.DataFrame:
    """How much these branches' days and tickets scatter (scatter.SCATTER), the same whoever asks."""
    if through is None or branches.is_empty():
        return scatter.SCATTER.to_frame()
    span, here = Period(through - SCATTERED, through), pl.col("branch").is_in(branches.implode())

    def read() -> pl.DataFrame:
        posted = people.posting_days(viewer, span).filter(here)
        return scatter.scatter(learning.read(viewer, span).filter(here), posted, calendar.read(viewer, span), through)

    return viewer.cached("scatter", through, tuple(branches), read=read)


def posted_or_empty(viewer: Viewer, period: Period, part: Part) -> pl.DataFrame:
    """people.managers, and for a branch nobody is posted to one row without a manager: it may have a plan."""
    staff = people.managers(viewer, period)
    if part.manager is not None or viewer.manager is not None:
        return staff
    deserted = people.branches(viewer).join(staff, on="branch", how="anti")
    return pl.concat([staff, deserted], how="diagonal")
