"""Diagnoses: frames from storage, numbers from metrics."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl

from dashboard.standing import bank_rules
from dashboard.standing import gather as standing_gather
from dashboard.standing.book import Book
from dashboard.standing.part import Part
from dashboard.standing.standing import Standing
from db.access import Viewer
from db.calendar import calendar
from db.log import activity, learning
from db.people import people
from metrics import periods
from metrics.cases import CELL
from metrics.diagnosis import cohorts, shortfall
from metrics.diagnosis.bootstrap import drawn_each
from metrics.diagnosis.plan_reference import plan_totals
from metrics.diagnosis.reaction import SUPPORT, is_newcomer, promising, reaction, veterans
from metrics.diagnosis.tallies import TALLY, tallies
from metrics.periods import ONE_DAY, Period

AGAINST = ("plan", "peers", "before")
USUAL_MONTHS = 6
NOBODY = [pl.lit(None, pl.Int32).alias(name) for name in ("veteran", "veteran_branch")]
SEED = 20261120  # the same question has the same answer
BEFORE_COHORTS = timedelta(365)  # an opportunity not consulted for so long begins anew


@dataclass(frozen=True)
class Why:
    """`table` has one row a key of `by` (metrics.diagnosis.shortfall.shortfall, with `reaction`, and `veteran` and
    `veteran_branch`, the ids of who could lead and of where they work), `total` one row; `borrowed` are the measures that rates of the last months stand in for."""

    table: pl.DataFrame
    total: pl.DataFrame
    borrowed: tuple[str, ...]


def of(
    book: Book,
    found: Standing,
    measure: str,
    against: str = "plan",
    by: Sequence[str] = ("manager",),
    branches: Sequence[int] = (),
) -> Why:
    """Why the rows of a standing are where they are: those of all managers (or branches) of the book's part of the bank,
    also where the book is of one of them, as `report why` has them; computed once for all who see the same. Given
    `branches` it is of these alone, against the plan: what is said of one does not depend on the others."""
    part = replace(book.part, manager=None)
    asked = (found.period, found.through, measure, against, tuple(by), part, found.as_of, tuple(branches))
    return book.viewer.cached("why", *asked, read=lambda: why(book.viewer, *asked))


def why(
    viewer: Viewer,
    period: Period,
    through: date,
    measure: str,
    against: str,
    by: Sequence[str] = (),
    part: Part = Part(),
    as_of: date | None = None,
    branches: Sequence[int] = (),
    only: Sequence[int] = (),
) -> Why:
    """The gap of a measure (metrics.diagnosis.shortfall.MEASURES) in the part of a period that is over by `through`,
    against plan, peers or before, split into its factors; by the plans in force `as_of` a day, or as they became;
    of `only` some managers of these `branches`, without who could lead them."""
    gone = period.until(through) or Period(period.first, period.first)
    floor = by[-1] if by else "manager"
    around = Part() if against == "peers" and floor != "manager" else part
    actual = done(viewer, gone, around)
    if branches:
        actual = actual.filter(pl.col("branch").is_in(branches))
    earlier = actual.clear()
    if against == "before":
        earlier = done(viewer, just_before(viewer, gone), around)
        actual, earlier = same_rows(actual, earlier), same_rows(earlier, actual)
    number, drawn = shortfall.MEASURES[measure], () if against == "peers" else only  # peers are everybody's others
    everyone, means = actual, drawn_each(actual, SEED, totals=number, only=drawn)
    here = [pl.col("manager").is_in(only)] if only else []
    inside = actual.with_row_index("row").filter(*part.conditions(), *own(viewer), *here)
    rows, actual = inside["row"].to_numpy(), inside.drop("row")
    whole, borrowed = None, ()
    if against == "plan":
        rules = bank_rules.definitions(viewer, as_of or gone.last, part)

        def planned(keys: Sequence[str]) -> pl.DataFrame:
            return standing_gather.planned(viewer, period, part, keys, rules, as_of, within=gone)

        wanted = plan_totals(actual, planned(CELL), usual(viewer, gone, part, branches), measure)
        asked = shortfall.planned(wanted)
        borrowed = tuple(wanted["borrowed"].explode().drop_nulls().unique(maintain_order=True))
        plans = {keys: planned(keys) for keys in (tuple(by), ())}
        whole = {
            keys: table.filter(pl.col("measure") == measure, pl.col("plan") > 0).rename({"plan": "reference"})
            for keys, table in plans.items()
        }
    elif against == "before":
        asked = shortfall.Reference(
            shortfall.totals(earlier), drawn_each(earlier, SEED + 1, totals=number, only=drawn)
        ).of(rows)
    else:
        asked = shortfall.peers(everyone, means, floor).of(rows)
    means = means[:, rows]

    def of_keys(keys: Sequence[str]) -> pl.DataFrame:
        return shortfall.shortfall(actual, asked, means, measure, keys, whole and whole[tuple(keys)])

    total = of_keys(()).with_columns(NOBODY)
    table = of_keys(by)
    if "manager" not in by:
        return Why(with_reactions(table, set()).with_columns(NOBODY), with_reactions(total, set()), borrowed)

    def elsewhere(factors: Sequence[str]) -> pl.DataFrame:
        """Who could lead somebody of another branch in these factors, by the same measure."""
        joined = people.postings(viewer).select("manager", "joined_on").unique("manager", keep="first")
        some = promising(done(viewer, gone, Part()), joined, factors, gone.last)
        places, who = (tuple(some[name].unique().sort()) for name in ("branch", "manager"))
        asked = (period, through, measure, against, ("manager",), Part(), as_of, places, who)
        return viewer.cached("why", *asked, read=lambda: why(viewer, *asked)).table if who else table.clear()

    return Why(reacted(viewer, table, gone, None if only else elsewhere), with_reactions(total, set()), borrowed)


def own(viewer: Viewer) -> list[pl.Expr]:
    """A manager is told of nobody else."""
    return [] if viewer.manager is None else [pl.col("manager") == viewer.manager]


def done(viewer: Viewer, period: Period, part: Part) -> pl.DataFrame:
    """Tallies of the whole branches of the part."""
    posted, log = people.posting_days(viewer, period), learning.read(viewer, period)
    here = replace(part, manager=None).conditions()
    asked = [pl.col("manager") == one for one in (part.manager, viewer.manager) if one is not None]
    if asked:  # in the branches they were in
        places = pl.concat([posted.lazy().select("manager", "branch"), log.select("manager", "branch")])
        here.append(pl.col("branch").is_in(places.filter(*asked).collect()["branch"].unique().implode()))
    return tallies(log.filter(*here), posted.filter(*here), calendar.read(viewer, period), period)


def usual(viewer: Viewer, period: Period, part: Part, branches: Sequence[int] = ()) -> pl.DataFrame:
    """Tallies of the months before, of the whole branches (of these alone, where any are given): a plan that names no
    rate takes the branch's."""
    past = months_before(period)
    places = [pl.col(level) == one for level, one in part.__dict__.items() if one is not None and level != "manager"]
    places += [pl.col("branch").is_in(branches)] if branches else []
    posted = people.posting_days(viewer, past).filter(*places)
    return tallies(learning.read(viewer, past).filter(*places), posted, calendar.read(viewer, past), past)


