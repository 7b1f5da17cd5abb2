"""Messages through refusals, lost answers and killed processes: none arrives twice, every refused one arrives once, in the
order of its group, and every one that nobody knows of is shown as that."""

import random
import subprocess
import sys
import time
from collections import Counter

import pytest
from sqlalchemy import func, select

from dashboard.shell.store import operator
from db.delivery import channels, messages
from db.delivery.channels import Robot
from db.models import Message
from tests.support.builders import EAST, MONDAY, SOUTH, bank
from tests.support.chat_receiver import ADDRESSES, Receiver, mixed, receiving
from tests.support.processes import delivering
from tests.support.sweep import SEED, scaled

pytestmark = [pytest.mark.both_engines, pytest.mark.slow]
MESSAGES = scaled(sweep=1_000, test=20)
LONGEST = scaled(sweep=1_200, test=120)  # seconds


def started(url: str) -> subprocess.Popen:
    process = subprocess.Popen([sys.executable, delivering.__file__, url], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


def left(store) -> int:
    """How many messages still wait or are on their way."""
    with store.reading() as connection:
        open_ones = Message.status.in_((messages.WAITING, messages.SENDING))
        return connection.scalar(select(func.count()).where(open_ones))


def test_none_twice_every_refused_one_once_in_order_every_unknown_one_shown(store, url):
    chosen, receiver, everyone = random.Random(SEED), Receiver(mixed(SEED)), operator(bank(store))
    paths: dict[str, str] = {}
    with receiving(receiver) as host:
        channels.allow(everyone, host, internal=True)
        for number, (service, path) in enumerate([*ADDRESSES.items()] * 2):
            name = f"{service} {number}"
            paths[name] = path.format(number)
            robot = Robot(service, name, address=f"http://{host}{paths[name]}")
            channels.add(everyone, (EAST, SOUTH)[number // 3], robot)
        processes = [started(url), started(url)]
        try:
            queued = 0
            for number in range(MESSAGES):
                branch = chosen.choice((EAST, SOUTH))
                queued += len(messages.queue(everyone, branch, "evening", MONDAY, f"{branch} {number:06}"))
                if chosen.random() < 0.1:  # a restart: killed in the middle of whatever it does
                    place = chosen.randrange(2)
                    processes[place].kill()
                    processes[place].wait()
                    processes[place] = started(url)
            until = time.monotonic() + LONGEST
            while left(store) and time.monotonic() < until:
                time.sleep(0.2)
        finally:
            for process in processes:
                process.kill()
                process.wait()
                process.stdout.close()

    found = messages.listing(everyone, limit=queued + 1)
    assert found.height == queued == 3 * MESSAGES and set(found["status"]) <= {"sent", "unconfirmed"}
    assert receiver.deeds["no"] and receiver.deeds["taken, lost"], "nothing went wrong: another seed"
    arrived = Counter((path, text) for path, texts in receiver.arrived.items() for text in texts)
    assert set(arrived.values()) == {1}, "none arrives twice"
    for path, texts in receiver.arrived.items():
        assert texts == sorted(texts, key=lambda text: text.split()[1]), f"out of order in {path}"
    of_status = {
        status: {
            (paths[name], text) for name, text in found.filter(status=status).select("channel_name", "text").rows()
        }
        for status in ("sent", "unconfirmed")
    }
    assert of_status["sent"] <= set(arrived), "what is shown as sent has arrived"
    assert set(arrived) <= of_status["sent"] | of_status["unconfirmed"]
    assert receiver.lost <= of_status["unconfirmed"], "every lost answer is shown"
