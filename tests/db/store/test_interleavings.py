"""Whatever is written by whomever in whichever process, and read in between: no number is stale and none is mixed."""

import random
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import pytest
import time_machine

from dashboard.shell.store import operator
from db import definitions
from db.access import Viewer
from db.calendar import calendar
from db.customers import customers, handover
from db.engine import Store
from db.errors import Refused
from db.imports import undo
from db.imports.imports import batches, import_file
from db.interviews import actions, interviewing
from db.log import activity
from db.log.entry import Entry
from db.meetings import closing, commitments, notes, promises, running
from db.people import leave, people, staffing, territory_owners
from db.plans import plans
from db.plans.plans import Target
from db.recording import moving, recording
from metrics.definitions import interpret
from tests.support.builders import (
    EAST,
    FAR,
    LI,
    NORTH,
    REGION,
    SOUTH,
    SUN,
    WANG,
    ZHAO,
    bank,
    far_region,
    head,
    regional,
    with_territories,
)
from tests.support.shown import with_penetration
from tests.support.sweep import parts, scaled

pytestmark = [pytest.mark.both_engines, pytest.mark.slow]
MONDAY, FRIDAY, NOVEMBER = date(2026, 11, 16), date(2026, 11, 20), date(2026, 11, 1)
MANAGERS, BRANCHES = (WANG, LI, ZHAO, SUN), (EAST, SOUTH, NORTH)


def record(by: Viewer, chosen: random.Random) -> None:
    day, number = FRIDAY - timedelta(chosen.choice((0, 0, 1, 3))), chosen.randrange(20)
    kind = chosen.choice(("consultation", "consultation", "application", "deal"))
    known = {"customer_name": f"客户{number}", "phone": f"138000000{number:02}", "product": chosen.choice((1, 8))}
    entry = Entry(kind, day, amount_cents=100 if kind == "deal" else None, second_record=True, **known)
    recording.record(by, chosen.choice(MANAGERS), entry, f"{chosen.random()}", FRIDAY)


def any_row(by: Viewer, chosen: random.Random) -> tuple[int, int]:
    day = FRIDAY - timedelta(chosen.choice((0, 1, 3)))
    rows = activity.rows(by, day, chosen.choice(MANAGERS))
    if rows.is_empty():
        raise Refused("There is no such entry.")
    return tuple(chosen.choice(rows.select("id", "version").rows()))


def set_plan(by: Viewer, chosen: random.Random) -> None:
    level, holder = chosen.choice(
        (("manager", chosen.choice(MANAGERS)), ("branch", chosen.choice(BRANCHES)), ("region", REGION))
    )
    held = plans.read(by, calendar.spans.Stretch(NOVEMBER, FRIDAY)).filter(**{level: holder}, measure="deals")["target"]
    target = Target(level, holder, "deals", chosen.randrange(50), held[0] if len(held) else None)
    plans.set_targets(by, NOVEMBER, [target])


def define(by: Viewer, chosen: random.Random) -> None:
    scope = chosen.choice((by, regional(by.store), Viewer(by.store, "far", "regional", FAR)))
    latest = max(version for version, *_rest in definitions.read(by))
    effective = chosen.sample(["customer", "decider"], chosen.randrange(1, 3))
    definitions.set_version(scope, FRIDAY, {"effective": effective}, latest, FRIDAY)


def from_file(by: Viewer, chosen: random.Random) -> None:
    rows = "\n".join(
        f"2026-11-{chosen.choice((18, 20))},江城分行,东湖支行,1001,王芳,consultation,来客{chosen.randrange(9)},社区"
        for _ in range(3)
    )
    content = f"date,region,branch,staff_no,manager,kind,customer,territory\n{rows}\n".encode()
    import_file(by, "activities", "log.csv", content, FRIDAY, create_missing=True)


def undo_one(by: Viewer, chosen: random.Random) -> None:
    open_ones = batches(by).filter(undone_at=None)["id"].to_list()
    if open_ones:
        undo.undo_batch(by, chosen.choice(open_ones))


def hand_over(by: Viewer, chosen: random.Random) -> None:
    there = customers.search(by, "")["customer"].to_list()
    handover.hand_over(by, chosen.sample(there, min(len(there), 2)), chosen.choice(MANAGERS), FRIDAY, FRIDAY)


def give(by: Viewer, chosen: random.Random) -> None:
    share = chosen.choice((None, 0.4, 0.6))
    territory_owners.give(
        by, chosen.choice(BRANCHES), chosen.choice(MANAGERS), chosen.choice((None, FRIDAY)), None, share
    )


def interview(by: Viewer, chosen: random.Random) -> None:
    action = interviewing.Action("the_manager", f"action {chosen.random()}", FRIDAY)
    sheet = interviewing.Sheet("habit", chosen.choice(("urge", "train")), "deal_rate", "no plan", (action,))
    interviewing.hold(by, chosen.choice(MANAGERS), sheet, FRIDAY)


def mark(by: Viewer, chosen: random.Random) -> None:
    actions.mark(by, chosen.randrange(1, 5), chosen.random() < 0.7, FRIDAY)


