"""The region-year that pages and servers are measured on: the demo of that size, made once and kept in var/."""

import shutil
from datetime import date, datetime, time
from pathlib import Path

from sqlalchemy import func, select

from dashboard.commands import demo
from dashboard.shell.store import open_store
from db.models import Activity


def copied(folder: Path, size: demo.Size = demo.Size.REGION) -> Path:
    """A copy that may be written to. The demo is made where there is none; one of an earlier day will do."""
    if demo.made_on(size) is None:
        demo.fill(size)
    return Path(shutil.copy(demo.database_of(size)[0], folder / "region.db"))


def last_afternoon(database: Path) -> datetime:
    """Half past four on the last day of its log."""
    store = open_store(f"sqlite:///{database}")
    with store.reading() as connection:
        last: date = connection.execute(select(func.max(Activity.day))).scalar_one()
    store.close()
    return datetime.combine(last, time(16, 30))
