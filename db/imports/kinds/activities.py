"""The activity log from a file: names become ids, opportunities are followed, references are compared."""

from collections.abc import Callable
from datetime import time
from functools import partial
from typing import TypedDict

import polars as pl
from sqlalchemy import String, select

from db import identity
from db.access import Viewer, reach, within
from db.engine import Write
from db.files import cells, columns
from db.files.cells import Parse
from db.files.columns import Check, Column
from db.identity.phones import is_phone, normal_form
from db.imports import customers, doubles, organisation, products, row_digest
from db.imports.file_kind import FileKind, InPortions
from db.imports.kinds import storing
from db.imports.resolving import Found, all_problems, as_problems, flag, frame, without
from db.log import fields
from db.models import Activity, ClosedDay
from db.store.bulk import listed


class Reading(TypedDict, total=False):
    """How a cell of a column is read (db.files.columns.Column)."""

    parse: Parse
    wrong: str
    checks: tuple[Check, ...]
    codes: dict[str, str]
    unit: str
    free: bool


SAMPLES = {
    "time": time(9, 30),
    "customer_name": "Lakeside Bookshop",
    "phone": "13800000000",
    "amount_cents": 120000,
    "note": "wants to restock before the holidays",
}
SPELLINGS = {"kind": {"deal": "成交/放款/开通"}}  # further words for a code
READ: dict[str, Reading] = {  # how a kind of field is read from a cell, and what must hold of it
    "day": {"parse": cells.day, "wrong": columns.NOT_A_DATE},
    "time": {"parse": cells.clock, "wrong": "Not a time of day: write 09:30"},
    "yes_no": {"parse": cells.yes_no, "wrong": columns.NEITHER},
    "amount": {
        "parse": cells.cents,
        "wrong": columns.NOT_A_NUMBER,
        "checks": (columns.NO_SHARE, columns.AT_LEAST_ZERO, columns.NOT_TOO_LARGE, columns.WHOLE_CENTS),
        "unit": "amount",
    },
    "phone": {
        "parse": normal_form,
        "checks": ((is_phone, "Not a phone number: write 11 digits, or area code and number"),),
    },
    "name": {"checks": columns.NAME},
    "product": {"checks": columns.NAME},
    "opportunity": {"parse": cells.as_number, "checks": columns.NUMBER},
    "text": {"checks": columns.WRITABLE, "free": True},
}
NOBODY = "This names nobody: taken as a contact without a customer"
LIKE = {  # what is in the headings that banks use
    "day": ("日期", "日", "date"),
    "time": ("时间", "时刻"),
    "kind": ("活动", "类型", "事项", "阶段", "动作", "环节"),
    "customer_name": ("客户", "企业", "商户", "户名", "单位"),
    "phone": ("手机", "电话", "联系方式"),
    "product": ("产品", "业务品种"),
    "amount_cents": ("金额", "额", "放款", "amount"),
    "channel": ("渠道", "通路"),
    "method": ("方式",),
    "opportunity": ("商机", "业务编号"),
    "note": ("备注", "说明"),
}


IN_FILE = fields.of(fields.FILE)


def column(one: fields.Field) -> Column:
    """The column of a file that brings a field."""
    read: Reading = READ.get(one.kind, Reading()).copy()
    if one.codes:
        spelt = cells.code(one.codes | SPELLINGS.get(one.name, {}))
        read = Reading(parse=spelt, wrong=columns.one_of(one.codes), codes=one.codes)
    if one.name == "channel":
        read["checks"] = ((cells.not_forbidden, columns.FORBIDDEN),)
    make = columns.needed if one.name in ("day", "kind") else columns.optional
    offered = "product" if one.kind == "product" else ""
    numbered = one.kind in ("phone", "opportunity")
    return make(
        *one.headings,
        hint=one.hint,
        choices=offered,
        sample=SAMPLES.get(one.name),
        as_text=numbered,
        past=one.name == "day",
        like=LIKE.get(one.name, ()),
        time_of=IN_FILE[0].headings[0] if one.name == "time" else "",
        nobody=NOBODY if one.name == "customer_name" else "",
        **read,
    )


