"""A manager's day: who is to be called, an entry made of what is known, a street of shops, a row put back in its place."""

from datetime import timedelta

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.stores import operator
from db import activity, customers, drafts, meetings, needs, one_customer
from db.entry import Entry
from db.errors import Refused
from tests.conftest import FRIDAY
from tests.pages.looking import cards, everything_said, healthy, look, signed_in, visit
from tests.pages.test_entering import ID_NUMBER, ME, choose_kind, field, mine, press, row_of


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
    meetings.set_promises(viewer, FRIDAY, {1: {"consultations": 9, "deals": 0}})
    shown = cards(healthy(look(as_=ME)))
    done = int(shown["咨询量"][0])
    assert f"还差 {9 - done} · 承诺 9" in shown["咨询量"][1] and "还差" not in shown["成交量"][1]


def test_what_is_due_can_be_logged_with_one_tap_and_is_then_done(app, viewer):
    due = needs.due(viewer, 1, FRIDAY)
    first = due.row(0, named=True)
    assert f"{due.height} 项回访、走访到期" in app.expander[0].label
    button(app, f"log due {first['opportunity']}").click().run()
    assert field(healthy(app), "selectbox", "客户").value == first["customer"]
    assert field(app, "selectbox", "产品").value == first["product"]
    press(app)
    assert first["opportunity"] not in needs.due(viewer, 1, FRIDAY)["opportunity"].to_list()
    assert mine(viewer)["opportunity"][0] == first["opportunity"]


def test_a_latest_customer_is_one_tap_and_brings_his_product_along(app, viewer):
    latest = customers.of_manager(viewer, 1).filter(pl.col("last_day") < FRIDAY)["customer"][:6].to_list()
    known = dict(needs.of_manager(viewer, 1).select("customer", "product").reverse().iter_rows())
    one = next(customer for customer in latest if customer in known)
    button(app, f"at hand {one}").click().run()
    assert field(app, "selectbox", "客户").value == one
    assert field(app, "selectbox", "产品").value == known[one]


def test_what_was_chosen_by_hand_is_not_overwritten_by_what_is_known(app, viewer):
    known = needs.of_manager(viewer, 1).unique("customer", keep="first").row(0, named=True)
    other = next(one for one in (1, 2) if one != known["product"])
    field(app, "selectbox", "产品").set_value(other).run()
    field(app, "selectbox", "客户").set_value(known["customer"]).run()
    assert field(app, "selectbox", "产品").value == other


def test_method_and_channel_are_those_of_last_time(app, viewer):
    way = activity.last_way(viewer, 1)
    assert (pills(app, "营销方式").value, pills(app, "渠道").value) == way
    activity.record(viewer, 1, Entry("consultation", FRIDAY, method="mail", channel="event"), "by mail", FRIDAY)
    again = healthy(look(as_=ME))
    assert (pills(again, "营销方式").value, pills(again, "渠道").value) == ("mail", "event")


@pytest.mark.parametrize(
    ("said", "stored"), [("need", (True, True)), ("no_need", (True, False)), ("open", (False, None))]
)
def test_a_need_a_clear_no_need_and_nothing_asked_are_told_apart(app, viewer, said, stored):
    field(app, "selectbox", "客户").set_value(customers.of_manager(viewer, 1)["customer"][80])
    pills(app, "需求").set_value(said)
    press(app)
    assert mine(viewer).select("need_recorded", "has_need").row(0) == stored


def test_the_next_step_is_kept_with_the_need_and_a_bad_day_gets_the_advice(app, viewer):
    who = customers.of_manager(viewer, 1)["customer"][80]
    field(app, "selectbox", "客户").set_value(who)
    field(app, "selectbox", "下一步").set_value("meet_the_owner")
    monday = FRIDAY + timedelta(3)
    pills(app, "哪一天").set_value(str(monday)).run()
    assert any("周一上午不宜" in one.value for one in app.caption)
    press(app)
    found = needs.of_manager(viewer, 1).filter(pl.col("customer") == who)
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
    press(app)
    assert mine(viewer)["customer"][0] == who


def test_the_last_four_digits_find_a_customer(viewer):
    who, phone = customers.of_manager(viewer, 1).drop_nulls("phone").select("customer", "phone").row(-1)
    app = typed(viewer, customer=phone[-4:])
    button(app, f"alike {who}").click().run()
    assert field(healthy(app), "selectbox", "客户").value == who


