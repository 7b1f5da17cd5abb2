"""Names in a file written as the store writes them: what is equal in its normal form is one thing, and never made
twice."""

from collections.abc import Callable, Mapping

import polars as pl

from db import identity
from db.imports.resolving import as_problems, flag

Form = Callable[[str], str]
KNOWN_TWICE = "Two are stored whose spellings are equal: write it exactly as one of them is written"


def as_stored(
    rows: pl.DataFrame, known: pl.DataFrame, forms: Mapping[str, Form], within: tuple[str, ...] = ()
) -> pl.DataFrame:
    """The rows with each name (together: those of `forms`, `within` what they are unique in) as it is stored: exactly so,
    else the first of equal form; what is new is written as the file writes it first. A row without one of them stays."""
    names = list(forms)
    spellings = pl.concat([known.select(*within, *names), rows.select(*within, *names)], how="vertical_relaxed")
    spellings = spellings.drop_nulls().unique(maintain_order=True).with_columns(formed(forms))
    form = [*within, *(f"{name} form" for name in names)]
    first = spellings.unique(form, keep="first", maintain_order=True)
    exact = known.select(*within, *names).unique().with_columns(exact=pl.lit(True))
    rows = rows.with_columns(formed(forms)).join(
        first.rename({name: f"{name} stored" for name in names}), on=form, how="left", maintain_order="left"
    )
    rows = rows.join(exact, on=[*within, *names], how="left", maintain_order="left")
    stored = [pl.when("exact").then(name).otherwise(pl.coalesce(f"{name} stored", name)).alias(name) for name in names]
    return rows.with_columns(stored).drop(
        "exact", *(f"{name} {which}" for name in names for which in ("form", "stored"))
    )


def known_twice(rows: pl.DataFrame, known: pl.DataFrame, name: str, form: Form) -> pl.DataFrame:
    """The rows whose name stands for several that are stored, and is none of them exactly, as problems."""
    spellings = known.select(name).drop_nulls().unique().with_columns(formed({name: form}))
    twice = spellings.filter(pl.col(f"{name} form").is_duplicated())[f"{name} form"].unique()
    if twice.is_empty():
        return as_problems(rows.clear(), name, KNOWN_TWICE)
    wrong = identity.each(pl.col(name), form).is_in(twice.implode())
    return flag(rows, wrong & ~pl.col(name).is_in(spellings[name].implode()), name, KNOWN_TWICE)


def formed(forms: Mapping[str, Form]) -> list[pl.Expr]:
    return [identity.each(pl.col(name), form).alias(f"{name} form") for name, form in forms.items()]
