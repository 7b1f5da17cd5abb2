"""A write in one of fifty branches, each with its meeting's page open: when it is on its own page, and on whose else."""

import asyncio
import random
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from benchmarks.load.people import Person, record_visit
from benchmarks.load.tab import Tab, sign_in
from dashboard.shell.store import open_store
from db.access import Viewer
from db.meetings import running
from db.simulate.plans import REGION

QUIET = 3.0  # seconds after a write in which a page that should not run would


@dataclass(frozen=True)
class Waking:
    """Seconds from sending a write until its branch's page had a text it did not have; runs of the other pages."""

    arrived: list[float]
    lost: int
    runs_of_others: int


def begin_meetings(database: Path, branches: list[int], now: datetime) -> None:
    """Every branch's morning meeting of the day runs."""
    store = open_store(f"sqlite:///{database}")
    for branch in branches:
        head = Viewer(store, f"head-{branch}", "branch_head", REGION, branch)
        running.start(head, branch, "morning", now.date(), now.date())
    store.close()


async def waking(
    address: str, heads: list[Person], managers: list[Person], now: datetime, writes: int, patience: float = 30.0
) -> Waking:
    """Visits recorded one after the other in branches at random."""
    rng, gate = random.Random(1), asyncio.Semaphore(8)

    async def enter(head: Person) -> Tab:
        async with gate:
            return await Tab(address, await sign_in(address, head.login), "morning_meeting", compares=True).open()

    tabs = dict(
        zip([head.branch for head in heads], await asyncio.gather(*(enter(head) for head in heads)), strict=True)
    )
    await asyncio.sleep(QUIET)
    arrived, lost, others = [], 0, 0
    for _ in range(writes):
        who = rng.choice([one for one in managers if one.branch in tabs])
        browser, tab = await sign_in(address, who.login), tabs[who.branch]
        runs = sum(one.runs for one in tabs.values() if one is not tab)
        there: asyncio.Future[float] = asyncio.get_running_loop().create_future()

        def note(at: float, there: asyncio.Future[float] = there) -> None:
            if not there.done():
                there.set_result(at)

        tab.on_new = note
        asked = time.perf_counter()
        await record_visit(browser, who.login, now)
        try:
            async with asyncio.timeout(patience):
                arrived.append(await there - asked)
        except TimeoutError:
            lost += 1
        await asyncio.sleep(QUIET)
        tab.on_new = None
        others += sum(one.runs for one in tabs.values() if one is not tab) - runs
        await browser.aclose()
    for tab in tabs.values():
        await tab.close()
    return Waking(arrived, lost, others)
