"""`python -m benchmarks.load [--quick]`: measures the server under load and writes docs/load.md; --quick only prints, on
the small demo, with fewer people and for a shorter time."""

import argparse
import asyncio
import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import region
from benchmarks.figures import Figure, shown, table
from benchmarks.load import people, server, waking
from benchmarks.load.crowd import Crowd, crowd
from benchmarks.load.people import Person
from benchmarks.load.serve import FORGOTTEN
from benchmarks.load.server import Server
from benchmarks.load.tab import Tab
from benchmarks.machine import load, machine
from dashboard.commands.demo import Size
from dashboard.web import memory

PAGE = Path(__file__).parents[2] / "docs" / "load.md"
LIBRARIES = ("streamlit", "starlette", "uvicorn", "websockets", "polars", "SQLAlchemy", "pandas")
AT_ONCE = 20  # up to so many people ask without a pause
PAUSE = 10.0  # seconds, on average, that somebody looks at a page before they ask again
SINGLE = {"morning_meeting": ("branch_head", 45.0), "my_day": ("manager", 20.0)}  # page → role, reruns/s to hold
REMARKS = """## How to read it

* Every session is a socket of its own that has signed in and speaks Streamlit's protocol (protobuf, compressed) as the page in a
  browser does, the parts that run by themselves included. A rerun is from asking until the whole page has arrived and been parsed.
  What is clicked is left out: nothing on the page has been touched, as for somebody who comes back to it.
* Of ten people four have *my day* open, two heads the morning meeting, one each the pipeline, the customers, the wall and the
  comparison of the branches; a twentieth of what managers do is a visit recorded as a phone's outbox sends it. 1 and 20 people
  ask without a pause, 100 and 300 look at a page for ten seconds, on average, before they ask again.
* Statements are those sent to the database, BEGIN and COMMIT aside, over the runs of pages. Woken runs are those that somebody
  else's writing began.
* The peer is one page of pandas and SQL on the same database under `streamlit run` (benchmarks/load/peer_app.py): the team's table,
  four numbers and a chart, for one branch and month. No sign-in, rights, reverse plan, limits, reasons or waking.
* Server and clients share the machine's cores; the server forgets people who left after 20 seconds (in the product ten minutes).
* Why a rerun is not cheaper: of the time in which a warm page holds Python's lock (py-spy, 2026-11-29, 20 sessions) Streamlit's elements
  take a third of the morning page (32 %) and two fifths of *my day* (42 %); the event loop, which packs and sends their messages one
  by one, 35 and 38 %; the table to type into an eighth of the morning; SQLAlchemy a twentieth, Polars a fiftieth; all else, our
  own lines among it, an eighth. One process uses one core at a time, and the clients here take their share of the other.
* A session's memory is that of a hundred more sessions of people who have a page open already, after the server has tidied up: what
  it takes itself. With new people come the answers that are kept for them; they go when half of the people have gone.
* What is not back by then is Python's, which gives its arenas of a megabyte back whole: it holds fewer objects than after 20 sessions, but
  some of what lives on lies in arenas that were made for many.
* The load average is that of the minute before. Where it exceeds the cores by more than the run's own two, the machine was shared
  with other work: counts and ratios hold, durations are too long.
"""


@dataclass(frozen=True)
class Plan:
    """How much is measured: numbers of people, seconds a row, writes of the waking, people idle."""

    size: Size
    crowds: tuple[int, ...]
    seconds: float
    writes: int
    idle: int


WHOLE = Plan(Size.REGION, (1, 20, 100, 300), 30.0, 60, 200)
QUICK = Plan(Size.BRANCH, (1, 10), 8.0, 5, 10)


def crowd_figure(what: str, found: Crowd, people: int, asked: float | None = None) -> Figure:
    waits = " / ".join(shown(found.quantile(share)) for share in (0.5, 0.95, 0.99))
    writes = ""
    if found.writes:
        slow = sorted(found.writes)[int(len(found.writes) * 0.95)]
        writes = f", {len(found.writes)} writes (p95 {shown(slow)})"
    taken = (
        f"{found.rate:.1f} reruns/s, p50/p95/p99 {waits}, {found.statements_a_run:.1f} statements a run, {found.woken} woken runs"
        f"{writes}, {found.cpu / found.seconds:.0%} of a core, load {load()}"
    )
    target, held = ("", None) if asked is None else (f"≥ {asked:g} reruns/s", found.rate >= asked)
    return Figure(f"{what}, {people} sessions", taken, target=target, held=held)


