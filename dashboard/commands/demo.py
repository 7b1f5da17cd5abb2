"""The demo: a seeded region in var/, made anew on a new day so that its log reaches up to now."""

import time
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import typer

from dashboard.shell import clock
from dashboard.shell.language import _
from dashboard.shell.settings import ROOT
from dashboard.shell.store import open_store
from db.accounts import accounts, demo_accounts
from db.simulate.people import DAILY_CONSULTATIONS
from db.simulate.simulate import simulate

VAR = ROOT / "var"


class Size(StrEnum):
    BRANCH = "branch"
    REGION = "region"


@dataclass(frozen=True)
class Scale:
    branches: int
    managers: int
    months: int
    daily: float = DAILY_CONSULTATIONS  # consultations of a manager


SCALES = {
    Size.BRANCH: Scale(8, 90, 14),
    Size.REGION: Scale(50, 500, 12, 9.75),  # some 2.1 million rows
}


def database_of(size: Size) -> tuple[Path, Path]:
    """The file of a demo, and the one that says when it was made."""
    name = "demo" if size is Size.BRANCH else f"demo-{size}"
    return VAR / f"{name}.db", VAR / f"{name}.day"


def made_on(size: Size) -> datetime | None:
    """The moment the log of a demo reaches up to, bank time; None where there is none that can be used."""
    database, stamp = database_of(size)
    if not (database.exists() and stamp.exists() and usable(f"sqlite:///{database}")):
        return None
    return datetime.fromisoformat(stamp.read_text())


def fill(size: Size = Size.BRANCH) -> str:
    """The URL of a demo database whose log reaches up to today."""
    database, stamp = database_of(size)
    url, moment = f"sqlite:///{database}", clock.now().replace(tzinfo=None)
    kept = made_on(size)
    if kept is not None and kept.date() == moment.date():
        return url
    for old in (*VAR.glob(f"{database.name}*"), stamp):
        old.unlink(missing_ok=True)
    scale = asdict(SCALES[size])
    typer.echo(_("Creating a region of {branches} branches, {managers} managers and {months} months …", **scale))
    started = time.monotonic()
    store = open_store(url, new=True)
    simulate(store, today=moment.date(), now_hour=moment.hour + moment.minute / 60, **scale)
    store.close()
    stamp.write_text(moment.isoformat())
    typer.echo(_("Done in {seconds} s.", seconds=round(time.monotonic() - started)))
    return url


def usable(url: str) -> bool:
    """Whether an earlier version of the demo left its people's accounts here."""
    store = open_store(url)
    try:
        return demo_accounts.is_demo(store) and accounts.exist(store)
    finally:
        store.close()
