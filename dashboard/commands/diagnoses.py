"""Why somebody is behind, what became of cohorts, and which interviews worked: for people and programs."""

import json
from datetime import datetime
from typing import Annotated

import typer

from dashboard.commands.cli import Database, Json, store
from dashboard.commands.reports import commands
from dashboard.diagnosis import gather, report, terminal
from dashboard.interviews import report as interview_report
from dashboard.shell import clock
from dashboard.shell.store import operator
from dashboard.standing import part
from metrics.diagnosis.shortfall import FLOORS, MEASURES
from metrics.periods import Period

Day = {"formats": ["%Y-%m-%d"]}
First = Annotated[datetime, typer.Option("--from", **Day)]
Last = Annotated[datetime, typer.Option("--to", **Day)]
By = Annotated[str | None, typer.Option(help="region, branch or manager.")]
Manager = Annotated[str | None, typer.Option(help="Staff number or name.")]


def asked(first: datetime, last: datetime, by: str | None) -> tuple[Period, tuple[str, ...]]:
    if by is not None and by not in FLOORS:
        raise typer.BadParameter(f"use one of {', '.join(FLOORS)}", param_hint="--by")
    if last < first or first.year < 2000 or last.year > 2100:
        raise typer.BadParameter("the period must end after it begins, between 2000 and 2100", param_hint="--to")
    return Period(first.date(), last.date()), (by,) if by else ()


@commands.command()
def why(
    first: First,
    last: Last,
    measure: Annotated[str, typer.Option(help="consultations, applications, deals or deal_amount.")] = "deals",
    against: Annotated[str, typer.Option(help="plan, peers or before.")] = "plan",
    by: By = None,
    region: str | None = None,
    branch: str | None = None,
    manager: Manager = None,
    as_json: Json = False,
    database: Database = None,
) -> None:
    """Why deals are fewer than planned: the effects of days, volume, rates and ticket, and what to do."""
    period, keys = asked(first, last, by)
    for name, value, known in (("--measure", measure, tuple(MEASURES)), ("--against", against, gather.AGAINST)):
        if value not in known:
            raise typer.BadParameter(f"use one of {', '.join(known)}", param_hint=name)
    viewer = operator(store(database))
    here = part.find_part(viewer, region, branch, manager, period)
    found = gather.why(viewer, period, clock.done_through(), measure, against, keys, here)
    answer = report.why_json(viewer, found, period, measure, against, keys)
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
    else:
        terminal.show_why(answer)


@commands.command(name="cohorts")
def cohort(
    first: First,
    last: Last,
    horizon: Annotated[int, typer.Option(min=1, max=250, help="Working days since the first consultation.")] = 40,
    by: By = None,
    region: str | None = None,
    branch: str | None = None,
    manager: Manager = None,
    as_json: Json = False,
    database: Database = None,
) -> None:
    """What became of the opportunities first consulted in a period, by working days since."""
    period, keys = asked(first, last, by)
    viewer = operator(store(database))
    here = part.find_part(viewer, region, branch, manager, period)
    cases = gather.cohort(viewer, period, clock.done_through(), here)
    answer = report.cohorts_json(viewer, cases, period, horizon, keys)
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
    else:
        terminal.show_cohorts(answer)


@commands.command()
def interviews(
    first: First,
    last: Last,
    by: By = None,
    region: str | None = None,
    branch: str | None = None,
    manager: Manager = None,
    as_json: Json = False,
    database: Database = None,
) -> None:
    """Interviews held in a period: cause, reaction, actions done, and how often the number has moved."""
    period, keys = asked(first, last, by)
    viewer = operator(store(database))
    here = part.find_part(viewer, region, branch, manager, period)
    answer = interview_report.as_json(viewer, period, clock.done_through(), here, keys)
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
    else:
        interview_report.show(answer)
