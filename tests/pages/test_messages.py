"""The page of messages: the administrator allows a host, the head adds a group, and what nobody knows of is decided."""

import pytest

from dashboard.shell.settings import settings
from dashboard.shell.store import operator, shared
from db.delivery import channels, messages, sending
from db.delivery.channels import Robot
from db.delivery.sending import LOST, Outcome
from tests.conftest import FRIDAY
from tests.support.chat_receiver import ADDRESSES, Receiver, receiving
from tests.support.pages import AS, every_tab, everything_said, healthy, look, unfold

pytestmark = pytest.mark.slow


def button(app, label: str):
    return next(one for one in app.button if one.label.startswith(label))


def field(app, label: str):
    return next(one for one in app.text_input if one.label.startswith(label))


@pytest.fixture
def receiver():
    return Receiver()


@pytest.fixture
def host(own_demo, receiver):
    with receiving(receiver) as host:
        yield host


def test_from_no_host_to_a_trial_message(host, receiver):
    head = every_tab(look("messages", as_=AS["branch_head"], lang="en"), "messages")
    assert "the administrator first allows" in everything_said(healthy(head))
    admin = every_tab(look("messages", as_=AS["administrator"], lang="en"), "messages")
    field(admin, "Another host").set_value(host)
    admin.checkbox[-1].check()
    healthy(button(admin, "Allow").click().run())
    head = every_tab(look("messages", as_=AS["branch_head"], lang="en"), "messages")
    field(head, "Name of the group").set_value("展业群")
    address = f"http://{host}{ADDRESSES['wecom'].format('SECRETKEY')}"
    field(head, "Address of its robot").set_value(address)
    head = healthy(button(head, "Add the group").click().run())
    assert "展业群" in everything_said(head) and "SECRETKEY" not in everything_said(head)
    chosen = next(one for one in head.selectbox if one.label == "Group")
    head = healthy(chosen.select_index(0).run())
    assert all("SECRETKEY" not in (one.value or "") for one in head.text_input)
    head = healthy(button(head, "Send a trial message").click().run())
    assert receiver.arrived[ADDRESSES["wecom"].format("SECRETKEY")][0].startswith("Trial message")


def test_what_nobody_knows_of_is_sent_again_or_struck_off_by_the_head(host, receiver):
    everyone = operator(shared(settings().database_url))
    channels.allow(everyone, host, internal=True)
    channels.add(everyone, 1, Robot("wecom", "群", address=f"http://{host}{ADDRESSES['wecom'].format('k')}"))
    for text in ("第一条", "第二条"):
        messages.queue(everyone, 1, "evening", FRIDAY, text)
        sending.settle(everyone.store, sending.claim(everyone.store), Outcome(LOST, "ReadTimeout"))
        with everyone.store.noting("test") as write:  # two messages lie a second apart
            write.session.execute(sending.Message.__table__.update().values(tried_at=None))
    auditor = healthy(look("messages", as_=AS["auditor"], lang="en"))
    assert "第一条" not in everything_said(auditor) and not [one for one in auditor.button if "again" in one.label]
    head = healthy(look("messages", as_=AS["branch_head"], lang="en"))
    assert "no answer (ReadTimeout)" in everything_said(head)
    head = healthy(button(head, "Send again").click().run())
    assert receiver.arrived[ADDRESSES["wecom"].format("k")] == ["第二条"]
    healthy(button(head, "It has arrived").click().run())
    assert sorted(messages.listing(everyone)["status"]) == ["sent", "struck"]


def test_the_minutes_of_the_evening_are_sent_from_its_page(host, receiver):
    everyone = operator(shared(settings().database_url))
    channels.allow(everyone, host, internal=True)
    channels.add(everyone, 1, Robot("feishu", "群", address=f"http://{host}{ADDRESSES['feishu'].format('k')}"))
    page = unfold(healthy(look("evening_meeting", as_=AS["branch_head"], lang="en")), f"minutes of evening {FRIDAY}")
    page = unfold(page, f"send evening {FRIDAY}")
    shown = page.code[0].value
    page = healthy(button(page, "Send now").click().run())
    assert receiver.arrived[ADDRESSES["feishu"].format("k")] == [shown.strip()] and "1 group" in page.toast[0].value
