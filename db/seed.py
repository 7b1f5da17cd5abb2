"""What every database holds from its first moment: its identity, the products, the calendar, the first definitions."""

import secrets
import uuid
from datetime import UTC, date, datetime, timedelta

import chinese_calendar
from sqlalchemy import Connection, insert

from db.codes import CROSS_SELL_PRODUCTS, LOAN_PRODUCTS
from db.models import CalendarDay, ChangeCounter, Definitions, History, PartVersion, Product

FIRST_YEAR, LAST_YEAR = 2010, 2026
NOTICE = "国务院办公厅节假日安排"


def seed(connection: Connection, definitions: dict[str, object]) -> None:
    connection.execute(insert(ChangeCounter).values(id=1, value=0, store_id=uuid.uuid4().hex))
    drawn = {"version": 0, "token": secrets.token_hex(8)}
    connection.execute(insert(History).values(drawn))
    connection.execute(insert(PartVersion).values(drawn | {"part": "other"}))
    for family, products in (("loan", LOAN_PRODUCTS), ("cross_sell", CROSS_SELL_PRODUCTS)):
        rows = [{"code": code, "family": family, "name_zh": zh, "name_en": en} for code, (zh, en) in products.items()]
        connection.execute(insert(Product), rows)
    connection.execute(insert(CalendarDay), [calendar_day(day) for day in days(FIRST_YEAR, LAST_YEAR)])
    first = {"version": 1, "from_day": date(2000, 1, 1), "body": definitions, "set_by": "installation"}
    connection.execute(insert(Definitions), {**first, "set_at": datetime.now(UTC).replace(tzinfo=None)})


def days(first_year: int, last_year: int) -> list[date]:
    first, last = date(first_year, 1, 1), date(last_year, 12, 31)
    return [first + timedelta(n) for n in range((last - first).days + 1)]


def calendar_day(day: date) -> dict[str, object]:
    """A day as the State Council's yearly notice has it (library chinesecalendar): holidays and worked weekends."""
    _, name = chinese_calendar.get_holiday_detail(day)
    return {"day": day, "is_workday": chinese_calendar.is_workday(day), "name": name, "source": NOTICE}
