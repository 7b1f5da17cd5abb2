"""An interview is held by the head of the branch, read by the two alone, counted by the region."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from db.errors import NotAllowed, Refused
from db.interviews import actions, interviewing, sheets
from db.interviews.interviewing import Action, Sheet
from db.models import Audit
from db.people import staffing
from tests.support.builders import EAST, LI, MONDAY, SOUTH, WANG, ZHAO, bank, head, manager, regional
from tests.support.sheets import trail

SECRET = "孩子刚上学"
ACTION = Action("the_manager", "每天上午走访三户", MONDAY + timedelta(14))
FOUND = Sheet(
    cause="habit",
    reaction="urge",
    watched="consultations_a_day",
    real_reason=SECRET,
    actions=(ACTION, Action("the_branch_head", "周三陪访", MONDAY)),
    factor="consultations",
    proposed="support",
    activity="咨询少",
    mind="有压力",
    drive="想晋升",
)


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(f"{MONDAY} 04:00"):
        yield


def whole(viewer, one=WANG) -> str:
    return repr([sheets.texts(viewer, one).to_dicts(), sheets.agreed(viewer, one).to_dicts()])


@pytest.mark.both_engines
def test_an_interview_is_held_corrected_and_answered_and_then_stays_as_it_is(store):
    one = head(bank(store))
    held = interviewing.hold(one, WANG, FOUND, MONDAY)
    assert interviewing.hold(one, WANG, replace(FOUND, reaction="train", actions=(ACTION,)), MONDAY) == held
    (row,) = sheets.coded(one).to_dicts()
    assert (row["manager"], row["branch"], row["day"], row["watched"]) == (WANG, EAST, MONDAY, "consultations_a_day")
    assert (row["factor"], row["proposed"], row["cause"], row["reaction"]) == (
        "consultations",
        "support",
        "habit",
        "train",
    )
    (agreed,) = sheets.agreed(one, WANG).drop("agreed").rows()
    assert agreed == (held, "the_manager", "每天上午走访三户", ACTION.due, None)
    interviewing.answer(manager(store), held, "同意，需要陪访")
    (row,) = sheets.texts(one, WANG).to_dicts()
    assert (row["real_reason"], row["view"], row["held_by"]) == (SECRET, "同意，需要陪访", one.account)
    assert row["viewed_at"] is not None and row["skill"] is None
    with pytest.raises(Refused, match="answered"):
        interviewing.hold(one, WANG, FOUND, MONDAY)
    done = [row for row in trail(store) if row[2] == "interview"]
    assert [action for _account, action, _entity in done] == ["add", "change", "confirm"]


def test_the_texts_are_the_twos_and_the_codes_the_regions(store):
    held = interviewing.hold(head(bank(store)), WANG, FOUND, MONDAY)
    for one in (head(store), manager(store)):
        assert SECRET in whole(one) and ACTION.action in whole(one)
    assert whole(manager(store, LI)) == whole(head(store, SOUTH)) == repr([[], []])
    with pytest.raises(NotAllowed):
        sheets.texts(regional(store), WANG)
    assert sheets.coded(regional(store), since=MONDAY)["interview"].to_list() == [held]
    assert sheets.coded(regional(store), since=MONDAY + timedelta(1)).is_empty()
    assert SECRET not in repr(sheets.coded(regional(store)).to_dicts())
    assert sheets.coded(manager(store, LI)).is_empty() and sheets.coded(head(store, SOUTH)).is_empty()
    assert SECRET not in repr(trail(store, Audit.before, Audit.after))


@pytest.mark.both_engines
def test_what_was_agreed_is_marked_done_by_whom_it_concerns(store):
    one = head(bank(store))
    interviewing.hold(one, WANG, FOUND, MONDAY)
    mine, heads = sheets.agreed(one, WANG)["agreed"]
    actions.mark(manager(store), mine, True, MONDAY + timedelta(1))
    actions.mark(one, heads, True, MONDAY)
    actions.mark(one, heads, True, MONDAY + timedelta(9))
    assert sheets.agreed(one, WANG)["done_on"].to_list() == [MONDAY + timedelta(1), MONDAY]
    assert sheets.coded(regional(store)).select("actions", "actions_done").row(0) == (2, 2)
    actions.mark(one, mine, False, MONDAY + timedelta(2))
    assert sheets.coded(regional(store)).select("actions", "actions_done").row(0) == (2, 1)
    interviewing.hold(one, WANG, replace(FOUND, reaction="train"), MONDAY)
    assert sheets.agreed(one, WANG)["done_on"].to_list() == [None, MONDAY], "a sheet corrected keeps what is done"
    said = [row for row in trail(store) if row[2] == "agreed_action"]
    assert [action for _account, action, _entity in said] == ["change"] * 3
    assert ACTION.action not in repr(trail(store, Audit.before, Audit.after))


def test_who_may_not_mark_an_action_is_refused_in_one_way(store):
    interviewing.hold(head(bank(store)), WANG, FOUND, MONDAY)
    mine, heads = sheets.agreed(head(store), WANG)["agreed"]
    for one in (manager(store, LI), head(store, SOUTH), regional(store)):
        with pytest.raises(NotAllowed):
            actions.mark(one, mine, True, MONDAY)
    with pytest.raises(Refused, match="they say themselves"):
        actions.mark(manager(store), heads, True, MONDAY)
    with pytest.raises(NotAllowed, match="no such action"):
        actions.mark(head(store), 99, True, MONDAY)
    assert sheets.agreed(head(store), WANG)["done_on"].null_count() == 2


def test_a_sheet_waits_for_its_manager_alone_until_they_answer(store):
    held = interviewing.hold(head(bank(store)), WANG, FOUND, MONDAY)
    assert sheets.to_read(manager(store)).rows() == [(held, MONDAY)]
    assert sheets.to_read(manager(store, LI)).is_empty()
    with pytest.raises(NotAllowed):
        sheets.to_read(head(store))
    interviewing.answer(manager(store), held, "同意")
    assert sheets.to_read(manager(store)).is_empty()


def test_a_sheet_stays_in_its_branch_when_the_manager_moves(store):
    interviewing.hold(head(bank(store)), WANG, FOUND, MONDAY)
    staffing.transfer(replace(head(store), role="administrator"), WANG, SOUTH, MONDAY + timedelta(1))
    assert SECRET in whole(head(store)) and SECRET in whole(manager(store, WANG, SOUTH))
    assert whole(head(store, SOUTH)) == repr([[], []])


def test_who_may_not_hold_or_answer_is_refused(store):
    bank(store)
    for one, of in [(head(store), ZHAO), (manager(store), WANG), (regional(store), WANG)]:
        with pytest.raises(NotAllowed):
            interviewing.hold(one, of, FOUND, MONDAY)
    held = interviewing.hold(head(store), WANG, FOUND, MONDAY)
    for one in (manager(store, LI), head(store), regional(store)):
        with pytest.raises(NotAllowed):
            interviewing.answer(one, held, "不是我的")
    assert sheets.texts(manager(store), WANG)["view"].to_list() == [None]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"cause": None}, "Choose the cause"),
        ({"reaction": "punish"}, "Choose the cause"),
        ({"watched": "deals"}, "Choose the cause"),
        ({"real_reason": "  "}, "real reason"),
        ({"actions": ()}, "at least one action"),
        ({"actions": (replace(ACTION, action=" "),)}, "needs an owner"),
        ({"actions": (replace(ACTION, due=MONDAY - timedelta(1)),)}, "is over"),
        ({"mind": "身份证 420106199003078432"}, "ID or bank card"),
        ({"actions": (replace(ACTION, action="卡 6222020200112233445"),)}, "ID or bank card"),
    ],
)
def test_what_is_refused_says_why_and_stores_nothing(store, changed, said):
    with pytest.raises(Refused, match=said):
        interviewing.hold(head(bank(store)), WANG, replace(FOUND, **changed), MONDAY)
    assert sheets.coded(head(store)).is_empty()


def test_a_view_is_words_that_may_be_stored(store):
    held = interviewing.hold(head(bank(store)), WANG, FOUND, MONDAY)
    for text in (" ", "卡 6222020200112233445", "长" * 501):
        with pytest.raises(Refused):
            interviewing.answer(manager(store), held, text)
    interviewing.answer(manager(store), held, "同意")
    interviewing.answer(manager(store), held, "再想想")
    assert sheets.texts(head(store), WANG)["view"].to_list() == ["再想想"]