def meet(by: Viewer, chosen: random.Random) -> None:
    """A meeting is begun or found begun, and something is written in it or it is ended."""
    branch, kind = chosen.choice(BRANCHES), chosen.choice(("morning", "evening", "weekly"))
    meeting = running.start(by, branch, kind, FRIDAY, FRIDAY)
    one, text = chosen.choice(MANAGERS), f"{chosen.random()}"
    own = Viewer(by.store, f"m{one}", "manager", *(people.branch_on(by.store, one, FRIDAY) or ()), manager=one)
    chosen.choice(
        (
            lambda: running.attend(by, meeting, {one: "absent"}),
            lambda: notes.write_note(by, meeting, "focus", text, ""),
            lambda: notes.write_reason(own, meeting, text, ""),
            lambda: commitments.agree(by, meeting, "focus", text, FRIDAY, one, FRIDAY),
            lambda: running.end(by, meeting, {one: {"deals": (2, 1)}}),
        )
    )()


def plan_step(by: Viewer, chosen: random.Random) -> None:
    moving.plan_step(by, chosen.randrange(1, 9), f"step {chosen.random()}", FRIDAY, FRIDAY, (None, None))


ROOT = Path(__file__).parents[3]
OTHER_PROCESS = """
import sys
from tests.db.store.test_interleavings import write
for line in sys.stdin:
    url, seed = line.split()
    print(write(url, int(seed)).splitlines()[0], flush=True)
"""
WRITES = (
    *[record] * 6,
    lambda by, chosen: recording.void(by, *any_row(by, chosen)),
    lambda by, chosen: recording.correct(by, *any_row(by, chosen), FRIDAY, met_decider=chosen.random() < 0.5),
    set_plan,
    define,
    from_file,
    undo_one,
    hand_over,
    give,
    plan_step,
    lambda by, chosen: promises.set_promises(by, FRIDAY, {chosen.choice(MANAGERS): {"deals": chosen.randrange(9)}}),
    lambda by, chosen: promises.set_promises(
        by, MONDAY, {chosen.choice(MANAGERS): {"deals": chosen.randrange(9)}}, promises.WEEK, chosen.random() < 0.3
    ),
    meet,
    interview,
    mark,
    lambda by, chosen: leave.record(by, chosen.choice(MANAGERS), FRIDAY - timedelta(3), FRIDAY - timedelta(2)),
    lambda by, chosen: staffing.transfer(by, chosen.choice(MANAGERS), chosen.choice(BRANCHES), FRIDAY),
    lambda by, chosen: calendar.set_day(by, FRIDAY - timedelta(chosen.randrange(15)), chosen.random() < 0.5),
    lambda by, chosen: closing.close_day(by, chosen.choice(BRANCHES), FRIDAY - timedelta(2), FRIDAY),
    lambda by, chosen: closing.reopen_day(by, chosen.choice(BRANCHES), FRIDAY - timedelta(2)),
)


def write(url: str, seed: int) -> str:
    """One random write, here or in another process; what is refused changes nothing."""
    chosen, store = random.Random(seed), Store(url, mark=interpret)
    with time_machine.travel(f"{FRIDAY} 04:00"):
        do = chosen.choice(WRITES)
        try:
            do(operator(store), chosen)
        except Refused as error:
            return f"refused: {error}"
        finally:
            store.close()
    return "written"


def viewers(store: Store) -> list[Viewer]:
    """Everybody who is posted somewhere by now, the heads, the regions and the auditor."""
    far = Viewer(store, "far", "regional", FAR)
    held = [head(store, EAST), head(store, SOUTH), replace(head(store, NORTH), region=FAR), regional(store), far]
    own = [(one, people.branch_on(store, one, FRIDAY)) for one in MANAGERS]
    return [*held, *(Viewer(store, f"m{one}", "manager", *place, one) for one, place in own if place)]


@pytest.fixture(scope="module")
def other_process():
    """Does one write after another in a process of its own: a database and a seed in, what became of it out."""
    command = [sys.executable, "-c", OTHER_PROCESS]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def ask(url: str, seed: int) -> str:
            process.stdin.write(f"{url} {seed}\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        yield ask
        process.stdin.close()


@pytest.mark.parametrize("seed", parts(sweep=20))
def test_no_number_is_stale_or_mixed(store, url, seed, other_process):
    with_territories(far_region(bank(store)), BRANCHES)
    chosen, kept, done = random.Random(seed), [store, Store(url, mark=interpret)], []
    numbers = count(seed * 1_000_000)
    with time_machine.travel(f"{FRIDAY} 04:00"):
        for _ in range(scaled(sweep=100, test=2)):
            for _ in range(chosen.randrange(1, 4)):
                number = next(numbers)
                elsewhere = chosen.random() < 0.3
                done.append(other_process(url, number) if elsewhere else write(url, number))
            reader = chosen.choice(kept)
            fresh = Store(url, mark=interpret)
            for viewer in chosen.sample(viewers(reader), 2):
                with reader.moment():
                    shown = with_penetration(viewer, FRIDAY)
                assert shown == with_penetration(replace(viewer, store=fresh), FRIDAY), (viewer.account, done[-4:])
            fresh.close()
    kept[1].close()
    assert done.count("written") > len(done) / 4, "the interleavings must write something"
