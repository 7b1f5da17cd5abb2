"""A meeting on its page: begun, run, and its minutes once it is over."""

from dashboard.meetings import minutes_view
from dashboard.meetings.content.asked import Asked
from dashboard.meetings.own import link
from dashboard.meetings.run_mode import run
from dashboard.meetings.run_mode.run import Extras
from dashboard.shell.page_end import end_page


def show(asked: Asked, extras: Extras | None = None) -> None:
    """While it runs there is nothing else on the page; before and after it the page goes on below."""
    link.to_own_meeting()
    if run.show(asked, extras):
        end_page()
    minutes_view.show(asked)
