"""Which item is filled with what."""

from dashboard.documents.blocks import Block
from dashboard.meetings import shelf_blocks
from dashboard.meetings.content import evening, morning, review, weekly
from dashboard.meetings.content.asked import Asked, Make, nothing
from dashboard.shell.language import _

LEARNING = ("role_play", "lesson")
CONTENT: dict[str, dict[str, Make]] = {
    "morning": morning.CONTENT,
    "evening": evening.CONTENT,
    "weekly": weekly.CONTENT,
    "monthly": review.CONTENT,
    "quarterly": review.CONTENT,
}


def blocks(asked: Asked, item: str) -> tuple[Block, ...]:
    """What the data say to an item, and what the shelf proposes to it; nothing to one that is only talked about. Where nobody is posted, or nothing was ever
    recorded, nobody is judged."""
    shelf = shelf_blocks.of_item(asked.book.viewer, asked.branch, item, asked.book.on, weak_step(asked, item))
    return (*from_data(asked, item), *shelf)


def weak_step(asked: Asked, item: str) -> str | None:
    """The step at which the team loses most, where an item is about learning."""
    return morning.weak_step(asked) if item in LEARNING and asked.book.has_log() else None


def from_data(asked: Asked, item: str) -> tuple[Block, ...]:
    make = CONTENT[asked.kind].get(item)
    if make is None:
        return ()
    if asked.book.day().people.is_empty():
        return nothing(_("Nobody is posted here on that day."))
    if not asked.book.has_log():
        return nothing(_("No activity data yet: import the log, or record the first visit."))
    return make(asked)
