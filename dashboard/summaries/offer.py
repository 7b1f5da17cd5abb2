"""Sending a meeting's minutes by hand."""

from dashboard.delivery import form
from dashboard.meetings import minutes
from dashboard.meetings.content.asked import Asked
from dashboard.summaries import summaries
from db.access import covers
from db.delivery import sending


def show(asked: Asked) -> None:
    """The form to send a meeting's minutes, for whoever may send from its branch: what is looked at is what leaves."""
    viewer, branch, on = asked.book.viewer, asked.branch, asked.book.on
    if viewer.region is None or not covers(viewer, "send_messages", region=viewer.region, branch=branch):
        return
    screen = sending.screen(viewer.store, viewer.region, branch)
    form.send(viewer, branch, minutes.document(summaries.of(screen, branch, asked.kind, on)), asked.kind, on)
