"""The frames a summary is made of, read from storage."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import polars as pl

from dashboard.standing.part import Part
from db.access import Viewer
from db.calendar import calendar
from db.log import activity, learning
from db.people import people
from db.plans import plans
from db.spans import Ever, Stretch
from metrics import periods, workdays
from metrics.cases import Cases, cases
from metrics.catalog import FUNNEL
from metrics.definitions import Definitions
from metrics.frames import ACTIVITY
from metrics.periods import Period
from metrics.plans import scatter
from metrics.plans import summary as summaries

NOTHING = pl.LazyFrame(schema=ACTIVITY)
SCATTERED = timedelta(150)  # calendar days that hold the working days a scatter is learned from, whatever the festivals


def frames(
    viewer: Viewer,
    period: Period,
    part: Part = Part(),
    tier: str = "target",
    through: date | None = None,
    as_of: date | None = None,
    on: date | None = None,
) -> summaries.Frames:
    """Everything a summary of this part of the bank is made of; the plans are those of one tier (codes.TIERS), the
    scatter is what was known of it by the last day of the period up to `through`, or none. `as_of` gives the plans and
    postings that were in force on a day of the period, instead of what became of them; the activity is that of the
    period, or what of it lies up to the day `on`."""
    found = without_log(viewer, period, part, tier, as_of)
    logged = period if on is None else until(period, on)
    return replace(
        found,
        activity=activity.read(viewer, logged, **part.places()),
        scatter=scatter_of(viewer, found.people["branch"].unique().sort(), through and min(through, period.last)),
    )


def without_log(
    viewer: Viewer, period: Period, part: Part, tier: str = "target", as_of: date | None = None
) -> summaries.Frames:
    """The same without activity and scatter: what no entry changes."""
    asked = (period, part, tier, as_of)
    return viewer.cached("people and plans", *asked, read=lambda: people_and_plans(viewer, *asked))


def people_and_plans(viewer: Viewer, period: Period, part: Part, tier: str, as_of: date | None) -> summaries.Frames:
    """`without_log`, read from storage."""
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
        NOTHING,
        staff,
        holders,
        posted,
        calendar.read(viewer, months),
        bool(own),
    )


def planned(
    viewer: Viewer,
    period: Period,
    part: Part,
    by: Sequence[str],
    rules: Definitions,
    as_of: date | None = None,
    tier: str = "target",
    within: Period | None = None,
) -> pl.DataFrame:
    """The plans of the period, or of a period `within` it, by these keys (summary.plans_by)."""
    asked = (period, part, tier, as_of)

    def read() -> pl.DataFrame:
        return summaries.plans_by(without_log(viewer, *asked), within or period, rules, by)

    return viewer.cached("plans by", *asked, tuple(by), rules, within, read=read)


def done(viewer: Viewer, period: Period, part: Part, on: date) -> Cases:
    """The activity of a period up to a day put together, for whoever measures FUNNEL by manager, branch or region."""
    span = until(period, on)

    def read() -> Cases:
        return cases(activity.read(viewer, span, **part.places()), FUNNEL)

    return viewer.cached("cases", span, part, FUNNEL, read=read)


def until(period: Period, on: date) -> Stretch:
    """The days of a period up to a day; none where it has not begun."""
    return Stretch(period.first, min(on, period.last))


def log(viewer: Viewer, part: Part) -> pl.LazyFrame:
    """Everything that was ever recorded in a part of the bank."""
    return activity.read(viewer, Ever(), **part.places())


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
