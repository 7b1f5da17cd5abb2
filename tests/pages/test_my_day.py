"""A manager's day: who is to be called, an entry made of what is known, a street of shops, a row put back in its
place."""

from datetime import timedelta

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.shell.store import operator
from db.accounts import drafts
from db.customers import customers
from db.log import activity
from db.log.entry import Entry
from db.meetings import closing, promises
from db.pipeline import open_needs
from db.recording import recording
from tests.conftest import FRIDAY
from tests.pages.test_entering import ME, asked, choose_kind, field, mine, open_change, press, row_of, visited
from tests.support.pages import cards, everything_said, healthy, look, signed_in, unfold, visit

pytestmark = pytest.mark.slow


@pytest.fixture
def viewer(own_demo):
    return operator(own_demo)


@pytest.fixture
def app(viewer) -> AppTest:
    return healthy(look(as_=ME))


def button(app: AppTest, key: str):
    return next(one for one in app.button if (one.key or "").startswith(key))


def typed(viewer, **fields) -> AppTest:
    """The form as a reload finds it, when this was typed before; AppTest cannot type what is not among the options."""
    session = signed_in(viewer.store, ME)
    drafts.keep(viewer.store, session, "entry", {"key": "typed"} | fields)
    return healthy(visit(session))


def pills(app: AppTest, label: str):
    return next(one for one in app.get("button_group") if one.label == label)


def test_the_cards_say_what_is_promised_and_what_is_missing(viewer):
    promises.set_promises(viewer, FRIDAY, {1: {"consultations": 9, "deals": 0}})
    shown = cards(healthy(look(as_=ME)))
    done = int(shown["咨询量"][0])
    assert f"还差 {9 - done} · 承诺 9" in shown["咨询量"][1] and "还差" not in shown["成交量"][1]


def test_a_manager_confirms_or_changes_their_own_promise(viewer):
    promises.set_promises(viewer, FRIDAY, {1: {"consultations": 9}})
    app = healthy(look(as_=ME))
    assert "今日承诺：咨询量 9" in [one.value for one in app.markdown]
    healthy(button(app, "own day confirm").click().run())
    assert promises.confirmed(viewer, FRIDAY) == {1} and "今日承诺：咨询量 9（已确认）" in [
        one.value for one in app.markdown
    ]
    app = unfold(app, "own day change")
    next(one for one in app.number_input if one.key.startswith("own day deals")).set_value(2)
    healthy(button(app, "own day save").click().run())
    assert dict(promises.read(viewer, FRIDAY).filter(manager=1).select("measure", "target").iter_rows()) == {
        "consultations": 9,
        "deals": 2,
    }


def test_what_is_proposed_to_a_manager_is_what_their_branch_head_reads(viewer):
    rows = look("morning_meeting", as_="head-1").data_editor[0].value
    proposed = dict(zip(rows["manager"], rows["consultations_needed"], strict=True))
    manager, target = next((one, target) for one, target in proposed.items() if target == target and target)
    said = [one.value for one in healthy(look(as_=f"{100000 + manager}")).markdown]
    assert any(f"今日建议：咨询量 {target:.0f}" in one for one in said), said
    assert promises.read(viewer, FRIDAY).filter(manager=manager).is_empty()


def test_once_the_day_is_closed_nobody_is_asked_for_a_promise(viewer):
    promises.set_promises(viewer, FRIDAY, {1: {"consultations": 9}})
    closing.close_day(viewer, 1, FRIDAY, FRIDAY)
    assert not [one for one in healthy(look(as_=ME)).button if one.key == "own day confirm"]


def test_what_is_due_can_be_logged_with_one_tap_and_is_then_done(app, viewer):
    due = open_needs.due(viewer, 1, FRIDAY)
    first = due.row(0, named=True)
    assert f"{due.height} 项回访、走访到期" in app.expander[0].label
    app.session_state["due steps"] = True
    app.run()
    button(app, f"log due {first['opportunity']}").click().run()
    assert field(healthy(app), "selectbox", "客户").value == first["customer"]
    assert field(app, "selectbox", "产品").value == first["product"]
    asked(app, "has_need").set_value(True)
    press(app)
    assert first["opportunity"] not in open_needs.due(viewer, 1, FRIDAY)["opportunity"].to_list()
    assert mine(viewer)["opportunity"][0] == first["opportunity"]


def test_a_latest_customer_is_one_tap_and_brings_his_product_along(app, viewer):
    latest = customers.of_manager(viewer, 1).filter(pl.col("last_day") < FRIDAY)["customer"][:6].to_list()
    known = dict(open_needs.of_manager(viewer, 1).select("customer", "product").reverse().iter_rows())
    one = next(customer for customer in latest if customer in known)
    button(app, f"at hand {one}").click().run()
    assert field(app, "selectbox", "客户").value == one
    assert field(app, "selectbox", "产品").value == known[one]


