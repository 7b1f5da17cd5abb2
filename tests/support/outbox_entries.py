"""Entries as the outbox sends them."""

from sqlalchemy import select

from dashboard.web.outbox_page import ENTRIES
from db.models import Activity, Customer

KEY, OTHER_KEY = "0" * 32, "1" * 32


VISIT = {
    "key": KEY,
    "account": "1001",
    "kind": "consultation",
    "day": "2026-11-20",
    "time": "09:30:00",
    "customer_name": "湖滨书店",
    "phone": "13812345678",
    "note": "想装修",
    "met_decider": True,
    "need_recorded": True,
    "has_need": False,
}


def send(client, entry: dict | None = None, path: str = ENTRIES, **changes):
    return client.post(path, json=(entry or VISIT) | changes)


def nothing_stored(store) -> bool:
    with store.reading() as connection:
        return not connection.execute(select(Activity.id)).all() and not connection.execute(select(Customer.id)).all()


JSON = {"content-type": "application/json"}
