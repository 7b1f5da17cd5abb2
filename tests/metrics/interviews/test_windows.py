"""Many windows looked at together are the same as one after another."""

from datetime import timedelta

import polars as pl

from dashboard.shell.store import operator
from db.calendar import calendar
from db.engine import Store
from db.log import activity
from db.people import people
from metrics.definitions import interpret
from metrics.diagnosis import process
from metrics.diagnosis.tallies import tallies
from metrics.interviews import effect, windows
from metrics.periods import Period
from tests.conftest import FRIDAY


def test_windows_that_overlap_are_each_what_they_are_alone(region_url):
    store = Store(region_url, mark=interpret)
    viewer, span = operator(store), Period(FRIDAY - timedelta(80), FRIDAY)
    log, posted, known = activity.read(viewer, span), people.posting_days(viewer, span), calendar.read(viewer, span)
    places = people.last_places(viewer, FRIDAY).sort("manager").head(4).select("manager", "branch").rows()
    rows = [
        (number, *places[number % 4], FRIDAY - timedelta(60 - 5 * number), FRIDAY - timedelta(30 - 3 * number))
        for number in range(8)
    ]
    table = pl.DataFrame(rows, windows.WINDOW, orient="row")
    found, spreads = windows.tallied(log, posted, known, table, span)
    assert found["window"].to_list() == list(range(8))
    for number, manager, branch, first, last in rows:
        here, period = (pl.col("manager") == manager, pl.col("branch") == branch), Period(first, last)
        alone = tallies(log.filter(*here), posted.filter(pl.col("day").is_between(first, last), *here), known, period)
        whole = alone.select(pl.col(name).sum() for name in effect.COUNTED)
        assert found.filter(window=number).drop("window").equals(whole)
        days = process.points(log.filter(*here), posted.filter(*here), known, period, "day")
        wanted = effect.scatter(days["consultations"].to_list(), days["days"].to_list())
        assert abs(spreads[number] - wanted) < 1e-9
    store.close()
