"""The customers a file names: found by phone, else by name, both in the branch; and the territory they are in."""

from typing import cast

import polars as pl
from sqlalchemy import Integer, Table, bindparam, func, select, update

from db import identity
from db.engine import Write
from db.imports import spelling
from db.imports.resolving import AT_ONCE, all_problems, create, flag, frame
from db.models import Customer, Territory
from db.models.customers import new_token
from db.store.bulk import listed

UNKNOWN_TERRITORY = "Unknown territory of this branch: check the name, or import territories first"
IN_ANOTHER = "The customer is in another territory already, and stays there"
KNOWN_OF = {
    "phone": "phone",
    "kind": "customer_kind",
    "territory_id": "territory_id",
}  # a customer: column → the file's
SAME_CUSTOMER = ("branch", "customer")


def known(write: Write, rows: pl.DataFrame) -> pl.DataFrame:
    """Adds `customer_id` where the customer is known, and lends a row without a phone the only one their name has
    here."""
    schema = {"customer_id": pl.Int64, "branch_id": pl.Int64, "name": pl.String, "phone": pl.String}
    goes_on = func.coalesce(
        Customer.merged_into_id, Customer.id
    )  # what was merged is found under the record it went into
    statement = select(goes_on, Customer.branch_id, Customer.name, Customer.phone).order_by(Customer.id)
    known = frame(
        write.session, statement.where(Customer.branch_id.in_(rows["branch_id"].drop_nulls().unique())), schema
    )
    called = known.select("branch_id", customer="name")
    rows = spelling.as_stored(rows, called, {"customer": identity.key}, within=("branch_id",))
    only = pl.when(
        pl.col("phone").n_unique().over(SAME_CUSTOMER) - pl.col("phone").is_null().any().over(SAME_CUSTOMER) == 1
    )
    rows = rows.with_columns(
        phone=pl.coalesce("phone", only.then(pl.col("phone").drop_nulls().first().over(SAME_CUSTOMER)))
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


def with_territories(write: Write, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Adds the `territory_id` that the column `territory` names in the branch; gives the rows and what is wrong with
    them."""
    schema = {"branch_id": pl.Int64, "place": pl.String, "territory_id": pl.Int64}
    held = frame(write.session, select(Territory.branch_id, Territory.name, Territory.id), schema)
    held = held.with_columns(identity.keys(pl.col("place"))).unique(
        ["branch_id", "place"], keep="first", maintain_order=True
    )
    rows = rows.with_columns(place=identity.keys(pl.col("territory")))
    rows = rows.join(held, on=["branch_id", "place"], how="left", maintain_order="left").drop("place")
    named = pl.col("territory").is_not_null() & pl.col("branch_id").is_not_null()
    return rows, flag(rows, named & pl.col("territory_id").is_null(), "territory", UNKNOWN_TERRITORY)


def in_other_territories(write: Write, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of known customers who are in another territory, as warnings: they stay there."""
    stated = rows.filter(pl.col("territory_id").is_not_null() & pl.col("customer_id").is_not_null())
    if stated.is_empty():
        return all_problems([])
    schema = {"customer_id": pl.Int64, "is_in": pl.Int64}
    statement = select(Customer.id, Customer.territory_id).where(Customer.territory_id.is_not(None))
    held = frame(write.session, statement.where(Customer.branch_id.in_(stated["branch_id"].unique().to_list())), schema)
    stated = stated.join(held, on="customer_id", how="left", maintain_order="left")
    return flag(stated, pl.col("is_in") != pl.col("territory_id"), "territory", IN_ANOTHER)


def lacking(write: Write, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows that state something of a customer on record which is not known yet."""
    columns = {f"held {column}": getattr(Customer, name) for name, column in KNOWN_OF.items()}
    asked = listed(write.session, rows["customer_id"], Integer())
    statement = select(Customer.id, *(one.is_not(None) for one in columns.values()))
    statement = statement.join_from(asked, Customer, Customer.id == asked.c.value)
    held = frame(write.session, statement, {"customer_id": pl.Int64, **dict.fromkeys(columns, pl.Boolean)})
    new = [pl.col(column).is_not_null() & ~pl.col(f"held {column}") for column in KNOWN_OF.values()]
    return rows.join(held, on="customer_id").filter(pl.any_horizontal(new)).select(rows.columns)


def fill_in(write: Write, rows: pl.DataFrame) -> None:
    """What was not known yet of a customer on record and a row states, such as a phone, is kept."""
    for name, column in KNOWN_OF.items():
        stated = rows.drop_nulls(["customer_id", column]).unique("customer_id", keep="first", maintain_order=True)
        stated = stated.select(one="customer_id", new=column)
        empty = getattr(Customer, name).is_(None)
        without_one = update(cast(Table, Customer.__table__)).where(Customer.id == bindparam("one"), empty)
        for start in range(0, stated.height, AT_ONCE):
            some = stated.slice(start, AT_ONCE).to_dicts()
            write.session.connection().execute(without_one.values({name: bindparam("new")}), some)


def with_ids(write: Write, rows: pl.DataFrame, batch: int | None = None) -> pl.DataFrame:
    """The rows with every `customer_id` filled, new customers created; their owner is who first met them. With a `batch`
    they are there once it is accepted."""
    person = ["branch_id", "phone", "named"]  # one phone is one customer, whatever they are called
    rows = rows.with_columns(named=pl.when(pl.col("phone").is_null()).then("customer"))
    new = rows.filter(pl.col("customer").is_not_null() & pl.col("customer_id").is_null())
    first = new.sort("date", "time", "sheet", "row", nulls_last=True).unique(person, keep="first", maintain_order=True)
    columns = first.select("branch_id", "manager_id", "phone", "territory_id", kind="customer_kind", name="customer")
    columns = columns.with_columns(
        name_key=identity.keys(pl.col("name")),
        token=pl.Series([new_token() for _ in range(first.height)], dtype=pl.String),
        batch_id=pl.lit(batch, pl.Int64),
    )
    ids = create(write, Customer, columns)
    created = first.select(person).with_columns(created=ids)
    rows = rows.join(created, on=person, how="left", nulls_equal=True, maintain_order="left")
    return rows.with_columns(customer_id=pl.coalesce("customer_id", "created")).drop("created", "named")
