"""An opportunity is moved once however often it is tapped, lost for a reason, planned ahead; nothing is lost unseen."""

import threading
from collections.abc import Callable
from itertools import pairwise

import pytest

from dashboard.shell.store import operator
from db.errors import Conflict, NotAllowed, Refused
from db.models import Activity, Audit, Opportunity
from db.pipeline import opportunities
from db.recording import moving, recording
from tests.support.builders import LI, MONDAY, SOUTH, SUN, WANG, ZHAO, bank, head, manager, regional
from tests.support.opportunities import CARD, CREDIT, TUESDAY, apply, auditor, detail, move, one_each, taken
from tests.support.sheets import bring, held_values, logged, row, trail


@pytest.fixture
def four(store):
    return one_each(store)


# -- moved ------------------------------------------------------------------------------------------------------------


def test_one_tap_records_the_step_for_the_opportunity_s_manager(store):
    opportunity = apply(bank(store))
    identity = move(head(store), opportunity, "approval", amount_cents=25_000_000)
    columns = (Activity.id, Activity.kind, Activity.day, Activity.manager_id, Activity.opportunity_id)
    more = (Activity.product_id, Activity.amount_cents, Activity.recorded_by)
    assert logged(store, *columns, *more)[-1] == (
        identity,
        "approval",
        TUESDAY,
        WANG,
        opportunity,
        CREDIT,
        25_000_000,
        "head 1",
    )


def test_the_same_tap_again_stores_nothing_whoever_taps(store):
    viewer = manager(bank(store))
    opportunity = apply(store)
    seen = detail(viewer, opportunity)["seen"]
    first = move(viewer, opportunity, seen=seen)
    assert [move(one, opportunity, seen=seen) for one in (viewer, head(store))] == [first] * 2
    assert taken(store, opportunity) == [("application", MONDAY), ("acceptance", TUESDAY)]


@pytest.mark.both_engines
def test_a_deal_sent_twice_is_one_deal(store):
    viewer = manager(bank(store))
    opportunity = apply(store, product=CARD)
    seen = detail(viewer, opportunity)["seen"]
    assert move(viewer, opportunity, "deal", seen) == move(viewer, opportunity, "deal", seen)
    assert len(held_values(store, Opportunity.id)) == 1


def test_who_looked_before_somebody_else_moved_it_is_told(store):
    viewer = manager(bank(store))
    opportunity = apply(store)
    seen = detail(viewer, opportunity)["seen"]
    move(head(store), opportunity, "investigation")
    with pytest.raises(Conflict, match="meanwhile"):
        move(viewer, opportunity, seen=seen)
    assert [kind for kind, _ in taken(store, opportunity)] == ["application", "investigation"]


def test_a_step_taken_back_can_be_taken_again_but_not_by_the_old_tap(store):
    viewer = manager(bank(store))
    opportunity = apply(store)
    seen = detail(viewer, opportunity)["seen"]
    first = move(viewer, opportunity, seen=seen)
    recording.void(viewer, first, detail(viewer, opportunity)["latest_version"])
    with pytest.raises(Conflict):
        move(viewer, opportunity, seen=seen)
    assert move(viewer, opportunity) != first
    assert len(taken(store, opportunity)) == 2


def test_what_is_over_is_not_moved_on(store):
    viewer = manager(bank(store))
    opportunity = apply(store)
    move(viewer, opportunity, "deal")
    with pytest.raises(Refused, match="is over"):
        move(viewer, opportunity, "contract")
    assert len(held_values(store, Opportunity.id)) == 1


def test_a_step_never_lands_on_another_need_of_the_customer(store):
    viewer = manager(bank(store))
    for number in ("SJ1", "SJ2"):
        bring(
            operator(store),
            row(opportunity=number, kind="申请", customer="湖滨书店", product="信用贷款", reference=number),
        )
    older, newer = opportunities.read(viewer)[0]["opportunity"].sort()
    move(viewer, older)
    assert [len(taken(store, one)) for one in (older, newer)] == [2, 1]


