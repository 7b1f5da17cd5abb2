"""Files as branch staff bring them, and what a store holds."""

import shutil
from contextlib import contextmanager
from datetime import date
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter
from sqlalchemy import func, select

from db.engine import Store
from db.imports.imports import Report, import_file
from db.models import Activity, Audit, Base
from db.store import sealing
from metrics.definitions import interpret
from tests.support.builders import csv

TODAY = date(2026, 11, 20)
BPI = Path(__file__).parents[3] / "shared" / "data" / "bpi2012" / "activities.csv.gz"
ZH = {
    "date": "日期",
    "time": "时间",
    "region": "分行",
    "branch": "支行",
    "staff_no": "工号",
    "manager": "客户经理",
    "kind": "活动类型",
    "customer": "客户",
    "phone": "手机号",
    "opportunity": "商机号",
    "product": "产品",
    "amount": "金额",
    "channel": "渠道",
    "method": "方式",
    "effective": "有效",
    "note": "备注",
    "reference": "外部编号",
}
USUAL = {
    "date": "2026-11-16",
    "region": "江城分行",
    "branch": "东湖支行",
    "staff_no": "1001",
    "manager": "王芳",
    "kind": "咨询",
}


def row(**cells) -> dict:
    """A consultation of 王芳 on Monday, apart from what is named."""
    return USUAL | cells


def sheet(*rows: dict, chinese: bool = True, columns: list[str] | None = None) -> list[list]:
    """Headings and cells; the columns are those any row names."""
    columns = columns or list(dict.fromkeys(name for one in rows for name in one))
    return [[ZH.get(name, name) if chinese else name for name in columns]] + [
        [one.get(name, "") for name in columns] for one in rows
    ]


def workbook(**sheets: list[list]) -> bytes:
    target = BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        page = book.add_worksheet(name)
        for number, cells in enumerate(rows):
            page.write_row(number, 0, cells)
    book.close()
    return target.getvalue()


def lines(rows: list[list]) -> bytes:
    header, *others = ([f'"{cell}"' for cell in one] for one in rows)
    return csv(",".join(header), *(",".join(one) for one in others))


def bring(viewer, *rows: dict, **options) -> Report:
    """Imports these rows of the log, everything unknown created unless told otherwise."""
    return file(viewer, "activities", lines(sheet(*rows)), **{"create_missing": True} | options)


def file(viewer, kind: str, content: bytes | str, name: str = "file.csv", **options) -> Report:
    content = content.encode() if isinstance(content, str) else content
    return import_file(viewer, kind, name, content, TODAY, **options)


def numbers(report: Report) -> tuple[int, int, int, int]:
    return report.rows, report.accepted, report.duplicates, report.rejected


def problems(report: Report) -> list[tuple]:
    """(row, column, value, the problem up to its colon)."""
    named = report.problems.select("row", "column", "value", "problem").iter_rows()
    return [(number, column, value, problem.split(":")[0]) for number, column, value, problem in named]


def counts(store: Store) -> dict[str, int]:
    """How many rows each table holds, and the change counter."""
    with store.reading() as connection:
        held = {
            name: connection.scalar(select(func.count()).select_from(table))
            for name, table in Base.metadata.tables.items()
        }
    return held | {"counter": store.counter()}


def logged(store: Store, *columns) -> list[tuple]:
    """These columns of every entry of the log, in the order they were stored."""
    with store.reading() as connection:
        return [tuple(one) for one in connection.execute(select(*columns).order_by(Activity.id))]


def held_values(store: Store, *columns) -> set[tuple]:
    with store.reading() as connection:
        return {tuple(one) for one in connection.execute(select(*columns))}


def trail(store: Store, *columns) -> list[tuple]:
    """These columns of the audit trail (account, action, entity unless told otherwise), in the order of its rows; what is
    sealed as it was written."""
    columns = columns or (Audit.account, Audit.action, Audit.entity)
    with store.reading() as connection:
        rows = connection.execute(select(*columns).order_by(Audit.id)).all()
        return [
            tuple(sealing.opened(connection, [one])[0] if isinstance(one, dict) else one for one in row) for row in rows
        ]


def everything(store: Store) -> str:
    """All that stands anywhere in the database, as one text."""
    with store.reading() as connection:
        tables = Base.metadata.tables.values()
        return "\n".join(repr(tuple(row)) for table in tables for row in connection.execute(select(table)))


@contextmanager
def fresh(template: Path):
    """A new store, for tests that need many."""
    with TemporaryDirectory() as folder:
        shutil.copy(template, Path(folder, "fresh.db"))
        store = Store(f"sqlite:///{folder}/fresh.db", mark=interpret)
        yield store
        store.close()
