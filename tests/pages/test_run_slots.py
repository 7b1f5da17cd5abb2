"""As many pages run at a time as there are slots, and each gives its slot back, however it ends."""

import threading
import time

import pytest

from dashboard.shell import run_slots
from tests.support.pages import look


def free() -> int:
    return run_slots.SLOT._value


@pytest.mark.parametrize("login", ["head-1", None])
def test_a_page_gives_its_slot_back(demo, login):
    look("morning_meeting", as_=login)
    assert free() == run_slots.AT_ONCE


def test_a_page_waits_for_a_slot(demo):
    for _slot in range(run_slots.AT_ONCE):
        run_slots.SLOT.acquire()
    shown: list[object] = []
    page = threading.Thread(target=lambda: shown.append(look("morning_meeting", as_="head-1")))
    page.start()
    time.sleep(1)
    waits = not shown
    for _slot in range(run_slots.AT_ONCE):
        run_slots.SLOT.release()
    page.join(60)
    assert waits and shown and free() == run_slots.AT_ONCE
