"""The products a file names."""

import polars as pl
from sqlalchemy import select

from db import identity
from db.engine import Write
from db.imports.resolving import create
from db.models import Product

UNKNOWN = "Unknown product: use a product of the bank's list"


def with_ids(write: Write, rows: pl.DataFrame) -> pl.DataFrame:
    """Adds `product_id`, found by code or by either name, with or without 贷款 at its end."""
    ids = {spelling: product.id for spelling, product in spellings(write).items()}
    found = identity.keys(pl.col("product")).replace_strict(ids, default=None, return_dtype=pl.Int64)
    return rows.with_columns(product_id=found)


def as_stored(write: Write, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with each product that is known by its Chinese name."""
    names = {spelling: product.name_zh for spelling, product in spellings(write).items()}
    found = identity.keys(pl.col("product")).replace_strict(names, default=None, return_dtype=pl.String)
    return rows.with_columns(product=pl.coalesce(found, "product"))


def spellings(write: Write) -> dict[str, Product]:
    """Each way to write a product, in its normal form; of two of one spelling the older."""
    found: dict[str, Product] = {}
    for product in write.session.scalars(select(Product).order_by(Product.id)):
        for name in (product.code, product.name_zh, product.name_en, product.name_zh.removesuffix("贷款")):
            found.setdefault(identity.key(name), product)
    return found


def add_unknown(write: Write, rows: pl.DataFrame) -> None:
    """A product of the file's own name; a loan when it is called one."""
    name = pl.col("product")
    unknown = with_ids(write, rows).filter(name.is_not_null() & pl.col("product_id").is_null())
    is_loan = name.str.to_lowercase().str.contains("loan|贷")
    family = pl.when(is_loan).then(pl.lit("loan")).otherwise(pl.lit("cross_sell"))
    new = unknown.with_columns(form=identity.keys(name)).unique("form", keep="first", maintain_order=True)
    create(write, Product, new.select(code=name, family=family, name_zh=name, name_en=name))
