"""Interviews with what came of them: codes from storage, days before and after from the log, numbers from metrics."""

from datetime import date, timedelta

import polars as pl

from db.access import Viewer
from db.calendar import calendar
from db.interviews import sheets
from db.log import learning
from db.people import people
from metrics.interviews import effect, windows
from metrics.periods import Period

YEAR = timedelta(365)
AROUND = timedelta(60)  # days in which as many working days lie as are looked at
CHAIN = sheets.CODED | effect.EFFECT | {"days": pl.Int64}


def chains(
    viewer: Viewer,
    on: date,
    through: date,
    manager: int | None = None,
    since: date | None = None,
    branch: int | None = None,
) -> pl.DataFrame:
    """One row an interview within the viewer's scope held up to a day (CHAIN), the latest first: its codes, the number
    that was to move before and after, and for how many working `days` it could, up to `through`, the last day that is
    over. Of one manager, in one branch, or held from a day on, where asked."""

    def read() -> pl.DataFrame:
        here = [] if branch is None else [pl.col("branch") == branch]
        held = sheets.coded(viewer, manager, since).filter(pl.col("day") <= on, *here).to_dicts()
        return moved(viewer, held, through) if held else pl.DataFrame(schema=CHAIN)

    return viewer.cached("interview chains", on, through, manager, since, branch, read=read)


def moved(viewer: Viewer, held: list[dict], through: date) -> pl.DataFrame:
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
    if rows:  # nothing of a day that is not over: what is written today leaves them as they are
        span = Period(table["first"].min(), table["last"].max())
    log = learning.read(viewer, span).filter(pl.col("manager").is_in([row["manager"] for row in held]))
    whole, spreads = windows.tallied(log, people.posting_days(viewer, span), known, table, span)
    cases = pl.DataFrame(held, sheets.CODED).with_row_index("place").with_columns(days=pl.Series(over, dtype=pl.Int64))
    for nth, side in enumerate(effect.SIDES):
        ours = whole.filter(pl.col("window") % 2 == nth).with_columns(place=(pl.col("window") // 2).cast(pl.UInt32))
        cases = cases.join(ours.drop("window").rename(effect.prefixed(side)), on="place", how="left")
    spread = pl.Series([spreads.get(2 * place, 1.0) for place in range(len(held))], dtype=pl.Float64)
    return effect.effects(cases.sort("place").with_columns(scatter=spread)).select(list(CHAIN))
