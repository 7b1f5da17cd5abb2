"""What a plan is divided from, and among whom: a region's plan among its branches, a branch's among its managers."""

from dataclasses import dataclass

import polars as pl

from dashboard.standing import bank_rules
from dashboard.standing.part import Part
from db.access import Viewer
from db.calendar import calendar
from db.log import activity
from db.people import people
from db.plans import plans
from metrics import periods, workdays
from metrics.catalog import MEASURES
from metrics.metric import measure
from metrics.periods import Period
from metrics.plans import attainment, spreading
from metrics.plans.allocation import local_parts

Level = str  # region, branch or manager


@dataclass(frozen=True)
class Planning:
    """`rows` has one row a holder below: holder, name, present (days somebody works there in the month), share (of a
    plan set now, how much falls here: a manager may work in two branches), and per measure its own target, `_part`
    (what of it falls here; of a branch without a plan of its own, what its managers have) and `_before` (done last
    quarter). `whole` is the target of the one above per measure; `vacant` (manager_name, measure, vacant) what nobody
    works for any more of the plans of those who worked here last."""

    month: Period
    region: int
    branch: int | None  # whose managers they are; None: the region's branches
    name: str  # of the one above
    product: int | None
    tier: str
    rows: pl.DataFrame
    whole: dict[str, int | None]
    vacant: pl.DataFrame

    def key(self) -> str:
        return f"plans {self.month.first} {self.region} {self.branch} {self.product} {self.tier}"

    def parts(self, typed: pl.DataFrame) -> pl.DataFrame:
        """What falls here of each holder's target as it is typed: holder, measure, plan."""
        stored = self.rows.with_columns(pl.col("holder").cast(pl.Int64))
        return local_parts(typed, stored, list(MEASURES))

    @property
    def level(self) -> Level:
        return "branch" if self.branch is None else "manager"

    @property
    def above(self) -> tuple[Level, int]:
        return ("region", self.region) if self.branch is None else ("branch", self.branch)


def gather(viewer: Viewer, month: Period, region: int, branch: int | None, product: int | None, tier: str) -> Planning:
    """The managers of a branch, or without one the branches of the region. Gathered once, until anybody writes."""
    asked = (month, region, branch, product, tier)
    return viewer.cached("planning", *asked, read=lambda: gathered(viewer, *asked))


def gathered(
    viewer: Viewer, month: Period, region: int, branch: int | None, product: int | None, tier: str
) -> Planning:
    level, above_level = ("manager", "branch") if branch is not None else ("branch", "region")
    above = branch if branch is not None else region
    places = people.branches(viewer).filter(pl.col("region") == region)
    staff = people.managers(viewer, month)
    staff = staff.filter(pl.col("branch") == branch) if branch is not None else staff.filter(pl.col("region") == region)
    holders = staff if branch is not None else places
    rows = holders.select(holder=level, name=f"{level}_name").unique("holder", maintain_order=True)
    held = plans.read(viewer, month, tier)
    rules = bank_rules.definitions(viewer, month.last, Part(region=region))
    days = attainment.time_basis(calendar.read(viewer, month), rules)
    posted = people.posting_days(viewer, month)
    if product is None:
        of_all = spreading.over_products(held, posted, days, places)
    else:
        of_all = held.filter(pl.col("product") == product)
    own = held.filter(pl.col("product").is_null() if product is None else pl.col("product") == product)
    here = posted.filter(pl.col(above_level) == above)
    parts = spreading.spread(of_all, posted, days, month)
    if level == "branch":
        parts = spreading.planned(parts.filter(pl.col("branch").is_in(places["branch"].implode())), places, ["branch"])
    else:
        parts = parts.filter(pl.col("branch") == above, pl.col("manager").is_not_null())
    targets = own.filter(pl.col(level).is_not_null()).select(holder=level, measure="measure", plan="target")
    present = workdays.manager_days(here, calendar.read(viewer, month), month, month.last, [level]).rename(
        {level: "holder"}
    )
    rows = rows.join(present.rename({"manager_days": "present"}), on="holder", how="left", maintain_order="left")
    rows = rows.with_columns(pl.col("present").fill_null(0.0))
    rows = with_shares(rows, posted, days, level, above_level, above)
    rows = wide(rows, targets, "")
    rows = wide(rows, parts.rename({level: "holder"}), "_part")
    rows = wide(rows, done_before(viewer, month, level, above_level, above, product), "_before")
    wholes = own.filter(pl.col(above_level) == above)
    stated = dict(wholes.select("measure", "target").iter_rows())
    last = people.last_places(viewer, month.last).filter(pl.col(above_level) == above)
    gone = spreading.vacant(of_all, posted, days).join(last, on="manager").sort("manager")
    name = dict(places.select(above_level, f"{above_level}_name").iter_rows())[above]
    return Planning(
        month,
        region,
        branch,
        name,
        product,
        tier,
        rows,
        {one: stated.get(one) for one in MEASURES},
        gone.select("manager_name", "measure", "vacant"),
    )


def with_shares(
    rows: pl.DataFrame, posted: pl.DataFrame, days: pl.DataFrame, level: Level, above_level: Level, above: int
) -> pl.DataFrame:
    """Adds `share`: of a manager's working days of the month, those they work here."""
    if level == "branch":
        return rows.with_columns(share=pl.lit(1.0))
    worked = posted.join(days.filter("is_workday").select("day"), on="day")
    here = (pl.col(above_level) == above).sum() / pl.len()
    shares = worked.group_by(holder="manager").agg(share=here)
    return rows.join(shares, on="holder", how="left", maintain_order="left").with_columns(
        pl.col("share").fill_null(0.0)
    )


def wide(rows: pl.DataFrame, long: pl.DataFrame, suffix: str) -> pl.DataFrame:
    """Adds a column a measure, named with the suffix: null where `long` (holder, measure, plan) has nothing."""
    for one in MEASURES:
        values = (
            long.filter(pl.col("measure") == one).group_by("holder").agg(pl.col("plan").sum().alias(f"{one}{suffix}"))
        )
        rows = rows.join(values, on="holder", how="left", maintain_order="left")
    return rows


def done_before(
    viewer: Viewer, month: Period, level: Level, above_level: Level, above: int, product: int | None
) -> pl.DataFrame:
    """What came of the quarter before the month's, here: holder, measure, plan."""
    quarter = periods.previous(periods.quarter(month.first))
    log = activity.read(viewer, quarter).filter(pl.col(above_level) == above)
    if product is not None:
        log = log.filter(pl.col("product") == product)
    done = measure(log, list(MEASURES.values()), [level]).rename({level: "holder"})
    return done.unpivot(list(MEASURES), index="holder", variable_name="measure", value_name="plan")