async def crowds(at: Server, who: dict[str, list[Person]], now: datetime, plan: Plan) -> list[Figure]:
    """More and more people with mixed pages, what they take of memory, and what is left when they are gone."""
    figures: list[Figure] = []
    tabs: list[Tab] = []
    everybody, rested = people.mixed(who, max(plan.crowds)), [at.megabytes]
    with_answers = 0.0
    for number in plan.crowds:
        more = everybody[len(tabs) : number]
        tabs += await people.opened(at.address, more)
        with_answers = (at.megabytes - rested[-1]) / len(more)
        pause = PAUSE if number > AT_ONCE else 0.0
        found = await crowd(at, tabs, [one for one, _ in everybody[:number]], now, plan.seconds, pause, writes=0.05)
        figures.append(crowd_figure("mixed pages and writes", found, number))
        rested.append(at.megabytes)
    wrong = sum(len(tab.wrong) for tab in tabs)
    await people.close(tabs)
    await asyncio.sleep(FORGOTTEN + 3 * memory.EVERY)
    some, many, left = rested[2], rested[-1], at.megabytes
    return [
        *figures,
        Figure("exceptions shown on pages", str(wrong), target="0", held=wrong == 0),
        Figure(
            f"memory of each of the last {plan.crowds[-1] - plan.crowds[-2]} people to come, with the answers kept for them",
            f"{with_answers * 1000:.0f} kB",
        ),
        small(f"memory of the process after {plan.crowds[-1]} sessions", many, "MB", 700),
        Figure(
            "memory when they have left",
            f"{left:.0f} MB; after {plan.crowds[1]} sessions it was {some:.0f} MB",
            target="back within 10 %",
            held=left <= some * 1.1,
        ),
    ]


def of_a_session(what: str, found: float) -> Figure:
    if found > 0:
        return small(what, found, "kB", 150)
    return Figure(what, "less than the process gave back meanwhile: not to be told", target="≤ 150 kB")


def small(what: str, found: float, unit: str, most: float) -> Figure:
    return Figure(what, f"{found:.0f} {unit}", target=f"≤ {most:g} {unit}", held=found <= most)


async def single_page(
    at: Server, who: dict[str, list[Person]], now: datetime, plan: Plan, page: str, what: str
) -> Figure:
    """One page, open for many who ask without a pause."""
    (role, asked), number = SINGLE[page], max(one for one in plan.crowds if one <= AT_ONCE)
    chosen = [(who[role][nth % len(who[role])], page) for nth in range(number)]
    tabs = await people.opened(at.address, chosen)
    found = await crowd(at, tabs, [one for one, _ in chosen], now, plan.seconds, 0.0, writes=0.0)
    await people.close(tabs)
    return crowd_figure(what, found, number, asked)


async def idle(at: Server, who: dict[str, list[Person]], plan: Plan) -> list[Figure]:
    """Pages that are open and that nobody touches."""
    tabs = await people.opened(at.address, people.mixed(who, plan.idle))
    await asyncio.sleep(5)
    cpu, statements, began = at.cpu, at.statements, time.perf_counter()
    await asyncio.sleep(plan.seconds)
    taken = time.perf_counter() - began
    core, asked = (at.cpu - cpu) / taken, (at.statements - statements) / taken
    a_session, again = await of_the_same(at, who, plan)
    await people.close(tabs + again)
    what = f"{plan.idle} open pages, nobody does anything"
    return [
        small(f"{what}: of a core", core * 100, "%", 5),
        small(f"{what}: statements a second", asked, "", 5),
        of_a_session(f"memory a session, of {len(again)} more that show what others do", a_session * 1000),
    ]