WHEN, WHAT = ([one for one in IN_FILE if (one.kind in ("day", "time")) is dated] for dated in (True, False))
COLUMNS = (
    *map(column, WHEN),
    *(columns.REGION, columns.BRANCH, columns.STAFF_NO, columns.MANAGER),
    *map(column, WHAT),
    columns.TERRITORY,
    columns.optional(
        "reference",
        "外部编号",
        parse=cells.as_number,
        checks=columns.NUMBER,
        as_text=True,
        hint="Your own number for the row. If empty, the row is recognised by its content.",
    ),
)
NAMES = tuple(one.name for one in COLUMNS)
HOLDER = ("region", "branch", "staff_no")


def resolve(
    viewer: Viewer, write: Write, values: pl.DataFrame, cell_problems: pl.DataFrame, create_missing: bool
) -> Found:
    """Decides for every row of an activities file: new, stored already, or wrong and why. Creates what is missing when
    asked to (the caller rolls back where the file is refused); whose scope ends somewhere creates customers only."""
    rows = values.with_columns(pl.col("effective").fill_null(pl.col("customer").is_not_null()))
    rows = known_again(viewer, write, rows, cell_problems)
    rows, stands_for_two = organisation.as_stored(viewer, write, rows)
    twice = flag(
        rows,
        pl.col("content") != pl.col("content").first().over("reference"),
        "reference",
        "This reference is in the file twice with different content: give each entry its own",
    )
    conflict = flag(
        rows,
        pl.col("held") & ~pl.col("same"),
        "reference",
        "This reference is stored already with other content: use a new one, or correct the stored entry",
    )
    stored = without(rows.filter(pl.col("held") & pl.col("same")), cell_problems, twice)
    rows = rows.join(stored, on=["sheet", "row"], how="anti", maintain_order="left")
    create_all = create_missing and organisation.covers_bank(viewer)
    if create_all:
        storing.begin(viewer, write, without(rows, cell_problems, conflict, twice, stands_for_two))
    rows, unknown, warnings = organisation.resolve(viewer, write, rows, check_posting=not create_all)
    rows, no_territory = customers.with_territories(write, products.with_ids(write, rows))
    unlisted = flag(
        rows,
        pl.col("product").is_not_null() & pl.col("product_id").is_null(),
        "product",
        products.UNKNOWN,
    )
    wrong = [conflict, twice, stands_for_two, unknown, unlisted, no_territory, on_closed_days(viewer, write, rows)]
    good = customers.known(write, without(rows, cell_problems, *wrong))
    if not create_missing:
        unknown_customer = pl.col("customer").is_not_null() & pl.col("customer_id").is_null()
        wrong.append(
            flag(
                good,
                unknown_customer,
                "customer",
                "Unknown customer: record the customer first, or import with --create-missing",
            )
        )
    problems = all_problems(wrong)
    good = without(good, problems)
    fresh = good.unique("reference", keep="first", maintain_order=True)
    further = (
        customers.in_other_territories(write, fresh),
        doubles.in_file(fresh),
        doubles.beside_stored(write, fresh),
    )
    warnings = all_problems([without(warnings, problems), *further])
    return Found(fresh, stored.height + good.height - fresh.height, problems, partial(storing.store, viewer), warnings)


