"""A log that is changed behind the mirror's back, row by row."""

import pytest

from tests.support.mirror_log import with_customers


@pytest.fixture
def staffed(store):
    """The cast, four customers and four opportunities."""
    return with_customers(store)


@pytest.fixture
def local(sqlite_store):
    """The same, for what does not depend on the engine."""
    return with_customers(sqlite_store)