async def of_the_same(at: Server, who: dict[str, list[Person]], plan: Plan) -> tuple[float, list[Tab]]:
    """Megabytes that each session more takes, of people who have their page open already."""
    await asyncio.sleep(memory.EVERY)
    tidied, tabs = at.megabytes, await people.opened(at.address, people.mixed(who, plan.idle)[: plan.idle // 2])
    await asyncio.sleep(memory.EVERY)
    return (at.megabytes - tidied) / len(tabs), tabs


async def woken(at: Server, who: dict[str, list[Person]], now: datetime, plan: Plan) -> list[Figure]:
    found = await waking.waking(at.address, who["branch_head"], who["manager"], now, plan.writes)
    what = f"a visit recorded, {len(who['branch_head'])} branches with their meeting open"
    times = (
        f"median {shown(statistics.median(found.arrived))}, worst {shown(max(found.arrived))}" if found.arrived else "—"
    )
    return [
        Figure(
            f"{what}: on the page of its branch after",
            f"{times} ({len(found.arrived)} of {plan.writes} arrived), load {load()}",
            target="≤ 1 s",
            held=bool(found.arrived) and not found.lost and max(found.arrived) <= 1,
        ),
        Figure(
            f"{what}: runs of the others' pages", str(found.runs_of_others), target="0", held=not found.runs_of_others
        ),
    ]


async def beside(at: Server, now: datetime, plan: Plan) -> list[Figure]:
    """The peer's page, as many people as on ours."""
    figures: list[Figure] = []
    for number in plan.crowds:
        tabs = [await Tab(at.address, None, "", f"branch={nth % 8 + 1}").open() for nth in range(number)]
        pause = PAUSE if number > AT_ONCE else 0.0
        nobody = [Person("", "", None)] * number
        what = "peer: a page of pandas and SQL"
        try:
            found = await crowd(at, tabs, nobody, now, plan.seconds, pause, writes=0.0)
            figures.append(crowd_figure(what, found, number))
        except ConnectionError as error:
            figures.append(Figure(f"{what}, {number} sessions", f"not measured: {error}"))
        await people.close(tabs)
    figures.append(Figure(f"peer: memory of the process after {max(plan.crowds)} sessions", f"{at.megabytes:.0f} MB"))
    return figures


async def measured(folder: Path, plan: Plan) -> list[Figure]:
    database = region.copied(folder, plan.size)
    now, who = region.last_afternoon(database), people.everybody(f"sqlite:///{database}")
    figures: list[Figure] = []

    def add(part: str, some: list[Figure]) -> None:
        figures.extend(some)
        print(f"{part}:\n{table(some)}\n", flush=True)

    with server.ours(database, now) as at:
        for page in SINGLE:
            add(page, [await single_page(at, who, now, plan, page, page.replace("_", " "))])
        add("idle", await idle(at, who, plan))
    waking.begin_meetings(database, [one.branch for one in who["branch_head"] if one.branch is not None], now)
    with server.ours(database, now) as at:
        add("waking", await woken(at, who, now, plan))
        running = "morning meeting while it runs"
        add(running, [await single_page(at, who, now, plan, "morning_meeting", running)])
    with server.ours(database, now) as at:
        add("crowds", await crowds(at, who, now, plan))
    with server.peer(database, now) as at:
        add("peer", await beside(at, now, plan))
    return figures


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    options.add_argument("--quick", action="store_true", help="the small demo and few people, printed only")
    plan = QUICK if options.parse_args().quick else WHOLE
    began, before = time.perf_counter(), load()
    with tempfile.TemporaryDirectory(prefix="chenxi-load-") as folder:
        figures = asyncio.run(measured(Path(folder), plan))
    page = f"""# Under load

Written by `make load` (`python -m benchmarks.load`, {(time.perf_counter() - began) / 60:.0f} minutes) on {datetime.now(UTC):%Y-%m-%d}: \
do not edit.
{machine(LIBRARIES)}
Load average {before} at the start, {load()} at the end. The demo of size *{plan.size}*, one server process, SQLite.

{table(figures)}

{REMARKS}"""
    print(page)
    if plan is WHOLE:
        PAGE.write_text(page)


if __name__ == "__main__":
    main()
