"""The demo: a seeded region in var/demo.db, made anew on a new day so that its log reaches up to now."""

import time

import typer

from dashboard import clock
from dashboard.settings import ROOT
from dashboard.stores import open_store, operator, shared
from dashboard.words import _
from db import people
from db.simulate import simulate
from metrics import periods

VAR = ROOT / "var"


def fill() -> str:
    """The URL of a demo database whose log reaches up to today."""
    database, stamp = VAR / "demo.db", VAR / "demo.day"
    url, today = f"sqlite:///{database}", clock.today().isoformat()
    if database.exists() and stamp.exists() and stamp.read_text() == today:
        return url
    for old in (*VAR.glob("demo.db*"), stamp):
        old.unlink(missing_ok=True)
    typer.echo(_("Making a region of 8 branches, 90 managers and 14 months …"))
    started, moment = time.monotonic(), clock.now()
    store = open_store(url)
    simulate(store, today=moment.date(), now_hour=moment.hour + moment.minute / 60)
    store.close()
    stamp.write_text(today)
    typer.echo(_("Done in {seconds} s.", seconds=round(time.monotonic() - started)))
    return url


def doors(url: str, address: str, port: int) -> list[str]:
    """A link for each of the three users, to enter at once."""
    viewer, on = operator(shared(url)), periods.day(clock.today())
    manager = people.managers(viewer, on).row(0, named=True)
    who = {
        _("Regional staff · {place}", place=manager["region_name"]): f"region-{manager['region']}",
        _("Branch head · {place}", place=manager["branch_name"]): f"head-{manager['branch']}",
        _("Manager · {name}", name=manager["manager_name"]): f"manager-{manager['staff_no']}",
    }
    return [f"  {label}: http://{address}:{port}/?as={code}" for label, code in who.items()]
