"""What may name a customer stands in the trail under the key of that customer, whatever it is written of."""

import pytest
from sqlalchemy import delete, select

from dashboard.shell.store import operator
from db.models import Activity, Audit, Customer, Opportunity, TrailKey
from db.store import sealing
from tests.support.builders import bank
from tests.support.sheets import bring, row

TEXT = "老板张建国的孩子"


@pytest.fixture
def shop(store):
    """One customer with an application, from a file: the store, and the number of each."""
    report = bring(operator(bank(store)), row(customer="湖滨书店", kind="application", product="经营快贷"))
    with store.reading() as connection:
        return store, {
            "activity": connection.scalar(select(Activity.id)),
            "opportunity": connection.scalar(select(Opportunity.id)),
            "customer": connection.scalar(select(Customer.id)),
            "import_batch": report.batch,
        }


def of_whom(store) -> list[tuple]:
    with store.reading() as connection:
        return [tuple(one) for one in connection.execute(select(TrailKey.subject).order_by(TrailKey.subject))]


PLACES = [(entity, name) for entity, names in sealing.PERSONAL.items() for name in names]


def test_these_are_sealed():
    assert PLACES == [
        ("activity", "note"),
        ("opportunity", "next_step"),
        ("opportunity", "lost_reason"),
        ("customer", "reason"),
        ("import_batch", "file"),
    ]


@pytest.mark.both_engines
@pytest.mark.parametrize("entity, name", PLACES)
def test_a_text_is_sealed_on_both_sides_and_read_until_its_key_is_gone(shop, entity, name):
    store, numbers = shop
    with store.noting("test") as write:
        write.session.execute(delete(TrailKey))
        write.audit("say", entity, numbers[entity], {name: TEXT, "rows": 3}, {name: TEXT + "们", "rows": 4})
    with store.reading() as connection:
        sides = connection.execute(select(Audit.before, Audit.after).where(Audit.action == "say")).one()
        assert "张建国" not in repr(sides) and [side["rows"] for side in sides] == [3, 4]
        assert [one[name] for one in sealing.opened(connection, [*sides])] == [TEXT, TEXT + "们"]
    whose = "import_batch" if entity == "import_batch" else "customer"
    assert of_whom(store) == [(f"{whose} {numbers[whose]}",)]
    with store.noting("test") as write:
        sealing.destroy(write.session, whose, [numbers[whose] + 1])
    with store.reading() as connection:
        assert [one[name] for one in sealing.opened(connection, [*sides])] == [TEXT, TEXT + "们"]
    with store.noting("test") as write:
        sealing.destroy(write.session, whose, [numbers[whose]])
    with store.reading() as connection:
        assert [one[name] for one in sealing.opened(connection, [*sides])] == [sealing.GONE] * 2


def test_more_keys_are_read_and_destroyed_than_one_statement_takes(sqlite_store, monkeypatch):
    monkeypatch.setattr(sealing, "AT_ONCE", 2)
    bank(sqlite_store)
    numbers = range(11, 16)
    with sqlite_store.noting("test") as write:
        for one in numbers:
            write.audit("say", "customer", one, None, {"reason": f"{TEXT}{one}"})
    with sqlite_store.reading() as connection:
        sides = list(connection.scalars(select(Audit.after).where(Audit.action == "say").order_by(Audit.id)))
        assert [one["reason"] for one in sealing.opened(connection, sides)] == [f"{TEXT}{one}" for one in numbers]
    with sqlite_store.noting("test") as write:
        sealing.destroy(write.session, "customer", numbers)
    assert of_whom(sqlite_store) == []


def test_what_was_sealed_by_an_earlier_version_is_read(sqlite_store):
    """Under the key 0, 1, … 31: the form in which sealed values lie in databases and backups."""
    held = {"by": "customer 7", "sealed": "AAECAwQFBgcICQoLZepWmiN4ff4x4XIwCwzj0KE9Hse+GC9j4Eg2CiZlxafd"}
    with sqlite_store.noting("test") as write:
        write.session.add(TrailKey(subject="customer 7", key=bytes(range(32))))
    with sqlite_store.reading() as connection:
        assert sealing.opened(connection, [{"reason": held, "rows": 3}]) == [{"reason": "老板张建国", "rows": 3}]
