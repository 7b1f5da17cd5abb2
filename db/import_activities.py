"""The activity log from a file: names become ids, opportunities are followed, references are compared."""

import hashlib
from functools import partial

import polars as pl
from sqlalchemy import bindparam, func, select, update

from db import organisation
from db.access import Viewer, reach, scope, within
from db.codes import ENDS, KINDS
from db.engine import Write
from db.models import Activity, ClosedDay, Customer, Opportunity, Product
from db.resolving import AT_ONCE, Found, all_problems, create, flag, frame, insert_all, without

CONTENT = (
    "date",
    "time",
    "region",
    "branch",
    "staff_no",
    "kind",
    "customer",
    "phone",
    "customer_kind",
    "opportunity",
    "product",
    "amount",
    "channel",
    "method",
    "effective",
    "note",
)
HOLDER = ("region", "branch", "staff_no")
SAME_CUSTOMER = ("branch", "customer")


def resolve(
    viewer: Viewer, write: Write, values: pl.DataFrame, cell_problems: pl.DataFrame, create_missing: bool
) -> Found:
    """Decides for every row of an activities file: new, stored already, or wrong and why. Creates what is missing when
    asked to (the caller rolls back where the file is refused); whose scope ends somewhere creates customers only."""
    rows = values.with_columns(pl.col("effective").fill_null(pl.col("customer").is_not_null()))
    rows = compared(viewer, write, referenced(rows, cell_problems))
    twice = flag(
        rows,
        pl.col("content") != pl.col("content").first().over("reference"),
        "reference",
        "This reference stands twice in the file with different content: give each entry its own",
    )
    conflict = flag(
        rows,
        pl.col("held") & ~pl.col("same"),
        "reference",
        "This reference is stored already with other content: use a new one, or correct the stored entry",
    )
    stored = without(rows.filter(pl.col("held") & pl.col("same")), cell_problems, twice)
    rows = rows.join(stored, on=["sheet", "row"], how="anti", maintain_order="left")
    create_all = create_missing and organisation.everywhere(viewer)
    if create_all:
        named = without(rows, cell_problems, conflict, twice)
        organisation.create_missing(write, named)
        create_products(write, named)
    rows, unknown = organisation.resolve(viewer, write, rows, check_posting=not create_all)
    rows = known_products(write, rows)
    unlisted = flag(
        rows,
        pl.col("product").is_not_null() & pl.col("product_id").is_null(),
        "product",
        "Unknown product: use a product of the bank's list",
    )
    wrong = [conflict, twice, unknown, unlisted, on_closed_days(viewer, write, rows)]
    good = known_customers(write, without(rows, cell_problems, *wrong))
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
    return Found(fresh, stored.height + good.height - fresh.height, problems, partial(store, viewer))


def store(viewer: Viewer, write: Write, rows: pl.DataFrame, batch: int, progress) -> None:
    rows = with_opportunities(write, numbered_apart(viewer, write, with_customers(write, rows)))
    activity = rows.select(
        "reference",
        "content",
        pl.col("date").alias("day"),
        "time",
        "region_id",
        "branch_id",
        "manager_id",
        "kind",
        "customer_id",
        "opportunity_id",
        "product_id",
        pl.col("amount").alias("amount_cents"),
        "channel",
        "method",
        "effective",
        "note",
        batch_id=pl.lit(batch),
        recorded_at=pl.lit(write.now),
        recorded_by=pl.lit(write.account),
        version=pl.lit(write.version),
    )
    insert_all(write, Activity, activity, progress)


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
    return flag(
        rows.join(closed, on=["branch_id", "date"], how="semi"),
        pl.lit(True),
        "date",
        "The evening meeting has closed this day: leave the row out, or ask the branch head to bring it in",
    )


