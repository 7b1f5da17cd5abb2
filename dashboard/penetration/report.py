"""Penetration as data: the contract other programs read, and a table for people."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from dashboard.penetration.tables import Penetration
from dashboard.shell.language import _
from dashboard.standing import bank_rules
from dashboard.standing.summary_report import in_unit
from dashboard.standing.summary_table import HEADINGS, formatted_cell, headings
from dashboard.widgets import formats, workbooks
from db.people import people
from metrics.catalog import (
    ATTACH_RATE,
    COVERAGE,
    FLOWS,
    OUTSIDE_REGISTER,
    PENETRATION,
    PENETRATION_CUSTOMERS,
    POTENTIAL_CUSTOMERS,
    PRODUCT_PENETRATION,
    STOCKS,
)
from metrics.metric import COUNT, SHARE, Metric, columns_of

KEYS = ("region", "branch", "manager", "territory", "product")
NEW = FLOWS[:2]  # what is new in a period: said where one was asked for
NUMBERS = (*STOCKS, *FLOWS[2:], *PENETRATION, *COVERAGE, ATTACH_RATE)
OF_PRODUCTS = (PRODUCT_PENETRATION.of, PRODUCT_PENETRATION)
NAMES = {"region": "region_name", "branch": "branch_name", "manager": "manager_name", "territory": "territory_name"}
PRINTED = (POTENTIAL_CUSTOMERS, PENETRATION_CUSTOMERS, OUTSIDE_REGISTER, *NEW)  # of the counts, on the terminal
WHOLE = 1e-9  # a number this near a whole one is it


def rows(found: Penetration, by: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The table by these keys with names for ids, sorted by them, and its total (one row). A territory stands under its
    branch, a manager with their staff number; what is nobody's comes last."""
    keys = [key for key in KEYS if key in by or (key == "branch" and "territory" in by)]
    total = found.table()
    if not keys:
        return total, total
    if "product" in keys:
        table = found.products([key for key in keys if key != "product"]).with_columns(product=pl.col("product_zh"))
    else:
        table = found.table(keys)
    shown = []
    for key in keys:
        if key == "region":
            names = people.branches(found.viewer).select("region", "region_name").unique()
            table = table.join(names, on="region", how="left")
        if key in NAMES:
            table = table.with_columns(pl.col(NAMES[key]).alias(key))
        shown += ["staff_no", "manager"] if key == "manager" else [key]
    rest = [name for one in metrics(found, by) for name in columns_of(one)]
    return table.select(*shown, *rest).sort(shown, nulls_last=True), total


def metrics(found: Penetration, by: Sequence[str]) -> tuple[Metric, ...]:
    """What the rows by these keys say."""
    if "product" in by:
        return OF_PRODUCTS
    return NUMBERS if found.first is None else (*NUMBERS, *NEW)


def as_json(found: Penetration, by: Sequence[str]) -> dict:
    """The contract; `from` stands there where a period was asked for: the flows are its."""
    table, total = rows(found, by)
    period = {} if found.first is None else {"from": found.first.isoformat()}
    return {
        "kind": "penetration",
        "on": found.on.isoformat(),
        **period,
        "by": list(by),
        "definitions": bank_rules.definitions(found.viewer, found.on, found.part).version,
        "rows": [json_row(row, metrics(found, by)) for row in table.to_dicts()] if by else [],
        "total": json_row(total.row(0, named=True), metrics(found, ())),
    }


def json_row(row: dict, asked: Sequence[Metric]) -> dict:
    numbers = {name: in_unit(exact(row[name]), one.unit) for one in asked for name in columns_of(one)}
    keys = ("region", "branch", "staff_no", "manager", "territory", "product")
    return {key: row[key] for key in keys if key in row} | numbers


def exact(value: float | None) -> float | int | None:
    """A whole number as one; a part of a shared territory as it is."""
    if value is None:
        return None
    return round(value) if (abs(value - round(value)) < WHOLE and abs(value) > WHOLE) or value == 0 else value


def for_people(found: Penetration, by: Sequence[str]) -> pl.DataFrame:
    """The table with headings in the user's language and its total below."""
    table, total = rows(found, by)
    asked = metrics(found, by)
    counts = [one.name for one in asked if one.unit == COUNT]
    whole = written(table, counts)
    table, total = table.with_columns(whole), total if "product" in by else total.with_columns(whole)
    columns = [
        pl.col(name).alias(heading)
        for one in asked
        for name, heading in zip(columns_of(one), headings(one), strict=True)
    ]
    keys = [name for name in table.columns if name in TITLES]
    if not keys:
        return total.select(columns)
    said = {"staff_no": "", "manager": _("Unassigned"), "territory": _("No territory"), "product": _("No product")}
    named = [pl.col(name).cast(pl.String).fill_null(said.get(name, "")).alias(_(TITLES[name])) for name in keys]
    shown = table.select(*named, *columns)
    if "product" in by:
        return shown
    together = total.select(pl.lit(_("Total")).alias(_(TITLES[keys[0]])), *columns)
    return pl.concat([shown, together], how="diagonal_relaxed")


def written(table: pl.DataFrame, counts: Sequence[str]) -> list[pl.Expr]:
    """Counts as whole numbers, with decimals in a column that has parts of shared territories."""
    whole = [name for name in counts if all(value == round(value) for value in table[name])]
    return [pl.col(name).cast(pl.Int64) if name in whole else pl.col(name).round(2) for name in counts]


TITLES = HEADINGS | {"territory": "Territory"}


def shares(found: Penetration, by: Sequence[str]) -> list[str]:
    return [heading for one in metrics(found, by) if one.unit == SHARE for heading in headings(one)]


def about(found: Penetration, by: Sequence[str]) -> pl.DataFrame:
    """A sheet that says of which day a workbook is and by which definitions."""
    rules = bank_rules.definitions(found.viewer, found.on, found.part)
    lines = [(_("Day"), str(found.on))]
    lines += [] if found.first is None else [(_("Period"), f"{found.first} – {found.on}")]
    lines += [(_("Definitions"), f"v{rules.version}")]
    lines += [(_(one.label), formats.formula(one)) for one in metrics(found, by)]
    return pl.DataFrame(lines, [_("About"), _("Meaning")], orient="row")


def save(found: Penetration, by: Sequence[str], xlsx: Path | None, csv: Path | None) -> None:
    """Writes the table where asked."""
    shown = for_people(found, by)
    if xlsx:
        xlsx.write_bytes(workbooks.workbook({_("Penetration"): shown, _("About"): about(found, by)}, shares(found, by)))
    if csv:
        csv.write_bytes(workbooks.comma_separated(shown))


def show(found: Penetration, by: Sequence[str]) -> None:
    """Prints the table; limits and what the ratios are made of are left to the other forms."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text  # names are text, not markup

    left_out = [heading for one in metrics(found, by) for heading in headings(one)[1:]]
    left_out += [_(one.label) for one in (*STOCKS, *FLOWS) if one not in PRINTED]
    shown, percent = for_people(found, by).drop(left_out, strict=False), shares(found, by)
    grid = Table(title=f"{_('Penetration')} · {found.on}")
    for name, kind in shown.schema.items():
        grid.add_column(Text(name), justify="left" if kind == pl.String else "right")
    for row in shown.iter_rows(named=True):
        grid.add_row(*(Text(cell(name, value, percent)) for name, value in row.items()))
    Console(width=None if Console().is_terminal else 240).print(grid)


def cell(name: str, value: object, percent: Sequence[str]) -> str:
    if name in percent:
        return formats.share(value)
    return formats.number(value) if isinstance(value, float) and value != round(value) else formatted_cell(name, value)
