"""Reports as data: frames from storage, numbers from metrics, names joined at the end."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import polars as pl

from dashboard.shell.language import _
from dashboard.standing import bank_rules, gather
from dashboard.standing.part import Part
from db.access import Viewer
from db.log import product_list
from db.people import people
from metrics import statuses
from metrics.catalog import FUNNEL, MEASURES
from metrics.definitions import Definitions
from metrics.metric import AMOUNT, columns_of
from metrics.periods import Period
from metrics.plans import summary as summaries
from metrics.statuses import STATUSES


def summary(
    viewer: Viewer,
    period: Period,
    through: date,
    by: Sequence[str] = (),
    part: Part = Part(),
    until: date | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame, Definitions]:
    """The summary table with names for ids, its total (one row), and the definitions it was made by: time up to
    `through`, activity `until` a day (included), or all there is."""

    def of(part: Part, rules: Definitions, by: Sequence[str]) -> pl.DataFrame:
        found = gather.frames(viewer, period, part, through=through)
        if until is not None:
            found = replace(found, activity=found.activity.filter(pl.col("day") <= until))
        return summaries.summary(found, period, through, rules, by)

    rules = bank_rules.definitions(viewer, period.last, part)
    table = pl.concat(of(one, its, by) for one, its in bank_rules.by_region(viewer, period, part, by))
    return named(viewer, table, by), of(part, rules, ()), rules


def named(viewer: Viewer, table: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Names for the ids among the keys, `staff_no` before the manager's; sorted by them."""
    keys = []
    for key in by:
        if key == "manager":
            table = (
                table.join(people.names(viewer), on="manager", how="left")
                .drop("manager")
                .rename({"manager_name": "manager"})
            )
            keys += ["staff_no", "manager"]
            continue
        if key in ("region", "branch"):
            names = people.branches(viewer).select(key, name=f"{key}_name").unique()
            table = table.join(names, on=key, how="left").with_columns(pl.col("name").alias(key)).drop("name")
        elif key in ("channel", "method"):
            table = table.with_columns(pl.col(key).cast(pl.String))
        elif key == "product":
            names = product_list.read(viewer).select("product", "product_zh")
            table = table.join(names, on=key, how="left").with_columns(product=pl.col("product_zh")).drop("product_zh")
        keys.append(key)
    rest = [name for name in table.columns if name not in keys]
    return table.select(*keys, *rest).sort(keys, nulls_last=True) if keys else table


def as_json(
    table: pl.DataFrame,
    total: pl.DataFrame,
    rules: Definitions,
    period: Period,
    by: Sequence[str],
    calendar_known: bool,
) -> dict:
    """The contract other programs read; `calendar_known` is false where weekdays stand in for the bank's calendar."""
    return {
        "kind": "summary",
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "by": list(by),
        "definitions": rules.version,
        "rows": [json_row(row) for row in table.to_dicts()],
        "total": json_row(total.to_dicts()[0]),
        "time_basis": rules.time_basis,
        "calendar_known": calendar_known,
    }


def json_row(row: dict) -> dict:
    """Amounts in 元, days ISO, plans and attainments grouped by measure."""
    grouped = {f"{measure}_{column}" for measure in MEASURES for column in summaries.STANDING}
    numbers = {name: one.unit for one in FUNNEL for name in columns_of(one)}
    apart = grouped | set(numbers) | {"time_progress"}
    answer = {name: day_or_text(value) for name, value in row.items() if name not in apart}
    answer |= {name: in_unit(row[name], unit) for name, unit in numbers.items()}
    targets = {name: in_unit(row[f"{name}_plan"], one.unit) for name, one in MEASURES.items()}
    answer["plan"] = {name: tidy(value) for name, value in targets.items() if value is not None}
    answer["attainment"] = {name: row[f"{name}_attainment"] for name in MEASURES}
    answer["time_progress"] = row["time_progress"]
    answer["pace"] = {name: pace(row, name) for name in MEASURES}
    return answer


def pace(row: dict, measure: str) -> dict:
    """Where a measure stands against its plan: a status with its word, the gap, the need and where it will end."""
    status = STATUSES[row[f"{measure}_status"] or statuses.NO_PLAN.code]
    facts = {"status": status.code, "word": _(status.label), "icon": status.icon}
    facts["pace_gap"] = row[f"{measure}_pace_gap"]
    for name in ("needed_per_day", "projection", "projection_low", "projection_high"):
        facts[name] = tidy(in_unit(row[f"{measure}_{name}"], MEASURES[measure].unit))
    return facts


def day_or_text(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def in_unit(value: float | None, unit: str) -> float | int | None:
    """As other programs read it: amounts in 元, everything else as it is."""
    return value if value is None or unit != AMOUNT else tidy(value / 100)


def tidy(value: float | None) -> float | int | None:
    """To four decimals, a whole number as one."""
    if value is None:
        return None
    value = round(value, 4)
    return int(value) if value == int(value) else value
