"""Diagnoses as other programs read them, and as a table on the terminal."""

from collections.abc import Sequence

import polars as pl

from dashboard.diagnosis.gather import Why
from dashboard.diagnosis.reasons import veterans
from dashboard.diagnosis.sentence import because
from dashboard.standing.summary_report import named, tidy
from db.access import Viewer
from metrics.catalog import MEASURES
from metrics.diagnosis import cohorts
from metrics.diagnosis.shortfall import FACTORS
from metrics.metric import AMOUNT
from metrics.periods import Period

PARTS = (*FACTORS, "unallocated")


def why_json(viewer: Viewer, found: Why, period: Period, measure: str, against: str, by: Sequence[str]) -> dict:
    """The contract of `report why`; amounts in 元."""
    names = veterans(viewer, found.table)

    def in_unit(value: float | None) -> float | None:
        """Not rounded: the effects add up."""
        return value / 100 if value is not None and MEASURES[measure].unit == AMOUNT else value

    def row(facts: dict, keys: Sequence[str]) -> dict:
        answer = {key: facts[key] for key in keys}
        answer |= {name: in_unit(facts[name]) for name in ("actual", "reference", "gap")}
        for part, end in (("effects", ""), ("low", "_low"), ("high", "_high")):
            known = facts["gap"] is not None
            answer[part] = {one: in_unit(facts[one + end]) if known else None for one in PARTS}
        said = because(facts, measure, against, found.borrowed, names.get(facts.get("id")))
        return answer | {"verdict": facts["verdict"], "reaction": facts["reaction"], "because": said}

    table = found.table.with_columns(id=pl.col("manager")) if "manager" in by else found.table
    table = named(viewer, table, by)
    keys = [name for name in table.columns if name in ("region", "branch", "staff_no", "manager")] if by else []
    return {
        "kind": "why",
        "measure": measure,
        "against": against,
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "by": list(by),
        "rows": [row(one, keys) for one in table.to_dicts()],
        "total": row(found.total.row(0, named=True), []),
    }


def cohorts_json(viewer: Viewer, cases: pl.DataFrame, period: Period, horizon: int, by: Sequence[str]) -> dict:
    """The contract of `report cohorts`."""

    def rows(keys: Sequence[str]) -> list[dict]:
        lines = cohorts.curves(cases, horizon, keys)
        table = named(
            viewer, cohorts.maturity(cases, horizon, keys).with_columns(id=pl.struct(keys) if keys else 0), keys
        )
        return [answer(one, lines, keys) for one in table.to_dicts()]

    def answer(facts: dict, lines: pl.DataFrame, keys: Sequence[str]) -> dict:
        mine = lines.filter(*(pl.col(key) == facts["id"][key] for key in keys))
        curves = {
            end: [list(map(tidy, point)) for point in mine.filter(pl.col("end") == end).select(POINT).iter_rows()]
            for end in cohorts.KIND
        }
        said = {name: facts[name] for name in facts if name in ("region", "branch", "staff_no", "manager")}
        return said | {"started": facts["started"]} | curves | {"mature": tidy(facts["mature"])}

    return {
        "kind": "cohorts",
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "horizon": horizon,
        "by": list(by),
        "rows": rows(by),
        "total": rows(())[0],
    }


POINT = ("day", "share", "low", "high")
