"""Whether the store is sound, said on the command line."""

import json

import typer

from dashboard.stores import operator
from dashboard.words import _
from db.access import Viewer, scope
from db.check import Finding, check
from db.engine import Store
from metrics.definitions import from_record

PARTS = {"audit": "Audit trail", "links": "Links between tables", "mirror": "Mirror", "definitions": "Definitions"}


def found(viewer: Viewer) -> dict[str, tuple[int, list[Finding]]]:
    """What db.check finds, for whoever may read the audit trail."""
    scope(viewer, "read_audit")
    return check(viewer.store, lambda record: from_record(*record))


def run(store: Store, as_json: bool) -> bool:
    """Checks and says what was found; True when nothing is wrong."""
    parts = found(operator(store))
    if as_json:
        typer.echo(json.dumps({name: record(*one) for name, one in parts.items()}, ensure_ascii=False))
    else:
        for name, (rows, wrong) in parts.items():
            typer.echo("\n".join([line(name, rows, wrong), *(f"  {spelt(one)}" for one in wrong)]))
    return not any(wrong for _rows, wrong in parts.values())


def line(part: str, rows: int, wrong: list[Finding]) -> str:
    state = _("{findings} findings", findings=len(wrong)) if wrong else _("sound")
    return _("{part}: {rows} rows, {state}", part=_(PARTS[part]), rows=f"{rows:,}", state=state)


def record(rows: int, wrong: list[Finding]) -> dict:
    return {"rows": rows, "findings": [one.values | {"problem": spelt(one)} for one in wrong]}


def spelt(one: Finding) -> str:
    return _(one.message, **one.values)
