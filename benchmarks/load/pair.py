"""`python -m benchmarks.load.pair`: open pages with mixed work on two processes behind nginx as deploy/ sets them up, on a
PostgreSQL of their own: how long pages take and how memory grows while nothing happens; then what becomes of everybody, and of
what they enter, while the processes and PostgreSQL are restarted. Clients, servers and database share the machine."""

import argparse
import asyncio
import contextlib
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx
import numpy as np
from sqlalchemy import select
from websockets.exceptions import WebSocketException

from benchmarks.figures import Figure, shown, table
from benchmarks.load import people
from benchmarks.load.people import Person
from benchmarks.load.server import Server
from benchmarks.load.tab import Tab
from benchmarks.machine import load, machine
from dashboard.web.outbox_page import ENTRIES
from db.models import Activity
from tests.support.chaos.clusters import POSTGRES, Cluster, filled_cluster, opened, restart
from tests.support.chaos.course import Course, assert_sound
from tests.support.chaos.pairs import PROCESS, Pair
from tests.support.chaos.people import Notes as Faults
from tests.support.sweep import SEED

NOW = datetime(2026, 11, 20, 16, 30)
CALM_WRITES, MANY_WRITES = 0.05, 0.25  # of what managers do, while nothing happens and while much does
AGAIN = (0.5, 5.0)  # seconds until a page connects anew, longer each time, or an entry is sent again
CALM = 10.0  # seconds at most between two restarts: a hundred pages that connect anew at once are run anew
WARM = 0.25  # of the time, until memory is compared
LOST = (OSError, httpx.TransportError, WebSocketException, TimeoutError)


@dataclass
class Notes:
    """What the crowd met: seconds of each page and entry, what went wrong, seconds until a page was there again, and the
    entries that were acknowledged, by key."""

    pages: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)
    back: list[float] = field(default_factory=list)
    acknowledged: dict[str, int] = field(default_factory=dict)
    last: dict[Tab, float] = field(default_factory=dict)  # when each page was last whole
    loads: list[float] = field(default_factory=list)

    @property
    def busy(self) -> str:
        return f"load {statistics.mean(self.loads):.1f}" if self.loads else f"load {load()}"


class Crowd:
    """People with an open page each, who look at it and enter visits until it is enough."""

    def __init__(self, tabs: list[Tab], who: list[Person], notes: Notes, pause: float, writes: float) -> None:
        self.tabs, self.who, self.notes, self.pause, self.writes = tabs, who, notes, pause, writes
        self.enough, self.chosen = False, random.Random(SEED)

    async def work(self) -> None:
        await asyncio.gather(*(self.person(*one) for one in zip(self.tabs, self.who, strict=True)))

    async def person(self, tab: Tab, who: Person) -> None:
        await asyncio.sleep(self.chosen.uniform(0, self.pause))
        last = False
        while not last:
            last = self.enough  # whatever has happened, the page once more
            if who.role == "manager" and self.chosen.random() < self.writes and not last:
                await self.enter(tab, who)
            else:
                await self.look(tab)
            if not last:
                await asyncio.sleep(min(self.chosen.expovariate(1 / self.pause), 5 * self.pause))

    async def look(self, tab: Tab) -> None:
        shown_before = len(tab.wrong)
        try:
            self.notes.pages.append(await tab.rerun())
        except LOST as error:
            self.notes.wrong[type(error).__name__] += 1
            await self.come_back(tab)
        if len(tab.wrong) == shown_before:
            self.notes.last[tab] = time.monotonic()
        else:
            self.notes.wrong["a page showed an exception"] += 1

    async def come_back(self, tab: Tab) -> None:
        began, wait = time.monotonic(), AGAIN[0]
        while True:
            try:
                await tab.reopen()
                break
            except LOST:
                await asyncio.sleep(wait)
                wait = min(wait * 2, AGAIN[1])
        self.notes.back.append(time.monotonic() - began)

    async def enter(self, tab: Tab, who: Person) -> None:
        """One visit under one key, until it is acknowledged."""
        entry, asked, wait = people.visit(who.login, NOW), time.monotonic(), AGAIN[0]
        while True:
            with contextlib.suppress(*LOST):
                answer = await tab.browser.post(ENTRIES, json=entry)
                if answer.status_code == 200:
                    break
                self.notes.wrong[f"an entry was answered {answer.status_code}"] += 1
            await asyncio.sleep(wait)
            wait = min(wait * 2, AGAIN[1])
        self.notes.acknowledged[str(entry["key"])] = answer.json()["id"]
        self.notes.writes.append(time.monotonic() - asked)


async def beside(crowd: Crowd, happen: Callable[[], None]) -> None:
    """The crowd works while it happens, in a thread of its own."""
    working = asyncio.create_task(crowd.work())
    doing = asyncio.create_task(asyncio.to_thread(happen))
    await asyncio.wait((doing, working), return_when=asyncio.FIRST_COMPLETED)
    crowd.enough = True
    await asyncio.gather(doing, working)


