"""A customer is put on file by whoever looks after them, in a territory of their branch."""

import pytest
from sqlalchemy import select

from dashboard.penetration.tables import Penetration
from dashboard.shell.store import operator
from db.customers import filing, holding
from db.errors import NotAllowed, Refused
from db.log.entry import Entry
from db.models import Audit, Customer, Holding
from db.recording import recording
from tests.support.builders import EAST, MONDAY, SOUTH, WANG, ZHAO, bank, head, manager, regional, with_territories
from tests.support.sheets import held_values, trail


@pytest.fixture
def met(sqlite_store):
    with_territories(bank(sqlite_store))
    entry = Entry("consultation", MONDAY, customer_name="甲", phone="13800000001", has_need=True, met_decider=True)
    recording.record(operator(sqlite_store), WANG, entry, "a", MONDAY)
    return sqlite_store


def test_who_is_put_on_file_counts_as_that(met):
    assert filing.read(manager(met), 1).rows() == [(1, None, None, None)]
    assert Penetration(head(met), MONDAY).total()["on_file_customers"] == 0
    filing.put(manager(met), 1, "startup", EAST)
    filing.put(manager(met), 1, "startup", EAST)  # the same again is nothing
    assert filing.read(head(met), 1).rows() == [(1, "startup", EAST, "社区")]
    total = Penetration(head(met), MONDAY).total()
    assert (total["on_file_customers"], total["consulted_customers"], total["outside_register"]) == (1, 1, 0)
    done = [one for one in trail(met, Audit.action, Audit.entity, Audit.after) if one[1] == "customer"]
    assert done == [("set", "customer", {"kind": "startup", "territory_id": EAST})]


def test_only_in_a_territory_of_the_branch_and_only_by_who_may(met):
    for asked in ((1, "startup", SOUTH), (1, "startup", 99), (1, "a shop", EAST)):
        with pytest.raises(Refused):
            filing.put(head(met), *asked)
    for viewer in (manager(met, ZHAO, SOUTH), head(met, SOUTH), regional(met)):
        with pytest.raises(NotAllowed):
            filing.put(viewer, 1, "startup", EAST)
    assert filing.read(head(met, SOUTH), 1).is_empty()
    assert held_values(met, Customer.kind, Customer.territory_id) == {(None, None)}


def test_what_they_held_before_is_theirs_alone(met):
    with met.writing("test") as write:
        write.session.add(Holding(customer_id=1, product_id=8, since=MONDAY))
    assert holding.of_customer(manager(met), 1).rows() == [(8, MONDAY, None)]
    assert holding.of_customer(head(met, SOUTH), 1).is_empty()
    with met.reading() as connection:
        assert connection.scalar(select(Holding.until)) is None
