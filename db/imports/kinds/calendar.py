"""The working-day calendar from a file."""

from collections.abc import Callable
from dataclasses import replace

import polars as pl

from db.access import Viewer
from db.calendar import calendar as stored_calendar
from db.engine import Write
from db.files.cells import day, yes_no
from db.files.columns import NAME, NEITHER, NOT_A_DATE, needed, optional
from db.imports.file_kind import FileKind
from db.imports.kinds import setting
from db.imports.resolving import Found, all_problems, without
from db.models import CalendarDay
from db.store.parts import CALENDAR

NOTICE_FILE = "import"

PUBLIC_HOLIDAYS = 11  # days a year, by the State Council's rule until 2024; 13 since


COLUMNS = (
    needed("day", "日期", parse=day, wrong=NOT_A_DATE),
    needed("is_workday", "是否工作日", "工作日", parse=yes_no, wrong=NEITHER),
    optional("name", "名称", "说明", checks=NAME, sample="worked weekend"),
)


def resolve(viewer: Viewer, write: Write, values: pl.DataFrame, cells: pl.DataFrame, create_missing: bool) -> Found:
    """Single days, or a year's notice: with as many days off as there are public holidays, New Year's Day and National
    Day among them, the file makes the whole year known, and the days that are stored nowhere follow their weekday."""
    rows = values.with_columns(source=pl.lit(NOTICE_FILE))
    days = setting.split_known(
        write,
        CalendarDay,
        rows,
        ["day"],
        ["is_workday", "name", "source"],
        all_problems([]),
        cells,
        lambda write, _rows: write.touch(CALENDAR),
    )
    good = without(rows, cells, days.problems).filter(~pl.col("is_workday"))
    named = good.group_by(year=pl.col("day").dt.year()).agg(pl.col("day").dt.strftime("%m-%d"))
    whole = [
        year
        for year, days_off in named.iter_rows()
        if {"01-01", "10-01"} <= set(days_off) and len(set(days_off)) >= PUBLIC_HOLIDAYS
    ]

    def store(write: Write, rows: pl.DataFrame, batch: int, progress: Callable[[int, int], None]) -> None:
        days.store(write, rows, batch, progress)
        for year in sorted(whole):
            stored_calendar.complete(write, year)

    return replace(days, store=store)


KIND = FileKind("calendar", "日历", COLUMNS, ("administrator",), resolve)
