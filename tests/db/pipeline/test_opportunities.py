"""Opportunities are seen within one's scope, and their customers whole by those who look after them."""

from datetime import date

import polars as pl
import pytest
from sqlalchemy import update

from dashboard.shell.store import operator
from db.access import Viewer
from db.errors import NotAllowed, Refused
from db.models import Customer, Opportunity
from db.pipeline import opportunities
from db.recording import moving, recording
from metrics import frames
from tests.support.builders import EAST, LI, MONDAY, SOUTH, SUN, WANG, ZHAO, bank, head, manager, regional
from tests.support.opportunities import CARD, TUESDAY, apply, auditor, detail, move, one_each
from tests.support.sheets import bring, row


@pytest.fixture
def four(store):
    return one_each(store)


@pytest.mark.both_engines
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
    whole = ("湖滨书店", "13812345678", "找湖滨书店老板娘", TUESDAY, True)
    for viewer in (manager(store), head(store), operator(store)):
        assert tuple(detail(viewer, ids[WANG])[name] for name in names) == whole
    for viewer in (regional(store), auditor(store)):
        assert tuple(detail(viewer, ids[WANG])[name] for name in names) == ("湖*", "138****5678", None, TUESDAY, False)


def test_a_step_of_the_banks_list_is_nobodys_secret(four):
    store, ids = four
    moving.plan_step(manager(store), ids[WANG], "call_again", TUESDAY, MONDAY, (None, None))
    assert detail(regional(store), ids[WANG])["next_step"] == "call_again"


def test_an_opportunity_is_its_managers_whoever_took_its_steps(store):
    opportunity = apply(bank(store))
    with store.writing("test") as write:
        write.session.execute(update(Opportunity).values(manager_id=LI))
        write.session.execute(update(Customer).values(manager_id=LI))
    assert opportunities.read(manager(store, LI))[1]["kind"].to_list() == ["application"]
    assert opportunities.read(manager(store))[0].is_empty()
    # They took the step, and go on seeing what became of it where their rows are shown.
    assert opportunities.steps(manager(store), [opportunity]).height == 1
    assert opportunities.steps(manager(store, ZHAO, SOUTH), [opportunity]).is_empty()


def test_withdrawn_rows_are_no_steps(store):
    viewer = manager(bank(store))
    opportunity = apply(store)
    recording.void(viewer, move(viewer, opportunity), detail(viewer, opportunity)["latest_version"])
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


@pytest.mark.both_engines
def test_the_norm_is_what_was_won_in_the_region_whoever_asks(four):
    store, ids = four
    for who, kind in ((ZHAO, "deal"), (SUN, "deal"), (LI, "rejected")):
        apply(store, who, kind=kind)
    assert set(opportunities.won(manager(store), MONDAY, date(2026, 11, 30))["opportunity"]) == {ids[ZHAO]}
    assert set(opportunities.won(auditor(store), MONDAY, date(2026, 11, 30))["opportunity"]) == {ids[ZHAO], ids[SUN]}
    assert opportunities.won(manager(store), TUESDAY, date(2026, 11, 30)).is_empty()
    assert opportunities.won(manager(store), MONDAY, date(2026, 11, 30)).schema == frames.STEP


def test_no_opportunities_are_empty_frames(store):
    viewer = head(bank(store))
    table, steps = opportunities.read(viewer)
    assert (table.height, steps.height, opportunities.won(viewer, date(2026, 1, 1), date(2026, 11, 30)).height) == (
        0,
        0,
        0,
    )
    assert opportunities.details(viewer, []).schema == pl.Schema(opportunities.DETAIL)
    assert opportunities.steps(viewer, []).schema == frames.STEP