def on_closed_days(viewer: Viewer, write: Write, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of days whose evening meeting is over, where the viewer may not open them again, as problems."""
    may_close = reach(viewer, "close_day")
    statement = select(ClosedDay.branch_id, ClosedDay.day)
    closed = frame(
        write.session,
        statement.where(ClosedDay.branch_id.in_(rows["branch_id"].drop_nulls().unique())),
        {"branch_id": pl.Int64, "date": pl.Date},
    )
    if may_close is not None:
        closed = closed.filter(pl.col("branch_id") != may_close["branch"]) if may_close else closed.clear()
    return as_problems(
        rows.join(closed, on=["branch_id", "date"], how="semi"),
        "date",
        "The evening meeting has closed this day: leave the row out, or ask the branch head to import it",
    )


def known_again(viewer: Viewer, write: Write, rows: pl.DataFrame, cell_problems: pl.DataFrame) -> pl.DataFrame:
    """Adds `content`, `reference`, and whether the row is `held` in the store with the `same` content: under the digest
    of today, else under those by which rows were known before: another content, and another reference where the file
    gives none."""
    same_form = products.as_stored(write, rows).with_columns(reference=identity.keys(pl.col("reference")))
    same_form = same_form.with_columns(of_its_own=pl.col("reference").is_null())
    found = compared(viewer, write, referenced(same_form, cell_problems, row_digest.by_form))
    written = row_digest.as_written(rows).with_columns(reference=identity.keys(pl.col("reference")))
    for digest in (row_digest.by_name, row_digest.by_place):
        is_known, is_other = pl.col("held") & pl.col("same"), pl.col("held") | pl.col("of_its_own")
        unknown = found.filter(~is_known & is_other).select("sheet", "row")
        if unknown.is_empty():
            break
        before = referenced(written, cell_problems, digest).filter(pl.col("content").is_not_null())
        before = compared(viewer, write, before.join(unknown, on=["sheet", "row"], how="semi", maintain_order="left"))
        before = before.filter(pl.col("held") & pl.col("same"))
        found = found.update(before.select("sheet", "row", "reference", "content", "held", "same"), on=["sheet", "row"])
    return found.drop("of_its_own")


def referenced(
    rows: pl.DataFrame, cell_problems: pl.DataFrame, digest: Callable[[pl.DataFrame, tuple[str, ...]], pl.Series]
) -> pl.DataFrame:
    """Adds `content`, a digest of what the row says, and `reference`: the file's own, else made of the content and how
    often it came, so that the same file has the same references."""
    in_error = cell_problems.select("sheet", "row", in_error=pl.lit(True)).unique()
    rows = rows.join(in_error, on=["sheet", "row"], how="left", maintain_order="left")
    sound = pl.col("in_error").is_null().cast(pl.Int64)
    rows = rows.with_columns(content=digest(rows, NAMES))
    time_it_came = (sound.cum_sum() - 1).over("content").cast(pl.String)  # a row in error may come again, mended
    return rows.with_columns(
        reference=pl.coalesce("reference", pl.concat_str([pl.lit("file"), "content", time_it_came], separator="-"))
    )


def compared(viewer: Viewer, write: Write, rows: pl.DataFrame) -> pl.DataFrame:
    """Adds whether the reference is `held` in the store within the viewer's scope, and with the `same` content. One
    held elsewhere is as good as free: the row is stored under one of its own branch and manager, and nobody learns of
    it."""
    held = stored_references(viewer, write, rows["reference"].unique())
    elsewhere = held.filter(~pl.col("in_scope"))["reference"]
    if len(elsewhere):
        of_its_own = pl.concat_str(*(pl.col(name).fill_null("") for name in (*HOLDER, "reference")), separator="/")
        taken = pl.col("reference").is_in(elsewhere.implode())
        return compared(
            viewer, write, rows.with_columns(reference=pl.when(taken).then(of_its_own).otherwise("reference"))
        )
    held = held.select("reference", "stored_content", held=pl.lit(True))
    rows = rows.join(held, on="reference", how="left", maintain_order="left")
    return rows.with_columns(
        pl.col("held").fill_null(False), same=pl.col("stored_content").eq_missing(pl.col("content"))
    ).drop("stored_content")


def stored_references(viewer: Viewer, write: Write, references: pl.Series) -> pl.DataFrame:
    """What is stored under them: reference, stored_content, and whether it is within the viewer's scope
    (`in_scope`)."""
    schema = {"reference": pl.String, "stored_content": pl.String, "in_scope": pl.Boolean}
    place = {"region": Activity.region_id, "branch": Activity.branch_id, "manager": Activity.manager_id}
    wanted = listed(write.session, references, String())
    statement = select(Activity.reference, Activity.content, within(viewer, "import_data", **place))
    return frame(write.session, statement.join_from(wanted, Activity, Activity.reference == wanted.c.value), schema)


KIND = FileKind(
    "activities",
    "活动",
    COLUMNS,
    ("manager", "branch_head", "regional"),
    resolve,
    undoable=True,
    note="Customers not yet on record are added and belong to the manager who met them first.",
    portions=InPortions(storing.begin, storing.look_up, storing.put, customers.lacking, customers.fill_in),
)
