"""A branch with groups whose robots are our own receiver's."""

import pytest

from dashboard.shell.store import operator
from db.delivery import channels
from db.delivery.channels import Robot
from tests.support.builders import EAST, bank
from tests.support.chat_receiver import ADDRESSES, Receiver, receiving


@pytest.fixture
def receiver():
    return Receiver()


@pytest.fixture
def host(receiver):
    with receiving(receiver) as host:
        yield host


@pytest.fixture
def groups(store, host):
    """The three services' groups of 东湖支行, service → id."""
    everyone = operator(bank(store))
    channels.allow(everyone, host, internal=True)
    return {
        name: channels.add(everyone, EAST, Robot(name, name, address=f"http://{host}{path.format('k')}"))
        for name, path in ADDRESSES.items()
    }
