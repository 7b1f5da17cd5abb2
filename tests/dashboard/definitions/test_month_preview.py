"""The preview reckons as the reports do: no change differs nowhere, and what is saved is what it said."""

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest
from sqlalchemy import update

from dashboard.definitions import month_preview
from dashboard.penetration import tables as penetration_tables
from dashboard.shell.store import operator
from dashboard.standing import bank_rules, gather, summary_report
from dashboard.standing.part import Part
from db import definitions
from db.access import Viewer
from db.engine import Store
from db.log.entry import Entry
from db.models import Customer, Territory, TerritoryRegister
from db.recording import recording
from metrics import periods
from metrics.comparison import preview
from metrics.definitions import body_of, interpret
from metrics.periods import Period
from tests.conftest import FRIDAY
from tests.support.builders import EAST, FAR, MONDAY, NORTH, SUN, WANG, bank, far_region, manager
from tests.support.sweep import sampled

pytestmark = pytest.mark.slow

MONTH = periods.month(FRIDAY)
THROUGH = FRIDAY - timedelta(1)  # it is 16:30
CHANGES = (
    {"effective": ["customer", "decider"]},
    {"effective": []},
    {"watch_below": -0.05, "behind_below": -0.08, "far_behind_below": -0.09},
    {"time_basis": "calendar", "small_sample": 60},
    {"penetration_customers": "loan", "contact_customers": "any", "effective": ["need"]},
)


@pytest.fixture
def region(configured, region_url):
    store = Store(region_url, mark=interpret)
    yield Viewer(store, "regional", "regional", 1)
    store.close()


def tried(viewer: Viewer, day: date, body: dict, whole: bool = False) -> month_preview.Preview:
    now = bank_rules.definitions(viewer, day)
    one = replace(
        now, version=2, region=1, from_day=day, **{n: tuple(v) if n == "effective" else v for n, v in body.items()}
    )
    return month_preview.compute(viewer, one, whole, FRIDAY)


def figures(viewer: Viewer, by: list[str]) -> list[dict]:
    part = gather.frames(viewer, MONTH)
    rules = bank_rules.definitions(viewer, MONTH.last)
    table = month_preview.summary(part, MONTH, THROUGH, rules, by)
    return preview.figures(table, rules, by).to_dicts()


def side(table, which: str, by: list[str]) -> list[dict]:
    names = {f"{name}_{which}": name for name in preview.FIGURES}
    return table.sort(by or pl.all()).select(*by, *names).rename(names).to_dicts()


@pytest.mark.parametrize("whole", [False, True])
def test_a_preview_of_no_change_differs_nowhere(region, whole):
    found = tried(region, MONDAY, {}, whole)
    assert not found.table["differs"].any() and not found.total["differs"].any() and found.stocks == []


@pytest.mark.parametrize(
    ("body", "day"), sampled([(body, day) for body in CHANGES for day in (MONTH.first, MONDAY)], 3)
)
def test_what_is_saved_is_what_the_preview_said(region, body, day):
    found, held = tried(region, day, body), region.store.counter()
    assert found.total["differs"].item() or found.table["differs"].any() or found.stocks
    assert side(found.table, "before", ["manager"]) == figures(region, ["manager"])
    assert region.store.counter() == held
    shares = {row["name"]: row["after"] for row in found.stocks}
    definitions.set_version(region, day, body, 1, FRIDAY)
    assert side(found.table, "after", ["manager"]) == figures(region, ["manager"])
    assert side(found.total, "after", []) == figures(region, [])
    real = penetration_tables.of_territories(region, FRIDAY, ["region"]).row(0, named=True)
    assert shares == {name: real[name] for name in shares}


def test_as_if_it_had_held_all_month_is_what_a_version_from_the_first_would_say(region):
    from_the_first = tried(region, MONTH.first, CHANGES[0])
    assert tried(region, date(2026, 12, 1), CHANGES[0], whole=True).table.equals(from_the_first.table)


def test_a_version_of_one_region_changes_no_number_of_another(configured, store):
    far_region(bank(store))
    everyone = operator(store)
    for who in (WANG, SUN):
        for day in (MONDAY, FRIDAY):
            entry = Entry("consultation", day, customer_name=f"客户{who}", need_recorded=False)
            recording.record(everyone, who, entry, f"{who} {day}", FRIDAY)

    def said(viewer: Viewer, period: Period) -> tuple:
        answer = summary_report.as_json(*summary_report.summary(viewer, period, FRIDAY), period, [], True)
        return answer["definitions"], answer["total"]["consultations"]

    here, far = Viewer(store, "here", "regional", 1), Viewer(store, "far", "regional", FAR, NORTH)
    before, after = Period(MONTH.first, FRIDAY - timedelta(1)), MONTH
    assert [said(one, period) for one in (here, far) for period in (before, after)] == [(1, 0)] * 4
    assert definitions.set_version(here, FRIDAY, {"effective": ["customer", "decider"]}, 1, FRIDAY) == 2
    assert [said(one, period) for one in (here, far) for period in (before, after)] == [(1, 0), (2, 1), (1, 0), (1, 0)]
    assert said(manager(store), after) == (2, 1)
    assert said(everyone, after) == (1, 1)  # several regions: counted by each one's own, judged by the bank's
    assert [bank_rules.definitions(everyone, FRIDAY, Part(region=one)).version for one in (1, FAR)] == [2, 1]
    assert bank_rules.definitions(everyone, FRIDAY, Part(branch=NORTH)).version == 1
    assert bank_rules.definitions(everyone, FRIDAY, Part(manager=WANG)).version == 2


def test_penetration_of_several_regions_has_each_ones_own_base(configured, sqlite_store):
    everyone = operator(far_region(bank(sqlite_store)))
    for who in (WANG, SUN):
        for product, customer in ((1, "甲"), (8, "乙")):  # a loan, and a wealth product
            entry = Entry("deal", MONDAY, customer_name=f"{customer}{who}", product=product, amount_cents=100)
            recording.record(everyone, who, entry, f"{who} {product}", FRIDAY)
    with sqlite_store.writing("test") as write:
        for branch in (EAST, NORTH):
            write.session.add(Territory(id=branch, branch_id=branch, name="社区"))
            write.session.flush()
            counted = {"territory_id": branch, "as_of": MONTH.first, "source": "普查"}
            write.session.add(TerritoryRegister(**counted, potential_customers=10))
        write.session.execute(update(Customer).values(territory_id=Customer.branch_id))
    here = Viewer(sqlite_store, "here", "regional", 1)
    definitions.set_version(here, MONDAY, {"penetration_customers": "loan"}, 1, FRIDAY)
    found = penetration_tables.of_territories(everyone, FRIDAY, ["region"])
    assert found.select("region", "penetration_customers", "deal_customers").rows() == [(1, 1, 2), (FAR, 2, 2)]
    assert penetration_tables.of_territories(here, FRIDAY, ["branch"])["penetration_customers"].to_list() == [1, 0]


def test_a_version_is_stored_as_it_was_tried(region):
    definitions.set_version(region, MONDAY, CHANGES[4], 1, FRIDAY)
    (one,) = bank_rules.versions(region)[1:]
    assert {name: body_of(one)[name] for name in CHANGES[4]} == CHANGES[4]
