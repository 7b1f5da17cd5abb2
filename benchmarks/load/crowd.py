"""Crowds: so many sessions that ask and write, what they wait, what the server takes meanwhile."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from benchmarks.load.people import Person, record_visit
from benchmarks.load.server import Server
from benchmarks.load.tab import Tab

WRITES = 0.05  # of what managers do
Act = Callable[[Tab, Person], Awaitable[float]]


@dataclass
class Crowd:
    """What a crowd did in `seconds`: how long each rerun and write took, and the server's part."""

    seconds: float = 0.0
    reruns: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    woken: int = 0  # runs that nobody of the crowd asked for: somebody wrote
    statements: int = 0
    cpu: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.reruns) / self.seconds

    def quantile(self, share: float) -> float:
        return float(np.quantile(self.reruns, share))

    @property
    def statements_a_run(self) -> float:
        return self.statements / max(len(self.reruns) + self.woken, 1)


async def crowd(
    server: Server, tabs: list[Tab], people: list[Person], now: datetime, seconds: float, pause: float, writes: float
) -> Crowd:
    """Everybody asks for their page again and again, after a pause of a mean of `pause` seconds; of what managers do a
    share is a visit recorded."""
    found, rng = Crowd(), random.Random(1)
    before, cpu, began = server.statements, server.cpu, time.perf_counter()
    runs = sum(tab.runs for tab in tabs)

    async def look(length: float) -> None:
        await asyncio.sleep(min(length, max(began + seconds - time.perf_counter(), 0.0)))

    async def person(tab: Tab, who: Person) -> None:
        if pause:
            await look(rng.uniform(0, pause))
        while time.perf_counter() - began < seconds:
            if who.role == "manager" and tab.browser is not None and rng.random() < writes:
                asked = time.perf_counter()
                await record_visit(tab.browser, who.login, now)
                found.writes.append(time.perf_counter() - asked)
            else:
                found.reruns.append(await tab.rerun())
            if pause:
                await look(rng.expovariate(1 / pause))

    await asyncio.gather(*(person(tab, who) for tab, who in zip(tabs, people, strict=True)))
    found.seconds = time.perf_counter() - began
    found.woken = sum(tab.runs for tab in tabs) - runs - len(found.reruns)
    found.statements, found.cpu = server.statements - before, server.cpu - cpu
    return found
