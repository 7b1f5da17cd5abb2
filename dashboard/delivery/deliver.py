"""Sending what waits, and what goes out by itself at its time of day: a job of every minute."""

import logging
import time
from collections.abc import Callable
from datetime import date, timedelta

from dashboard.delivery import post, wording
from dashboard.documents import typeset
from dashboard.documents.blocks import Document
from dashboard.shell.language import language, speak
from db.access import Viewer
from db.delivery import sending
from db.delivery.services import SERVICES
from db.engine import Store
from db.errors import Refused, Unavailable
from db.jobs import job

Make = Callable[[Viewer, int, date], Document | None]
MADE: dict[str, Make] = {}  # kind → who makes it
BUDGET = 240.0  # seconds a run may take: below the lease of a job
PAUSE = 1.05  # a little more than two messages of a group lie apart
HELD_BACK, NOT_MADE = "held back", "not made"  # in place of a service's code
log = logging.getLogger(__name__)


def register(kind: str, make: Make) -> None:
    """Says who makes what goes out by itself as this kind: given a viewer (the branch's screen), its branch and the day,
    a document, or None where there is nothing to say."""
    MADE[kind] = make


@job("delivery", every=timedelta(seconds=25))
def deliver(store: Store, today: date) -> None:
    """Queues what is due and sends what waits, a group after the other, for as long as the run may take."""
    queue_due(store, today)
    send_waiting(store, BUDGET)


def queue_due(store: Store, today: date) -> None:
    """Makes what is due. What cannot be made, or may not leave the bank, stands before somebody and stops nothing
    else."""
    reader = language()
    for one in sending.due(store, today):
        make = MADE.get(one.kind)
        if make is None:
            continue
        try:
            speak("zh")
            document = make(one.viewer, one.branch, today)
            if document is not None:
                sending.queue_due(store, one, *content(document, SERVICES["wecom"].image))
        except Unavailable:
            log.warning("the message %s of group %s waits for the store", one.kind, one.channel)
        except Refused:
            sending.hold_back(store, one, HELD_BACK)
        except Exception:
            log.exception("the message %s of group %s could not be made", one.kind, one.channel)
            sending.hold_back(store, one, NOT_MADE)
        finally:
            speak(reader)


def content(document: Document, most: int | None) -> tuple[str, bytes | None, list[str]]:
    """What is sent of a document: text, picture of at most so many bytes, and what can be read in it. A server without a
    Chinese font sends the text alone."""
    shown = wording.outward(document)
    try:
        image = typeset.png(shown, most)
    except Refused:
        image = None
    return wording.text(document), image, wording.texts(shown)


def send_waiting(store: Store, seconds: float, channel: int | None = None, most: int | None = None) -> int:
    """Sends what may go out now, of one group or of all, `most` requests, and gives how many that took."""
    until, tried, idle = time.monotonic() + seconds, 0, 0
    while time.monotonic() < until and idle < 2 and (most is None or tried < most):
        claimed = sending.claim(store, channel)
        if claimed is None:
            idle += 1
            if idle < 2:
                time.sleep(PAUSE)
            continue
        idle, tried = 0, tried + 1
        sending.settle(store, claimed, post.send(claimed))
    return tried