def test_what_was_chosen_by_hand_is_not_overwritten_by_what_is_known(app, viewer):
    known = open_needs.of_manager(viewer, 1).unique("customer", keep="first").row(0, named=True)
    other = next(one for one in (1, 2) if one != known["product"])
    field(app, "selectbox", "产品").set_value(other).run()
    field(app, "selectbox", "客户").set_value(known["customer"]).run()
    assert field(app, "selectbox", "产品").value == other


def test_method_and_channel_are_those_of_last_time(app, viewer):
    way = activity.latest(viewer, 1)
    assert (pills(app, "营销方式").value, pills(app, "渠道").value) == (way["method"], way["channel"])
    recording.record(viewer, 1, Entry("consultation", FRIDAY, method="mail", channel="event"), "by mail", FRIDAY)
    again = healthy(look(as_=ME))
    assert (pills(again, "营销方式").value, pills(again, "渠道").value) == ("mail", "event")


@pytest.mark.parametrize("said", [True, False])
def test_a_need_and_a_clear_no_need_are_told_apart(app, viewer, said):
    named(app, viewer)
    asked(app, "has_need").set_value(said)
    press(app)
    assert mine(viewer).select("need_recorded", "has_need", "met_decider").row(0) == (True, said, None)


def test_a_visit_is_not_sent_before_somebody_said_whether_there_is_a_need(app, viewer):
    before = mine(viewer)
    named(app, viewer)
    press(app)
    assert "有需求" in app.error[0].value and mine(viewer).equals(before)


def test_without_a_customer_the_form_says_that_it_is_a_contact_and_asks_nothing(app, viewer):
    contact = "只算触达"
    assert any(contact in one.value for one in app.caption) and not asks_for_a_need(app)
    named(app, viewer)
    assert not any(contact in one.value for one in app.caption) and asks_for_a_need(app)


def asks_for_a_need(app: AppTest) -> bool:
    return any((one.key or "").startswith("has_need ") for one in app.get("button_group"))


def named(app: AppTest, viewer, place: int = 80) -> int:
    """Chooses a customer, so that the form asks what it asks of a visit."""
    who = customers.of_manager(viewer, 1)["customer"][place]
    field(app, "selectbox", "客户").set_value(who).run()
    return who


def test_the_next_step_is_kept_with_the_need_and_a_bad_day_gets_the_advice(app, viewer):
    who = customers.of_manager(viewer, 1)["customer"][80]
    visited(app, who)
    field(app, "selectbox", "下一步").set_value("meet_the_owner")
    monday = FRIDAY + timedelta(3)
    pills(app, "日期").set_value(str(monday)).run()
    assert any("周一上午不宜" in one.value for one in app.caption)
    press(app)
    found = open_needs.of_manager(viewer, 1).filter(pl.col("customer") == who)
    assert found.select("next_step", "next_step_due").row(0) == ("meet_the_owner", monday)


def test_same_again_leaves_everything_but_the_customer_for_the_next_shop(app, viewer):
    before = mine(viewer).height
    choose_kind(app, "application")
    field(app, "selectbox", "客户").set_value(customers.of_manager(viewer, 1)["customer"][80])
    field(app, "selectbox", "产品").set_value(2)
    button(app, "again").click().run()
    assert mine(viewer).height == before + 1
    assert field(healthy(app), "selectbox", "客户").value is None
    assert field(app, "selectbox", "产品").value == 2
    field(app, "selectbox", "客户").set_value(customers.of_manager(viewer, 1)["customer"][70])
    press(app)
    assert mine(viewer)["kind"][:2].to_list() == ["application"] * 2 and mine(viewer).height == before + 2
    assert mine(viewer)["customer"][0] != mine(viewer)["customer"][1]


def test_a_like_name_is_offered_before_a_second_record_is_made(viewer):
    who, name = customers.of_manager(viewer, 1).select("customer", "customer_name").row(80)
    app = typed(viewer, customer=name + "店")
    button(app, f"alike {who}").click().run()
    assert field(healthy(app), "selectbox", "客户").value == who
    asked(app, "has_need").set_value(True)
    press(app)
    assert mine(viewer)["customer"][0] == who


def test_the_last_four_digits_find_a_customer(viewer):
    who, phone = customers.of_manager(viewer, 1).drop_nulls("phone").select("customer", "phone").row(-1)
    app = typed(viewer, customer=phone[-4:])
    button(app, f"alike {who}").click().run()
    assert field(healthy(app), "selectbox", "客户").value == who


def containers(block, label: str, *outer: int) -> tuple[int, ...] | None:
    """The places of the containers that a field lies in, from the outermost; None where it is not there."""
    for place, one in block.children.items():
        if getattr(one, "label", None) == label and not hasattr(one, "children"):
            return outer
        if hasattr(one, "children") and (found := containers(one, label, *outer, place)) is not None:
            return found
    return None


