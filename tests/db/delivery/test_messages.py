"""What is queued, claimed and settled: cut to what the service takes, each once, in order, and no customer's name."""

from datetime import datetime, time, timedelta

import pytest
import time_machine
from sqlalchemy import select

from dashboard.shell.store import operator
from db.delivery import channels, messages, sending
from db.delivery.channels import Robot
from db.delivery.sending import ARRIVED, CLAIMED, DECLINED, LOST, MOST_ATTEMPTS, UNSENT, Outcome
from db.delivery.services import SERVICES, pieces
from db.errors import NotAllowed, Refused
from db.models import Audit, Channel, Customer
from tests.support.builders import EAST, MONDAY, SOUTH, WANG, bank, head, manager
from tests.support.groups import group

HOST = "qyapi.weixin.qq.com"
OK = Outcome(ARRIVED, "0")


@pytest.fixture
def clock():
    with time_machine.travel(datetime(2026, 11, 16, 10), tick=False) as clock:
        yield clock


@pytest.fixture
def store(store, clock):
    bank(store)
    channels.allow(operator(store), HOST)
    with store.noting("test") as write:
        write.session.add(group(1, EAST, "东湖群"))
        write.session.flush()
        write.settle_ids(Channel)
    return store


def queue(store, text="夕会纪要", **given) -> list[int]:
    return messages.queue(head(store), EAST, "evening", MONDAY, text, **given)


def states(store) -> list[str]:
    return messages.listing(head(store)).sort("message")["status"].to_list()


@pytest.mark.both_engines
def test_a_message_is_claimed_by_one_and_settled_once(store, clock):
    first, second = *queue(store), *queue(store, "第二条")
    one = sending.claim(store)
    assert one.message == first and sending.claim(store) is None, "the group waits while one is on its way"
    sending.settle(store, one, OK)
    sending.settle(store, one, Outcome(DECLINED, "93000"))
    assert states(store) == ["sent", "waiting"]
    assert sending.claim(store) is None, "a second has to lie between two messages"
    clock.shift(1)
    assert sending.claim(store).message == second


@pytest.mark.both_engines
def test_a_refused_one_waits_and_the_group_with_it(store, clock):
    first, second = *queue(store), *queue(store, "第二条")
    for attempt in range(3):
        one = sending.claim(store)
        assert one.message == first
        sending.settle(store, one, Outcome((DECLINED, UNSENT)[attempt % 2], "45009"))
        assert sending.claim(store) is None
        clock.shift(sending.delay(attempt + 1))
    sending.settle(store, sending.claim(store), OK)
    clock.shift(2)
    assert sending.claim(store).message == second
    assert messages.listing(head(store), only=[first]).select("attempts", "status").row(0) == (3, "sent")


def test_what_is_refused_for_hours_is_put_before_somebody_and_lets_the_others_pass(store, clock):
    first, second = *queue(store), *queue(store, "第二条")
    for _ in range(MOST_ATTEMPTS):
        clock.shift(timedelta(hours=1))
        sending.settle(store, sending.claim(store), Outcome(DECLINED, "93000"))
    assert states(store) == ["refused", "waiting"]
    clock.shift(2)
    assert sending.claim(store).message == second
    messages.send_again(head(store), first)
    assert states(store) == ["waiting", "sending"]


@pytest.mark.both_engines
def test_one_whose_answer_was_lost_is_never_taken_again_by_itself(store, clock):
    (first,) = queue(store)
    sending.settle(store, sending.claim(store), Outcome(LOST, "ReadTimeout"))
    for _ in range(3):
        clock.shift(timedelta(days=1))
        assert sending.claim(store) is None
    assert states(store) == ["unconfirmed"]
    messages.send_again(head(store), first)
    again = sending.claim(store)
    assert again.message == first
    sending.settle(store, again, OK)
    with pytest.raises(Refused, match="meanwhile"):
        messages.send_again(head(store), first)


@pytest.mark.both_engines
def test_what_a_dead_process_was_sending_is_unconfirmed_and_a_late_answer_still_counts(store, clock):
    queue(store), queue(store, "第二条")
    dead = sending.claim(store)
    clock.shift(CLAIMED + timedelta(seconds=1))
    alive = sending.claim(store)
    assert states(store) == ["unconfirmed", "sending"]
    sending.settle(store, dead, OK)
    assert states(store) == ["sent", "sending"]
    sending.settle(store, alive, Outcome(LOST, ""))
    messages.strike(head(store), alive.message)
    sending.settle(store, alive, Outcome(DECLINED, "1"))
    assert states(store) == ["sent", "struck"], "what somebody has decided stands"


def test_no_more_in_a_minute_than_the_service_takes(store, clock):
    most = SERVICES["wecom"].a_minute
    for number in range(most + 1):
        queue(store, f"第{number}条")
    for _ in range(most):
        sending.settle(store, sending.claim(store), OK)
        clock.shift(1)
    assert sending.claim(store) is None
    clock.shift(59 - most)
    assert sending.claim(store) is None
    clock.shift(1)
    assert sending.claim(store) is not None


def test_nothing_goes_out_to_a_host_or_group_that_was_switched_off(store):
    queue(store)
    channels.forbid(operator(store), HOST)
    assert sending.claim(store) is None and states(store) == ["waiting"]
    with pytest.raises(Refused, match="no group"):
        queue(store, "第二条")
    channels.allow(operator(store), HOST)
    channels.change(head(store), 1, Robot("wecom", "东湖群", is_on=False))
    assert sending.claim(store) is None
    with pytest.raises(Refused, match="no group"):
        queue(store, "第二条")


