"""One log in many spellings is one log: the same numbers, or a refusal that names the cell, never other numbers."""

from datetime import date
from random import Random

import pytest
from sqlalchemy import select

from dashboard.shell.store import operator
from dashboard.standing import summary_report
from dashboard.standing.part import Part
from db import identity
from db.imports.imports import import_file
from db.models import Activity, Customer, Manager, Opportunity
from metrics.periods import Period
from tests.support import spellings
from tests.support.sheets import fresh
from tests.support.sweep import SEED, scaled

pytestmark = pytest.mark.slow

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
TODAY = date(2026, 11, 20)
PEOPLE = "分行,支行,工号,客户经理,入职日期\n" + "\n".join(
    f"江城分行,东湖支行,{number},{name},2020-01-01" for number, name in spellings.CAST
)
NUMBERS = {"1001": (2, 1, 1, 1, 85_000.0), "A002b": (3, 1, 0, 2, 1_201_234.56)}


def summary(store) -> dict[str, tuple]:
    """Contacts, consultations, applications, deals and their amount by staff number."""
    table, _total, _rules = summary_report.summary(operator(store), NOVEMBER, TODAY, ["manager"], Part())
    names = ("contacts", "consultations", "applications", "deals", "deal_amount")
    rows = summary_report.as_json(table, _total, _rules, NOVEMBER, ["manager"], True)["rows"]
    return {row["staff_no"]: tuple(row[name] for name in names) for row in rows}


def made(store) -> tuple[int, ...]:
    with store.reading() as connection:
        return tuple(len(connection.execute(select(one.id)).all()) for one in (Manager, Customer, Opportunity))


def held(store) -> list[tuple]:
    columns = (Activity.day, Activity.kind, Customer.name, Customer.phone, Activity.amount_cents, Activity.effective)
    statement = select(*columns).outerjoin(Customer, Customer.id == Activity.customer_id)
    with store.reading() as connection:
        rows = [tuple(row) for row in connection.execute(statement)]
    return sorted((str(day), kind, identity.key(name or ""), *others) for day, kind, name, *others in rows)


def bring(store, kind: str, name: str, content: bytes):
    return import_file(operator(store), kind, name, content, TODAY, create_missing=True)


def written(rng: Random, harm: bool) -> tuple[str, bytes]:
    rows, chosen = spellings.table(rng)
    if harm:
        rows = spellings.harmed(rows, chosen, rng)
    if rng.random() < 0.5:
        return "log.csv", spellings.comma_separated(rows, rng)
    return "log.xlsx", spellings.workbook(rows, chosen, rng)


@pytest.mark.parametrize("part", range(scaled(sweep=40, test=1)))
def test_a_log_in_any_spelling_has_the_same_numbers_or_is_refused_by_name(sqlite_template, part):
    rng = Random(SEED * 1_000 + part)
    for number in range(5):
        harm = number == 4
        name, content = written(rng, harm)
        with fresh(sqlite_template) as store:
            assert bring(store, "people", "people.csv", PEOPLE.encode()).accepted == 2
            report = bring(store, "activities", name, content)
            if harm:
                said = report.problems.drop_nulls(["column", "problem"])
                assert report.batch is None and said.height, (number, report.problems)
                assert summary(store) == dict.fromkeys(NUMBERS, (0, 0, 0, 0, 0))
                continue
            assert report.problems.rows() == [], number
            assert (summary(store), made(store)) == (NUMBERS, (2, 3, 3))
            first = held(store)
            again = bring(store, "activities", *written(rng, harm=False))  # spelled in yet another way
            assert (again.accepted, again.duplicates, again.problems.rows()) == (0, len(spellings.LOG), [])
            assert (held(store), made(store)) == (first, (2, 3, 3))