def referenced(rows: pl.DataFrame, cell_problems: pl.DataFrame) -> pl.DataFrame:
    """Adds `content`, a digest of what the row says, and `reference`: the file's own, else made of the content and how
    often it came, so that the same file has the same references."""
    in_error = cell_problems.select("sheet", "row", in_error=pl.lit(True)).unique()
    rows = rows.join(in_error, on=["sheet", "row"], how="left", maintain_order="left")
    sound = pl.col("in_error").is_null().cast(pl.Int64)
    text = pl.concat_str([pl.col(name).cast(pl.String).fill_null("") for name in CONTENT], separator="\x1f")
    digests = [hashlib.blake2b(one.encode(), digest_size=12).hexdigest() for one in rows.select(text).to_series()]
    rows = rows.with_columns(content=pl.Series("content", digests, pl.String))
    time_it_came = (sound.cum_sum() - 1).over("content").cast(pl.String)  # a row in error may come again, mended
    return rows.with_columns(
        reference=pl.coalesce("reference", pl.concat_str([pl.lit("file"), "content", time_it_came], separator="-"))
    )


def compared(viewer: Viewer, write: Write, rows: pl.DataFrame) -> pl.DataFrame:
    """Adds whether the reference is `held` in the store within the viewer's scope, and with the `same` content. One held
    elsewhere is as good as free: the row is stored under one of its own branch and manager, and nobody learns of it."""
    held = held_references(viewer, write, rows["reference"].unique().to_list())
    elsewhere = held.filter(~pl.col("his"))["reference"]
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


def held_references(viewer: Viewer, write: Write, references: list[str]) -> pl.DataFrame:
    """What is stored under them: reference, stored_content, and whether it is within the viewer's scope (`his`)."""
    schema = {"reference": pl.String, "stored_content": pl.String, "his": pl.Boolean}
    place = {"region": Activity.region_id, "branch": Activity.branch_id, "manager": Activity.manager_id}
    statement = select(Activity.reference, Activity.content, within(viewer, "import_data", **place))
    starts = range(0, len(references), AT_ONCE)
    parts = [references[start : start + AT_ONCE] for start in starts]
    held = [frame(write.session, statement.where(Activity.reference.in_(part)), schema) for part in parts]
    return pl.concat([pl.DataFrame(schema=schema), *held])


# -- products ------------------------------------------------------------------------------------------------------


def known_products(write: Write, rows: pl.DataFrame) -> pl.DataFrame:
    """Adds `product_id`, found by code or by either name, with or without 贷款 at its end."""
    spellings: dict[str, int] = {}
    for product in write.session.scalars(select(Product).order_by(Product.id)):
        for name in (product.code, product.name_zh, product.name_en, product.name_zh.removesuffix("贷款")):
            spellings.setdefault(name.lower(), product.id)
    spelling = pl.col("product").str.to_lowercase()
    return rows.with_columns(product_id=spelling.replace_strict(spellings, default=None, return_dtype=pl.Int64))


def create_products(write: Write, rows: pl.DataFrame) -> None:
    """A product of the file's own name; a loan when it is called one."""
    name = pl.col("product")
    unknown = known_products(write, rows).filter(name.is_not_null() & pl.col("product_id").is_null())
    is_loan = name.str.to_lowercase().str.contains("loan|贷")
    family = pl.when(is_loan).then(pl.lit("loan")).otherwise(pl.lit("cross_sell"))
    new = unknown.unique("product", keep="first", maintain_order=True)
    create(write, Product, new.select(code=name, family=family, name_zh=name, name_en=name))


# -- customers: by phone, else by name, both in the branch ------------------------------------------------------------


