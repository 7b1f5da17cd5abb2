"""The meeting of a manager's branch as they see it on their phone: what runs, and their own part in it."""

import streamlit as st

from dashboard.meetings.content.asked import Asked
from dashboard.meetings.own import promise, result
from dashboard.meetings.run_mode import agreed, notes_view, run
from dashboard.shell.language import _, plain
from dashboard.standing.book import Book
from dashboard.widgets import formats
from dashboard.workdays import working_days
from db.meetings import held
from metrics import periods


def show(book: Book) -> None:
    """What runs on the book's day, or that nothing does; the own part of the book's one manager; their notes to the item in
    hand."""
    meeting = held.current(book.viewer, book.part.branch or 0, book.on)
    if meeting is None:
        st.info(_("No meeting is in progress. When your branch head begins one, it shows here."))
        own(book)
        return
    asked = Asked(book, meeting.kind)
    item = meeting.in_hand() or meeting.items[0]
    run.head(asked, meeting, item)
    run.strip(meeting)
    own(book)
    st.subheader(plain(_("Notes: {item}", item=_(item.title))))
    notes_view.show(book.viewer, asked, meeting, item.key)


def own(book: Book) -> None:
    """What they promise for today and for the week, what became of it, and what they have agreed to."""
    evening, weekly = Asked(book, "evening"), Asked(book, "weekly")
    promise.show(book)
    promise.show(book, working_days.week_ahead(book.viewer, book.on))
    result.show(evening, periods.day(book.on), _("Today"))
    for span in dict.fromkeys((weekly.week_reconciled, periods.week(book.on))):
        result.show(weekly, span, _("Week {days}", days=formats.days(span)))
    agreed.of_person(Asked(book, "morning"))
