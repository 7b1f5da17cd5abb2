"""Many rows are written past SQLAlchemy: they, their table's indexes and its ids are what they would otherwise be."""

from datetime import date

import pytest
from sqlalchemy import delete, func, insert, select, text

from db.engine import Store
from db.models import Activity, Base, Customer, Opportunity
from db.simulate.simulate import simulate

TODAY = date(2026, 3, 18)


def indexes(store: Store) -> list[str]:
    """Of all tables, those on expressions too, which SQLAlchemy does not find."""
    ours, theirs = "SELECT name FROM sqlite_master WHERE type = 'index'", "SELECT indexname FROM pg_indexes"
    with store.reading() as connection:
        return sorted(connection.execute(text(ours if store.is_sqlite else theirs)).scalars())


@pytest.mark.both_engines
def test_a_simulated_region_has_the_indexes_and_goes_on_counting(store):
    before = indexes(store)
    simulate(store, today=TODAY, branches=1, managers=2, months=1)
    assert indexes(store) == before and "ix_activity_version" in before
    with store.writing("test") as write:
        last = write.session.scalar(select(func.max(Customer.id)))
        met = Customer(branch_id=1, manager_id=1, name="老王早餐店")
        write.session.add(met)
        write.session.flush()
        assert met.id == last + 1


@pytest.mark.parametrize("model", [Activity, Customer, Opportunity])
def test_a_row_is_stored_as_the_models_store_it(sqlite_store, model: type[Base]):
    simulate(sqlite_store, today=TODAY, branches=1, managers=2, months=1)
    raw = text(
        f"SELECT *, {', '.join(f'typeof({column.name})' for column in model.__table__.columns)} FROM {model.__tablename__}"
    )
    with sqlite_store.writing("test") as write:
        write.session.execute(text("PRAGMA defer_foreign_keys = ON"))
        stored = sorted(map(repr, write.session.execute(raw)))
        rows = [dict(row._mapping) for row in write.session.execute(select(model.__table__))]
        write.session.execute(delete(model))
        write.session.execute(insert(model.__table__), rows)
        assert sorted(map(repr, write.session.execute(raw))) == stored and len(stored) > 10