def known_customers(write: Write, rows: pl.DataFrame) -> pl.DataFrame:
    """Adds `customer_id` where the customer is known, and lends a row without a phone the only one his name has here."""
    only = pl.when(
        pl.col("phone").n_unique().over(SAME_CUSTOMER) - pl.col("phone").is_null().any().over(SAME_CUSTOMER) == 1
    )
    rows = rows.with_columns(
        phone=pl.coalesce("phone", only.then(pl.col("phone").drop_nulls().first().over(SAME_CUSTOMER)))
    )
    schema = {"customer_id": pl.Int64, "branch_id": pl.Int64, "name": pl.String, "phone": pl.String}
    goes_on = func.coalesce(
        Customer.merged_into_id, Customer.id
    )  # what was merged is found under the record it went into
    statement = select(goes_on, Customer.branch_id, Customer.name, Customer.phone).order_by(Customer.id)
    known = frame(
        write.session, statement.where(Customer.branch_id.in_(rows["branch_id"].drop_nulls().unique())), schema
    )
    by_phone = known.filter(pl.col("phone").is_not_null()).unique(
        ["branch_id", "phone"], keep="first", maintain_order=True
    )
    rows = rows.join(by_phone.drop("name"), on=["branch_id", "phone"], how="left", maintain_order="left")
    phones = pl.col("phone").drop_nulls().n_unique().over("branch_id", "customer")
    by_name = known.unique(["branch_id", "name"], keep="first", maintain_order=True)
    by_name = by_name.rename({"name": "customer", "customer_id": "namesake", "phone": "namesake_phone"})
    rows = rows.join(by_name, on=["branch_id", "customer"], how="left", maintain_order="left")
    # A namesake without a phone is the one meant, unless the file knows two people of that name.
    same = pl.col("phone").is_null() | (pl.col("namesake_phone").is_null() & (phones <= 1))
    return rows.with_columns(customer_id=pl.coalesce("customer_id", pl.when(same).then(pl.col("namesake")))).drop(
        "namesake", "namesake_phone"
    )


