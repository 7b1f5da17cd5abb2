"""Phones that send what they keep until the bank has answered, and again when it has not: through lost connections, and
a server that is killed.

Run as `python tests/support/processes/replaying.py URL`, it is such a server: it stores the submissions it reads, one
number a line, and answers each with its number and its id."""

import random
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from db.access import Viewer
from db.engine import Store
from db.log.entry import Entry
from db.recording import recording
from tests.support.processes.submitting import MONDAY

THREADS, RECONNECT_EVERY = 2, 1_500
OFTEN = {1: 40, 2: 30, 3: 15, 4: 10, 5: 5}  # how often a submission is sent → of a hundred
NAMED = 20  # every so manyth names a customer and a product: the others are quicker


def entry(number: int, note: str | None = None) -> Entry:
    named = {"customer_name": f"客户{number}", "product": 1} if number % NAMED == 0 else {}
    return Entry("consultation", MONDAY, note=note or f"第{number}笔", **named)


def serve(url: str, numbers: list[int]) -> None:
    """Stores them in this order on several threads, each of which connects anew now and then."""
    waiting, turn = iter(numbers), threading.Lock()

    def work() -> None:
        store, viewer = None, None
        for nth in range(len(numbers)):
            with turn:
                number = next(waiting, None)
            if number is None:
                return
            if nth % RECONNECT_EVERY == 0:
                store = Store(url, patience=60)
                viewer = Viewer(store, "operator", "operator")
            identity = recording.record(viewer, 1 + number % 3, entry(number), f"key-{number}", MONDAY)
            sys.stdout.write(f"{number} {identity}\n")
            sys.stdout.flush()

    threads = [threading.Thread(target=work) for _one in range(THREADS)]
    [one.start() for one in threads]
    [one.join() for one in threads]


def replay(url: str, submissions: int, kills: int, seed: int) -> dict[int, set[int]]:
    """Sends every submission one to five times in random order, on a server that is killed so many times on the way:
    what it has not answered is sent again to the next. Gives the ids each submission was answered with."""
    chance = random.Random(seed)
    left = Counter(dict(enumerate(chance.choices(list(OFTEN), list(OFTEN.values()), k=submissions))))
    answers: dict[int, set[int]] = {}
    for life in range(kills + 1):
        numbers, lasting = list(left.elements()), life == kills
        chance.shuffle(numbers)
        stop_after = chance.randint(1, 2 * len(numbers) // (kills + 2 - life))
        for number, identity in live(url, numbers, None if lasting else stop_after):
            left[number] -= 1
            answers.setdefault(number, set()).add(identity)
    assert left.total() == 0
    return answers


def live(url: str, numbers: list[int], stop_after: int | None) -> list[tuple[int, int]]:
    """What one server answers until it has done everything, or is killed in the middle of its work, so many answers
    on."""
    server = subprocess.Popen(
        [sys.executable, __file__, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    server.stdin.write(" ".join(map(str, numbers)) + "\n")
    server.stdin.flush()
    answered = []
    for line in server.stdout:
        if not line.endswith("\n"):
            break  # cut off by the kill
        number, identity = map(int, line.split())
        answered.append((number, identity))
        if len(answered) == stop_after:
            server.kill()
    _, wrong = server.communicate()
    assert server.returncode == (0 if stop_after is None else -9), wrong
    return answered


if __name__ == "__main__":
    serve(sys.argv[1], [int(one) for one in sys.stdin.readline().split()])
