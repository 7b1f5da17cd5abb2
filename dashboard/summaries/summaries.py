"""The minutes that go to a branch's groups."""

from datetime import date
from functools import partial

from dashboard.delivery import deliver
from dashboard.documents.blocks import Document
from dashboard.meetings import minutes
from dashboard.meetings.content.asked import Asked
from dashboard.shell import clock
from dashboard.standing.book import open_book
from dashboard.standing.part import Part
from db.access import Viewer
from db.codes import MEETINGS
from db.meetings import days_off

DAILY = ("morning", "evening")


def of(viewer: Viewer, branch: int, kind: str, on: date) -> Asked:
    """The meeting as the viewer sees it."""
    return Asked(open_book(viewer, on, Part(branch=branch)), kind)


def by_itself(kind: str, viewer: Viewer, branch: int, day: date) -> Document | None:
    """What goes out at its time: the minutes of a meeting that was held today and is over; of a daily one that was not
    held on a day the branch works, what the data fill. None on other days, and while the meeting runs."""
    asked = of(viewer, branch, kind, day)
    meeting = asked.held()
    if meeting is None:
        return minutes.document(asked) if kind in DAILY and days_off.works(viewer, branch, day) else None
    if meeting.running or clock.local(meeting.started_at).date() != day:
        return None
    return minutes.document(asked)


for one in MEETINGS:
    deliver.register(one, partial(by_itself, one))
