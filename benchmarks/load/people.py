"""Who is signed in while the server is measured, and which page each has open."""

import asyncio
import uuid
from dataclasses import dataclass
from datetime import datetime

import httpx
from sqlalchemy import select

from benchmarks.load.tab import Tab, sign_in
from dashboard.shell.store import open_store
from dashboard.web.outbox_page import ENTRIES
from db.models import Account, Manager, Posting

# Of ten people; a manager's page, a head's, a screen's, a regional manager's.
MIX = (
    ("manager", "my_day"),
    ("branch_head", "morning_meeting"),
    ("manager", "my_day"),
    ("manager", "pipeline"),
    ("screen", "wall"),
    ("manager", "my_day"),
    ("branch_head", "morning_meeting"),
    ("manager", "customers"),
    ("regional", "branch_comparison"),
    ("manager", "my_day"),
)
AT_ONCE = 8  # who sign in and open their page together


@dataclass(frozen=True)
class Person:
    login: str
    role: str
    branch: int | None


def everybody(url: str) -> dict[str, list[Person]]:
    """Role → the people of a demo, managers by turns from every branch."""
    store = open_store(url)
    accounts = select(Account.login, Account.role, Account.branch_id, Posting.branch_id, Account.manager_id)
    accounts = accounts.outerjoin(Posting, (Posting.manager_id == Account.manager_id) & Posting.to_day.is_(None))
    accounts = accounts.outerjoin(Manager, Manager.id == Account.manager_id).where(Manager.left_on.is_(None))
    with store.reading() as connection:
        rows = connection.execute(accounts.order_by(Account.id)).all()
    store.close()
    found: dict[str, list[Person]] = {}
    for login, role, own, posted, _manager in rows:
        found.setdefault(role, []).append(Person(login, role, own or posted))
    return found


def mixed(people: dict[str, list[Person]], number: int) -> list[tuple[Person, str]]:
    """So many people, each with the page they have open; the lists begin again where they end."""
    turns = dict.fromkeys(people, 0)
    chosen = []
    for nth in range(number):
        role, page = MIX[nth % len(MIX)]
        chosen.append((people[role][turns[role] % len(people[role])], page))
        turns[role] += 1
    return chosen


async def opened(address: str, chosen: list[tuple[Person, str]]) -> list[Tab]:
    """Their tabs, a few at a time, each with its page run once."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def enter(person: Person, page: str) -> Tab:
        async with gate:
            return await Tab(address, await sign_in(address, person.login), page).open()

    return await asyncio.gather(*(enter(person, page) for person, page in chosen))


async def close(tabs: list[Tab]) -> None:
    await asyncio.gather(*(tab.close() for tab in tabs))


def visit(login: str, now: datetime) -> dict[str, object]:
    """A manager's, as the outbox of a phone sends it."""
    return {
        "key": uuid.uuid4().hex,
        "account": login,
        "kind": "consultation",
        "day": now.date().isoformat(),
        "customer_name": f"压测{uuid.uuid4().hex[:12]}",
        "channel": "roadshow",
        "method": "visit",
        "met_decider": True,
        "need_recorded": True,
    }


async def record_visit(browser: httpx.AsyncClient, login: str, now: datetime) -> None:
    answer = await browser.post(ENTRIES, json=visit(login, now))
    if answer.status_code != 200:
        raise RuntimeError(f"not recorded: {answer.status_code} {answer.text}")