@pytest.mark.parametrize("other", [LI, ZHAO, SUN])
def test_nobody_moves_loses_or_plans_what_is_not_his(four, other):
    store, ids = four
    for deed in (
        lambda: moving.move(manager(store), ids[other], "acceptance", 0, TUESDAY),
        lambda: moving.lose(manager(store), ids[other], "rejected", "not_qualified", 0, TUESDAY),
        lambda: moving.plan_step(manager(store), ids[other], "电话回访", TUESDAY, MONDAY, (None, None)),
    ):
        with pytest.raises(NotAllowed, match="no such opportunity"):
            deed()
    assert trail(store)[-1] == ("manager 1", "refuse", "record_activity")
    assert len(logged(store, Activity.id)) == 4


def test_those_who_look_on_move_nothing(four):
    store, ids = four
    for viewer in (regional(store), auditor(store), head(store, SOUTH)):
        with pytest.raises(NotAllowed):
            moving.move(viewer, ids[WANG], "acceptance", 0, TUESDAY)
        with pytest.raises(NotAllowed):
            moving.plan_step(viewer, ids[WANG], None, TUESDAY, MONDAY, (None, None))


def test_one_that_does_not_exist_is_refused_like_one_of_others(store):
    for viewer, error in ((manager(bank(store)), NotAllowed), (operator(store), Refused)):
        with pytest.raises(error, match="no such opportunity"):
            moving.move(viewer, 99, "acceptance", 0, TUESDAY)


@pytest.mark.both_engines
def test_many_taps_at_once_are_one_step(store):
    opportunity = apply(bank(store))
    seen = detail(head(store), opportunity)["seen"]
    given, errors = [], []

    def tap(viewer) -> None:
        try:
            given.append(move(viewer, opportunity, seen=seen))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=tap, args=(who,)) for who in (manager(store), head(store)) * 6]
    [one.start() for one in threads]
    [one.join() for one in threads]
    assert (errors, len(set(given)), len(given)) == ([], 1, 12)
    assert len(taken(store, opportunity)) == 2


def at_once(*deeds: Callable) -> list[Refused]:
    """What those were told who could not do it."""
    refused = []

    def attempt(deed: Callable) -> None:
        try:
            deed()
        except Refused as error:
            refused.append(error)

    threads = [threading.Thread(target=attempt, args=(deed,)) for deed in deeds]
    [one.start() for one in threads]
    [one.join() for one in threads]
    return refused


@pytest.mark.parametrize("number", range(6))
@pytest.mark.both_engines
def test_of_two_at_once_both_stand_in_the_log_or_one_is_told(store, number):
    bank(store)
    opportunity = apply(store)
    seen = detail(head(store), opportunity)["seen"]
    refused = at_once(
        lambda: move(manager(store), opportunity, "acceptance", seen),
        lambda: moving.lose(head(store), opportunity, "rejected", "not_qualified", seen, TUESDAY),
    )
    stored = {kind for kind, _ in taken(store, opportunity)} - {"application"}
    assert stored and len(stored) + len(refused) == 2
    live = {one for one, voided in held_values(store, Activity.opportunity_id, Activity.voided_at) if voided is None}
    assert live == {opportunity}


# -- lost -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["", "  ", "无", "other_reason"])
def test_what_is_lost_needs_a_reason(store, reason):
    viewer = manager(bank(store))
    opportunity = apply(store)
    seen = detail(viewer, opportunity)["seen"]
    with pytest.raises(Refused, match="why"):
        moving.lose(viewer, opportunity, "rejected", reason, seen, TUESDAY)
    with pytest.raises(Refused, match="why"):
        move(viewer, opportunity, "withdrawn")
    with pytest.raises(Refused):
        moving.lose(viewer, opportunity, "deal", "rate_too_high", seen, TUESDAY)
    assert len(taken(store, opportunity)) == 1


