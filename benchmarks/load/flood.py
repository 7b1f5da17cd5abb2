"""`python -m benchmarks.load.flood`: what a manager's entry takes alone, and beside 20 anonymous threads that ask for pages
and guess passwords without end, at the process and behind nginx as deploy/ sets it up. Alone and beside them in turn, so
that a noisy moment hits both; whoever floods gives way to the server, as if they did it from a machine of their own."""

import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from benchmarks.figures import Figure, shown, table
from benchmarks.machine import load
from dashboard.shell.store import open_store
from dashboard.web.outbox_page import ENTRIES
from dashboard.web.requests import COOKIE
from db.accounts import sign_in
from db.migrations.migrate import migrate
from db.simulate.simulate import simulate
from metrics.definitions import DEFAULT
from tests.conftest import FRIDAY
from tests.support.builders import BROWSER
from tests.support.nginx import Nginx
from tests.support.servers import Server, server

THREADS, LEAST = 20, 5  # how many flood; how much they give way
KINDS = ("pages", "passwords", "both", "forged cookies")
SLOWER = 2.0  # at most so many times
PAUSE = 0.1  # seconds between two entries
FLOOD = """import http.client, os, sys, threading, uuid
host, port, secure, kind = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "https", sys.argv[4]
import ssl
trusting = ssl._create_unverified_context()
def line():
    return http.client.HTTPSConnection(host, port, context=trusting) if secure else http.client.HTTPConnection(host, port)
answered = [0] * int(sys.argv[5])
def flood(place):
    said = {"Accept": "text/html", "Origin": f"{sys.argv[3]}://{host}:{port}", "Content-Type": "application/x-www-form-urlencoded"}
    guesses, held = kind == "passwords" or (kind == "both" and place % 2), line()
    while True:
        try:
            if guesses:
                held.request("POST", "/account/sign-in", f"login={uuid.uuid4().hex[:4]}&password=wrong-horse", said)
            else:
                forged = {"Cookie": f"chenxi={uuid.uuid4().hex}"} if kind == "forged cookies" else {}
                held.request("GET", ("/my_day", "/account/sign-in")[place % 4 // 2], headers=said | forged)
            held.getresponse().read()
            answered[place] += 1
        except OSError:
            held = line()
        except http.client.HTTPException:
            held = line()
threads = [threading.Thread(target=flood, args=(place,), daemon=True) for place in range(len(answered))]
for one in threads: one.start()
sys.stdin.read()
print(sum(answered))
"""


@contextlib.contextmanager
def served(folder: Path) -> Iterator[tuple[Server, str, str]]:
    """A server on a small region, no demo; a manager's sign-in name, and the token of their session."""
    url = f"sqlite:///{folder / 'region.db'}"
    migrate(url, DEFAULT)
    store = open_store(url)
    simulate(store, today=FRIDAY, now_hour=16.5, branches=2, managers=12, months=4)
    token = sign_in.start(store, "100001", BROWSER).token
    store.close()
    one = server(url, folder, demo=False)
    one.start()
    try:
        yield one, "100001", token
    finally:
        one.stop()


@contextlib.contextmanager
def behind_nginx(one: Server, folder: Path) -> Iterator[str]:
    """Its address there: one process instead of two."""
    front = Nginx(folder, [one.address])
    front.start()
    try:
        yield front.address
    finally:
        front.stop()


@contextlib.contextmanager
def flooded(address: str, kind: str, threads: int, asked: list[float]) -> Iterator[None]:
    """While they do; how many of their requests were answered a second is added to `asked`."""
    where = urlsplit(address)
    call = [sys.executable, "-c", FLOOD, str(where.hostname), str(where.port), where.scheme, kind, str(threads)]
    running = subprocess.Popen(call, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    os.setpriority(os.PRIO_PROCESS, running.pid, LEAST)
    began = time.perf_counter()
    try:
        time.sleep(3)
        yield
    finally:
        took = time.perf_counter() - began
        answered, _ = running.communicate()
        asked.append(int(answered) / took)
        time.sleep(1)  # what was asked for last is answered


def enter(browser: httpx.Client, login: str) -> float:
    """Seconds that an entry takes, as the outbox sends it."""
    named = {"customer_name": f"压测{uuid.uuid4().hex[:12]}", "met_decider": True, "has_need": False}
    entry = {"key": uuid.uuid4().hex, "account": login, "kind": "consultation", "day": FRIDAY.isoformat(), **named}
    began = time.perf_counter()
    answer = browser.post(ENTRIES, json=entry)
    if answer.status_code != 200:
        raise RuntimeError(f"{answer.status_code} {answer.text}")
    return time.perf_counter() - began


@dataclass
class Beside:
    """Seconds of each entry beside a flood and of those just before it; the requests a second that the flood got."""

    alone: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)


def measured(address: str, login: str, token: str, rounds: int, entries: int, threads: int) -> dict[str, Beside]:
    found = {kind: Beside() for kind in KINDS}
    origin = {"Origin": address, "Cookie": f"{COOKIE}={token}"}
    with httpx.Client(base_url=address, headers=origin, verify=False, timeout=60) as browser:
        for _ in range(5):
            enter(browser, login)
        for _ in range(rounds):
            for kind, one in found.items():
                one.alone += several(browser, login, entries)
                with flooded(address, kind, threads, one.asked):
                    one.beside += several(browser, login, entries)
    return found


def several(browser: httpx.Client, login: str, entries: int) -> list[float]:
    taken = []
    for _ in range(entries):
        taken.append(enter(browser, login))
        time.sleep(PAUSE)
    return taken


def figures(where: str, found: dict[str, Beside], threads: int) -> list[Figure]:
    rows = []
    for kind, one in found.items():
        alone, beside = statistics.median(one.alone), statistics.median(one.beside)
        worst = sorted(one.beside)[int(len(one.beside) * 0.95)]
        flood = f"{statistics.mean(one.asked):.0f} a second answered"
        rows.append(
            Figure(
                f"an entry {where} beside {threads} threads: {kind} ({flood})",
                f"{shown(beside)} (p95 {shown(worst)}, {len(one.beside)} entries, load {load()})",
                f"alone: {shown(alone)}",
                f"{beside / alone:.2f}×",
                f"≤ {SLOWER:g}×",
                beside <= SLOWER * alone,
            )
        )
    return rows


def main(rounds: int, entries: int, threads: int, nginx: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="flood-") as made, served(Path(made)) as (one, login, token):
        rows = figures("at the process", measured(one.address, login, token, rounds, entries, threads), threads)
        if nginx and shutil.which("nginx"):
            with behind_nginx(one, Path(made) / "nginx") as address:
                rows += figures("behind nginx", measured(address, login, token, rounds, entries, threads), threads)
    print(table(rows))


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--entries", type=int, default=15, help="in each round, alone and beside each kind")
    asked.add_argument("--threads", type=int, default=THREADS)
    asked.add_argument("--no-nginx", dest="nginx", action="store_false")
    main(**vars(asked.parse_args()))