def test_a_long_text_is_cut_between_lines_to_what_a_service_takes(store):
    text = "\n".join(f"{number} 客户经理今日完成情况" for number in range(150))
    parts = pieces(text, 2048)
    assert all(len(one.encode()) <= 2048 for one in parts) and "\n".join(parts) == text
    assert pieces("好" * 1000, 2048) == ["好" * 682, "好" * 318] and pieces(" \n", 10) == []
    assert queue(store, text, image=b"picture") == [*range(1, len(parts) + 2)]
    found = messages.listing(head(store)).sort("message")
    assert found["is_image"].to_list() == [False] * len(parts) + [True] and found["text"][:-1].to_list() == parts


def test_too_much_for_a_chat_is_refused_and_nothing_is_queued(store):
    for text, given in (("好" * 9_000, {}), (" ", {}), ("图", {"image": b"0" * (2 * 1024 * 1024 + 1)})):
        with pytest.raises(Refused):
            queue(store, text, **given)
    assert states(store) == []


def test_a_second_tap_on_send_queues_nothing_more(store):
    assert queue(store) == queue(store)
    sending.settle(store, sending.claim(store), OK)
    assert len(queue(store)) == 1 and states(store) == ["sent", "waiting"]


@pytest.mark.both_engines
def test_no_customer_is_named_whoever_wrote_it(store):
    with store.writing("test") as write:
        for name in ("湖滨书店", "王芳", "李"):  # a customer may be called as a colleague is
            write.session.add(Customer(name=name, branch_id=EAST, manager_id=WANG))
    assert queue(store, "王芳 今日 3 笔，李强 2 笔")
    for text, given in (
        ("拜访湖滨书店", {}),
        ("电话 138-1234-5678", {}),
        ("卡号 6222021234567890123", {}),
        ("纪要", {"image": b"x", "pictured": ["拜访", "湖滨书店贷款"]}),
    ):
        with pytest.raises(Refused) as refused:
            queue(store, text, **given)
        assert "湖滨" not in str(refused.value)
    assert len(states(store)) == 1


def test_only_the_head_sends_for_their_branch_and_reads_what_was_sent(store):
    queue(store)
    for who, branch in ((manager(store), EAST), (head(store, SOUTH), EAST)):
        with pytest.raises(NotAllowed):
            messages.queue(who, branch, "evening", MONDAY, "夕会纪要")
    for do in (messages.send_again, messages.strike):
        with pytest.raises(NotAllowed):
            do(head(store, SOUTH), 1)
    assert messages.listing(head(store, SOUTH)).is_empty()


def test_every_sending_stands_in_the_trail_with_the_contents_hash(store):
    queue(store)
    sending.settle(store, sending.claim(store), Outcome(DECLINED, "45009"))
    with store.reading() as connection:
        statement = select(Audit.action, Audit.entity_id, Audit.after).where(Audit.entity == "message")
        rows = connection.execute(statement.order_by(Audit.id)).all()
    assert [(action, branch) for action, branch, _after in rows] == [("queue", EAST), ("send", EAST)]
    (_, _, queued), (_, _, sent) = rows
    assert queued["digest"] == sent["digest"] and (sent["status"], sent["code"], sent["attempts"]) == (
        "waiting",
        "45009",
        1,
    )
    assert "夕会纪要" not in repr(rows)


@pytest.mark.both_engines
def test_what_goes_out_by_itself_is_due_once_a_day_in_its_hours(store, clock):
    channels.change(operator(store), 1, Robot("wecom", "东湖群", kind="evening", at=time(18, 30)))
    clock.move_to(datetime(2026, 11, 16, 10, 29))  # UTC: 18:29 where the bank is
    assert sending.due(store, MONDAY) == []
    clock.shift(60)
    (one,) = sending.due(store, MONDAY)
    assert (one.kind, one.branch, one.viewer.role, one.viewer.branch) == ("evening", EAST, "screen", EAST)
    sending.queue_due(store, one, "夕会纪要", None, [])
    sending.queue_due(store, one, "夕会纪要二", None, [])  # another process was as quick
    assert sending.due(store, MONDAY) == [] and states(store) == ["waiting"]
    clock.shift(timedelta(days=1))
    assert len(sending.due(store, MONDAY + timedelta(1))) == 1
    clock.shift(timedelta(hours=4))
    assert sending.due(store, MONDAY + timedelta(1)) == []


def test_a_weeks_minutes_that_somebody_has_sent_do_not_go_out_by_themselves_too(store, clock):
    channels.change(operator(store), 1, Robot("wecom", "东湖群", kind="weekly", at=time(18, 30)))
    friday = MONDAY + timedelta(4)
    clock.move_to(datetime(2026, 11, 20, 10, 31))
    assert [one.day for one in sending.due(store, friday)] == [MONDAY]
    messages.queue(head(store), EAST, "weekly", MONDAY, "周例会纪要")
    assert sending.due(store, friday) == []


def test_what_was_held_back_stands_before_somebody_and_has_nothing_to_send(store, clock):
    channels.change(operator(store), 1, Robot("wecom", "东湖群", kind="evening", at=time(18, 30)))
    clock.move_to(datetime(2026, 11, 16, 10, 31))
    (one,) = sending.due(store, MONDAY)
    for _ in range(2):
        sending.hold_back(store, one, "held back")
    assert states(store) == ["refused"] and sending.due(store, MONDAY) == []
    with pytest.raises(Refused, match="held back"):
        messages.send_again(head(store), 1)
    messages.strike(head(store), 1)
    assert states(store) == ["struck"]
