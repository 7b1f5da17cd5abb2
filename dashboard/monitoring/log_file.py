"""The log as a file of JSON, an event a line, begun anew each day.

What is written has gone through dashboard.shell.log_redaction: it names where something failed, never the values it failed
on. The number a person is shown with an error is the field `number` of its line."""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from logging.handlers import TimedRotatingFileHandler

import structlog

from dashboard.monitoring.log_limit import Limit
from dashboard.monitoring.old_logs import NAME
from dashboard.shell.settings import settings

APART = ("streamlit", "uvicorn")  # which keep their records to themselves once they run
FIELDS = ("number", "error", "where", "left_out")  # beside at, level, logger and event


@contextmanager
def written() -> Generator[None]:
    """Writes every record of every logger from INFO on there meanwhile, beside where they go anyway; from when the server
    has set up its own loggers."""
    folder = settings().logs
    folder.mkdir(parents=True, exist_ok=True)
    handler = TimedRotatingFileHandler(
        folder / NAME, when="midnight", backupCount=settings().log_days, encoding="utf-8", delay=True
    )
    handler.setFormatter(formatter())
    handler.addFilter(Limit())
    root = logging.getLogger()
    root.setLevel(min(root.level or logging.INFO, logging.INFO))
    speakers = [one for one in (root, *map(logging.getLogger, APART)) if one is root or not one.propagate]
    console = logging.lastResort if not root.handlers else None  # where warnings went while nobody handled them
    for one in speakers:
        one.addHandler(handler)
    if console:
        root.addHandler(console)
    try:
        yield
    finally:
        for one in speakers:
            one.removeHandler(handler)
        if console:
            root.removeHandler(console)
        handler.close()


def formatter() -> logging.Formatter:
    """A record as one line: at, level, logger, event, and those of FIELDS that it was given."""
    common = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(FIELDS),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    last = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, one_line]
    written = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=common, processors=[*last, written])


def one_line(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """The same fields in the same order on every line; where the lines of code stand apart, not in the event too."""
    if "where" in event:
        event["event"] = event["event"].splitlines()[0]
    return {name: event.pop(name) for name in ("at", "level", "logger", "event") if name in event} | event
