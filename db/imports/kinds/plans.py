"""Plans from a file."""

from collections.abc import Callable
from dataclasses import replace

import polars as pl
from sqlalchemy import select

from db import identity
from db.access import Viewer, within
from db.codes import AMOUNTS, LEVELS, MEASURES, TIERS
from db.engine import Write
from db.files.cells import code, month, number, to_cents
from db.files.columns import (
    AT_LEAST_ZERO,
    NAME,
    NO_SHARE,
    NOT_A_NUMBER,
    NOT_TOO_LARGE,
    PART_OF_A_CENT,
    REGION,
    STAFF_NO,
    needed,
    optional,
)
from db.imports import organisation, spelling
from db.imports.file_kind import FileKind
from db.imports.kinds import setting
from db.imports.kinds.setting import ID
from db.imports.organisation import NOT_YOUR_MANAGER, UNKNOWN_MANAGER
from db.imports.products import UNKNOWN, with_ids
from db.imports.resolving import Found, all_problems, as_problems, flag, frame, without
from db.models import Plan, Region
from db.plans.storing import KEY, OF_TIERS, put_all, tiers_in_order

LESS_THAN_A_YUAN = "Less than one yuan: a share is no amount, write the amount itself"
TIERS_OUT_OF_ORDER = "Less than a lower tier of the same plan: 目标 ≤ 冲刺 ≤ 挑战"


COLUMNS = (
    needed("month", "月份", parse=month, wrong="Not a month: write 2026-11", hint="Such as 2026-11.", as_text=True),
    replace(REGION, header=False, cell=False, sample="", hint="Needed where two branches have one name."),
    needed("level", "层级", codes=LEVELS, sample="branch"),
    optional(
        "name",
        "名称",
        checks=NAME,
        choices="place",
        hint="The region or branch; for a manager give the staff number instead.",
    ),
    replace(STAFF_NO, header=False, cell=False, sample=""),
    needed("measure", "指标", codes=MEASURES),
    optional("product", "产品", checks=NAME, choices="product", sample=""),
    optional("tier", "档位", codes=TIERS, sample=""),
    needed(
        "target",
        *("目标", "计划", "计划值"),
        parse=number,
        wrong=NOT_A_NUMBER,
        checks=(NO_SHARE, AT_LEAST_ZERO, NOT_TOO_LARGE),
        hint="A count, or an amount in yuan, digits only.",
        sample=20,
        unit="amount",
        amount_where=code(MEASURES)(pl.col("measure")).is_in(AMOUNTS),
        like=("目标", "计划", "任务"),
    ),
)


