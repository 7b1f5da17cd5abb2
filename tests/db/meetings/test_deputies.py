"""Deputies: who stands in for a head runs the meetings while it lasts, sees no more than the meeting room, and is
nothing the day after."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from dashboard.shell.store import operator
from db.access import covers, may
from db.accounts import sign_in
from db.customers import customers
from db.delivery import channels, messages
from db.delivery.channels import Robot
from db.errors import NotAllowed, Refused
from db.log import activity
from db.log.entry import Entry
from db.meetings import closing, commitments, deputies, notes, promises, running
from db.people import staffing
from db.plans import plans
from db.plans.plans import Target
from db.recording import recording
from tests.support.builders import EAST, LI, MONDAY, SOUTH, WANG, ZHAO, account, bank, enter, head, manager, regional
from tests.support.sheets import trail

TUESDAY = MONDAY + timedelta(1)
MET = Entry("consultation", MONDAY, customer_name="湖滨书店", phone="13812345678", note="老板要二十万")


@pytest.fixture
def monday():
    with time_machine.travel(f"{MONDAY} 01:00", tick=False) as clock:
        yield clock


@pytest.fixture
def deputised(store, monday):
    """王芳 of the east stands in today; what 李强 has met is in the log."""
    account(bank(store), "wang", "manager", WANG)
    recording.record(operator(store), LI, MET, "one", MONDAY)
    deputies.name(head(store), WANG, MONDAY, MONDAY, MONDAY)
    return store


def standing_in(store, day=MONDAY):
    return sign_in.deputy(enter(store, "wang", today=day), day)


def test_a_deputy_runs_the_meetings_of_their_own_branch(deputised):
    deputy = standing_in(deputised)
    meeting = running.start(deputy, EAST, "evening", MONDAY, MONDAY)
    notes.write_note(deputy, meeting, "actual", "今天全员到齐", "")
    promises.set_promises(deputy, MONDAY, {LI: {"deals": 1}})
    entry = recording.record(deputy, LI, replace(MET, customer_name="城南茶庄", phone=None), "two", MONDAY)
    version = activity.rows(deputy, MONDAY, LI).filter(id=entry)["version"][0]
    recording.correct(deputy, entry, version, MONDAY, met_decider=True)
    running.end(deputy, meeting)
    assert closing.closed(manager(deputised), EAST, MONDAY)
    assert {one[0] for one in trail(deputised)[-3:]} == {"wang"}, "the trail names the person"
    for refused in (
        lambda: running.start(deputy, SOUTH, "morning", MONDAY, MONDAY),
        lambda: promises.set_promises(deputy, MONDAY, {ZHAO: {"deals": 1}}),
        lambda: recording.record(deputy, ZHAO, MET, "three", MONDAY),
        lambda: plans.set_targets(deputy, MONDAY, [Target("manager", LI, "deals", 9, None)]),
        lambda: deputies.name(deputy, LI, MONDAY, MONDAY, MONDAY),
    ):
        with pytest.raises(NotAllowed):
            refused()


def test_a_deputy_settles_commitments_and_sends_to_the_groups_of_the_branch(deputised):
    deputy, admin = standing_in(deputised), operator(deputised)
    meeting = running.start(deputy, EAST, "morning", MONDAY, MONDAY)
    done, dropped, kept = (
        commitments.agree(deputy, meeting, "focus", text, TUESDAY, whose, MONDAY)
        for text, whose in (("陪访", LI), ("复盘", None), ("回访", LI))
    )
    commitments.finish(deputy, done, MONDAY)
    commitments.drop(deputy, dropped, "改期", MONDAY)
    states = {
        row["commitment"]: (row["done_on"], row["reason"]) for row in commitments.read(deputy, EAST, MONDAY).to_dicts()
    }
    assert states == {done: (MONDAY, None), dropped: (None, "改期"), kept: (None, None)}
    channels.allow(admin, "qyapi.weixin.qq.com")
    robot = Robot("wecom", "东湖支行群", address="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1")
    channels.add(head(deputised), EAST, robot)
    (message,) = messages.queue(deputy, EAST, "morning", MONDAY, "今天一起努力")
    messages.strike(deputy, message)
    assert messages.listing(deputy)["text"].to_list() == ["今天一起努力"]
    with pytest.raises(NotAllowed):
        messages.queue(deputy, SOUTH, "morning", MONDAY, "今天一起努力")
    with pytest.raises(NotAllowed):
        channels.add(deputy, EAST, robot)
    with time_machine.travel(f"{TUESDAY} 01:00"), pytest.raises(NotAllowed):
        commitments.finish(deputy, kept, TUESDAY)


def test_a_deputy_sees_the_teams_numbers_and_of_their_customers_nothing(deputised):
    deputy, own = standing_in(deputised), enter(deputised, "wang")
    row = activity.rows(deputy, MONDAY, LI).row(0, named=True)
    assert (row["customer_name"], row["note"]) == ("湖*", None)
    assert activity.rows(own, MONDAY, LI).is_empty(), "as a manager they see what they saw before"
    for read in (lambda: customers.search(deputy, ""), lambda: customers.of_manager(deputy, LI)):
        with pytest.raises(NotAllowed):
            read()
    assert not may(deputy, "read_interviews") and not may(deputy, "export_data")
    assert deputy.scope != own.scope != head(deputised).scope, "nobody is answered out of another's cache"
    assert deputy.scope != head(deputised).scope


def test_the_day_after_they_are_nothing_and_what_stood_open_is_refused(deputised, monday):
    deputy = standing_in(deputised)
    meeting = running.start(deputy, EAST, "morning", MONDAY, MONDAY)
    monday.move_to(f"{TUESDAY} 01:00")
    assert standing_in(deputised, TUESDAY) is None and not sign_in.is_open(deputy)
    for write in (
        lambda: running.end(deputy, meeting),
        lambda: promises.set_promises(deputy, TUESDAY, {LI: {"deals": 1}}),
        lambda: recording.record(deputy, LI, MET, "late", MONDAY),
    ):
        with pytest.raises(NotAllowed, match="no longer signed in"):
            write()
    recording.record(enter(deputised, "wang", today=TUESDAY), WANG, replace(MET, day=TUESDAY), "own", TUESDAY)


def test_ended_by_the_head_or_moved_elsewhere_it_ends_at_once(deputised):
    deputy = standing_in(deputised)
    (one,) = deputies.read(head(deputised), EAST, MONDAY)["deputy"]
    for stranger in (head(deputised, SOUTH), regional(deputised), manager(deputised)):
        with pytest.raises(NotAllowed):
            deputies.end(stranger, one, MONDAY)
    deputies.end(head(deputised), one, MONDAY)
    assert deputies.read(head(deputised), EAST, MONDAY).is_empty() and standing_in(deputised) is None
    with pytest.raises(NotAllowed):
        running.start(deputy, EAST, "morning", MONDAY, MONDAY)
    deputies.name(head(deputised), WANG, MONDAY, TUESDAY, MONDAY)
    staffing.transfer(operator(deputised), WANG, SOUTH, MONDAY)
    assert standing_in(deputised) is None, "of the branch they have left, or of the new one"


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [(-1, 0, "today or later"), (1, 0, "one day at least"), (0, 93, "three months at most"), (0, 3, "already")],
)
def test_days_that_cannot_be_are_refused(deputised, first, last, message):
    with pytest.raises(Refused, match=message):
        deputies.name(head(deputised), WANG, MONDAY + timedelta(first), MONDAY + timedelta(last), MONDAY)


def test_only_the_head_names_somebody_of_their_own_team(deputised):
    for by, whom in (
        (head(deputised), ZHAO),
        (head(deputised, SOUTH), LI),
        (manager(deputised), WANG),
        (regional(deputised), LI),
    ):
        with pytest.raises(NotAllowed):
            deputies.name(by, whom, MONDAY, MONDAY, MONDAY)
    assert not covers(enter(deputised, "wang"), "run_meeting", region=1, branch=EAST)
