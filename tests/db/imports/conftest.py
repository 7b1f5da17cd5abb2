"""A bank of two regions whose staff bring files."""

import pytest

from tests.support.builders import bank, far_region


@pytest.fixture
def cast(store):
    return far_region(bank(store))


@pytest.fixture
def small(sqlite_store):
    return far_region(bank(sqlite_store))
