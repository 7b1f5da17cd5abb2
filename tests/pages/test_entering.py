"""What a manager records on their day is stored once, can be mended, and is told apart from what is refused."""

from datetime import date, timedelta

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.shell.store import operator
from db.customers import customers, matching
from db.errors import Refused
from db.log import activity
from db.log.entry import Entry
from db.meetings import promises
from db.people import people
from db.plans import plans
from db.recording import recording
from metrics import periods
from tests.conftest import FRIDAY
from tests.support.pages import cards, entries, healthy, look, tables

pytestmark = pytest.mark.slow

ME = "100001"
ID_NUMBER = "110101199003074610"


@pytest.fixture
def viewer(own_demo):
    return operator(own_demo)


@pytest.fixture
def app(viewer) -> AppTest:
    return healthy(look(as_=ME))


def field(app: AppTest, kind: str, label: str):
    """The form's widget of that label; the rows below have theirs after it."""
    return next(one for one in getattr(app, kind) if one.label == label)


def choose_kind(app: AppTest, code: str) -> AppTest:
    return app.get("button_group")[0].set_value(code).run()


def visited(app: AppTest, who: int, need: bool = True) -> AppTest:
    """Chooses the customer of a visit and answers what is asked of one."""
    field(app, "selectbox", "客户").set_value(who).run()
    return asked(app, "has_need").set_value(need).run()


def asked(app: AppTest, name: str):
    """A question of the form; the rows below have theirs."""
    return next(one for one in app.get("button_group") if (one.key or "").startswith(f"{name} "))


def press(app: AppTest, label: str = "记录") -> AppTest:
    return field(app, "button", label).click().run()


def mine(viewer) -> pl.DataFrame:
    return activity.rows(viewer, FRIDAY, 1)


def customer(viewer, place: int = 0) -> tuple[int, str]:
    return customers.of_manager(viewer, 1).select("customer", "customer_name").row(place)


@pytest.mark.parametrize("kind", ["consultation", "application", "deal"])
def test_a_record_is_stored_and_seen_at_once(app, viewer, kind):
    before, label = mine(viewer), {"consultation": "咨询量", "application": "申请量", "deal": "成交量"}[kind]
    number = int(cards(app)[label][0])
    choose_kind(app, kind)
    who, name = customer(viewer, 80)
    field(app, "selectbox", "客户").set_value(who).run()
    if kind == "consultation":
        asked(app, "has_need").set_value(True)
    else:
        field(app, "selectbox", "产品").set_value(1)
        field(app, "number_input", "金额（万元）").set_value(12.5)
    press(healthy(app))
    now = mine(viewer)
    assert healthy(app) and now.height == before.height + 1
    latest = now.row(0, named=True)
    assert (latest["kind"], latest["customer"], latest["customer_name"]) == (kind, who, name)
    assert latest["amount_cents"] == (None if kind == "consultation" else 12_500_000)
    assert latest["time"].strftime("%H:%M") == "16:30"
    shown = entries(app)
    assert any(name in one for one in shown)
    if kind == "deal":
        assert int(cards(app)[label][0]) == number + 1
        assert any("12.50 万元" in one for one in shown)


def test_a_visit_to_somebody_who_cannot_decide_is_said_not_to_count(app, viewer):
    who, name = customer(viewer, 80)
    counted = int(cards(app)["咨询量"][0])
    visited(app, who)
    asked(app, "met_decider").set_value(False)
    press(app)
    (line,) = [one for one in entries(healthy(app)) if name in one]
    assert line.endswith("不计入") and int(cards(app)["咨询量"][0]) == counted


def test_an_application_without_a_customer_is_refused(app, viewer):
    before = mine(viewer)
    choose_kind(app, "application")
    field(app, "selectbox", "产品").set_value(1)
    field(app, "number_input", "金额（万元）").set_value(20.0)
    press(app)
    assert "客户" in app.error[0].value
    assert field(app, "number_input", "金额（万元）").value == 20.0
    assert mine(viewer).equals(before)


def test_a_note_with_an_id_number_is_refused_and_everything_typed_stays(app, viewer):
    before, (who, _name) = mine(viewer), customer(viewer)
    visited(app, who)
    field(app, "text_input", "备注").set_value(f"身份证 {ID_NUMBER}")
    asked(app, "met_decider").set_value(False)
    press(app)
    assert "身份证" in app.error[0].value or "证件" in app.error[0].value
    assert mine(viewer).equals(before)
    assert field(app, "text_input", "备注").value == f"身份证 {ID_NUMBER}"
    assert field(app, "selectbox", "客户").value == who
    assert asked(app, "met_decider").value is False
    field(app, "text_input", "备注").set_value("改好了")
    press(app)
    assert not app.error and mine(viewer)["note"][0] == "改好了"


def test_after_a_record_the_form_is_empty_again(app, viewer):
    visited(app, customer(viewer)[0])
    field(app, "text_input", "备注").set_value("想贷二十万")
    press(app)
    assert field(app, "selectbox", "客户").value is None
    assert field(app, "text_input", "备注").value == ""


def test_a_form_sent_twice_stores_one_row(app, viewer):
    """The second tap arrives when the first is stored but the page has not said so."""
    before, kept = mine(viewer), app.session_state["kept"]
    key = kept["form entry"]["key"]
    visited(app, customer(viewer)[0])
    press(app)
    assert mine(viewer).height == before.height + 1
    again = look(as_=ME)
    again.session_state["kept"]["form entry"]["key"] = key
    again.run()
    visited(again, customer(viewer)[0])
    press(healthy(again))
    assert not again.error and mine(viewer).height == before.height + 1


