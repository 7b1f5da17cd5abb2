"""Reports as data: frames from storage, numbers from metrics, names joined at the end."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from dashboard import grids
from dashboard.words import _
from db import activity, calendar, customers, people, plans
from db import definitions as stored_definitions
from db.access import Viewer
from db.errors import Refused
from metrics import summary as summaries
from metrics.catalog import FUNNEL, MEASURES
from metrics.definitions import Definitions, earlier, from_record, in_force
from metrics.metric import Ratio
from metrics.periods import Period, month


@dataclass(frozen=True)
class Part:
    """A part of what the viewer may see; ids, None for all of it."""

    region: int | None = None
    branch: int | None = None
    manager: int | None = None

    def conditions(self) -> list[pl.Expr]:
        return [pl.col(level) == one for level, one in self.__dict__.items() if one is not None]


def versions(viewer: Viewer) -> list[Definitions]:
    return [from_record(*one) for one in stored_definitions.read(viewer)]


def definitions(viewer: Viewer, on: date, part: Part = Part()) -> Definitions:
    """The version in force on a day where this part of the bank is."""
    return in_force(versions(viewer), on, region_of(viewer, part))


def apart(viewer: Viewer, period: Period, part: Part, by: Sequence[str]) -> list[tuple[Part, Definitions]]:
    """The part with the definitions its rows are reckoned by; region by region where these differ and each row lies in
    one, so that a row is the same for who sees one region and who sees all."""
    whole = [(part, definitions(viewer, period.last, part))]
    if region_of(viewer, part) is not None or not {"region", "branch", "manager"} & set(by):
        return whole
    staff = people.managers(viewer, period).select("manager", "region").unique()
    if not {"region", "branch"} & set(by) and staff["manager"].is_duplicated().any():
        return whole
    regions = [replace(part, region=one) for one in people.branches(viewer)["region"].unique(maintain_order=True)]
    each = [(one, definitions(viewer, period.last, one)) for one in regions]
    settings = {replace(rules, version=0, region=None, from_day=date.min) for _one, rules in each}
    return each if len(settings) > 1 else whole


def earlier_definitions(viewer: Viewer, period: Period, part: Part = Part()) -> tuple[Definitions, ...]:
    """The other versions that were in force there on some day of the period, the latest first."""
    return tuple(earlier(versions(viewer), period.first, period.last, region_of(viewer, part)))


def region_of(viewer: Viewer, part: Part = Part()) -> int | None:
    """The region all of this part lies in, whose definitions hold for it; None where it lies in several."""
    if viewer.region is not None or part.region is not None:
        return viewer.region or part.region
    places = people.branches(viewer)
    if part.branch is not None:
        places = places.filter(pl.col("branch") == part.branch)
    elif part.manager is not None:
        places = people.postings(viewer).filter(pl.col("manager") == part.manager)
    regions = places["region"].unique()
    return regions.item() if len(regions) == 1 else None


def whole_months(period: Period) -> Period:
    return Period(month(period.first).first, month(period.last).last)


def frames(viewer: Viewer, period: Period, part: Part = Part(), tier: str = "target") -> summaries.Frames:
    """Everything a summary of this part of the bank is made of; the plans are those of one tier (codes.TIERS)."""
    here, months = part.conditions(), whole_months(period)
    posted = people.posting_days(viewer, months)
    holders = plans.read(viewer, period, tier)
    if part.region is not None:
        holders = holders.filter(pl.col("region").is_null() | (pl.col("region") == part.region))
    if part.branch is not None:
        holders = holders.filter(pl.col("region").is_null())
    asked = {part.manager, plans.reach(viewer).get("manager")} - {None}  # a manager sees himself, whomever he asks for
    own = [pl.col("manager") == one for one in asked]
    holders, posted, here = holders.filter(*own), posted.filter(*own), [*here, *own]
    return summaries.Frames(
        activity.read(viewer, period).filter(*here),
        posted_or_empty(viewer, period, part).filter(*here),
        holders,
        posted,
        calendar.read(viewer, months),
        bool(own),
    )


def posted_or_empty(viewer: Viewer, period: Period, part: Part) -> pl.DataFrame:
    """people.managers, and for a branch nobody is posted to one row without a manager: it may have a plan."""
    staff = people.managers(viewer, period)
    if part.manager is not None or viewer.manager is not None:
        return staff
    deserted = people.branches(viewer).join(staff, on="branch", how="anti")
    return pl.concat([staff, deserted], how="diagonal")


def find_part(viewer: Viewer, region: str | None, branch: str | None, manager: str | None, period: Period) -> Part:
    """The part that names stand for, each looked for within the one above it; a manager by staff number or name.
    Raises Refused for one that is not there."""
    places, staff = people.branches(viewer), people.managers(viewer, period)
    found = Part(pick(places, "region", region, ["region_name"]))
    found = replace(found, branch=pick(places.filter(*found.conditions()), "branch", branch, ["branch_name"]))
    within = staff.filter(*found.conditions())
    return replace(found, manager=pick(within, "manager", manager, ["staff_no", "manager_name"]))


def pick(table: pl.DataFrame, key: str, wanted: str | None, names: list[str]) -> int | None:
    if wanted is None:
        return None
    for name in names:
        found = table.filter(pl.col(name) == wanted)[key].unique()
        if len(found) == 1:
            return found[0]
    raise Refused("“{name}” is not known here, or not unique.", name=wanted)


def summary(
    viewer: Viewer,
    period: Period,
    through: date,
    by: Sequence[str] = (),
    part: Part = Part(),
    until: date | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame, Definitions]:
    """The summary table with names for ids, its total (one row), and the definitions it was made by: time up to `through`,
    activity `until` a day (included), or all there is."""

    def of(part: Part, rules: Definitions, by: Sequence[str]) -> pl.DataFrame:
        found = frames(viewer, period, part)
        if until is not None:
            found = replace(found, activity=found.activity.filter(pl.col("day") <= until))
        return summaries.summary(found, period, through, rules, by)

    rules = definitions(viewer, period.last, part)
    table = pl.concat(of(one, its, by) for one, its in apart(viewer, period, part, by))
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
            names = customers.products(viewer).select("product", "product_zh")
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
    numbers = {metric.name for metric in FUNNEL} | {"time_progress"}
    for metric in FUNNEL:
        if isinstance(metric, Ratio):
            numbers |= {f"{metric.name}_low", f"{metric.name}_high"}
    answer = {
        name: row[name].isoformat() if isinstance(row[name], date) else row[name]
        for name in row
        if keyed(name, numbers)
    }
    for name in row:
        if name in numbers and name != "time_progress":
            answer[name] = yuan(row[name]) if name == "deal_amount" else row[name]
    targets = {name: row[f"{name}_plan"] for name in MEASURES}
    answer["plan"] = {
        name: yuan(value) if name == "deal_amount" else tidy(value)
        for name, value in targets.items()
        if value is not None
    }
    answer["attainment"] = {name: row[f"{name}_attainment"] for name in MEASURES}
    answer["time_progress"] = row["time_progress"]
    answer["pace"] = {name: pace(row, name) for name in MEASURES}
    return answer


def pace(row: dict, measure: str) -> dict:
    """Where a measure stands against its plan: a status with its word, the gap, the need and where it will end."""
    status = row[f"{measure}_status"] or "no_plan"
    icon, label = grids.STATUS[status]
    facts = {"status": status, "word": _(label), "icon": icon, "pace_gap": row[f"{measure}_pace_gap"]}
    for name in ("needed_per_day", "projection", "projection_low", "projection_high"):
        value = row[f"{measure}_{name}"]
        facts[name] = yuan(value) if measure == "deal_amount" else None if value is None else tidy(value)
    return facts


def keyed(name: str, numbers: set[str]) -> bool:
    return name not in numbers and name not in {f"{one}_{column}" for one in MEASURES for column in summaries.STANDING}


def yuan(cents: float | None) -> float | int | None:
    return None if cents is None else tidy(cents / 100)


def tidy(value: float) -> float | int:
    """A whole number as one."""
    value = round(value, 4)
    return int(value) if value == int(value) else value
