"""Which item is filled with what."""

from dashboard.documents.blocks import Block
from dashboard.meetings.content import evening, morning, review, weekly
from dashboard.meetings.content.asked import Asked, Make, nothing
from dashboard.shell.language import _

CONTENT: dict[str, dict[str, Make]] = {
    "morning": morning.CONTENT,
    "evening": evening.CONTENT,
    "weekly": weekly.CONTENT,
    "monthly": review.CONTENT,
    "quarterly": review.CONTENT,
}


def blocks(asked: Asked, item: str) -> tuple[Block, ...]:
    """What the data say to an item; nothing to one that is only talked about. Where nobody is posted, or nothing was ever
    recorded, nobody is judged."""
    make = CONTENT[asked.kind].get(item)
    if make is None:
        return ()
    if asked.book.day().people.is_empty():
        return nothing(_("Nobody is posted here on that day."))
    if not asked.book.has_log():
        return nothing(_("No activity data yet: import the log, or record the first visit."))
    return make(asked)
