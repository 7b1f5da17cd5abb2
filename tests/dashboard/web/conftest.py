"""Entries as the outbox sends them."""

import pytest

from dashboard.web.auth_gate import COOKIE
from db.accounts import sign_in
from tests.support.builders import BROWSER
from tests.support.web_client import browser


@pytest.fixture
def phone(peopled):
    """王芳's, signed in."""
    client = browser(accept="*/*", origin="http://bank.test")
    client.cookies.set(COOKIE, sign_in.start(peopled, "1001", BROWSER).token, "bank.test")
    return client
