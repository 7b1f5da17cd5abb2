"""The columns of a sheet, in English or Chinese, and what must hold of each cell."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from db import privacy
from db.files.cells import Parse, as_number, clock, code, day, is_share, month, number, text, to_cents, yes_no
from db.limits import LARGEST_AMOUNT, LARGEST_COUNT
from db.privacy import no_identity, no_secret

Check = tuple[Callable[[pl.Expr], pl.Expr], str]  # what must hold of the text, and what to say where it does not

EMPTY = "The cell is empty: fill it in"
MISSING = "The column is missing: add it"
NOT_A_DATE = "Not a date: write 2026-11-20"
NOT_A_NUMBER = "Not a number: write digits only, such as 120000"
NEITHER = "Neither yes nor no: write 是 or 否"
PART_OF_A_CENT = "More than two decimals: round to 分, the smallest amount"
FORBIDDEN = "Intermediary loan brokers are forbidden as a channel: choose another channel or leave the row out"


ERROR = "What a spreadsheet shows where a formula failed, not a value: correct the cell"
NO_NAME = "This names nothing: write the name"
SHARE = "A share is no amount: write the number itself"
MERGED_NUMBER = "Merged over several rows, so that nobody can tell whose number it is: write it in each row"
MERGED_BESIDE = "Merged with the cell beside it: split the cells and write each value where it belongs"
UNDERNEATH = "Merged, but another value lies underneath: split the cells"
SAME_MEANING = "Another column has the same meaning: delete one of them, or name it otherwise"
MAY_COUNT = "This column is not known, and may be one that counts: rename it, or say which column it is"

CHOICES = ("region", "branch", "place", "staff_no", "manager", "product")
TODAY = "today"  # a sample


@dataclass(frozen=True)
class Column:
    """One column: its name in English and Chinese, how a cell is read, and what must hold of it."""

    name: str
    zh: tuple[str, ...]
    parse: Parse
    wrong: str = ""
    header: bool = True  # must the sheet have the column
    cell: bool = True  # must every row have a value
    checks: tuple[Check, ...] = ()
    codes: dict[str, str] = field(default_factory=dict)  # the closed list it is chosen from
    choices: str = ""  # which names of the store a template offers: CHOICES
    hint: str = ""  # how to fill it in; a message id, as a sample in words is
    sample: object = None  # in the row that shows how; None is the first choice, or today where a day is needed
    as_text: bool = False  # digits that are no number, such as 0012
    past: bool = False  # a day that must not lie in the future
    like: tuple[str, ...] = ()  # what is in the headings that banks use for it
    unit: str = ""  # "amount" or "count" of a number: a heading may say which thousands it is in
    amount_where: pl.Expr | None = None  # in which rows the number is an amount; None for all
    free: bool = False  # free text, kept as it is
    nobody: str = ""  # what is said of a placeholder such as 无; where nothing is, it is an empty cell
    time_of: str = ""  # an empty cell takes the time that a moment in that column has beside its day

    @property
    def spellings(self) -> tuple[str, ...]:
        return self.name, *self.zh

    @property
    def is_name(self) -> bool:
        """Whether a cell names something: an error word or a placeholder is no name."""
        return not (self.unit or self.free or self.parse in (day, month, clock, yes_no))


def one_of(codes: dict[str, str]) -> str:
    return "Not in the list: choose one of " + " ".join(codes.values())


def shorter(length: int) -> Check:
    return (lambda cell: cell.str.len_chars() <= length, "Too long: shorten the text")


AT_LEAST_ZERO = (
    lambda cell: number(cell).fill_null(0) >= 0,
    "Negative: amounts and counts are never below zero, check the sign",
)
TOO_LARGE = "Too large: check the number of digits"
NOT_TOO_LARGE = (lambda cell: number(cell).fill_null(0) <= LARGEST_AMOUNT, TOO_LARGE)
COUNTABLE = (lambda cell: number(cell).fill_null(0) <= LARGEST_COUNT, TOO_LARGE)
WHOLE_CENTS = (
    lambda cell: to_cents(number(cell)).is_not_null() | number(cell).is_null() | (number(cell) > LARGEST_AMOUNT),
    PART_OF_A_CENT,
)
WRITABLE = ((no_secret, privacy.REASON), shorter(500))
NO_SHARE = (lambda cell: ~is_share(cell), SHARE)
NAME = ((no_secret, privacy.REASON), shorter(100))
NUMBER = ((no_identity, privacy.REASON), shorter(200))


def needed(name: str, *zh: str, parse: Parse = text, **facts: Any) -> Column:  # noqa: ANN401 - the fields of Column
    """A column every sheet has, with a value in every row; one with `codes` is read by their words."""
    if codes := facts.get("codes"):
        parse = code(codes) if parse is text else parse
        facts["wrong"] = facts.get("wrong") or one_of(codes)
    return Column(name, zh, parse, **facts)


def optional(name: str, *zh: str, **facts: Any) -> Column:  # noqa: ANN401 - the fields of Column
    """A column that may be left out, or have empty cells."""
    return replace(needed(name, *zh, **facts), header=False, cell=False)


REGION = needed("region", "分行", checks=NAME, choices="region", like=("分行", "一级行"))
BRANCH = needed("branch", "支行", checks=NAME, choices="branch", like=("支行", "网点", "机构"))
STAFF_NO = needed(
    "staff_no",
    "工号",
    parse=as_number,
    checks=(shorter(40),),
    choices="staff_no",
    as_text=True,
    hint="The staff number, as in the personnel list.",
    like=("工号", "员工号", "柜员号", "编号"),
)
TERRITORY = optional(
    "territory", "辖区", checks=NAME, hint="A territory of the branch, by its name; kept with the customer.", sample=""
)
MANAGER = needed("manager", "客户经理", "姓名", checks=NAME, choices="manager", like=("经理", "员工", "姓名"))

SAMPLES = {"zh": "【示例】", "en": "[sample]"}  # begins a cell of the row by which a template shows how to fill it in
SAMPLE = "^(" + "|".join(map(re.escape, SAMPLES.values())) + ")"
