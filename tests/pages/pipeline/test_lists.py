"""The pipeline on screen: what cannot wait stands on top, and every card says where it stands."""

import re
from datetime import date

import pytest
from sqlalchemy import select, text

from dashboard.pipeline import gather
from dashboard.shell.language import plain as markdown
from db.models import Opportunity
from tests.conftest import FRIDAY
from tests.support.builders import LI, manager
from tests.support.hostile_names import HOSTILE
from tests.support.pages import bodies, everything_said, plain, tables
from tests.support.pipeline_shop import add, ago, button, cards, counts, pipeline

THIRTY_BACK = date(2026, 10, 11)  # thirty working days before Friday
ALIVE = re.compile(r"<(?!/?(div|b|span|small)\b|/?a\b)|<[^>]+\son\w+=")  # any element but the card's own


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
    assert len(flagged) == 1 and "Procedure breach" in flagged[0]  # once on the page, in the list that cannot wait
    alone = [card for card in cards(pipeline("head", list="approval")) if card.startswith("先审批后调查")]
    assert len(alone) == 1 and "Procedure breach" in alone[0]  # and flagged wherever it is shown


def test_a_breach_can_be_told_wherever_the_opportunity_is_shown(shop, english):
    broken = add(shop, "先调查后申请", ("investigation", ago(10)), ("application", ago(8)))
    legal = add(shop, "依次办理", ("application", ago(8)), ("investigation", ago(8)))
    said = {broken: ["Investigation (10 Nov) before Application (12 Nov)"]}
    assert gather.flags(manager(shop), [broken, legal, None, 99], FRIDAY) == said
    assert gather.flags(manager(shop, LI), [broken], FRIDAY) == gather.flags(manager(shop), [], FRIDAY) == {}


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
        asleep = f"AND o.next_step_due IS NULL AND '{THIRTY_BACK}' >= (SELECT max(day) FROM activity WHERE opportunity_id = o.id)"
        dormant = connection.scalar(text(f"SELECT count(*) {open_} {asleep}"))
    found = counts(app)
    assert (found["Next step overdue"], found["Next step due today"]) == (late, due)
    steps = [
        found.get(name, 0)
        for name in ("Application", "Acceptance", "Investigation", "Review", "Committee", "Approval", "Contract")
    ]
    assert (sum(steps), found["Consultation"]) == (applied, every - applied - dormant) and applied > 5 < found[
        "Stalled"
    ]


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
    add(shop, "李记", ("application", ago(30)))
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
    above = max(int(one.value.split()[0]) for one in app.caption if "stand in a list above" in one.value)
    assert f"… and {number - 5 - above:,} more" in everything_said(app)
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
    assert app.success[0].value.startswith(f"Moved on: {markdown(said)}")
