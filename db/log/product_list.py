"""The bank's products."""

import polars as pl
from sqlalchemy import select

from db.access import Viewer
from db.models import Product
from db.store.parts import PRODUCTS

PRODUCT = {
    "product": pl.Int32,
    "code": pl.String,
    "family": pl.String,
    "product_zh": pl.String,
    "product_en": pl.String,
}


def read(viewer: Viewer) -> pl.DataFrame:
    """The bank's products, loans first: product, code, family, product_zh, product_en."""

    def read() -> pl.DataFrame:
        columns = (Product.id, Product.code, Product.family, Product.name_zh, Product.name_en)
        statement = select(*columns).order_by(Product.family.desc(), Product.id)
        with viewer.store.reading(PRODUCTS) as connection:
            return pl.DataFrame([tuple(row) for row in connection.execute(statement)], PRODUCT, orient="row")

    return viewer.cached("products", read=read, same_for_all=True)
