"""As many pages run at a time as there are slots; each gives its slot back, however it ends, and lends it while it writes."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from dashboard.shell.run_slots import AT_ONCE, SLOTS, Slots
from dashboard.widgets.saving import saving
from tests.support.pages import look


@contextmanager
def all_taken() -> Iterator[ExitStack]:
    """By threads that wait until the stack is closed."""
    done, ready = threading.Event(), threading.Barrier(AT_ONCE + 1)

    def hold() -> None:
        with SLOTS.taken():
            ready.wait(10)
            done.wait(60)

    others = [threading.Thread(target=hold) for _slot in range(AT_ONCE)]
    for one in others:
        one.start()
    ready.wait(10)
    with ExitStack() as stack:
        stack.callback(lambda: [one.join(60) for one in others])
        stack.callback(done.set)
        yield stack


@pytest.mark.parametrize("login", ["head-1", None])
def test_a_page_gives_its_slot_back(demo, login):
    look("morning_meeting", as_=login)
    assert SLOTS.free == AT_ONCE


def test_a_page_waits_for_a_slot(demo):
    shown: list[object] = []
    page = threading.Thread(target=lambda: shown.append(look("morning_meeting", as_="head-1")))
    with all_taken() as taken:
        page.start()
        time.sleep(1)
        waits = not shown
        taken.close()
    page.join(60)
    assert waits and shown and SLOTS.free == AT_ONCE


def test_whoever_writes_lends_their_slot():
    slots = Slots(1)
    with slots.taken():
        with slots.lent(), slots.lent():
            assert slots.free == 1
        assert slots.free == 0
    assert slots.free == 1


def test_what_is_saved_takes_no_slot():
    with SLOTS.taken():
        with saving() as outcome:
            lent = SLOTS.free
            outcome.refused = ValueError("nothing is finished here")
        assert (lent, SLOTS.free) == (AT_ONCE, AT_ONCE - 1)


def test_who_has_no_slot_lends_none():
    with SLOTS.lent():
        assert SLOTS.free == AT_ONCE


def test_who_comes_first_has_the_next_slot():
    slots, order, holding = Slots(1), [], threading.Event()

    def come(number: int) -> None:
        with slots.taken():
            order.append(number)

    with slots.taken():
        others = [threading.Thread(target=come, args=(number,)) for number in range(20)]
        for place, one in enumerate(others, 1):
            one.start()
            while len(slots._waiting) < place:
                holding.wait(0.001)
    for one in others:
        one.join(10)
    assert order == [*range(20)] and slots.free == 1
