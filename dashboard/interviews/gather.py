"""Interviews with what came of them: codes from storage, days before and after from the log, numbers from metrics."""

from datetime import date, timedelta

import polars as pl

from db.access import Viewer
from db.calendar import calendar
from db.interviews import sheets
from db.log import learning
from db.people import people
from metrics.diagnosis.tallies import TALLY
from metrics.interviews import effect, windows
from metrics.periods import Period

YEAR = timedelta(365)
AROUND = timedelta(60)  # days in which as many working days lie as are looked at
CHAIN = sheets.CODED | effect.EFFECT | {"days": pl.Int64}
NOTHING = pl.DataFrame(schema=TALLY)


def chains(
    viewer: Viewer, on: date, through: date, manager: int | None = None, since: date | None = None
) -> pl.DataFrame:
    """One row an interview within the viewer's scope held up to a day (CHAIN), the latest first: its codes, the number
    that was to move before and after, and for how many working `days` it could, up to `through`, the last day that is
    over. Of one manager, or held from a day on, where asked."""

    def read() -> pl.DataFrame:
        held = sheets.coded(viewer, manager, since).filter(pl.col("day") <= on).to_dicts()
        return pl.DataFrame(moved(viewer, held, through) if held else [], CHAIN)

    return viewer.cached("interview chains", on, through, manager, since, read=read)


def moved(viewer: Viewer, held: list[dict], through: date) -> list[dict]:
    """The interviews with their effect (metrics.interviews.effect), of the last working days before each one's day and
    the first after it, in its branch."""
    days = [row["day"] for row in held]
    span = Period(min(days) - AROUND, max(days) + AROUND)
    known = calendar.read(viewer, span)
    working = known.filter("is_workday")["day"]
    rows, over = [], []
    for place, row in enumerate(held):
        past = working.filter(working < row["day"]).tail(effect.LONGEST)
        since = working.filter((working > row["day"]) & (working <= through)).head(effect.LONGEST)
        over.append(len(since))
        for number, found in ((2 * place, past), (2 * place + 1, since)):
            if len(found):
                rows.append((number, row["manager"], row["branch"], found[0], found[-1]))
    table = pl.DataFrame(rows, windows.WINDOW, orient="row")
    log = learning.read(viewer, span).filter(pl.col("manager").is_in([row["manager"] for row in held]))
    found, spreads = windows.tallied(log, people.posting_days(viewer, span), known, table, span)

    def one(place: int, row: dict) -> dict:
        before, after = (found.get(2 * place + side, NOTHING) for side in (0, 1))
        spread = spreads.get(2 * place, 1.0)
        return row | effect.effect(before, after, row["watched"], over[place], spread) | {"days": over[place]}

    return [one(place, row) for place, row in enumerate(held)]
