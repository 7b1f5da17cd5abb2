"""People at work at a server while something happens to it, and what has to be true of them afterwards."""

import random
from collections.abc import Callable
from typing import Protocol

from db.engine import Store
from tests.support.chaos.course import Course
from tests.support.chaos.people import at_work
from tests.support.sweep import SEED, scaled

PHONES = scaled(20, 6)
CALM = scaled(3, 1)  # seconds at most between two faults


class Served(Protocol):
    """A server, or several behind one address."""

    address: str

    def start(self) -> None: ...
    def stop(self) -> None: ...


def live_through(served: Served, opened: Callable[[], Store], happen: Callable[[Course], None]) -> Course:
    """Starts the server, lets it happen, and stops it; then nothing acknowledged is lost, and everybody was told the truth
    and went on. `opened` gives the store as it was left."""
    served.start()
    try:
        with at_work(served.address, PHONES, SEED) as notes:
            course = Course(notes, random.Random(SEED))
            course.calm(CALM * 2)
            happen(course)
            course.calm(CALM * 2)
    finally:
        served.stop()
    print(course.report())
    course.was_told_truly()
    course.everybody_went_on()
    store = opened()
    course.lost_nothing(store)
    store.close()
    return course
