"""The file formats: which columns a sheet may have, in English or Chinese, and what must hold of each cell."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import polars as pl

from db import privacy
from db.cells import (
    Parse,
    cents,
    clock,
    code,
    count,
    day,
    is_phone,
    month,
    not_forbidden,
    number,
    phone,
    text,
    to_cents,
    yes_no,
)
from db.codes import CHANNELS, CUSTOMER_KINDS, DAY_PARTS, KINDS, LEVELS, MEASURES, METHODS, TIERS
from db.files import Sheet
from db.privacy import no_identity, no_secret

Check = tuple[Callable[[pl.Expr], pl.Expr], str]  # what must hold of the text, and what to say where it does not

LARGEST_AMOUNT = 1_000_000_000_000  # 元: a slip of the finger, not a loan
LARGEST_COUNT = 2_000_000_000  # more customers than there are people to be

EMPTY = "The cell is empty: fill it in"
MISSING = "The column is missing: add it"
NOT_A_DATE = "Not a date: write 2026-11-20"
NOT_A_NUMBER = "Not a number: write digits only, such as 120000"
PART_OF_A_CENT = "More than two decimals: round to 分, the smallest amount"
FORBIDDEN = "Intermediary loan brokers are forbidden as a channel: choose another channel or leave the row out"


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
NAME = ((no_secret, privacy.REASON), shorter(100))
NUMBER = ((no_identity, privacy.REASON), shorter(200))


def optional(name: str, *zh: str, parse: Parse = text, wrong: str = "", checks: tuple[Check, ...] = ()) -> Column:
    return Column(name, zh, parse, wrong, header=False, cell=False, checks=checks)


def needed(name: str, *zh: str, parse: Parse = text, wrong: str = "", checks: tuple[Check, ...] = ()) -> Column:
    return Column(name, zh, parse, wrong, checks=checks)


REGION = needed("region", "分行", checks=NAME)
BRANCH = needed("branch", "支行", checks=NAME)
STAFF_NO = needed("staff_no", "工号", checks=(shorter(40),))
MANAGER = needed("manager", "客户经理", "姓名", checks=NAME)

FORMATS: dict[str, tuple[Column, ...]] = {
    "activities": (
        needed("date", "日期", parse=day, wrong=NOT_A_DATE),
        optional("time", "时间", parse=clock, wrong="Not a time of day: write 09:30"),
        REGION,
        BRANCH,
        STAFF_NO,
        MANAGER,
        needed("kind", "活动类型", "类型", parse=code(KINDS | {"deal": "成交/放款/开通"}), wrong=one_of(KINDS)),
        optional("customer", "客户", "客户名称", checks=NAME),
        optional(
            "phone",
            "手机号",
            "电话",
            parse=phone,
            checks=((is_phone, "Not a phone number: write 11 digits, or area code and number"),),
        ),
        optional("customer_kind", "客户类型", parse=code(CUSTOMER_KINDS), wrong=one_of(CUSTOMER_KINDS)),
        optional("opportunity", "商机号", "商机编号", checks=NUMBER),
        optional("product", "产品", checks=NAME),
        optional(
            "amount",
            "金额",
            "金额(元)",
            parse=cents,
            wrong=NOT_A_NUMBER,
            checks=(AT_LEAST_ZERO, NOT_TOO_LARGE, WHOLE_CENTS),
        ),
        optional(
            "channel",
            "渠道",
            "通路",
            parse=code(CHANNELS),
            wrong=one_of(CHANNELS),
            checks=((not_forbidden, FORBIDDEN),),
        ),
        optional("method", "方式", "营销方式", parse=code(METHODS), wrong=one_of(METHODS)),
        optional("effective", "有效", "是否有效", parse=yes_no, wrong="Neither yes nor no: write 是 or 否"),
        optional("note", "备注", checks=WRITABLE),
        optional("reference", "外部编号", checks=NUMBER),
    ),
    "people": (
        REGION,
        BRANCH,
        STAFF_NO,
        MANAGER,
        optional("joined_on", "入职日期", parse=day, wrong=NOT_A_DATE),
        optional("left_on", "离职日期", parse=day, wrong=NOT_A_DATE),
        optional("from", "任职开始", "开始日期", parse=day, wrong=NOT_A_DATE),
        optional("to", "任职结束", "结束日期", parse=day, wrong=NOT_A_DATE),
    ),
    "plans": (
        needed("month", "月份", parse=month, wrong="Not a month: write 2026-11"),
        needed("level", "层级", parse=code(LEVELS), wrong=one_of(LEVELS)),
        optional("name", "名称", checks=NAME),
        optional("staff_no", "工号", checks=(shorter(40),)),
        needed("measure", "指标", parse=code(MEASURES), wrong=one_of(MEASURES)),
        optional("product", "产品", checks=NAME),
        optional("tier", "档位", parse=code(TIERS), wrong=one_of(TIERS)),
        needed(
            "target", "目标", "计划", "计划值", parse=number, wrong=NOT_A_NUMBER, checks=(AT_LEAST_ZERO, NOT_TOO_LARGE)
        ),
    ),
    "territories": (
        BRANCH,
        needed("territory", "辖区", checks=NAME),
        optional("kind", "类型", "辖区类型", checks=NAME),
        needed("as_of", "登记日期", "截至日期", "统计日期", parse=day, wrong=NOT_A_DATE),
        needed(
            "potential_customers",
            "潜在客户数",
            parse=count,
            wrong="Not a whole number: write digits only, such as 1200",
            checks=(AT_LEAST_ZERO, COUNTABLE),
        ),
        needed("source", "来源", checks=NAME),
    ),
    "calendar": (
        needed("day", "日期", parse=day, wrong=NOT_A_DATE),
        needed("is_workday", "是否工作日", "工作日", parse=yes_no, wrong="Neither yes nor no: write 是 or 否"),
        optional("name", "名称", "说明", checks=NAME),
    ),
    "absences": (
        STAFF_NO,
        needed("day", "日期", parse=day, wrong=NOT_A_DATE),
        optional("part", "时段", parse=code(DAY_PARTS), wrong=one_of(DAY_PARTS)),
    ),
}

SAMPLES = {"zh": "【示例】", "en": "[sample]"}  # begins a cell of the row by which a template shows how to fill it in
SAMPLE = "^(" + "|".join(map(re.escape, SAMPLES.values())) + ")"

PROBLEM = {"sheet": pl.String, "row": pl.Int64, "column": pl.String, "value": pl.String, "problem": pl.String}


@dataclass(frozen=True)
class Table:
    """A sheet read as its kind: one row a data row, `row` as in the spreadsheet, every column of the kind as a value."""

    sheet: Sheet
    headings: dict[str, str]  # column → the heading as it is written in the sheet
    values: pl.DataFrame
    problems: pl.DataFrame
    ignored: tuple[str, ...]
    samples: int  # rows left out because they are a template's


def heading(written: str) -> str:
    return "".join(unicodedata.normalize("NFKC", written).lower().replace("_", "").split()).strip("*?:")


def read_table(kind: str, sheet: Sheet, today: date) -> Table:
    """Finds the columns by their headings, checks every cell (Pandera), and reads it. A missing column is a problem of
    row 1; a cell in error is null in `values` and listed in `problems` (PROBLEM)."""
    columns = FORMATS[kind]
    names = {heading(spelling): one.name for one in columns for spelling in (one.name, *one.zh)}
    found, ignored = {}, []
    for place, written in enumerate(sheet.headers):
        name = names.get(heading(written))
        if name is None or name in found:
            ignored.append(written)
        else:
            found[name] = (str(place), written)
    is_sample = pl.any_horizontal(pl.exclude("row").str.contains(SAMPLE)).fill_null(False)
    cells = sheet.cells.filter(~is_sample).select(
        "row",
        *(
            (pl.col(found[one.name][0]) if one.name in found else pl.lit(None, pl.String)).alias(one.name)
            for one in columns
        ),
    )
    missing = [
        (sheet.name, 1, f"{one.name} {one.zh[0]}", None, MISSING)
        for one in columns
        if one.header and one.name not in found
    ]
    present = [one for one in columns if one.name in found]
    problems = pl.concat(
        [pl.DataFrame(missing, PROBLEM, orient="row"), cell_problems(sheet.name, cells, present, today)]
    )
    headings = {name: written for name, (_, written) in found.items()}
    problems = problems.with_columns(pl.col("column").replace(headings))
    values = cells.select("row", *(one.parse(pl.col(one.name)).alias(one.name) for one in columns))
    return Table(sheet, headings, values, problems, tuple(ignored), sheet.cells.height - cells.height)


def cell_problems(sheet: str, cells: pl.DataFrame, columns: list[Column], today: date) -> pl.DataFrame:
    """Every cell that breaks a rule of its column, by Pandera."""
    import pandera.polars as pa

    def rule(holds: Callable[[pl.Expr], pl.Expr], message: str) -> pa.Check:
        return pa.Check(lambda data: data.lazyframe.select(holds(pl.col(data.key)).fill_null(True)), error=message)

    schema = {}
    for one in columns:
        checks = [rule(*check) for check in one.checks]
        forbidden = any(message == FORBIDDEN for _, message in one.checks)
        if one.cell:
            checks.append(rule(lambda cell: cell.is_not_null(), EMPTY))
        if one.wrong:
            readable = lambda cell, one=one: one.parse(cell).is_not_null() | cell.is_null()  # noqa: E731
            if forbidden:  # the reason it is forbidden says more than that it is not in the list
                readable = lambda cell, known=readable: known(cell) | ~not_forbidden(cell)  # noqa: E731
            checks.append(rule(readable, one.wrong))
        if one.name == "date":
            past = lambda cell: (day(cell) <= today) & (day(cell).dt.year() >= 2000)  # noqa: E731
            checks.append(rule(past, "The day lies in the future, or before 2000: check the date"))
        schema[one.name] = pa.Column(pl.String, checks=checks, nullable=True)
    try:
        pa.DataFrameSchema(schema).validate(cells, lazy=True)
    except pa.errors.SchemaErrors as failed:
        cases = failed.failure_cases.with_columns(pl.col("index").cast(pl.Int64))
        rows = cells.select("row").with_row_index("index").with_columns(pl.col("index").cast(pl.Int64))
        return (
            cases.join(rows, on="index", how="left")
            .select(
                sheet=pl.lit(sheet),
                row=pl.col("row").cast(pl.Int64),
                column=pl.col("column"),
                value=pl.col("failure_case").cast(pl.String),
                problem=pl.col("check"),
            )
            .with_columns(pl.when(pl.col("problem") != EMPTY).then("value").alias("value"))
        )
    return pl.DataFrame(schema=PROBLEM)
