"""The opportunities a file's rows belong to: by their number, else one after the other for a customer and product."""

import polars as pl
from sqlalchemy import Integer, String, select

from db import identity
from db.access import Viewer, scope
from db.codes import ENDS, KINDS
from db.engine import Write
from db.imports import spelling
from db.imports.resolving import AT_ONCE, create, frame
from db.models import Activity, Customer, Opportunity
from db.store.bulk import listed

NEED = ["customer_id", "product_id"]


def numbered_apart(viewer: Viewer, write: Write, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the branch added to an opportunity's number where that number is another branch's: whoever may not
    see there neither joins nor ends its opportunity, nor learns of it."""
    here = Opportunity.region_id.in_(rows["region_id"].drop_nulls().unique().to_list())
    numbered = select(Opportunity.region_id, Opportunity.number).where(here, Opportunity.number.is_not(None))
    known = frame(write.session, numbered, {"region_id": pl.Int64, "opportunity": pl.String})
    rows = spelling.as_stored(rows, known, {"opportunity": identity.number}, within=("region_id",))
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


def known(write: Write, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is stored of these rows' opportunities: those with their numbers (opportunity_id, region_id, opportunity), and
    the open needs of their customers (customer_id, product_id, implied_id)."""
    schema = {"opportunity_id": pl.Int64, "region_id": pl.Int64, "opportunity": pl.String}
    numbers = listed(write.session, rows["opportunity"].drop_nulls().unique(), String())
    statement = select(Opportunity.id, Opportunity.region_id, Opportunity.number)
    here = Opportunity.region_id.in_(rows["region_id"].drop_nulls().unique().to_list())  # for the index of both
    statement = statement.where(here, Opportunity.number.in_(select(numbers.c.value)))
    customers = listed(write.session, rows["customer_id"].drop_nulls().unique(), Integer())
    over = select(Activity.opportunity_id).where(Activity.kind.in_(ENDS), Activity.voided_at.is_(None))
    open_still = ~over.where(Activity.opportunity_id == Opportunity.id).exists()
    needs = select(Opportunity.customer_id, Opportunity.product_id, Opportunity.id)
    needs = needs.join_from(customers, Opportunity, Opportunity.customer_id == customers.c.value)
    needs = needs.where(Opportunity.number.is_(None), open_still)
    open_needs = frame(write.session, needs, dict.fromkeys((*NEED, "implied_id"), pl.Int64))
    open_needs = open_needs.sort("implied_id").unique(NEED, keep="last", maintain_order=True)
    return frame(write.session, statement, schema), open_needs


def with_ids(
    write: Write, rows: pl.DataFrame, numbered: pl.DataFrame, open_needs: pl.DataFrame, batch: int | None = None
) -> pl.DataFrame:
    """Adds `opportunity_id`, beside those that are `known`. A row with a number belongs to that opportunity; one without,
    but with customer and product, to the customer's open need for that product: a new one begins after a deal, a refusal
    or a withdrawal. With a `batch` the new ones are there once it is accepted."""
    # Within a day without times the procedure's own order holds, whatever the order of the rows.
    step = pl.col("kind").cast(pl.Enum(list(KINDS)))
    rows = rows.sort("date", "time", step, "sheet", "row", nulls_last=True, maintain_order=True)
    implied = pl.col("opportunity").is_null() & pl.col("customer_id").is_not_null() & pl.col("product_id").is_not_null()
    ended = pl.when(implied).then(pl.col("kind").is_in(ENDS).cast(pl.Int64)).otherwise(0)
    turn = ended.cum_sum() - ended
    rows = rows.with_columns(turn=pl.when(implied).then(turn.over(*NEED, "opportunity")))
    open_needs = open_needs.with_columns(turn=pl.lit(0, pl.Int64))
    rows = rows.join(numbered, on=["region_id", "opportunity"], how="left", maintain_order="left")
    rows = rows.join(open_needs, on=[*NEED, "turn"], how="left", maintain_order="left")
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
    ids = create(write, Opportunity, first.select(*columns, batch_id=pl.lit(batch, pl.Int64)))
    created = first.select(case).with_columns(created=ids)
    new = new.select("sheet", "row", *case).join(created, on=case, how="left", nulls_equal=True)
    rows = rows.join(new.select("sheet", "row", "created"), on=["sheet", "row"], how="left", maintain_order="left")
    return rows.with_columns(opportunity_id=pl.coalesce("opportunity_id", "created"))
