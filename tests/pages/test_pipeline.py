"""The pipeline on screen: what cannot wait on top, one tap to move on, and nothing lost without a reason."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text, update
from streamlit.testing.v1 import AppTest

from dashboard import pipelines
from dashboard.words import plain as markdown
from db.models import Account, Activity, Customer, Opportunity
from tests.builders import EAST, LI, WANG, account, bank, manager
from tests.conftest import FRIDAY
from tests.pages.hostile import HOSTILE
from tests.pages.looking import bodies, everything_said, healthy, look, plain, tables

MONDAY, WEDNESDAY = date(2026, 11, 23), date(2026, 11, 25)
CREDIT = 1


def add(store, customer: str, *steps: tuple[str, date], **more) -> int:
    """An opportunity of 东湖支行 with these steps, past all rules; its id."""
    with store.writing("test") as write:
        person = Customer(branch_id=EAST, manager_id=WANG, name=customer)
        write.session.add(person)
        write.session.flush()
        usual = {"product_id": CREDIT, "expected_amount_cents": 28_000_000}
        need = Opportunity(region_id=1, customer_id=person.id, manager_id=WANG, **usual | more)
        write.session.add(need)
        write.session.flush()
        for kind, day in steps:
            row = {"day": day, "kind": kind, "region_id": 1, "branch_id": EAST, "manager_id": WANG}
            about = {"customer_id": person.id, "opportunity_id": need.id, "product_id": need.product_id}
            stamp = {"effective": True, "recorded_at": write.now, "recorded_by": "test", "version": write.version}
            write.session.add(Activity(**row, **about, **stamp))
        return need.id


@pytest.fixture
def shop(configured, sqlite_store):
    """The small cast, with accounts, and nothing under way."""
    configured.database_url = bank(sqlite_store).url
    for login, role, place in (("wang", "manager", WANG), ("li", "manager", LI), ("head", "branch_head", EAST)):
        account(sqlite_store, login, role, place)
    account(sqlite_store, "region", "regional", 1)
    return sqlite_store


def pipeline(as_: str, **link: str) -> AppTest:
    return healthy(look("pipeline", as_=as_, lang="en", **link))


def counts(app: AppTest) -> dict[str, int]:
    """How many stand in each list."""
    said = (one.value.rsplit(" · ", 1) for one in app.subheader)
    return {name: int(number.replace(",", "")) for name, number in said}


def cards(app: AppTest) -> list[str]:
    return [plain(body) for body in bodies(app) if 'class="cx-need"' in body]


def button(app: AppTest, label: str, place: int = 0):
    return [one for one in app.button if one.label == label][place]


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


ALIVE = re.compile(r"<(?!/?(div|b|span|small)\b)|<[^>]+\son\w+=")  # any element but the card's own


def ago(days: int) -> date:
    return FRIDAY - timedelta(days)


# -- what it shows ----------------------------------------------------------------------------------------------------


def test_the_four_breaches_are_listed_and_the_legal_order_is_not(shop):
    add(shop, "先调查后申请", ("investigation", ago(10)), ("application", ago(8)))
    add(shop, "先审批后调查", ("application", ago(10)), ("approval", ago(9)), ("investigation", ago(8)))
    add(shop, "先签约后申请", ("contract", ago(3)), ("application", ago(2)), ("rejected", ago(1)))
    add(shop, "明天受理", ("application", ago(1)), ("acceptance", ago(-1)))
    legal = ("application", "acceptance", "investigation", "review", "committee", "approval", "contract")
    add(shop, "依次办理", *((kind, ago(9 - place)) for place, kind in enumerate(legal)))
    for who in ("wang", "head"):
        app = pipeline(who, list="breached")
        assert counts(app) == {"Procedure breaches": 4}
        said = {card.split(" · ")[0]: card.split("Procedure breach ")[1] for card in cards(app)}
        assert said == {
            "先调查后申请": "Investigation (10 Nov) before Application (12 Nov)",
            "先审批后调查": "Approval (11 Nov) before Investigation (12 Nov)",
            "先签约后申请": "Contract (17 Nov) before Application (18 Nov)",
            "明天受理": "Acceptance dated in the future (21 Nov)",
        }
    flagged = [card for card in cards(pipeline("head")) if card.startswith("先审批后调查")]
    assert len(flagged) == 2 and all("Procedure breach" in card for card in flagged)  # wherever it is shown


def test_a_breach_can_be_told_wherever_the_opportunity_is_shown(shop, english):
    broken = add(shop, "先调查后申请", ("investigation", ago(10)), ("application", ago(8)))
    legal = add(shop, "依次办理", ("application", ago(8)), ("investigation", ago(8)))
    said = {broken: ["Investigation (10 Nov) before Application (12 Nov)"]}
    assert pipelines.flags(manager(shop), [broken, legal, None, 99], FRIDAY) == said
    assert pipelines.flags(manager(shop, LI), [broken], FRIDAY) == pipelines.flags(manager(shop), [], FRIDAY) == {}


def test_what_begins_tomorrow_is_only_a_breach(shop):
    add(shop, "李记", ("application", ago(-1)))
    app = pipeline("wang")
    assert [number for number in counts(app).values() if number] == [1]
    assert "not begun" in cards(app)[0] and "dated in the future" in cards(app)[0]


def test_overdue_due_today_stalled_and_at_each_step_are_the_numbers_of_the_log(demo):
    app = pipeline("head-1")
    open_ = """FROM opportunity o JOIN customer c ON c.id = o.customer_id AND c.branch_id = 1 WHERE NOT EXISTS (SELECT 1
        FROM activity a WHERE a.opportunity_id = o.id AND a.kind IN ('deal', 'rejected', 'withdrawn'))"""
    with demo.reading() as connection:
        late, due = connection.execute(
            text(f"SELECT sum(next_step_due < '{FRIDAY}'), sum(next_step_due = '{FRIDAY}') {open_}")
        ).one()
        applied = connection.scalar(
            text(
                f"SELECT count(*) {open_} AND EXISTS (SELECT 1 FROM activity a WHERE a.opportunity_id = o.id"
                " AND a.kind <> 'consultation')"
            )
        )
        every = connection.scalar(text(f"SELECT count(*) {open_}"))
    found = counts(app)
    assert (found["Next step overdue"], found["Next step due today"]) == (late, due)
    steps = [
        found.get(name, 0)
        for name in ("Application", "Acceptance", "Investigation", "Review", "Committee", "Approval", "Contract")
    ]
    assert (sum(steps), found["Consultation"]) == (applied, every - applied) and applied > 5 < found["Stalled"]


def test_the_urgent_lists_come_first_then_the_steps_in_the_order_of_the_procedure(shop):
    for kind in ("contract", "application", "review", "consultation"):
        add(shop, kind, ("application", ago(9)), (kind, ago(5)))
    urgent = ["Next step overdue", "Next step due today", "Stalled", "Procedure breaches"]
    assert list(counts(pipeline("head"))) == [*urgent, "Application", "Review", "Contract"]


def test_a_card_says_what_it_is_where_it_stands_and_what_is_next(shop):
    add(shop, "李记", ("application", ago(7)), ("acceptance", ago(4)), next_step="call_again", next_step_due=ago(1))
    card = cards(pipeline("wang", list="acceptance"))[0]
    assert card == "李记 · Credit loan · ¥280,000Acceptance · 4 working days · Call again · Thu 19 Nov▼▼ Overdue"
    assert "王芳" in cards(pipeline("head", list="acceptance"))[0]


def test_with_few_won_ones_nobody_is_said_to_have_stalled(shop):
    add(shop, "李记", ("application", ago(90)))
    app = pipeline("wang")
    assert counts(app)["Stalled"] == 0 and "too few cases" in everything_said(app)


def test_who_stands_longer_than_four_fifths_of_the_won_ones_has_stalled(shop):
    for number in range(10):
        add(shop, f"成交{number}", ("application", ago(9 + number)), ("deal", ago(9)))
    add(shop, "久候", ("application", ago(30)))
    add(shop, "刚来", ("application", ago(2)))
    app = pipeline("wang", list="stalled")
    assert [card.split(" · ")[0] for card in cards(app)] == ["久候"]
    assert "1 stalled" in everything_said(app) and "80.0%" in everything_said(app)


def test_a_long_list_shows_its_first_ones_and_how_many_more(demo):
    app = pipeline("head-1")
    number = counts(app)["Consultation"]
    assert f"… and {number - 5:,} more" in everything_said(app)
    assert len(cards(pipeline("head-1", list="consultation"))) == min(number, 50)


def test_one_manager_or_one_branch_alone(demo):
    every = counts(pipeline("region-1", list="consultation"))["Consultation"]
    parts = [counts(pipeline("region-1", branch=str(one), list="consultation"))["Consultation"] for one in (1, 2)]
    assert sum(parts) == every
    with demo.reading() as connection:
        managers = set(connection.scalars(select(Opportunity.manager_id)))
    of_each = [counts(pipeline("region-1", manager=str(one), list="consultation")) for one in sorted(managers)]
    assert sum(one["Consultation"] for one in of_each if one["Consultation"] != every) == every


def test_those_who_look_on_see_masked_names_and_nothing_to_tap(demo):
    for who in ("region-1", "auditor"):
        app = pipeline(who, list="consultation")
        names = {row[0] for row in tables(app)[0][1:]}
        assert names and all(len(name) == 2 and name.endswith("*") for name in names)
        assert not [one for one in app.button if one.label.startswith("→")] and not cards(app)


@pytest.mark.parametrize("who", ["wang", "head", "region"])
def test_with_nothing_under_way_it_says_how_one_begins(shop, who):
    app = pipeline(who)
    assert "begins with a visit" in app.info[0].value and not app.subheader


def test_a_name_is_only_text(shop):
    for name in HOSTILE:
        add(shop, name, ("application", ago(1)), next_step=name, next_step_due=FRIDAY)
    app = pipeline("wang", list="due_today")
    shown = [body for body in bodies(app) if 'class="cx-need"' in body]
    assert len(shown) == min(len(HOSTILE), 50) and not [body for body in shown if ALIVE.search(body)]
    for body in shown:
        assert any(plain(body).startswith(name.strip()) for name in HOSTILE)
    button(app, "→ Acceptance").click().run()
    said = plain(shown[0]).split(" · ")[0]
    assert app.toast[0].value.startswith(markdown(said))


# -- what one can do --------------------------------------------------------------------------------------------------


def test_one_tap_moves_to_the_next_step_and_says_where_it_went(shop):
    one = add(shop, "李记", ("application", ago(1)))
    app = pipeline("wang", list="application")
    healthy(button(app, "→ Acceptance").click().run())
    assert kinds(shop, one) == ["application", "acceptance"]
    assert "李记 → Acceptance" in app.toast[0].value
    assert counts(app) == {"Application": 0}
    again = pipeline("wang", list="acceptance")
    assert "less than a working day" in cards(again)[0] and button(again, "→ Investigation")


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
