"""A street in one table: stored line by line, and what is refused stays with its reason."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.shell.store import operator
from db.accounts import drafts
from tests.pages.test_entering import ID_NUMBER, ME, mine
from tests.support.pages import healthy, signed_in, visit

pytestmark = pytest.mark.slow


@pytest.fixture
def viewer(own_demo):
    return operator(own_demo)


SHOP = {"kind": "咨询", "has_need": "有需求"}


def street(viewer, *lines: dict) -> AppTest:
    """A table in which these lines were typed before, as after a reload: it is opened and sent."""
    session = signed_in(viewer.store, ME)
    drafts.keep(viewer.store, session, "street", {"lines": [SHOP | one for one in lines], "key": "evening"})
    app = healthy(visit(session))
    assert not [one for one in app.button if one.key == "street"]
    app.session_state["way in"] = "沿街批量登记"
    app.run()
    next(one for one in app.button if one.key == "street").click()
    return app.run()


def test_a_street_is_stored_line_by_line_and_twins_are_two(viewer):
    before = mine(viewer).height
    shops = [
        {"customer": "街一"},
        {"customer": "街二", "has_need": "无需求", "met_decider": "否"},
        {"customer": "街一"},
    ]
    loan = {"customer": "街三", "kind": "申请", "product": "信用贷款", "amount": 12.5, "note": "要二十万"}
    app = healthy(street(viewer, *shops, loan))
    latest = mine(viewer).head(4)
    assert mine(viewer).height == before + 4
    assert latest["customer_name"].to_list() == ["街三", "街一", "街二", "街一"]
    assert latest.row(0, named=True)["amount_cents"] == 12_500_000
    assert latest["need_recorded"].to_list() == [None, True, True, True]
    assert latest["has_need"].to_list() == [None, True, False, True]
    assert latest["met_decider"].to_list() == [None, None, False, None]
    assert drafts.read(viewer_of(app), "street") == {}


def test_a_line_that_is_refused_stays_with_its_reason_and_the_others_are_stored(viewer):
    before = mine(viewer).height
    app = street(viewer, {"customer": "街一"}, {"customer": "街二", "note": f"身份证 {ID_NUMBER}"})
    assert mine(viewer).height == before + 1
    assert "街二" in app.error[0].value
    assert [one["customer"] for one in drafts.read(viewer_of(app), "street")["lines"]] == ["街二"]


def test_a_line_of_a_street_that_does_not_say_whether_there_is_a_need_stays(viewer):
    before = mine(viewer).height
    app = street(viewer, {"customer": "街一"}, {"customer": "街二", "has_need": None})
    assert mine(viewer).height == before + 1 and "街二" in app.error[0].value and "有需求" in app.error[0].value


def test_a_street_that_was_cut_off_half_way_and_is_sent_again_is_stored_once(viewer):
    before = mine(viewer).height
    for _time in range(2):
        street(viewer, {"customer": "街一"}, {"customer": "街二"})
    assert mine(viewer).height == before + 2


def viewer_of(app: AppTest):
    return app.session_state["kept"]["viewer"]
