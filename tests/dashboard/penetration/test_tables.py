"""Whoever asks, a row is the same; a manager is told of themself alone; and nothing is seen late."""

from datetime import date

import pytest
from sqlalchemy import update

from dashboard.penetration import tables as penetration_tables
from dashboard.penetration.tables import Penetration
from dashboard.shell.store import operator
from dashboard.standing.part import Part
from db.log.entry import Entry
from db.models import Customer
from db.people import territories, territory_owners
from db.recording import recording
from metrics.penetration.penetration import COUNTED
from tests.support.builders import EAST, LI, MONDAY, SOUTH, WANG, ZHAO, bank, head, manager, regional
from tests.support.sheets import file

ROWS = """支行,辖区,登记日期,潜在客户数,来源,工号
东湖支行,东湖社区,2026-01-01,10,普查,1001
东湖支行,东湖社区,2026-01-01,10,普查,1002
东湖支行,北街,2026-01-01,4,普查,
东湖支行,西街,2026-12-01,99,普查,1001
南山支行,南山市场,2026-01-01,8,普查,1003"""
HELD = "支行,工号,客户,辖区,产品,起始日期\n东湖支行,1001,老客户,东湖社区,信用卡,2020-01-01\n东湖支行,1001,张三,,信用卡,2020-01-01"


@pytest.fixture
def furnished(sqlite_store):
    """Two owners of one territory, one nobody owns, one without a register; a customer of before, and one of the east whom
    the south has won."""
    everybody = operator(bank(sqlite_store))
    file(everybody, "territories", ROWS)
    file(everybody, "holdings", HELD)
    recording.record(everybody, ZHAO, Entry("deal", MONDAY, customer_name="甲", product=1, amount_cents=1), "a", MONDAY)
    recording.record(
        everybody, WANG, Entry("consultation", MONDAY, customer_name="乙", has_need=True, met_decider=True), "b", MONDAY
    )
    ids = dict(territories.listing(everybody).select("territory_name", "territory").rows())
    with sqlite_store.writing("test") as write:
        for name, place in (("甲", "东湖社区"), ("乙", "西街")):
            moved = update(Customer).where(Customer.name == name)
            write.session.execute(moved.values(territory_id=ids[place]))
    return sqlite_store


def row(viewer, by: str, one: int | None, **part) -> dict:
    return Penetration(viewer, MONDAY, part=Part(**part)).table([by]).filter(**{by: one}).row(0, named=True)


def test_a_territory_counts_whoever_won_its_customers_in_its_owners_shares(furnished):
    found = {row["manager"]: row for row in Penetration(head(furnished), MONDAY).table(["manager"]).to_dicts()}
    potential = {who: one["potential_customers"] for who, one in found.items()}
    assert potential == {WANG: 5, LI: 5, None: 4}
    assert {who: one["deal_customers"] for who, one in found.items()} == {
        WANG: 1,
        LI: 1,
        None: 0,
    }  # 甲 and 老客户, halved
    assert found[WANG]["outside_register"] == 2  # 张三 without a territory, 乙 in one whose register is to come
    assert [row(regional(furnished), "branch", one)["product_customers"] for one in (EAST, SOUTH)] == [2, 1]


def test_whoever_asks_a_row_is_the_same_and_parts_add_up(furnished):
    everybody = operator(furnished)
    of_branch = row(everybody, "branch", EAST)
    assert row(head(furnished), "branch", EAST) == of_branch == row(regional(furnished), "branch", EAST)
    assert (
        Penetration(everybody, MONDAY, part=Part(branch=EAST)).total() == Penetration(head(furnished), MONDAY).total()
    )
    assert row(manager(furnished), "manager", WANG) == row(everybody, "manager", WANG)
    whole = Penetration(everybody, MONDAY).total()
    for by in ("branch", "manager", "territory", "region"):
        table = Penetration(everybody, MONDAY).table([by])
        assert all(table[name].sum() == pytest.approx(whole[name]) for name in COUNTED)


def test_a_manager_is_told_of_themself_alone(furnished):
    one = manager(furnished, LI)
    assert Penetration(one, MONDAY).table(["manager"])["manager"].to_list() == [LI]
    assert Penetration(one, MONDAY, part=Part(manager=WANG)).total()["potential_customers"] == 0
    assert Penetration(one, MONDAY).total()["deal_customers"] == 1


def test_what_is_won_elsewhere_and_given_to_somebody_is_seen_at_once(furnished):
    one = head(furnished)
    before = Penetration(one, MONDAY).total()
    customer = Entry("approval", MONDAY, customer_name="甲", product=1, amount_cents=5)
    recording.record(head(furnished, SOUTH), ZHAO, customer, "c", MONDAY)
    assert Penetration(one, MONDAY).total()["approved_customers"] == before["approved_customers"] + 1
    (street,) = territories.listing(one).filter(territory_name="北街")["territory"]
    territory_owners.give(one, street, LI, date(2026, 11, 10))
    assert row(one, "manager", LI)["potential_customers"] == 9
    assert Penetration(one, date(2026, 11, 9)).table(["manager"]).filter(manager=LI)["potential_customers"].item() == 5


def test_every_territory_has_a_row_and_everybody_posted_has_one(furnished):
    table = Penetration(head(furnished), MONDAY).table(["territory"])
    names = dict(table.select("territory_name", "market_penetration").rows())
    assert names["西街"] is None and names["北街"] == 0 and len(names) == 4  # and what has no territory
    assert penetration_tables.of_territories(regional(furnished), MONDAY, ["branch"])["branch"].to_list() == [
        EAST,
        SOUTH,
    ]
