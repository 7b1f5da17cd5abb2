"""People, plans, territories, the calendar and absences from a file. Each row says how one thing shall be; a row that
says what is stored already is a duplicate, any other sets it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import polars as pl
from sqlalchemy import insert, select

from db import calendar as stored_calendar
from db import organisation
from db import plans as monthly
from db.access import Viewer, within
from db.cells import to_cents
from db.codes import TIERS
from db.engine import Write
from db.formats import PART_OF_A_CENT
from db.import_activities import known_products
from db.models import Absence, Base, Branch, CalendarDay, Manager, Plan, Posting, Region, Territory, TerritoryRegister
from db.organisation import NOT_YOUR_BRANCH, NOT_YOUR_MANAGER, UNKNOWN_MANAGER
from db.resolving import Found, all_problems, create, flag, frame, without

ID = pl.Int64
NOTICE_FILE = "import"
PUBLIC_HOLIDAYS = 11  # days a year, by the State Council's rule until 2024; 13 since
TIERS_OUT_OF_ORDER = "Less than a lower tier of the same plan: 目标 ≤ 冲刺 ≤ 挑战"


def found(
    write: Write, model: type[Base], rows: pl.DataFrame, keys: list[str], values: list[str], problems, cells
) -> Found:
    """Splits rows (columns named as the model's) into those stored already and those to set. Two rows in the file with
    one key and different values are a problem of the later one."""
    good = without(rows, cells, problems)
    twice = flag(
        good,
        pl.struct(values) != pl.struct(values).first().over(keys),
        values[0],
        "The same entry stands twice in the file with different values: keep one",
    )
    problems = all_problems([problems, twice])
    good = without(good, twice)
    columns = [getattr(model, name) for name in (*keys, *values)]
    held = frame(write.session, select(*columns), {name: rows.schema[name] for name in (*keys, *values)})
    new = good.join(held, on=[*keys, *values], how="anti", nulls_equal=True, maintain_order="left")
    new = new.unique([*keys, *values], keep="first", maintain_order=True)

    def store(write: Write, rows: pl.DataFrame, batch: int, progress: Callable[[int, int], None]) -> None:
        for done, row in enumerate(rows.select(*keys, *values).to_dicts(), 1):
            set_row(write, model, {key: row[key] for key in keys}, {value: row[value] for value in values})
            progress(done, rows.height)

    return Found(new, good.height - new.height, problems, store)


def set_row(write: Write, model: type[Base], key: dict, values: dict) -> None:
    """Updates the row of that key, old and new values in the audit trail, or adds it."""
    held = write.session.scalars(
        select(model).where(*(getattr(model, name) == value for name, value in key.items()))
    ).first()
    if held is None:
        write.session.execute(insert(model).values(**key, **values))
        return
    before = {name: getattr(held, name) for name in values}
    if before == values:
        return
    for name, value in values.items():
        setattr(held, name, value)
    identity = getattr(held, "id", None)
    write.audit("set", model.__tablename__, identity, key | before, key | values)


STAY = {"staff_no": pl.String, "manager": pl.String, "joined_on": pl.Date, "left_on": pl.Date}
STAY |= {"region": pl.String, "branch": pl.String, "from": pl.Date, "to": pl.Date}
BACKWARDS = "The last day lies before the first: correct one of them"


def people(viewer: Viewer, write: Write, values: pl.DataFrame, cells: pl.DataFrame, create_missing: bool) -> Found:
    """The file that declares the organisation: its regions, branches and managers are created as it names them. An empty
    `from` means the stay he has in that branch, else from when he joined; an empty `joined_on` leaves what is stored."""
    name = pl.col("manager")
    problems = all_problems(
        [
            flag(values, pl.col("left_on") < pl.col("joined_on"), "left_on", BACKWARDS),
            flag(values, pl.col("to") < pl.col("from"), "to", BACKWARDS),
            flag(
                values,
                name != name.first().over("staff_no"),
                "manager",
                "One staff number with two names in the file: correct the number or the name",
            ),
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
    return Found(new, good.height - new.height, problems, store_people)


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
    says when the stay began, `posted` where he has one already."""
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
    for done, row in enumerate(rows.sort("from", nulls_last=False, maintain_order=True).to_dicts(), 1):
        values = {"name": row["manager"], "joined_on": row["joined_on"], "left_on": row["left_on"]}
        set_row(write, Manager, {"staff_no": row["staff_no"]}, values)
        manager = write.session.scalars(select(Manager).where(Manager.staff_no == row["staff_no"])).one()
        post(write, manager.id, row["branch_id"], row["from"], row["to"])
        progress(done, rows.height)


def post(write: Write, manager: int, branch: int, first: date | None, last: date | None) -> None:
    """Posts a manager to a branch from a day on. A stay with the same first day is corrected; the one he is in ends on
    the day before."""
    stays = write.session.scalars(select(Posting).where(Posting.manager_id == manager)).all()
    for stay in stays:
        if stay.from_day == first:
            set_row(write, Posting, {"manager_id": manager, "from_day": first}, {"branch_id": branch, "to_day": last})
            return
        begun = first is not None and (stay.from_day is None or stay.from_day < first)
        if begun and (stay.to_day is None or stay.to_day >= first):
            day_before = {"to_day": first - timedelta(1)}
            set_row(write, Posting, {"manager_id": manager, "from_day": stay.from_day}, day_before)
    write.session.add(Posting(manager_id=manager, branch_id=branch, from_day=first, to_day=last))
    write.session.flush()


def plans(viewer: Viewer, write: Write, values: pl.DataFrame, cells: pl.DataFrame, create_missing: bool) -> Found:
    all_are_his = organisation.everywhere(viewer)
    level, missing = pl.col("level"), pl.coalesce("staff_no", "name").is_null()
    managers = organisation.read_managers(write, organisation.own_managers(viewer))
    only = managers.filter(pl.col("known_as").is_unique()).select(name="known_as", namesake="manager_id")
    branches = named_branches(viewer, write, "name")
    regions = select(Region.name, Region.id).where(within(viewer, "import_data", region=Region.id))
    regions = frame(write.session, regions, {"name": pl.String, "region_id": ID})
    rows = values.with_columns(named=pl.coalesce("staff_no", "name"))
    rows = rows.join(managers.drop("known_as"), left_on="named", right_on="staff_no", how="left", maintain_order="left")
    rows = rows.join(only, on="name", how="left", maintain_order="left")
    rows = rows.join(branches, on="name", how="left", maintain_order="left")
    rows = rows.join(regions, on="name", how="left", maintain_order="left")
    manager = pl.when(pl.col("staff_no").is_null()).then(pl.coalesce("manager_id", "namesake")).otherwise("manager_id")
    rows = known_products(write, rows).with_columns(
        manager_id=pl.when(level == "manager").then(manager),
        branch_id=pl.when(level == "branch").then("branch_id"),
        region_id=pl.when(level == "region").then("region_id"),
        tier=pl.col("tier").fill_null("target"),
    )
    held = pl.coalesce("manager_id", "branch_id", "region_id").is_not_null()
    # A count is a whole number; an amount comes in 元 and is kept in cents.
    amount = pl.col("measure") == "deal_amount"
    in_cents = to_cents(pl.col("target"))
    broken = amount & pl.col("target").is_not_null() & in_cents.is_null()
    whole = amount | (pl.col("target") == pl.col("target").floor())
    named = pl.when(pl.col("staff_no").is_null()).then(pl.lit("name")).otherwise(pl.lit("staff_no"))
    problems = all_problems(
        [
            flag(rows, missing, "name", "The cell is empty: fill it in"),
            flag(
                rows,
                ~missing & (level == "manager") & ~held,
                named,
                UNKNOWN_MANAGER if all_are_his else NOT_YOUR_MANAGER,
            ),
            flag(
                elsewhere(viewer, write, rows, pl.col("month"), pl.col("month").dt.month_end()),
                pl.lit(True),
                named,
                "The manager was posted outside your scope in that month: check manager and month",
            ),
            flag(
                rows,
                ~missing & (level != "manager") & ~held,
                "name",
                "Unknown branch or region: check the name, or import people first"
                if all_are_his
                else "This branch or region is not within your scope: write one of yours, or leave the row out",
            ),
            flag(rows, ~whole, "target", "Not a whole number: write digits only, such as 1200"),
            flag(rows, broken, "target", PART_OF_A_CENT),
            flag(
                rows,
                pl.col("product").is_not_null() & pl.col("product_id").is_null(),
                "product",
                "Unknown product: use a product of the bank's list",
            ),
        ]
    )
    further = flag(without(rows, cells, problems), below_a_lower_tier(), "target", TIERS_OUT_OF_ORDER)
    problems = all_problems([problems, further])
    rows = rows.with_columns(
        target=pl.when(amount).then(in_cents).otherwise(pl.col("target").cast(pl.Int64, strict=False))
    )
    return replace(found(write, Plan, rows, list(monthly.KEY), ["target"], problems, cells), store=store_plans)


def below_a_lower_tier() -> pl.Expr:
    """Whether the file gives a lower tier of the same plan more."""
    plan = [name for name in monthly.KEY if name != "tier"]
    below = pl.lit(False)
    for place, tier in enumerate(TIERS):
        lower = pl.when(pl.col("tier").is_in(list(TIERS)[:place])).then("target").max().over(plan)
        below = below | ((pl.col("tier") == tier) & (pl.col("target") < lower)).fill_null(False)
    return below


def store_plans(write: Write, rows: pl.DataFrame, batch: int, progress: Callable[[int, int], None]) -> None:
    keys = rows.select(monthly.KEY).to_dicts()
    for done, (key, target) in enumerate(zip(keys, rows["target"], strict=True), 1):
        monthly.put(write, key, target)
        progress(done, rows.height)
    for key in keys:
        monthly.tiers_in_order(write.session, key)


def territories(viewer: Viewer, write: Write, values: pl.DataFrame, cells: pl.DataFrame, create_missing: bool) -> Found:
    branches = named_branches(viewer, write, "branch")
    rows = values.join(branches, on="branch", how="left", maintain_order="left")
    problems = flag(
        rows,
        pl.col("branch_id").is_null() & pl.col("branch").is_not_null(),
        "branch",
        "Unknown branch: check the name, or import people first"
        if organisation.everywhere(viewer)
        else NOT_YOUR_BRANCH,
    )
    good = without(rows, cells, problems).unique(["branch_id", "territory"], keep="first", maintain_order=True)
    new = good.join(read_territories(write), on=["branch_id", "territory"], how="anti", maintain_order="left")
    create(write, Territory, new.select("branch_id", "kind", name="territory"))
    rows = rows.join(read_territories(write), on=["branch_id", "territory"], how="left", maintain_order="left")
    return found(
        write, TerritoryRegister, rows, ["territory_id", "as_of"], ["potential_customers", "source"], problems, cells
    )


def named_branches(viewer: Viewer, write: Write, heading: str) -> pl.DataFrame:
    """The branches within the viewer's scope whose name says which: `heading` the name, branch_id."""
    statement = select(Branch.name, Branch.id).where(organisation.own_branches(viewer))
    return frame(write.session, statement, {heading: pl.String, "branch_id": ID}).filter(pl.col(heading).is_unique())


def elsewhere(viewer: Viewer, write: Write, rows: pl.DataFrame, first: pl.Expr, last: pl.Expr) -> pl.DataFrame:
    """The rows whose manager was posted nowhere within the viewer's scope from a first to a last day."""
    asked = rows.filter(pl.col("manager_id").is_not_null()).with_columns(first_asked=first, last_asked=last)
    if organisation.everywhere(viewer):
        return asked.clear()
    own = organisation.read_branches(write, organisation.own_branches(viewer))["branch_id"]
    posted = organisation.posted_on(write, asked, "first_asked", "last_asked")
    return without(asked, posted.filter(pl.col("posted_branch").is_in(own.implode())))


def read_territories(write: Write) -> pl.DataFrame:
    schema = {"branch_id": ID, "territory": pl.String, "territory_id": ID}
    return frame(write.session, select(Territory.branch_id, Territory.name, Territory.id), schema)


def calendar(viewer: Viewer, write: Write, values: pl.DataFrame, cells: pl.DataFrame, create_missing: bool) -> Found:
    """Single days, or a year's notice: with as many days off as there are public holidays, New Year's Day and National Day
    among them, the file makes the whole year known, and the days that are stored nowhere follow their weekday."""
    rows = values.with_columns(source=pl.lit(NOTICE_FILE))
    days = found(write, CalendarDay, rows, ["day"], ["is_workday", "name", "source"], all_problems([]), cells)
    good = without(rows, cells, days.problems).filter(~pl.col("is_workday"))
    named = good.group_by(year=pl.col("day").dt.year()).agg(pl.col("day").dt.strftime("%m-%d"))
    whole = [
        year
        for year, days_off in named.iter_rows()
        if {"01-01", "10-01"} <= set(days_off) and len(set(days_off)) >= PUBLIC_HOLIDAYS
    ]

    def store(write: Write, rows: pl.DataFrame, batch: int, progress: Callable[[int, int], None]) -> None:
        days.store(write, rows, batch, progress)
        for year in sorted(whole):
            stored_calendar.complete(write, year)

    return replace(days, store=store)


def absences(viewer: Viewer, write: Write, values: pl.DataFrame, cells: pl.DataFrame, create_missing: bool) -> Found:
    managers = organisation.read_managers(write, organisation.own_managers(viewer))
    rows = values.join(managers, on="staff_no", how="left", maintain_order="left")
    unknown = pl.col("manager_id").is_null() & pl.col("staff_no").is_not_null()
    message = UNKNOWN_MANAGER if organisation.everywhere(viewer) else NOT_YOUR_MANAGER
    problems = all_problems(
        [
            flag(rows, unknown, "staff_no", message),
            flag(
                elsewhere(viewer, write, rows, pl.col("day"), pl.col("day")),
                pl.lit(True),
                "day",
                "The manager was posted outside your scope on that day: check manager and day",
            ),
        ]
    )
    rows = rows.with_columns(pl.col("part").fill_null("full"))
    return found(write, Absence, rows, ["manager_id", "day"], ["part"], problems, cells)


RESOLVE = {"people": people, "plans": plans, "territories": territories, "calendar": calendar, "absences": absences}