def watch(notes: Notes, servers: list[Server], seconds: float, held: list[list[float]]) -> None:
    """Memory of each process and the machine's load, every five seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(min(5.0, max(until - time.monotonic(), 0.1)))
        held.append([one.megabytes for one in servers])
        notes.loads.append(float(load()))


def calm_figures(notes: Notes, sessions: int, minutes: float, held: list[list[float]], cpu: float) -> list[Figure]:
    what = f"{sessions} sessions, {minutes:g} minutes"
    p50, p95, p99 = np.quantile(notes.pages, (0.5, 0.95, 0.99))
    taken = (
        f"{len(notes.pages)} pages, p50/p95/p99 {shown(p50)} / {shown(p95)} / {shown(p99)}, {len(notes.writes)} entries (p95"
        f" {shown(np.quantile(notes.writes, 0.95))}), {cpu:.0%} of a core, {notes.busy}"
    )
    wrong = sum(notes.wrong.values())
    figures = [
        Figure(f"{what}: a page", taken, target="p95 ≤ 2 s", held=bool(p95 <= 2)),
        Figure(f"{what}: errors", f"{wrong} {dict(notes.wrong) or ''}", target="0", held=wrong == 0),
    ]
    warm = max(1, int(len(held) * WARM))
    tenth = max(1, len(held) // 10)
    for name, series in zip(("first", "second"), zip(*held, strict=True), strict=True):
        before, after = statistics.mean(series[warm : warm + tenth]), statistics.mean(series[-tenth:])
        grown = f"{before:.0f} MB → {after:.0f} MB ({after / before - 1:+.1%})"
        figures.append(
            Figure(
                f"{what}: memory of the {name} process after warm-up",
                grown,
                target="≤ +5 %",
                held=after <= before * 1.05,
            )
        )
    return figures


def fault_figures(notes: Notes, course: Course, own: Cluster, sessions: int) -> list[Figure]:
    number = Counter(one.name for one in course.faults)
    what = f"{number[PROCESS]} restarts of a process and {number[POSTGRES]} of PostgreSQL under {sessions} sessions"
    store = opened(own)
    held: dict[str, list[int]] = {}
    with store.reading() as connection:
        for reference, identity in connection.execute(select(Activity.reference, Activity.id)):
            held.setdefault(reference, []).append(identity)
    assert_sound(store)
    store.close()
    lost = sum(key not in held for key in notes.acknowledged)
    others = sum(held.get(key) not in (None, [identity]) for key, identity in notes.acknowledged.items())
    over = course.faults[-1].ended
    went_on = sum(moment > over for moment in notes.last.values())
    out = notes.wrong["an entry was answered 401"]
    back = f"p95 {shown(np.quantile(notes.back, 0.95))}, longest {shown(max(notes.back))}" if notes.back else "—"
    return [
        Figure(
            f"{what}: acknowledged entries lost", f"{lost} of {len(notes.acknowledged)}", target="0", held=lost == 0
        ),
        Figure(f"{what}: doubled, or under another number", str(others), target="0", held=others == 0),
        Figure(
            f"{what}: sessions whose page was whole after the last",
            f"{went_on}; sign-ins asked for: {out}; {len(notes.back)} times a page connected anew, until it was whole {back};"
            f" {notes.busy}",
            target=f"{sessions}",
            held=went_on == sessions and not out,
        ),
    ]


async def measured(
    own: Cluster,
    folder: Path,
    sessions: int,
    pause: float,
    minutes: float,
    processes: int,
    databases: int,
    longest: float,
) -> None:
    pair, who = Pair(own.url, folder), people.everybody(own.url)
    chosen = people.mixed(who, sessions)
    pair.start()
    try:
        servers = [Server(one.address, one.process.pid) for one in pair.servers]
        tabs = await people.opened(pair.address, chosen)
        everybody = [person for person, _page in chosen]
        if minutes:
            notes, held, began = Notes(), [], sum(one.cpu for one in servers)
            await beside(
                Crowd(tabs, everybody, notes, pause, CALM_WRITES), lambda: watch(notes, servers, minutes * 60, held)
            )
            cpu = (sum(one.cpu for one in servers) - began) / (minutes * 60)
            print(table(calm_figures(notes, sessions, minutes, held, cpu)), flush=True)
        if processes + databases:
            notes, course = Notes(), Course(Faults(), random.Random(SEED))

            def happen() -> None:
                until = time.monotonic() + longest * 60
                order = [pair.restart_one] * processes + [lambda one: restart(one, own)] * databases
                course.chosen.shuffle(order)
                for number, one in enumerate(order, 1):
                    one(course)
                    notes.loads.append(float(load()))
                    course.calm(CALM)
                    if time.monotonic() > until:
                        return
                    print(f"{number} of {len(order)}, {len(notes.acknowledged)} entries", end="\r", flush=True)

            await beside(Crowd(tabs, everybody, notes, pause, MANY_WRITES), happen)
            print(table(fault_figures(notes, course, own, sessions)), flush=True)
        await people.close(tabs)
    finally:
        pair.stop()


def main(sessions: int, pause: float, minutes: float, processes: int, databases: int, longest: float) -> None:
    print(
        machine(("streamlit", "uvicorn", "psycopg")),
        f"SEED={SEED}, a pause of {pause:g} s, load {load()} at the start",
        sep="\n",
        flush=True,
    )
    with tempfile.TemporaryDirectory(prefix="pair-") as made, filled_cluster(branches=8, managers=90, months=6) as own:
        asyncio.run(measured(own, Path(made), sessions, pause, minutes, processes, databases, longest))


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--sessions", type=int, default=100)
    asked.add_argument("--pause", type=float, default=10, help="seconds, on average, that somebody looks at a page")
    asked.add_argument("--minutes", type=float, default=20, help="while nothing happens")
    asked.add_argument("--processes", type=int, default=100, help="how often one of them is restarted")
    asked.add_argument("--databases", type=int, default=20, help="how often PostgreSQL is")
    asked.add_argument(
        "--longest", type=float, default=120, help="minutes, after which what is left of them is left out"
    )
    main(**vars(asked.parse_args()))
