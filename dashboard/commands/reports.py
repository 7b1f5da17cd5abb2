"""Reports for people and programs."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from dashboard.commands.cli import Database, Json, day, given_keys, group, store
from dashboard.penetration import report as penetration_report
from dashboard.penetration.tables import Penetration
from dashboard.shell import clock
from dashboard.shell.store import operator
from dashboard.standing import part, summary_report, summary_table
from dashboard.workdays import working_days
from db.audit import trail
from metrics.periods import Period
from metrics.plans.summary import KEYS, TIME

commands = group("report", "Reports for people and programs.")


@commands.command()
def summary(
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"])],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"])],
    by: Annotated[
        list[str] | None, typer.Option(help="region, branch, manager, product, channel, method, day, week, month.")
    ] = None,
    region: str | None = None,
    branch: str | None = None,
    manager: Annotated[str | None, typer.Option(help="Staff number or name.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Activity and time as of the end of this day.")] = None,
    as_json: Json = False,
    xlsx: Path | None = None,
    csv: Path | None = None,
    database: Database = None,
) -> None:
    """Consultations, applications, deals, rates, plan and attainment of a period."""
    keys = given_keys(by)
    if [key for key in keys if key not in KEYS] or sum(key in TIME for key in keys) > 1 or len(set(keys)) < len(keys):
        raise typer.BadParameter(f"use keys of {', '.join(KEYS)}, each once, one of time at most", param_hint="--by")
    if last < first or first.year < 2000 or last.year > 2100:
        raise typer.BadParameter("the period must end after it begins, between 2000 and 2100", param_hint="--to")
    period = Period(first.date(), last.date())
    through = day(as_of) if as_of else clock.done_through()
    viewer = operator(store(database))
    asked_part = part.find_part(viewer, region, branch, manager, period)
    table, total, rules = summary_report.summary(viewer, period, through, keys, asked_part, through if as_of else None)
    known = working_days.calendar_known(viewer, period)
    if as_json:
        answer = summary_report.as_json(table, total, rules, period, keys, known)
        typer.echo(json.dumps(answer, ensure_ascii=False))
    if xlsx or csv:
        asked = {"from": str(period.first), "to": str(period.last), "by": keys} | asked_part.__dict__
        trail.exported(viewer, "summary", asked, table.height)
        summary_table.save(table, total, keys, rules, period, known, xlsx, csv)
    if not (as_json or xlsx or csv):
        summary_table.show(table, total, keys, rules, period, known)


@commands.command()
def penetration(
    on: Annotated[str, typer.Option("--on", help="The day it stands on.")],
    by: Annotated[list[str] | None, typer.Option(help="region, branch, manager, territory, product.")] = None,
    since: Annotated[
        str | None, typer.Option("--from", help="Attach rate and what is new since this day; else all.")
    ] = None,
    region: str | None = None,
    branch: str | None = None,
    manager: Annotated[str | None, typer.Option(help="Staff number or name.")] = None,
    as_json: Json = False,
    xlsx: Path | None = None,
    csv: Path | None = None,
    database: Database = None,
) -> None:
    """Penetration, the coverage ladder and the attach rate as they stand on a day."""
    keys = given_keys(by)
    if [key for key in keys if key not in penetration_report.KEYS] or len(set(keys)) < len(keys):
        raise typer.BadParameter(f"use keys of {', '.join(penetration_report.KEYS)}, each once", param_hint="--by")
    stands_on, first = day(on), day(since) if since else None
    if (first is not None and first > stands_on) or not 2000 <= stands_on.year <= 2100:
        raise typer.BadParameter("the day lies between 2000 and 2100, and not before --from", param_hint="--on")
    viewer = operator(store(database))
    asked = part.find_part(viewer, region, branch, manager, Period(stands_on, stands_on))
    found = Penetration(viewer, stands_on, first, asked)
    if as_json:
        typer.echo(json.dumps(penetration_report.as_json(found, keys), ensure_ascii=False))
    if xlsx or csv:
        table, _total = penetration_report.rows(found, keys)
        trail.exported(viewer, "penetration", {"on": on, "by": keys} | asked.__dict__, table.height)
        penetration_report.save(found, keys, xlsx, csv)
    if not (as_json or xlsx or csv):
        penetration_report.show(found, keys)
