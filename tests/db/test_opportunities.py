"""Opportunities: seen within one's scope, moved once however often it is tapped, lost for a reason, planned ahead."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise

import polars as pl
import pytest
from builders import EAST, LI, MONDAY, SOUTH, SUN, WANG, ZHAO, bank, far_region, head, manager, regional
from sheets import bring, held_values, logged, row, trail
from sqlalchemy import select, update

from dashboard.stores import operator
from db import activity, moving, opportunities
from db.access import Viewer
from db.activity import Entry
from db.errors import Conflict, NotAllowed, Refused
from db.models import Activity, Audit, Customer, Opportunity
from metrics import frames

TUESDAY = MONDAY + timedelta(1)
CREDIT, CARD = 1, 7
PHONE = "13812345678"


def apply(store, who: int = WANG, name: str = "湖滨书店", product: int = CREDIT, kind: str = "application") -> int:
    """An opportunity of a manager, begun on Monday; its id."""
    entry = Entry(
        kind, MONDAY, customer_name=name, phone=f"138123456{77 + who}", product=product, amount_cents=28_000_000
    )
    identity = activity.record(operator(store), who, entry, f"{who} {name} {product} {kind}", MONDAY)
    with store.reading() as connection:
        return connection.scalar(select(Activity.opportunity_id).where(Activity.id == identity))


def detail(viewer, opportunity: int) -> dict:
    return opportunities.details(viewer, [opportunity]).row(0, named=True)


def move(viewer, opportunity: int, kind: str = "acceptance", seen: int | None = None, **more) -> int:
    seen = detail(viewer, opportunity)["seen"] if seen is None else seen
    return moving.move(viewer, opportunity, kind, seen, TUESDAY, **more)


def taken(store, opportunity: int) -> list[tuple]:
    """Kind and day of the steps that hold, in the order they were recorded."""
    columns = (Activity.kind, Activity.day, Activity.opportunity_id, Activity.voided_at)
    return [(kind, day) for kind, day, one, voided in logged(store, *columns) if one == opportunity and voided is None]


def auditor(store) -> Viewer:
    return Viewer(store, "auditor", "auditor")


# -- what is seen -----------------------------------------------------------------------------------------------------


@pytest.fixture
def four(store):
    """One opportunity each of 王芳, 李强, 赵敏 (other branch) and 孙梅 (other region)."""
    far_region(bank(store))
    return store, {who: apply(store, who) for who in (WANG, LI, ZHAO, SUN)}


def test_everybody_sees_the_opportunities_of_his_scope_and_no_others(four):
    store, ids = four
    seen_by = {
        manager(store): {WANG},
        head(store): {WANG, LI},
        head(store, SOUTH): {ZHAO},
        regional(store): {WANG, LI, ZHAO},
        auditor(store): {WANG, LI, ZHAO, SUN},
        operator(store): {WANG, LI, ZHAO, SUN},
    }
    for viewer, whose in seen_by.items():
        table, steps = opportunities.read(viewer)
        expected = {ids[who] for who in whose}
        assert set(table["opportunity"]) == set(steps["opportunity"]) == expected
        assert set(opportunities.details(viewer, list(ids.values()))["opportunity"]) == expected
        assert set(opportunities.steps(viewer, list(ids.values()))["opportunity"]) == expected
        assert table.schema == opportunities.OPPORTUNITY and steps.schema == frames.STEP


def test_a_screen_and_an_administrator_are_not_shown_any_names(four):
    store, ids = four
    for role in ("administrator", "nobody"):
        with pytest.raises(NotAllowed):
            opportunities.read(Viewer(store, role, role))
        with pytest.raises(NotAllowed):
            opportunities.details(Viewer(store, role, role), list(ids.values()))
    screen = Viewer(store, "screen", "screen", 1, EAST)
    assert set(opportunities.details(screen, list(ids.values()))["customer_name"]) == {"湖*"}


def test_names_phones_and_free_words_are_whole_for_those_who_look_after_the_customer(four):
    store, ids = four
    moving.plan_step(manager(store), ids[WANG], "找湖滨书店老板娘", TUESDAY, MONDAY, (None, None))
    names = ("customer_name", "phone", "next_step", "next_step_due", "whole")
    whole = ("湖滨书店", PHONE, "找湖滨书店老板娘", TUESDAY, True)
    for viewer in (manager(store), head(store), operator(store)):
        assert tuple(detail(viewer, ids[WANG])[name] for name in names) == whole
    for viewer in (regional(store), auditor(store)):
        assert tuple(detail(viewer, ids[WANG])[name] for name in names) == ("湖*", "138****5678", None, TUESDAY, False)


def test_a_step_of_the_banks_list_is_nobodys_secret(four):
    store, ids = four
    moving.plan_step(manager(store), ids[WANG], "电话回访", TUESDAY, MONDAY, (None, None))
    assert detail(regional(store), ids[WANG])["next_step"] == "电话回访"


def test_an_opportunity_is_its_managers_whoever_took_its_steps(store):
    opportunity = apply(bank(store))
    with store.writing("test") as write:
        write.session.execute(update(Opportunity).values(manager_id=LI))
        write.session.execute(update(Customer).values(manager_id=LI))
    assert opportunities.read(manager(store, LI))[1]["kind"].to_list() == ["application"]
    assert opportunities.read(manager(store))[0].is_empty()
    # He took the step, and goes on seeing what became of it where his rows are shown.
    assert opportunities.steps(manager(store), [opportunity]).height == 1
    assert opportunities.steps(manager(store, ZHAO, SOUTH), [opportunity]).is_empty()


def test_withdrawn_rows_are_no_steps(store):
    viewer = manager(bank(store))
    opportunity = apply(store)
    activity.void(viewer, move(viewer, opportunity), detail(viewer, opportunity)["latest_version"])
    assert opportunities.read(viewer)[1]["kind"].to_list() == ["application"]


def test_the_family_is_that_of_the_product_on_every_step(store):
    viewer = manager(bank(store))
    credit, card = apply(store), apply(store, product=CARD)
    steps = opportunities.read(viewer)[1]
    assert dict(steps.select("opportunity", "family").iter_rows()) == {credit: "loan", card: "cross_sell"}


def test_an_imported_opportunity_without_customer_or_product_is_of_the_branch_that_logged_it(store):
    bank(store)
    bring(operator(store), row(opportunity="SJ1", kind="申请"))
    table, _steps = opportunities.read(head(store))
    assert table.select("branch", "manager", "family").rows() == [(EAST, WANG, None)]
    assert opportunities.read(head(store, SOUTH))[0].is_empty()
    one = detail(head(store), table["opportunity"][0])
    assert (one["number"], one["customer_name"], one["product"]) == ("SJ1", None, None)
    with pytest.raises(Refused, match="not known yet"):
        move(head(store), table["opportunity"][0])


def test_the_norm_is_what_was_won_in_the_region_whoever_asks(four):
    store, ids = four
    for who, kind in ((ZHAO, "deal"), (SUN, "deal"), (LI, "rejected")):
        apply(store, who, kind=kind)
    assert set(opportunities.won(manager(store), MONDAY)["opportunity"]) == {ids[ZHAO]}
    assert set(opportunities.won(auditor(store), MONDAY)["opportunity"]) == {ids[ZHAO], ids[SUN]}
    assert opportunities.won(manager(store), TUESDAY).is_empty()
    assert opportunities.won(manager(store), MONDAY).schema == frames.STEP


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
    activity.void(viewer, first, detail(viewer, opportunity)["latest_version"])
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
    with pytest.raises(Refused, match="newer open need"):
        move(viewer, older)
    move(viewer, newer)
    assert [len(taken(store, one)) for one in (older, newer)] == [1, 2]


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


def test_one_end_stands_when_two_give_it_different_reasons(store):
    opportunity = apply(bank(store))
    seen = detail(head(store), opportunity)["seen"]
    moving.lose(head(store), opportunity, "rejected", "not_qualified", seen, TUESDAY)
    with pytest.raises(Conflict):
        moving.lose(manager(store), opportunity, "rejected", "papers_missing", seen, TUESDAY)
    assert held_values(store, Opportunity.lost_reason) == {("not_qualified",)}


# -- planned ----------------------------------------------------------------------------------------------------------


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


def test_no_opportunities_are_empty_frames(store):
    viewer = head(bank(store))
    table, steps = opportunities.read(viewer)
    assert (table.height, steps.height, opportunities.won(viewer, date(2026, 1, 1)).height) == (0, 0, 0)
    assert opportunities.details(viewer, []).schema == pl.Schema(opportunities.DETAIL)
    assert opportunities.steps(viewer, []).schema == frames.STEP
