"""The minutes that go out by themselves: of a meeting that was held, or what the data fill; never with a customer."""

from datetime import datetime, time, timedelta

import pytest
import time_machine
from sqlalchemy import select

from dashboard.delivery import deliver
from dashboard.shell.language import speak
from dashboard.shell.store import operator
from dashboard.summaries import summaries
from db.access import Viewer
from db.delivery import channels, messages, sending
from db.delivery.channels import Robot
from db.engine import Store
from db.meetings import running
from db.models import Customer, Manager
from metrics.definitions import interpret
from tests.conftest import FRIDAY
from tests.support.chat_receiver import ADDRESSES, Receiver, receiving

pytestmark = pytest.mark.slow

HALF_PAST_SIX = datetime(2026, 11, 20, 10, 30)  # on the bank's clock
BRANCH = 1


@pytest.fixture
def region(region_url):
    store = Store(region_url, mark=interpret)
    with time_machine.travel(HALF_PAST_SIX):
        yield store
    store.close()
    speak("zh")


@pytest.fixture
def head(region):
    return Viewer(region, "head-1", "branch_head", 1, BRANCH)


def screen(store):
    return sending.screen(store, 1, BRANCH)


def test_the_evening_goes_to_the_group_with_its_numbers_and_no_customer(region, head):
    receiver = Receiver()
    with receiving(receiver) as host:
        channels.allow(operator(region), host, internal=True)
        address = f"http://{host}{ADDRESSES['wecom'].format('k')}"
        channels.add(head, BRANCH, Robot("wecom", "群", address=address, kind="evening", at=time(18, 30)))
        deliver.deliver(region, FRIDAY)
        deliver.deliver(region, FRIDAY)
    found = messages.listing(head)
    assert set(found["status"]) == {"sent"} and found["is_image"].sum() == 1
    said = "\n".join(receiver.arrived[ADDRESSES["wecom"].format("k")])
    document = summaries.by_itself("evening", screen(region), BRANCH, FRIDAY)
    assert said.startswith(f"【{document.title}】") and document.footer[-1] in said
    with region.reading() as connection:
        colleagues = set(connection.scalars(select(Manager.name)))
        customers = set(connection.scalars(select(Customer.name).where(Customer.branch_id == BRANCH))) - colleagues
    assert len(customers) > 50 and not [one for one in customers if one and one in said]


def test_nothing_is_said_on_a_day_off_and_while_the_meeting_runs(region, head):
    sunday = FRIDAY + timedelta(2)
    assert summaries.by_itself("evening", screen(region), BRANCH, sunday) is None
    assert summaries.by_itself("evening", screen(region), BRANCH, FRIDAY) is not None
    meeting = running.start(head, BRANCH, "evening", FRIDAY, FRIDAY)
    assert summaries.by_itself("evening", screen(region), BRANCH, FRIDAY) is None
    running.end(head, meeting)
    assert summaries.by_itself("evening", screen(region), BRANCH, FRIDAY) is not None


def test_a_weekly_meeting_goes_out_on_the_day_it_was_held_and_no_other(region, head):
    assert summaries.by_itself("weekly", screen(region), BRANCH, FRIDAY) is None
    running.end(head, running.start(head, BRANCH, "weekly", FRIDAY, FRIDAY))
    assert summaries.by_itself("weekly", screen(region), BRANCH, FRIDAY) is not None
    assert summaries.by_itself("weekly", screen(region), BRANCH, FRIDAY + timedelta(1)) is None


def test_every_kind_of_meeting_can_go_out_and_server_and_tick_know_it():
    from dashboard.commands import jobs
    from dashboard.web import server

    assert set(deliver.MADE) >= {"morning", "evening", "weekly", "monthly", "quarterly"}
    assert summaries in jobs.FEATURES and summaries in server.FEATURES
