"""Our meeting: what runs in the branch, what I promise, what became of it and why, and what I have agreed to."""

from dashboard.meetings.own import meeting
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.standing import boards
from dashboard.standing.book import open_book
from dashboard.standing.part import Part

viewer, today = session.viewer(), session.today()

boards.title(_("Our meeting"), viewer, viewer.branch, today)
meeting.show(open_book(viewer, today, Part(branch=viewer.branch, manager=viewer.manager)))
