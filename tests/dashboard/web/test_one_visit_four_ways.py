"""The same visit by form, street table, outbox and file: one row of facts, and one answer to whether it counts."""

import json
from datetime import datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from dashboard.activity import bulk_form, entry_fields
from dashboard.shell.settings import settings as configuration
from dashboard.shell.store import operator
from dashboard.web import submission
from db.accounts import drafts
from db.codes import CHANNELS, METHODS
from db.log import activity
from db.log.entry import Entry
from db.log.fields import FILE, FORM, LOGGED, OUTBOX, STREET, asked, of
from db.models import Activity, Customer, Product
from db.recording import recording
from metrics import periods
from tests.support.builders import MONDAY, WANG, account, bank
from tests.support.pages import healthy, signed_in
from tests.support.pages import visit as open_page
from tests.support.sheets import bring, fresh, row
from tests.support.sweep import scaled

pytestmark = pytest.mark.slow

KEY = "0" * 32
VISIT = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["consultation", "application", "deal"]),
        "customer_name": st.just("湖滨书店"),
        "phone": st.none() | st.just("13800000001"),
        "product": st.none() | st.just(1),
        "amount_cents": st.none() | st.integers(0, 10**6).map(lambda cents: cents * 100),
        "method": st.none() | st.sampled_from(list(METHODS)),
        "channel": st.none() | st.sampled_from(list(CHANNELS)),
        "has_need": st.none() | st.booleans(),
        "met_decider": st.none() | st.booleans(),
        "note": st.none() | st.just("想装修"),
    }
).map(lambda visit: visit if visit["kind"] == "consultation" else visit | {"product": 1})


def stated(visit: dict, way: str) -> dict:
    """What a way on screen asks for of the visit; the rest stays unanswered."""
    facts = {"consultation": visit["kind"] == "consultation", "named": True, "new": True}
    return {one.name: visit[one.name] for one in of(way) if one.name in visit and asked(one, **facts)}


def by_form(visit: dict, viewer) -> None:
    """As a manager fills it in, the day after; what a visit does not say is left as it stands."""
    answers = stated(visit, FORM)
    account(viewer.store, "1001", "manager", WANG)
    configuration().database_url = viewer.store.url
    configuration().now = datetime.combine(MONDAY + timedelta(1), time(16, 30))
    begun = {"key": KEY, "kind": visit["kind"], "customer": visit["customer_name"]}  # AppTest types no new option
    session = signed_in(viewer.store, "1001")
    drafts.keep(viewer.store, session, "entry", begun)
    app = healthy(open_page(session, "my_day"))
    for name in ("has_need", "met_decider", "method", "channel"):
        if answers.get(name) is not None:
            tapped(app, name).set_value(answers[name])
    filled = {"phone": "text_input", "product": "selectbox", "amount_cents": "number_input", "note": "text_input"}
    for name, widget in filled.items():
        if answers.get(name) is not None:
            answer = answers[name] / 1_000_000 if name == "amount_cents" else answers[name]
            typed(app, widget, name.removesuffix("_cents")).set_value(answer)
    typed(app, "date_input", "day").set_value(MONDAY).run()
    typed(app, "button", "record").click().run()
    assert not app.exception and bool(app.error) != complete(visit), [error.value for error in app.error]


def typed(app, widget: str, name: str):
    return next(one for one in getattr(app, widget) if (one.key or "").startswith(f"{name} "))


def tapped(app, name: str):
    return next(one for one in app.get("button_group") if (one.key or "").startswith(f"{name} "))


def by_street(visit: dict, viewer) -> None:
    words = {None: None, True: "有需求", False: "无需求"}, {None: None, True: "是", False: "否"}
    amount = visit["amount_cents"]
    line = {"customer": visit["customer_name"], "phone": visit["phone"], "note": visit["note"]}
    line |= {"kind": {"consultation": "咨询", "application": "申请", "deal": "成交"}[visit["kind"]]}
    line |= {"product": visit["product"] and "信用贷款", "amount": None if amount is None else amount / 1_000_000}
    line |= {"has_need": words[0][visit["has_need"]], "met_decider": words[1][visit["met_decider"]]}
    shared = {"day": MONDAY, "method": visit["method"], "channel": visit["channel"]}
    entry = bulk_form.as_entry(line, {"信用贷款": 1}, shared)
    if entry_fields.unanswered(entry, STREET) is None:
        recording.record(viewer, WANG, entry, "street", MONDAY)


