"""What customers have held since before the log, from a file: each row a product of a customer, from a day to a day.
Customers that are not known yet are added: the file declares them."""

from dataclasses import replace

import polars as pl
from sqlalchemy import ColumnElement, select

from db.access import Viewer
from db.engine import Write
from db.files.cells import day
from db.files.columns import BRANCH, NOT_A_DATE, REGION, STAFF_NO, TERRITORY, TODAY, needed, optional
from db.imports import customers, organisation, products
from db.imports.file_kind import FileKind
from db.imports.kinds import activities, setting, territory_owners
from db.imports.kinds.setting import ID
from db.imports.resolving import Found, Progress, all_problems, as_problems, flag, frame, without
from db.log.fields import BY_NAME
from db.models import Customer, Holding
from db.people.territory_owners import BACKWARDS
from db.store.parts import OTHER

NEVER_HERE = "The manager was never posted to this branch: check branch and staff number"
COLUMNS = (
    replace(REGION, header=False, cell=False, hint="Needed where two branches have one name."),
    BRANCH,
    STAFF_NO,
    replace(activities.column(BY_NAME["customer_name"]), header=True, cell=True, nobody=""),
    activities.column(BY_NAME["phone"]),
    activities.column(BY_NAME["customer_kind"]),
    TERRITORY,
    replace(activities.column(BY_NAME["product"]), header=True, cell=True),
    needed("since", "起始日期", "持有起始日", parse=day, wrong=NOT_A_DATE, past=True, sample=TODAY),
    optional("until", "结束日期", "持有到期日", parse=day, wrong=NOT_A_DATE, hint="Empty while it lasts.", sample=""),
)
KEY = ["customer_id", "product_id", "since"]


def resolve(viewer: Viewer, write: Write, values: pl.DataFrame, cells: pl.DataFrame, create_missing: bool) -> Found:
    covers_all = organisation.covers_bank(viewer)
    rows = setting.with_branches(viewer, write, values, "branch")
    rows, wrong = territory_owners.found(viewer, write, rows)
    if create_missing and covers_all:
        write.touch(OTHER)
        products.add_unknown(write, without(rows, cells, *wrong))
    rows, unknown_territory = customers.with_territories(write, products.with_ids(write, rows))
    problems = all_problems(
        [
            *wrong,
            unknown_territory,
            setting.unknown_branches(viewer, rows),
            as_problems(territory_owners.posted_elsewhere(write, rows), "staff_no", NEVER_HERE),
            flag(rows, pl.col("product_id").is_null() & pl.col("product").is_not_null(), "product", products.UNKNOWN),
            flag(rows, pl.col("until") < pl.col("since"), "until", BACKWARDS),
        ]
    )
    rows = customers.known(write, without(rows, cells, problems))
    rows = rows.with_columns(
        who=pl.coalesce(
            pl.col("customer_id").cast(pl.String),
            pl.concat_str("branch_id", pl.coalesce("phone", "customer"), separator=" "),
        )
    )
    until = pl.struct("until")
    twice = flag(rows, until != until.first().over("who", "product_id", "since"), "until", setting.TWICE)
    problems = all_problems([problems, twice])
    good = without(rows, twice)
    columns = (Holding.customer_id, Holding.product_id, Holding.since, Holding.until)
    types = {"customer_id": ID, "product_id": ID, "since": pl.Date, "until": pl.Date}
    stored = frame(write.session, select(*columns).where(of_customers(good)), types)
    new = good.join(stored, on=[*KEY, "until"], how="anti", nulls_equal=True, maintain_order="left")
    new = new.unique(["who", "product_id", "since"], keep="first", maintain_order=True)
    return Found(new, good.height - new.height, problems, store, customers.in_other_territories(write, good))


def of_customers(rows: pl.DataFrame) -> ColumnElement[bool]:
    there = select(Customer.id).where(Customer.branch_id.in_(rows["branch_id"].unique().to_list()))
    return Holding.customer_id.in_(there)


def store(write: Write, rows: pl.DataFrame, batch: int, progress: Progress) -> None:
    customers.fill_in(write, rows)
    rows = customers.with_ids(write, rows.with_columns(date="since", time=pl.lit(None, pl.Time)))
    rows = rows.unique(KEY, keep="first", maintain_order=True)
    setting.set_rows(write, Holding, rows, [*KEY], ["until"], progress, of_customers(rows))
    write.touch(branches=rows["branch_id"].to_list())


KIND = FileKind(
    "holdings",
    "存量产品",
    COLUMNS,
    ("branch_head", "regional"),
    resolve,
    trail={"holding": "Product held before the log"},
)