def test_a_phone_of_another_branch_is_shown_with_whom_to_ask_and_kept_out_until_confirmed(viewer):
    theirs = (
        customers.search(viewer, "", 1_000).filter(pl.col("branch_name") != branch_of_mine(viewer)).drop_nulls("phone")
    )
    phone, owner = theirs.select("phone", "manager_name").row(0)
    before = mine(viewer).height
    app = typed(viewer, customer="撞单的客户")
    field(app, "text_input", "新客户手机号").set_value(phone).run()
    assert "撞单" in app.warning[0].value and owner in app.warning[0].value
    press(app)
    assert "撞单" in app.error[0].value and mine(viewer).height == before
    field(app, "toggle", "仍要在本支行另建一户").set_value(True)
    press(app)
    assert not app.error and mine(viewer).height == before + 1


def branch_of_mine(viewer) -> str:
    return customers.search(viewer, customers.of_manager(viewer, 1)["phone"][0])["branch_name"][0]


def test_an_entry_of_yesterday_is_dated_yesterday_and_has_no_time(app, viewer):
    field(app, "selectbox", "客户").set_value(customers.of_manager(viewer, 1)["customer"][80])
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
    activity.correct(viewer, latest["id"], latest["version"], FRIDAY, note="别人改的", method="mail")
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
    activity.correct(viewer, latest["id"], latest["version"], FRIDAY, note="别人改的")
    app.run()
    assert row_of(healthy(app), "text_input", "new note").value == "别人改的"


def test_on_a_closed_day_the_manager_is_told_and_nothing_is_lost(viewer):
    meetings.close_day(viewer, 1, FRIDAY, FRIDAY)
    app = typed(viewer, customer="新的客户")
    press(app)
    assert "已由夕会关闭" in app.error[0].value
    assert field(app, "selectbox", "客户").value == "新的客户"


def test_an_id_of_another_branch_is_no_customer_here(viewer):
    with pytest.raises(Refused, match="no such customer"):
        activity.record(viewer, 1, Entry("consultation", FRIDAY, customer=10_000), "x", FRIDAY)
    assert one_customer.whose(viewer, "", 1) is None


# -- a whole street ------------------------------------------------------------------------------------------------


SHOP = {"kind": "咨询", "decider": True, "need": True}


def street(viewer, *lines: dict) -> AppTest:
    """A table in which these lines were typed before, as after a reload: it is opened and sent."""
    session = signed_in(viewer.store, ME)
    drafts.keep(viewer.store, session, "street", {"lines": [SHOP | one for one in lines], "key": "evening"})
    app = healthy(visit(session))
    next(one for one in app.button if one.key == "street").click()
    return app.run()


def test_a_street_is_stored_line_by_line_and_twins_are_two(viewer):
    before = mine(viewer).height
    shops = [{"customer": "街一"}, {"customer": "街二", "need": False}, {"customer": "街一"}]
    loan = {"customer": "街三", "kind": "申请", "product": "信用贷款", "amount": 12.5, "note": "要二十万"}
    app = healthy(street(viewer, *shops, loan))
    latest = mine(viewer).head(4)
    assert mine(viewer).height == before + 4
    assert latest["customer_name"].to_list() == ["街三", "街一", "街二", "街一"]
    assert latest.row(0, named=True)["amount_cents"] == 12_500_000
    assert latest["need_recorded"].to_list() == [None, True, False, True]
    assert drafts.read(viewer_of(app), "street") == {}


def test_a_line_that_is_refused_stays_with_its_reason_and_the_others_are_stored(viewer):
    before = mine(viewer).height
    app = street(viewer, {"customer": "街一"}, {"customer": "街二", "note": f"身份证 {ID_NUMBER}"})
    assert mine(viewer).height == before + 1
    assert "街二" in app.error[0].value
    assert [one["customer"] for one in drafts.read(viewer_of(app), "street")["lines"]] == ["街二"]


def test_a_street_that_was_cut_off_half_way_and_is_sent_again_is_stored_once(viewer):
    before = mine(viewer).height
    for _time in range(2):
        street(viewer, {"customer": "街一"}, {"customer": "街二"})
    assert mine(viewer).height == before + 2


def viewer_of(app: AppTest):
    return app.session_state["kept"]["viewer"]