def months_before(period: Period) -> Period:
    """The USUAL_MONTHS calendar months before the one the period begins in."""
    first = periods.month(period.first).first
    return Period(periods.month(first - timedelta(30 * USUAL_MONTHS - 15)).first, first - ONE_DAY)


def just_before(viewer: Viewer, period: Period) -> Period:
    """As many working days just before the period."""
    days = calendar.read(viewer, period)["is_workday"].sum()
    long_ago = period.first - timedelta(2 * period.length + 30)
    earlier = (
        calendar.read(viewer, Period(long_ago, period.first - ONE_DAY)).filter("is_workday")["day"].tail(max(days, 1))
    )
    return Period(earlier[0], period.first - ONE_DAY)


def same_rows(table: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """The tallies with a row also for whoever is in the other ones alone."""
    missing = other.select(CELL).join(table, on=CELL, how="anti")
    filled = missing.with_columns(pl.lit(0.0).alias(name) for name in TALLY if name not in CELL)
    return pl.concat([table, filled.select(list(TALLY))]).sort(CELL)


def with_reactions(table: pl.DataFrame, newcomers: set[int]) -> pl.DataFrame:
    rows = table.to_dicts()
    found = [reaction(row["reasons"], row["gap"], row.get("manager") in newcomers) for row in rows]
    return table.with_columns(reaction=pl.Series(found, dtype=pl.String))


def reacted(
    viewer: Viewer,
    table: pl.DataFrame,
    period: Period,
    elsewhere: Callable[[Sequence[str]], pl.DataFrame] | None,
) -> pl.DataFrame:
    """Managers with what to do about them, and who could lead them: somebody of their branch, else of their region as far
    as the viewer sees it, where those who may, `elsewhere`, are asked for."""
    joined = people.postings(viewer).select("manager", "joined_on").unique("manager", keep="first")
    newcomers = {one for one, day in joined.iter_rows() if is_newcomer(day, period.last)}
    table = with_reactions(table, newcomers)
    if elsewhere is None:
        return table.with_columns(NOBODY)
    places = people.last_places(viewer, period.last).select("manager", "branch", "region")
    consulted = activity.read(viewer, period).filter(pl.col("kind") == "consultation")

    def leaders(weak: pl.DataFrame, among: pl.DataFrame) -> pl.DataFrame:
        who = pl.concat([weak["manager"], among["manager"]]).unique()
        mix = consulted.filter(pl.col("manager").is_in(who.implode())).group_by("manager", "product")
        return veterans(weak, among, mix.agg(cases=pl.len()).collect(), joined, period.last)

    def placed(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.drop("branch", "region", strict=False).join(places, on="manager", how="left", maintain_order="left")

    weak = placed(table.filter(pl.col("reaction") == SUPPORT))
    found = leaders(weak, placed(table))
    near = found.join(places, on="manager").join(places, left_on="veteran", right_on="manager", suffix="_there")
    near = near.filter(pl.col("branch") == pl.col("branch_there")).select(found.columns)
    lonely = weak.join(near, on="manager", how="anti")
    if lonely.height:
        factors = lonely["reasons"].explode().unique().to_list()
        near = pl.concat([near, leaders(lonely, placed(elsewhere(factors)))])
    near = near.join(places.select(veteran="manager", veteran_branch="branch"), on="veteran", how="left")
    return table.join(near, on="manager", how="left", maintain_order="left")


def cohort(viewer: Viewer, period: Period, through: date, part: Part = Part()) -> pl.DataFrame:
    """The opportunities first consulted in the period (metrics.diagnosis.cohorts.CASE)."""
    known = Period(period.first - BEFORE_COHORTS, max(through, period.first))
    log = activity.read(viewer, known)
    if part.manager is not None:  # their opportunities alone, whoever worked on them
        theirs = log.filter(*part.conditions()).select("opportunity").drop_nulls().unique()
        log = log.join(theirs, on="opportunity", how="semi")
    found = cohorts.cases(
        log.collect(), calendar.read(viewer, Period(known.first, max(known.last, period.last))), period, through
    )
    return found.filter(*part.conditions())
