"""What a row of an activities file is known again by: a digest of what it says, whatever way it is spelled."""

import hashlib

import polars as pl

from db import identity
from db.files.table import WRITTEN

NOT_CONTENT = ("manager", "reference")  # the staff number says who; a reference says which, not what
# The columns of the digest that joined values by their places. Rows stored under it have these columns and no other.
PLACES = (
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
BETWEEN = "\x1f"
NUMBERS = ("staff_no", "opportunity")


def by_form(rows: pl.DataFrame, columns: tuple[str, ...]) -> pl.Series:
    """The digest of a row whose names and numbers stand in their normal form."""
    texts = [name for name in columns if rows.schema[name] == pl.String and name != "reference"]
    forms = [identity.numbers(pl.col(one)) if one in NUMBERS else identity.keys(pl.col(one)) for one in texts]
    return by_name(rows.with_columns(forms), columns)


def as_written(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with their names and numbers as the file writes them: so were they compared before."""
    names = rows[WRITTEN].struct.fields
    return rows.with_columns(pl.coalesce(pl.col(WRITTEN).struct.field(one), one).alias(one) for one in names)


def by_name(rows: pl.DataFrame, columns: tuple[str, ...]) -> pl.Series:
    """One digest a row, of what is stated there as name=value: an empty cell says nothing, so that a column which is
    added later changes no row that does not use it."""
    stated = [
        pl.when(pl.col(name).is_not_null()).then(pl.concat_str(pl.lit(f"{name}="), pl.col(name).cast(pl.String)))
        for name in sorted(set(columns) - {*NOT_CONTENT})
    ]
    return digested(rows, pl.concat_str(stated, separator=BETWEEN, ignore_nulls=True))


def by_place(rows: pl.DataFrame, columns: tuple[str, ...]) -> pl.Series:
    """The digest of rows that were stored before there was one by name; null where a row uses a column it did not
    have."""
    text = pl.concat_str([pl.col(name).cast(pl.String).fill_null("") for name in PLACES], separator=BETWEEN)
    added = [pl.col(name).is_not_null() for name in set(columns) - {*PLACES, *NOT_CONTENT}]
    return digested(rows, pl.when(~pl.any_horizontal(pl.lit(False), *added)).then(text))


def digested(rows: pl.DataFrame, text: pl.Expr) -> pl.Series:
    texts = rows.select(text=text)["text"]
    hexed = [None if one is None else hashlib.blake2b(one.encode(), digest_size=12).hexdigest() for one in texts]
    return pl.Series("content", hexed, pl.String)