def row_of(app: AppTest, kind: str, name: str):
    """A widget of the latest entry's change box."""
    return next(one for one in getattr(app, kind) if (one.key or "").startswith(name))


def open_change(app: AppTest, entry: int) -> None:
    """Opens an entry's change box."""
    app.session_state[f"change {entry}"] = True
    app.run()


def test_an_entry_can_be_corrected(app, viewer):
    latest = mine(viewer).row(0, named=True)
    assert not [one for one in app.text_input if (one.key or "").startswith("new note")]
    open_change(app, latest["id"])
    row_of(app, "text_input", "new note").set_value("更正")
    row_of(app, "button", "save").click().run()
    changed = mine(viewer).row(0, named=True)
    assert not app.error and changed["id"] == latest["id"]
    assert changed["note"] == "更正" and changed["version"] > latest["version"]
    assert any("更正" in one for one in entries(app))


def test_an_entry_can_be_withdrawn_and_leaves_every_number(app, viewer):
    held = mine(viewer)
    identity = held["id"][0]
    row_of(app, "button", "void").click().run()
    assert not app.error and identity not in mine(viewer)["id"].to_list()
    assert mine(viewer).height == held.height - 1
    assert not [one for one in app.button if one.key and one.key.startswith(f"void {identity} ")]


def test_somebody_elses_change_in_between_is_not_overwritten(app, viewer):
    latest = mine(viewer).row(0, named=True)
    open_change(app, latest["id"])
    recording.correct(viewer, latest["id"], latest["version"], FRIDAY, note="别人改的")
    row_of(app, "text_input", "new note").set_value("我改的")
    row_of(app, "button", "save").click().run()
    assert mine(viewer)["note"][0] == "别人改的"


def test_an_earlier_day_is_shown_without_a_form(own_demo):
    app = healthy(look(as_=ME, day="2026-11-19"))
    assert "记录" not in [one.label for one in app.button]


def test_a_hostile_name_is_shown_as_it_was_typed(app, viewer):
    name = "<img src=x onerror=alert(1)> ![x](http://127.0.0.1:9/x)"
    recording.record(viewer, 1, Entry("consultation", FRIDAY, customer_name=name), "hostile", FRIDAY)
    shown = healthy(look(as_=ME))
    assert any(name in one for one in entries(shown))
    assert not [one for one in shown.markdown if "<img" in one.value]


def test_what_the_plan_needs_becomes_the_promises_and_the_evening_finds_them(viewer):
    app = healthy(look("morning_meeting", as_="head-1"))
    assert promises.read(viewer, FRIDAY).filter(pl.col("branch") == 1).is_empty()
    press(app, "按建议填入")
    assert promises.read(viewer, FRIDAY).filter(pl.col("branch") == 1).is_empty(), (
        "nothing is stored before it is saved"
    )
    filled = app.data_editor[0].value
    press(app, "保存承诺")
    said = promises.read(viewer, FRIDAY).filter(pl.col("branch") == 1)
    assert not app.error and said["manager"].n_unique() > 1
    assert said["target"].sum() == filled[["consultations", "applications", "deals"]].sum().sum()
    lines = {line[0]: line for line in tables(look("evening_meeting", as_="head-1"))[0]}
    team = dict(people.managers(viewer, periods.day(FRIDAY), 1).select("manager", "manager_name").iter_rows())
    for manager, target in said.filter(pl.col("measure") == "consultations").select("manager", "target").iter_rows():
        assert lines[team[manager]][2].endswith(f"/ {target}")


def test_one_who_left_this_month_does_not_keep_the_others_from_promising(viewer):
    month = people.managers(viewer, periods.month(FRIDAY), 1)["manager"]
    there = people.managers(viewer, periods.day(FRIDAY), 1)["manager"]
    assert set(there) < set(month)
    app = look("morning_meeting", as_="head-1")
    assert set(app.data_editor[0].value["manager"]) == set(there)


def test_regional_staff_read_promises_and_do_not_make_them(own_demo):
    app = healthy(look("morning_meeting", as_="region-1"))
    assert not app.data_editor and "保存承诺" not in [one.label for one in app.button]


def test_a_manager_whose_plan_is_reached_is_not_asked_for_less_than_nothing(viewer):
    needed = plans.read(viewer, periods.month(FRIDAY))
    assert needed.height
    for branch in ("1", "2"):
        table = look("morning_meeting", as_=f"head-{branch}").data_editor[0].value
        assert (table[[name for name in table if name.endswith("_needed")]].fillna(0) >= 0).all().all()


def test_a_record_of_yesterday_is_not_todays(app, viewer):
    yesterday = date.fromordinal(FRIDAY.toordinal() - 1)
    recording.record(viewer, 1, Entry("consultation", yesterday, customer_name="昨天的客户"), "late", FRIDAY)
    shown = healthy(look(as_=ME))
    assert not any("昨天的客户" in one for one in entries(shown))
    before = healthy(look(as_=ME, day=str(FRIDAY - timedelta(1))))
    assert any("昨天的客户" in one for one in entries(before))


def test_an_id_of_another_branch_is_no_customer_here(own_demo):
    viewer = operator(own_demo)
    with pytest.raises(Refused, match="no such customer"):
        recording.record(viewer, 1, Entry("consultation", FRIDAY, customer=10_000), "x", FRIDAY)
    assert matching.owner_of_phone(viewer, "", 1) is None
