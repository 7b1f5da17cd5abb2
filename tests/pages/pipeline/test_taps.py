"""Moving in the pipeline: one tap, once, and nothing lost without a reason."""

from datetime import date

import pytest
from sqlalchemy import select, update
from streamlit.testing.v1 import AppTest

from db.models import Account, Activity, Opportunity
from tests.conftest import FRIDAY
from tests.support.pages import healthy
from tests.support.pipeline_shop import add, ago, button, cards, counts, pipeline

pytestmark = pytest.mark.slow

MONDAY, WEDNESDAY = date(2026, 11, 23), date(2026, 11, 25)


def open_panel(app: AppTest, name: str, opportunity: int, way: str | None = None) -> AppTest:
    """More of a card, as a tap on it opens it."""
    app.session_state[f"more {name} {opportunity}"] = True
    app = healthy(app.run())
    return app if way is None else choose(app, "What", way)


def choose(app: AppTest, label: str, code: str) -> AppTest:
    return healthy(next(one for one in app.get("button_group") if one.label == label).set_value(code).run())


def kinds(store, opportunity: int) -> list[str]:
    held = select(Activity.kind).where(Activity.opportunity_id == opportunity, Activity.voided_at.is_(None))
    with store.reading() as connection:
        return list(connection.scalars(held.order_by(Activity.id)))


def test_one_tap_moves_to_the_next_step_and_says_where_it_went(shop):
    one = add(shop, "李记", ("application", ago(1)))
    app = pipeline("wang", list="application")
    healthy(button(app, "→ Acceptance").click().run())
    assert kinds(shop, one) == ["application", "acceptance"]
    assert "李记 → Acceptance" in app.success[0].value
    assert counts(app) == {"Application": 0}
    again = pipeline("wang", list="acceptance")
    assert "less than a working day" in cards(again)[0] and button(again, "→ Investigation")


def test_the_message_of_a_step_holds_the_tap_that_takes_it_back(shop):
    one = add(shop, "李记", ("application", ago(1)))
    app = pipeline("wang", list="application")
    healthy(button(app, "→ Acceptance").click().run())
    healthy(button(app, "Undo").click().run())
    assert kinds(shop, one) == ["application"] and counts(app) == {"Application": 1}
    assert "Taken back: 李记" in app.toast[0].value and not app.success


def test_two_who_tap_the_same_card_move_it_once(shop):
    one = add(shop, "李记", ("application", ago(1)))
    first, second = pipeline("wang", list="application"), pipeline("head", list="application")
    for app in (first, second):
        healthy(button(app, "→ Acceptance").click().run())
    assert kinds(shop, one) == ["application", "acceptance"]


def test_who_taps_what_was_moved_meanwhile_is_told_and_sees_it_as_it_is(shop):
    one = add(shop, "李记", ("application", ago(1)))
    stale = pipeline("head", list="application")
    healthy(button(pipeline("wang", list="application"), "→ Acceptance").click().run())
    opportunity = open_panel(pipeline("wang", list="acceptance"), "acceptance", one)
    healthy(button(opportunity, "Take back: Acceptance").click().run())
    button(stale, "→ Acceptance").click().run()
    assert "meanwhile" in stale.error[0].value and kinds(shop, one) == ["application"]
    healthy(button(stale, "→ Acceptance").click().run())
    assert kinds(shop, one) == ["application", "acceptance"]


def test_what_is_cross_sold_goes_straight_to_the_deal_with_the_expected_amount(shop):
    one = add(shop, "李记", ("consultation", ago(1)), product_id=8, expected_amount_cents=9_000_000)
    healthy(button(pipeline("wang", list="consultation"), "→ Deal").click().run())
    with shop.reading() as connection:
        held = select(Activity.amount_cents).where(Activity.opportunity_id == one, Activity.kind == "deal")
        assert connection.scalar(held) == 9_000_000
    assert counts(pipeline("wang"))["Ended today"] == 1


def test_a_loan_without_an_amount_is_no_deal_by_one_tap(shop):
    one = add(shop, "李记", ("application", ago(5)), ("contract", ago(1)), expected_amount_cents=None)
    app = pipeline("wang", list="contract")
    assert not [one for one in app.button if one.label.startswith("→")]
    app = open_panel(app, "contract", one, "step")
    healthy(next(field for field in app.selectbox if field.label == "Step").select("deal").run())
    app.number_input[0].set_value(15.5).run()
    healthy(button(app, "Record").click().run())
    with shop.reading() as connection:
        held = select(Activity.amount_cents).where(Activity.kind == "deal")
        assert list(connection.scalars(held)) == [15_500_000]


def test_a_step_out_of_order_is_recorded_and_listed(shop):
    one = add(shop, "李记", ("application", ago(1)))
    app = open_panel(pipeline("wang", list="application"), "application", one, "step")
    healthy(next(field for field in app.selectbox if field.label == "Step").select("approval").run())
    healthy(button(app, "Record").click().run())
    assert kinds(shop, one)[-1] == "approval"
    assert "without Investigation" in cards(pipeline("wang", list="breached"))[0]


def test_nothing_is_lost_without_a_reason(shop):
    one = add(shop, "李记", ("application", ago(1)))
    app = open_panel(pipeline("wang", list="application"), "application", one, "lost")
    button(app, "Record").click().run()
    assert "why" in app.error[0].value and kinds(shop, one) == ["application"]
    choose(app, "Reason", "rate_too_high")
    healthy(button(app, "Record").click().run())
    assert kinds(shop, one) == ["application", "rejected"]
    ended = cards(pipeline("wang", list="over_today"))
    assert "Rejected · Rate too high" in ended[0]


def test_another_reason_is_said_in_ones_own_words(shop):
    one = add(shop, "李记", ("application", ago(1)))
    app = open_panel(pipeline("wang", list="application"), "application", one, "lost")
    app = choose(app, "Reason", "other_reason")
    app.text_input[0].set_value("老板去了外地")
    healthy(button(app, "Record").click().run())
    with shop.reading() as connection:
        assert connection.scalar(select(Opportunity.lost_reason)) == "老板去了外地"


@pytest.mark.parametrize(("day", "advised"), [(FRIDAY, True), (MONDAY, True), (WEDNESDAY, False)])
def test_monday_and_friday_get_the_materials_advice(shop, day, advised):
    one = add(shop, "李记", ("application", ago(1)))
    app = open_panel(pipeline("wang", list="application"), "application", one)
    app = healthy(app.date_input[0].set_value(day).run())
    assert any("is a poor time to meet a customer" in one.value for one in app.caption) == advised
    app.selectbox[-1].select("call_again").run()
    healthy(button(app, "Save").click().run())
    with shop.reading() as connection:
        held = select(Opportunity.next_step, Opportunity.next_step_due).where(Opportunity.id == one)
        assert tuple(connection.execute(held).one()) == ("call_again", day)


def test_a_tap_after_the_account_was_disabled_does_nothing(shop):
    one = add(shop, "李记", ("application", ago(1)))
    app = pipeline("wang", list="application")
    with shop.noting("test") as write:
        write.session.execute(update(Account).where(Account.login == "wang").values(disabled_at=write.now))
    button(app, "→ Acceptance").click().run()
    assert not app.exception and kinds(shop, one) == ["application"]
