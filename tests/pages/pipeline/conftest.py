"""The small cast in front of an empty pipeline."""

import pytest

from tests.support.builders import EAST, LI, WANG, account, bank


@pytest.fixture
def shop(configured, sqlite_store):
    """The small cast, with accounts, and nothing under way."""
    configured.database_url = bank(sqlite_store).url
    for login, role, place in (("wang", "manager", WANG), ("li", "manager", LI), ("head", "branch_head", EAST)):
        account(sqlite_store, login, role, place)
    account(sqlite_store, "region", "regional", 1)
    return sqlite_store
