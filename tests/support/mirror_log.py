"""A log that is changed behind the mirror's back, row by row."""

from datetime import date, datetime

import polars as pl
from sqlalchemy import insert, update

from db.engine import Store
from db.log import mirror
from db.log.columns.partitions import ROW
from db.log.touching import touch
from db.models import Activity, Customer, Definitions, Opportunity
from metrics.definitions import DEFAULT
from metrics.periods import Period
from tests.support.builders import EAST, LI, MONDAY, REGION, SOUTH, WANG, ZHAO, bank

TUESDAY, NEXT_MONTH = date(2026, 11, 17), date(2026, 12, 1)


YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))


BRANCH_OF = {WANG: EAST, LI: EAST, ZHAO: SOUTH}


def with_customers(store: Store) -> Store:
    bank(store)
    with store.writing("test") as write:
        people = [{"id": n, "branch_id": EAST, "manager_id": WANG, "name": f"客户{n}"} for n in range(1, 5)]
        write.session.execute(insert(Customer), people)
        needs = [{"id": n, "region_id": REGION, "customer_id": n, "manager_id": WANG} for n in range(1, 5)]
        write.session.execute(insert(Opportunity), needs)
        write.settle_ids(Customer, Opportunity)
    return store


def put(store: Store, **fields) -> int:
    """Stores an activity: an effective consultation of 王芳 with customer 1 on Monday, unless told."""
    by = fields.get("manager_id", WANG)
    usual = {"day": MONDAY, "region_id": REGION, "branch_id": BRANCH_OF[by], "manager_id": WANG, "customer_id": 1}
    usual |= {"kind": "consultation", "effective": True, "recorded_by": "test"}
    with store.writing("test") as write:
        row = usual | {"recorded_at": write.now, "version": write.version} | fields
        identity = write.session.execute(insert(Activity).values(row).returning(Activity.id)).scalar_one()
        touch(write, Activity.id == identity, date.max)
        return identity


def alter(store: Store, *identities: int, **fields) -> None:
    with store.writing("test") as write:
        those = Activity.id.in_(identities)
        touch(write, those, date.max)
        write.session.execute(update(Activity).where(those).values(version=write.version, **fields))
        touch(write, those, date.max)


def withdraw(store: Store, *identities: int) -> None:
    alter(store, *identities, voided_at=datetime(2026, 11, 17))


def define(store: Store, version: int, **body) -> None:
    with store.writing("test") as write:
        facts = {"version": version, "from_day": date(2000, 1, 1), "set_at": write.now, "set_by": "test"}
        write.session.execute(insert(Definitions).values(facts | {"body": DEFAULT | body}))


def read(store: Store, span=YEAR, **scope) -> pl.DataFrame:
    return mirror.of(store).read(span, scope).collect().sort("id")


def ids(store: Store, span=YEAR, **scope) -> list[int]:
    return read(store, span, **scope)["id"].to_list()


def counted(store: Store) -> list[int]:
    return read(store).filter("counted")["id"].to_list()


def everything(one: mirror.Mirror) -> pl.DataFrame:
    """All rows the mirror holds, with what was stated."""
    held = [month.rows().select(list(ROW)).collect() for month in one.refresh().months.values()]
    return pl.concat([pl.DataFrame(schema=ROW), *held]).sort("id")