def resolve(viewer: Viewer, write: Write, values: pl.DataFrame, cells: pl.DataFrame, create_missing: bool) -> Found:
    covers_all = organisation.covers_bank(viewer)
    level, missing = pl.col("level"), pl.coalesce("staff_no", "name").is_null()
    managers = organisation.read_managers(write, organisation.own_managers(viewer))
    called = managers.select(called=identity.keys(pl.col("known_as")), namesake="manager_id")
    called = called.group_by("called").agg(pl.col("namesake").first(), namesakes=pl.len())
    regions = select(Region.name, Region.id).where(within(viewer, "import_data", region=Region.id))
    regions = frame(write.session, regions, {"called": pl.String, "region_id": ID})
    regions = regions.with_columns(identity.keys(pl.col("called"))).unique("called", keep="none")
    values = values.with_columns(name=pl.coalesce("name", pl.when(level == "region").then("region")))
    rows = values.with_columns(staff_no=pl.coalesce("staff_no", pl.when(level == "manager").then("name")))
    twice = spelling.known_twice(rows, managers, "staff_no", identity.number)
    rows = spelling.as_stored(rows, managers, {"staff_no": identity.number}).rename({"staff_no": "named"})
    rows = rows.with_columns(staff_no=values["staff_no"], called=identity.keys(pl.col("name")))
    rows = rows.join(managers.drop("known_as"), left_on="named", right_on="staff_no", how="left", maintain_order="left")
    rows = rows.join(called, on="called", how="left", maintain_order="left")
    rows = setting.with_branches(viewer, write, rows, "name")
    rows = rows.join(regions, on="called", how="left", maintain_order="left")
    by_name = pl.col("staff_no").is_null() & pl.col("manager_id").is_null()
    of_several = (level == "manager") & by_name & (pl.col("namesakes") > 1)
    manager = (
        pl.when(pl.col("staff_no").is_null())
        .then(pl.coalesce("manager_id", pl.when(pl.col("namesakes") == 1).then("namesake")))
        .otherwise("manager_id")
    )
    rows = with_ids(write, rows).with_columns(
        manager_id=pl.when(level == "manager").then(manager),
        branch_id=pl.when(level == "branch").then("branch_id"),
        region_id=pl.when(level == "region").then("region_id"),
        tier=pl.col("tier").fill_null("target"),
    )
    held = pl.coalesce("manager_id", "branch_id", "region_id").is_not_null()
    # A count is a whole number; an amount comes in 元 and is kept in cents.
    amount = pl.col("measure").is_in(AMOUNTS)
    in_cents = to_cents(pl.col("target"))
    broken = amount & pl.col("target").is_not_null() & in_cents.is_null()
    whole = amount | (pl.col("target") == pl.col("target").floor())
    named = pl.when(pl.col("staff_no").is_null()).then(pl.lit("name")).otherwise(pl.lit("staff_no"))
    problems = all_problems(
        [
            twice,
            flag(rows, missing, "name", "The cell is empty: fill it in"),
            flag(rows, of_several, "name", "Several managers have this name: write the staff number"),
            flag(rows, (level == "branch") & pl.col("several"), "name", setting.SEVERAL_BRANCHES),
            flag(
                rows,
                ~missing & (level == "manager") & ~held,
                named,
                UNKNOWN_MANAGER if covers_all else NOT_YOUR_MANAGER,
            ),
            as_problems(
                setting.posted_elsewhere(viewer, write, rows, pl.col("month"), pl.col("month").dt.month_end()),
                named,
                "The manager was posted outside your scope in that month: check manager and month",
            ),
            flag(
                rows,
                ~missing & (level != "manager") & ~held,
                "name",
                "Unknown branch or region: check the name, or import people first"
                if covers_all
                else "This branch or region is not within your scope: write one of yours, or leave the row out",
            ),
            flag(rows, ~whole, "target", "Not a whole number: write digits only, such as 1200"),
            flag(rows, broken, "target", PART_OF_A_CENT),
            flag(rows, amount & (pl.col("target") > 0) & (pl.col("target") < 1), "target", LESS_THAN_A_YUAN),
            flag(
                rows,
                pl.col("product").is_not_null() & pl.col("product_id").is_null(),
                "product",
                UNKNOWN,
            ),
        ]
    )
    further = flag(without(rows, cells, problems), below_a_lower_tier(), "target", TIERS_OUT_OF_ORDER)
    problems = all_problems([problems, further])
    rows = rows.with_columns(
        target=pl.when(amount).then(in_cents).otherwise(pl.col("target").cast(pl.Int64, strict=False))
    )
    return replace(setting.split_known(write, Plan, rows, [*KEY], ["target"], problems, cells), store=store_plans)


def below_a_lower_tier() -> pl.Expr:
    """Whether the file gives a lower tier of the same plan more."""
    below = pl.lit(False)
    for place, tier in enumerate(TIERS):
        lower = pl.when(pl.col("tier").is_in(list(TIERS)[:place])).then("target").max().over(OF_TIERS)
        below = below | ((pl.col("tier") == tier) & (pl.col("target") < lower)).fill_null(False)
    return below


def store_plans(write: Write, rows: pl.DataFrame, batch: int, progress: Callable[[int, int], None]) -> None:
    put_all(write, rows, progress)
    tiers_in_order(write.session, rows)


KIND = FileKind("plans", "计划", COLUMNS, ("regional", "administrator"), resolve)
