"""What a meeting hears of visiting days: what the last one brought, and when the next one is."""

from datetime import date, timedelta

import polars as pl

from dashboard.documents.blocks import Block, Cell, Table, Text
from dashboard.shell.language import _
from dashboard.visiting import gather
from dashboard.widgets import formats
from db.access import Viewer
from db.meetings import visiting
from metrics.catalog import MEASURES
from metrics.periods import Period

AHEAD = timedelta(31)


def of_meeting(viewer: Viewer, branch: int, since: date, on: date) -> tuple[Block, ...]:
    """The visiting days from a day (the meeting before) up to the meeting's day, each with its results beside a normal
    day, and the next one. Empty where there is none."""
    blocks: list[Block] = []
    for day in visiting.read(viewer, branch, Period(since, on)).to_dicts():
        if day["cancelled"]:
            said = _("Visiting day {day} was cancelled: {reason}", day=formats.day(day["day"]), reason=day["cancelled"])
            blocks.append(Text(said, "note"))
            continue
        outing = gather.outing(viewer, day)
        blocks += [Text(line(outing)), table(viewer, outing)]
    ahead = visiting.read(viewer, branch, Period(on + timedelta(1), on + AHEAD))
    coming = ahead.filter(pl.col("cancelled").is_null()).head(1).to_dicts()
    if coming:
        place = coming[0]["territory_name"] or _("no territory set")
        blocks.append(Text(_("Next visiting day: {day}, {place}", day=formats.day(coming[0]["day"]), place=place)))
    return tuple(blocks)


def line(outing: gather.Outing) -> str:
    return _(
        "Visiting day {day}, {place}: people {people}, groups {groups}, visits together {visits} of {target}",
        day=formats.day(outing.day["day"]),
        place=outing.day["territory_name"] or _("no territory set"),
        people=outing.team.height,
        groups=len(outing.groups()),
        visits=outing.made(),
        target=outing.day["target"] * len(outing.groups()),
    )


def table(viewer: Viewer, outing: gather.Outing) -> Table:
    rows = tuple(
        (
            Cell(_(MEASURES[row["measure"]].label)),
            Cell(formats.count(row["actual"])),
            Cell(formats.number(row["normal"])),
        )
        for row in gather.brought(viewer, outing).to_dicts()
    )
    return Table((_("Measure"), _("That day"), _("A normal day")), rows)
