"""The demo: a seeded region in var/demo.db, made anew on a new day so that its log reaches up to now."""

import time

import typer

from dashboard.shell import clock
from dashboard.shell.language import _
from dashboard.shell.settings import ROOT
from dashboard.shell.store import open_store
from db.accounts import accounts, demo_accounts
from db.simulate.simulate import simulate

VAR = ROOT / "var"


def fill() -> str:
    """The URL of a demo database whose log reaches up to today."""
    database, stamp = VAR / "demo.db", VAR / "demo.day"
    url, today = f"sqlite:///{database}", clock.today().isoformat()
    if database.exists() and stamp.exists() and stamp.read_text() == today and usable(url):
        return url
    for old in (*VAR.glob("demo.db*"), stamp):
        old.unlink(missing_ok=True)
    typer.echo(_("Creating a region of 8 branches, 90 managers and 14 months …"))
    started, moment = time.monotonic(), clock.now()
    store = open_store(url, new=True)
    simulate(store, today=moment.date(), now_hour=moment.hour + moment.minute / 60)
    store.close()
    stamp.write_text(today)
    typer.echo(_("Done in {seconds} s.", seconds=round(time.monotonic() - started)))
    return url


def usable(url: str) -> bool:
    """Whether an earlier version of the demo left its people's accounts here."""
    store = open_store(url)
    try:
        return demo_accounts.is_demo(store) and accounts.exist(store)
    finally:
        store.close()
