"""A page opens its socket at once: it asks nobody where its server is."""

import pytest
from playwright.sync_api import Route

pytestmark = pytest.mark.browser
ASKED = ("**/_stcore/health", "**/_stcore/host-config")  # where Streamlit's page asks before it opens a socket


def left_unanswered(route: Route) -> None:
    """Neither let through nor broken off."""


@pytest.mark.parametrize(("page", "as_"), [("", "100001"), ("my_day", "100001"), ("morning_meeting", "head-1")])
def test_a_page_is_there_though_no_question_was_answered(visit, page, as_):
    visitor = visit()
    for question in ASKED:
        visitor.page.route(question, left_unanswered)
    visitor.open(page, as_=as_)
    assert visitor.page.get_by_role("heading").first.is_visible()
    assert visitor.blocked == [] and visitor.outside == []