def test_a_reason_of_the_list_is_kept_as_its_code_and_its_word_stands_in_the_log(store):
    viewer = manager(bank(store))
    opportunity = apply(store)
    seen = detail(viewer, opportunity)["seen"]
    for _twice in range(2):
        moving.lose(viewer, opportunity, "withdrawn", "rate_too_high", seen, TUESDAY)
    assert held_values(store, Opportunity.lost_reason) == {("rate_too_high",)}
    assert logged(store, Activity.kind, Activity.note)[-1] == ("withdrawn", "利率高")
    assert trail(store, Audit.action, Audit.entity, Audit.entity_id, Audit.after) == [
        ("move", "opportunity", opportunity, {"lost_reason": "rate_too_high"})
    ]
    assert detail(regional(store), opportunity)["lost_reason"] == "rate_too_high"


def test_a_reason_in_ones_own_words_is_for_those_who_look_after_the_customer(store):
    viewer = manager(bank(store))
    opportunity = apply(store)
    moving.lose(viewer, opportunity, "rejected", " 老板去了外地 ", detail(viewer, opportunity)["seen"], TUESDAY)
    assert detail(viewer, opportunity)["lost_reason"] == "老板去了外地"
    assert detail(regional(store), opportunity)["lost_reason"] is None


@pytest.mark.parametrize("text", ["身份证 110101199003078515", "卡号6222021234567890123", "坏\x00字", "长" * 501])
def test_no_text_that_must_not_be_stored_comes_in(store, text):
    viewer = manager(bank(store))
    opportunity = apply(store)
    seen = detail(viewer, opportunity)["seen"]
    with pytest.raises(Refused):
        moving.lose(viewer, opportunity, "rejected", text, seen, TUESDAY)
    with pytest.raises(Refused):
        moving.plan_step(viewer, opportunity, text, TUESDAY, MONDAY, (None, None))
    assert held_values(store, Opportunity.lost_reason, Opportunity.next_step) == {(None, None)}
    assert len(taken(store, opportunity)) == 1


@pytest.mark.both_engines
def test_one_end_stands_when_two_give_it_different_reasons(store):
    opportunity = apply(bank(store))
    seen = detail(head(store), opportunity)["seen"]
    moving.lose(head(store), opportunity, "rejected", "not_qualified", seen, TUESDAY)
    with pytest.raises(Conflict):
        moving.lose(manager(store), opportunity, "rejected", "papers_missing", seen, TUESDAY)
    assert held_values(store, Opportunity.lost_reason) == {("not_qualified",)}


# -- planned ----------------------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_a_next_step_is_planned_changed_and_taken_away_with_a_trail(store):
    viewer = manager(bank(store))
    opportunity = apply(store)
    plans = [(None, None), ("电话回访", TUESDAY), ("收流水", MONDAY), (None, None)]
    for before, after in pairwise(plans):
        moving.plan_step(viewer, opportunity, *after, MONDAY, before)
        assert held_values(store, Opportunity.next_step, Opportunity.next_step_due) == {after}
    said = trail(store, Audit.action, Audit.before, Audit.after)
    assert [action for action, _, _ in said] == ["move"] * 3
    assert said[1][1:] == (
        {"next_step": "电话回访", "next_step_due": "2026-11-17"},
        {"next_step": "收流水", "next_step_due": "2026-11-16"},
    )


def test_the_same_plan_again_changes_nothing(store):
    viewer = manager(bank(store))
    opportunity = apply(store)
    for _twice in range(2):
        moving.plan_step(viewer, opportunity, " 电话回访 ", TUESDAY, MONDAY, (None, None))
    assert len(trail(store)) == 1


def test_a_plan_somebody_else_made_meanwhile_is_not_overwritten(store):
    viewer = manager(bank(store))
    opportunity = apply(store)
    moving.plan_step(head(store), opportunity, "电话回访", TUESDAY, MONDAY, (None, None))
    with pytest.raises(Conflict, match="meanwhile"):
        moving.plan_step(viewer, opportunity, "收流水", TUESDAY, MONDAY, (None, None))
    assert held_values(store, Opportunity.next_step) == {("电话回访",)}


def test_a_next_step_lies_ahead(store):
    viewer = manager(bank(store))
    opportunity = apply(store)
    with pytest.raises(Refused, match="in the past"):
        moving.plan_step(viewer, opportunity, "电话回访", MONDAY, TUESDAY, (None, None))