@pytest.mark.parametrize("label", ["金额（万元）", "备注"])
def test_what_comes_and_goes_in_the_form_moves_no_container(viewer, label):
    """A browser draws a container anew where it has moved, and what was just typed into its fields is gone."""
    phone = customers.of_manager(viewer, 1).drop_nulls("phone")["phone"][0]
    named = {"kind": "application", "customer": "电话里的新店"}
    drafted = ({"kind": "application"}, named, named | {"phone": phone}, named | {"kind": "other"})
    places = {containers(typed(viewer, **body).main, label) for body in drafted}
    assert len(places) == 1 and None not in places


def test_a_phone_of_another_branch_is_shown_with_whom_to_ask_and_kept_out_until_confirmed(viewer):
    theirs = (
        customers.search(viewer, "", 1_000).filter(pl.col("branch_name") != branch_of_mine(viewer)).drop_nulls("phone")
    )
    phone, owner = theirs.select("phone", "manager_name").row(0)
    before = mine(viewer).height
    app = typed(viewer, customer="撞单的客户", has_need=True)
    field(app, "text_input", "新客户手机号").set_value(phone).run()
    assert "撞单" in app.warning[0].value and owner in app.warning[0].value
    press(app)
    assert "撞单" in app.error[0].value and mine(viewer).height == before
    field(app, "toggle", "仍在本支行另建一户").set_value(True)
    press(app)
    assert not app.error and mine(viewer).height == before + 1


def branch_of_mine(viewer) -> str:
    return customers.search(viewer, customers.of_manager(viewer, 1)["phone"][0])["branch_name"][0]


def test_an_entry_of_yesterday_is_dated_yesterday_and_has_no_time(app, viewer):
    visited(app, customers.of_manager(viewer, 1)["customer"][80])
    next(one for one in app.date_input if (one.key or "").startswith("day ")).set_value(FRIDAY - timedelta(1))
    press(app)
    late = activity.rows(viewer, FRIDAY - timedelta(1), 1).row(0, named=True)
    assert healthy(app) and late["time"] is None


def test_a_withdrawn_row_stays_in_its_place_until_it_is_put_back(app, viewer):
    identity = mine(viewer)["id"][0]
    row_of(app, "button", "void").click().run()
    assert identity not in mine(viewer)["id"].to_list() and "已撤回" in everything_said(app)
    row_of(app, "button", "restore").click().run()
    assert healthy(app) and identity in mine(viewer)["id"].to_list() and "已撤回" not in everything_said(app)


def test_the_second_editor_reads_who_changed_what_and_both_changes_stand(app, viewer):
    latest = mine(viewer).row(0, named=True)
    open_change(app, latest["id"])
    recording.correct(viewer, latest["id"], latest["version"], FRIDAY, note="别人改的", method="mail")
    row_of(app, "text_input", "new note").set_value("我改的")
    row_of(app, "button", "save").click().run()
    assert "operator" in app.error[0].value and "别人改的" in app.error[0].value
    assert mine(viewer)["note"][0] == "别人改的"
    app.run()
    assert not app.warning and row_of(app, "text_input", "new note").value == "我改的"
    row_of(app, "button", "save").click().run()
    assert healthy(app) and mine(viewer).select("note", "method").row(0) == ("我改的", "mail")


def test_a_row_that_somebody_else_changed_shows_as_it_is_now(app, viewer):
    latest = mine(viewer).row(0, named=True)
    open_change(app, latest["id"])
    recording.correct(viewer, latest["id"], latest["version"], FRIDAY, note="别人改的")
    app.run()
    assert row_of(healthy(app), "text_input", "new note").value == "别人改的"


def test_a_closed_day_says_so_on_top_and_has_no_form_and_nothing_is_lost(viewer):
    app = typed(viewer, customer="新的客户", has_need=True)
    closing.close_day(viewer, 1, FRIDAY, FRIDAY)
    healthy(app.run())
    assert ["仅支行负责人可修改" in one.value for one in app.warning] == [True]
    assert not [one for one in app.button if (one.key or "").startswith(("record", "street", "void", "log due"))]
    closing.reopen_day(viewer, 1, FRIDAY)
    assert field(healthy(app.run()), "selectbox", "客户").value == "新的客户"


@pytest.mark.parametrize(("who", "says", "form"), [(ME, True, False), ("head-1", False, True)])
def test_in_the_log_too_a_closed_day_is_the_branch_heads_alone(viewer, who, says, form):
    closing.close_day(viewer, 1, FRIDAY, FRIDAY)
    app = healthy(look("activity_log", as_=who, manager=1))
    app.date_input[0].set_value((FRIDAY, FRIDAY)).run()
    assert bool(app.warning) == says
    assert any((one.key or "").startswith("void") for one in healthy(app).button) == form
