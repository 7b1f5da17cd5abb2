"""Ending a page early.

Streamlit's own stop ends the whole run: it throws away a tap that came meanwhile, and with it whatever stands below the
page, such as the look whether the session has ended."""

from typing import NoReturn


class PageEnd(Exception):
    """The page has said what there is to say."""


def end_page() -> NoReturn:
    """Nothing more of this page is drawn; what stands around it is. For the page itself, not for a part that runs alone
    (session.part)."""
    raise PageEnd
