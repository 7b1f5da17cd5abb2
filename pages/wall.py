"""The wall: what the meeting room's screen shows, during meetings and between them."""

from dashboard.meetings import wall
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.standing import boards
from dashboard.standing.book import open_book
from dashboard.standing.part import Part
from dashboard.widgets import filters
from dashboard.workdays import meeting_day

viewer = session.viewer()
with filters.bar():
    branch = filters.branch(viewer)
    on = meeting_day.choose(viewer)
boards.title(_("The wall"), viewer, branch, on)

book = open_book(viewer, on, Part(branch=branch))
if branch is None or book.day().people.is_empty():
    boards.nobody()
elif not boards.no_log(book):
    wall.show(book, "deals")