def with_customers(write: Write, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with every `customer_id` filled, new customers created; their owner is who first met them. A phone that
    was not known yet is kept."""
    phones = rows.drop_nulls(["customer_id", "phone"]).unique("customer_id").select(one="customer_id", new="phone")
    for start in range(0, phones.height, AT_ONCE):
        without_one = update(Customer.__table__).where(Customer.id == bindparam("one"), Customer.phone.is_(None))
        some = phones.slice(start, AT_ONCE).to_dicts()
        write.session.connection().execute(without_one.values(phone=bindparam("new")), some)
    person = ["branch_id", "phone", "named"]  # one phone is one customer, whatever he is called
    rows = rows.with_columns(named=pl.when(pl.col("phone").is_null()).then("customer"))
    new = rows.filter(pl.col("customer").is_not_null() & pl.col("customer_id").is_null())
    first = new.sort("date", "time", "row", nulls_last=True).unique(person, keep="first", maintain_order=True)
    columns = first.select("branch_id", "manager_id", "phone", kind="customer_kind", name="customer")
    ids = create(write, Customer, columns)
    created = first.select(person).with_columns(created=ids)
    rows = rows.join(created, on=person, how="left", nulls_equal=True, maintain_order="left")
    return rows.with_columns(customer_id=pl.coalesce("customer_id", "created")).drop("created", "named")


# -- opportunities: by their number, else one after the other for a customer and product ------------------------------


def numbered_apart(viewer: Viewer, write: Write, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the branch added to an opportunity's number where that number is another branch's: whoever may not
    see there neither joins nor ends its opportunity, nor learns of it."""
    if not set(scope(viewer, "import_data")) & {"branch", "manager"}:
        return rows
    schema = {"region_id": pl.Int64, "opportunity": pl.String, "there": pl.Int64}
    numbers = rows["opportunity"].drop_nulls().unique().to_list()
    numbered = select(Opportunity.region_id, Opportunity.number)
    by_entry = numbered.add_columns(Activity.branch_id).join(Activity, Activity.opportunity_id == Opportunity.id)
    by_customer = numbered.add_columns(Customer.branch_id).join(Customer, Customer.id == Opportunity.customer_id)
    held = [
        frame(write.session, one.where(Opportunity.number.in_(numbers[start : start + AT_ONCE])).distinct(), schema)
        for one in (by_entry, by_customer)
        for start in range(0, len(numbers), AT_ONCE)
    ]
    held = pl.concat([pl.DataFrame(schema=schema), *held])
    taken = rows.join(held, on=["region_id", "opportunity"], how="semi")
    joined = rows.join(held, left_on=[*held.columns[:2], "branch_id"], right_on=held.columns, how="semi")
    taken = taken.join(joined, on=["sheet", "row"], how="anti").select("sheet", "row", taken=pl.lit(True))
    if taken.is_empty():
        return rows
    rows = rows.join(taken, on=["sheet", "row"], how="left", maintain_order="left")
    of_its_own = pl.concat_str("opportunity", "branch", separator=" · ")
    rows = rows.with_columns(opportunity=pl.when("taken").then(of_its_own).otherwise("opportunity"))
    return numbered_apart(viewer, write, rows.drop("taken"))


def with_opportunities(write: Write, rows: pl.DataFrame) -> pl.DataFrame:
    """Adds `opportunity_id`. A row with a number belongs to that opportunity; one without, but with customer and
    product, to the customer's open need for that product: a new one begins after a deal, a refusal or a withdrawal."""
    # Within a day without times the procedure's own order holds, whatever the order of the rows.
    step = pl.col("kind").cast(pl.Enum(list(KINDS)))
    rows = rows.sort("date", "time", step, "row", nulls_last=True, maintain_order=True)
    need = ["customer_id", "product_id"]
    implied = pl.col("opportunity").is_null() & pl.col("customer_id").is_not_null() & pl.col("product_id").is_not_null()
    ended = pl.when(implied).then(pl.col("kind").is_in(ENDS).cast(pl.Int64)).otherwise(0)
    turn = ended.cum_sum() - ended
    rows = rows.with_columns(turn=pl.when(implied).then(turn.over(*need, "opportunity")))
    schema = {
        "opportunity_id": pl.Int64,
        "region_id": pl.Int64,
        "opportunity": pl.String,
        "customer_id": pl.Int64,
        "product_id": pl.Int64,
    }
    columns = (
        Opportunity.id,
        Opportunity.region_id,
        Opportunity.number,
        Opportunity.customer_id,
        Opportunity.product_id,
    )
    known = frame(write.session, select(*columns).order_by(Opportunity.id), schema)
    over = select(Activity.opportunity_id).where(Activity.kind.in_(ENDS), Activity.voided_at.is_(None))
    ends = frame(write.session, over.where(Activity.opportunity_id.is_not(None)), {"opportunity_id": pl.Int64})
    numbered = known.filter(pl.col("opportunity").is_not_null()).drop(need)
    open_needs = known.filter(pl.col("opportunity").is_null()).join(ends, on="opportunity_id", how="anti")
    open_needs = open_needs.unique(need, keep="last").select(
        *need, implied_id="opportunity_id", turn=pl.lit(0, pl.Int64)
    )
    rows = rows.join(numbered, on=["region_id", "opportunity"], how="left", maintain_order="left")
    rows = rows.join(open_needs, on=[*need, "turn"], how="left", maintain_order="left")
    rows = rows.with_columns(opportunity_id=pl.coalesce("opportunity_id", "implied_id"))
    new = rows.filter(
        pl.col("opportunity_id").is_null() & (pl.col("opportunity").is_not_null() | pl.col("turn").is_not_null())
    )
    key = pl.when(pl.col("opportunity").is_not_null())
    new = new.with_columns(
        of_customer=key.then(None).otherwise("customer_id"), of_product=key.then(None).otherwise("product_id")
    )
    case = ["region_id", "opportunity", "of_customer", "of_product", "turn"]
    first = new.group_by(case, maintain_order=True).agg(
        pl.col("customer_id").drop_nulls().first(),
        pl.col("product_id").drop_nulls().first(),
        pl.col("manager_id").first(),
        pl.col("amount").drop_nulls().first().alias("expected_amount_cents"),
    )
    columns = (
        "region_id",
        "customer_id",
        "product_id",
        "manager_id",
        "expected_amount_cents",
        pl.col("opportunity").alias("number"),
    )
    ids = create(write, Opportunity, first.select(columns))
    created = first.select(case).with_columns(created=ids)
    new = new.select("sheet", "row", *case).join(created, on=case, how="left", nulls_equal=True)
    rows = rows.join(new.select("sheet", "row", "created"), on=["sheet", "row"], how="left", maintain_order="left")
    return rows.with_columns(opportunity_id=pl.coalesce("opportunity_id", "created"))
