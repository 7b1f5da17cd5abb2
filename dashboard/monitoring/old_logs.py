"""The files of the log, and which of them are older than they are to be kept."""

from collections.abc import Generator
from datetime import date, timedelta
from pathlib import Path

from dashboard.shell.settings import settings

NAME = "chenxi.jsonl"


def files() -> Generator[Path]:
    """The log of today and of the days before; those of several processes lie in folders of their own below."""
    yield from settings().logs.rglob(f"{NAME}*")


def delete_old(today: date) -> int:
    """Deletes what is older than it is to be kept, and gives how many files that were; the server that writes them counts
    files, not days."""
    old = [one for one in files() if (day := day_of(one)) and day < today - timedelta(settings().log_days)]
    for one in old:
        one.unlink(missing_ok=True)
    return len(old)


def day_of(file: Path) -> date | None:
    """The day a log is of; None of the one that is written."""
    try:
        return date.fromisoformat(file.name.removeprefix(f"{NAME}."))
    except ValueError:
        return None