def by_outbox(visit: dict, viewer) -> None:
    body = stated(visit, OUTBOX) | {"key": KEY, "account": "1001", "day": str(MONDAY)}
    if visit["kind"] == "consultation" and visit["has_need"] is None:
        body["need_recorded"] = False  # as a page kept long ago sent what nobody had touched
    recording.record(viewer, WANG, submission.read(json.dumps(body).encode()).entry, KEY, MONDAY)


def by_file(visit: dict, viewer) -> None:
    cells = {"kind": visit["kind"], "customer": visit["customer_name"], "phone": visit["phone"], "note": visit["note"]}
    cells |= {"product": visit["product"] and "信用贷款", "method": visit["method"], "channel": visit["channel"]}
    if visit["kind"] != "consultation" and visit["amount_cents"] is not None:
        cells["amount"] = visit["amount_cents"] / 100
    if visit["kind"] == "consultation" and visit["met_decider"] is False:
        cells["effective"] = "否"
    bring(viewer, row(**{name: "" if cell is None else cell for name, cell in cells.items()}))


def complete(visit: dict) -> bool:
    return visit["kind"] != "consultation" or visit["has_need"] is not None


def facts_of(store) -> tuple[dict, bool] | None:
    """The one row as it is stored, by field, and whether it counts; None where nothing is."""
    columns = {one.name: getattr(Activity, one.column) for one in LOGGED}
    statement = select(*columns.values(), Customer.name, Customer.phone, Product.id)
    statement = statement.join(Customer, Customer.id == Activity.customer_id)
    with store.reading() as connection:
        stored = connection.execute(statement.outerjoin(Product, Product.id == Activity.product_id)).all()
    if not stored:
        return None
    (found,) = stored
    (counted,) = activity.read(operator(store), periods.day(MONDAY)).select("counted").collect()["counted"]
    return dict(zip([*columns, "customer_name", "phone", "its_product"], found, strict=True)), counted


WAYS = {FORM: by_form, STREET: by_street, OUTBOX: by_outbox, FILE: by_file}
UNSAID_IN_FILES = {"has_need", "need_recorded", "met_decider", "effective"}


@settings(
    max_examples=scaled(sweep=300, test=3),
    phases=[Phase.generate],  # a smaller case would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(visit=VISIT)
def test_one_visit_is_one_row_of_facts_and_counts_alike_whichever_way_it_came_in(configured, sqlite_template, visit):
    found = {}
    for way, enter in WAYS.items():
        with fresh(sqlite_template) as store:
            enter(visit, operator(bank(store)))
            if row := facts_of(store):
                found[way] = row
    assert found.keys() == (WAYS.keys() if complete(visit) else {OUTBOX, FILE})
    rows = {way: facts for way, (facts, _counted) in found.items()}
    on_screen = [facts for way, facts in rows.items() if way != FILE]
    assert all(facts == on_screen[0] for facts in on_screen)
    assert {name: rows[FILE][name] for name in rows[FILE].keys() - UNSAID_IN_FILES} == {
        name: on_screen[0][name] for name in on_screen[0].keys() - UNSAID_IN_FILES
    }
    assert len({counted for _facts, counted in found.values()}) == 1


def test_what_nobody_was_asked_is_stored_as_not_asked(sqlite_store):
    visit = dict.fromkeys(["phone", "product", "amount_cents", "method", "channel", "has_need", "met_decider", "note"])
    by_outbox(visit | {"kind": "consultation", "customer_name": "湖滨书店"}, operator(bank(sqlite_store)))
    facts, counted = facts_of(sqlite_store)
    assert (facts["has_need"], facts["need_recorded"], facts["met_decider"], counted) == (None, None, None, True)


def test_an_entry_stored_from_an_older_page_is_known_when_it_is_sent_again(sqlite_store):
    viewer = operator(bank(sqlite_store))
    older = Entry("consultation", MONDAY, customer_name="湖滨书店", met_decider=True, need_recorded=False)
    first = recording.record(viewer, WANG, older, KEY, MONDAY)
    body = {"key": KEY, "account": "1001", "kind": "consultation", "day": str(MONDAY), "customer_name": "湖滨书店"}
    again = submission.read(json.dumps(body | {"met_decider": True, "need_recorded": False}).encode()).entry
    assert again.need_recorded is None
    assert recording.record(viewer, WANG, again, KEY, MONDAY + timedelta(1)) == first
