"""A process that sends what waits until it is killed: run as `python tests/support/processes/delivering.py URL`. A minute
of the product is an instant of it."""

import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from dashboard.delivery import deliver, post
from db.delivery import sending
from db.engine import Store

CLAIMED = 2.0  # seconds


def hurry() -> None:
    """Shortens every time the sender waits; nothing it does changes."""
    sending.CLAIMED, sending.MINUTE = timedelta(seconds=CLAIMED), timedelta(milliseconds=30)
    sending.MOST_ATTEMPTS = 1_000
    post.CONNECT, post.ANSWER, deliver.PAUSE = 1.0, 0.4, 0.05
    for name, one in sending.SERVICES.items():
        sending.SERVICES[name] = replace(one, a_minute=1_000, apart=timedelta(0))


if __name__ == "__main__":
    hurry()
    store = Store(sys.argv[1])
    print("ready", flush=True)
    while True:
        deliver.send_waiting(store, 60)
