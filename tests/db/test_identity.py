"""The normal forms of whole columns are those of each text by itself."""

import random

import polars as pl
import pytest

from db import identity

SIGNS = "ab1XxＸ×x0９Z·•。. -—#/N/A＃!无某人 客户\u200b\t'\"=＝＂"
WORDS = [
    "无",
    "N/A",
    "NA",
    "null",
    "xX",
    "××",
    "#N/A",
    "Err:502",
    "＃REF！",
    "#####",
    "nan",
    "暂无",
    "TBD",
    "(无)",
    "客户12",
]


def texts(seed: int, many: int = 3_000) -> list[str | None]:
    rng = random.Random(seed)
    drawn = ["".join(rng.choice(SIGNS) for _ in range(rng.randrange(6))) for _ in range(many)]
    return [*drawn, *WORDS, *(f"{one}{rng.choice(['', ' ', 'x'])}" for one in WORDS), None, None]


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        (identity.key, pl.String),
        (identity.number, pl.String),
        (identity.written_number, pl.String),
        (identity.is_error, pl.Boolean),
        (identity.is_nobody, pl.Boolean),
    ],
)
def test_a_column_has_the_forms_of_its_texts(form, kind):
    written = texts(7)
    column = pl.DataFrame({"text": written}).select(identity.each(pl.col("text"), form, kind)).to_series()
    assert column.to_list() == [None if one is None else form(one) for one in written]


def test_a_column_is_cleaned_as_each_text_is():
    written = texts(7)
    column = pl.DataFrame({"text": written}).select(identity.cleaned(pl.col("text"))).to_series()
    assert column.to_list() == [None if one is None else identity.clean(one) or None for one in written]


@pytest.mark.parametrize("cells", [[], [None, None]])
def test_a_column_without_a_text_stays_as_it_is(cells):
    column = pl.Series("text", cells, dtype=pl.String).to_frame()
    assert column.select(identity.keys(pl.col("text"))).to_series().to_list() == cells
