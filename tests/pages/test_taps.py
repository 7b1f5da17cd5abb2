"""On the phone every tap counts: how many a visit and an application take, and that the branch head sees each by
itself."""

import shutil
import time

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import select

from dashboard.shell.store import operator
from db.engine import Store
from db.log import activity
from db.models import Manager
from db.pipeline import open_needs
from metrics.definitions import interpret
from tests.conftest import FRIDAY
from tests.support.browsing import Visitor
from tests.support.servers import serving

pytestmark = pytest.mark.browser
ME = "100001"
COUNTS = """() => [...document.querySelectorAll('table.cx tr')].map(one => one.innerText.replaceAll(/\\s+/g, ' '))"""


class Thumb:
    """Taps, and counts them; what is typed on the keyboard that a tap has opened is not a tap."""

    def __init__(self, visitor: Visitor):
        self.visitor, self.taps = visitor, 0

    def tap(self, place: Locator) -> None:
        place.tap()
        self.taps += 1
        self.visitor.settled()


@pytest.fixture(scope="module")
def database(region_template, tmp_path_factory) -> str:
    return f"sqlite:///{shutil.copy(region_template, tmp_path_factory.mktemp('taps') / 'region.db')}"


@pytest.fixture(scope="module")
def address(database, tmp_path_factory):
    with serving(database, tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture
def store(database):
    store = Store(database, mark=interpret)
    yield store
    store.close()


@pytest.fixture
def phone(windows, address):
    visitor = Visitor(windows, address, width=390, height=844, has_touch=True, is_mobile=True)
    visitor.open("my_day", as_=ME)
    yield visitor
    visitor.healthy()
    visitor.leave()


@pytest.fixture
def head(windows, address):
    visitor = Visitor(windows, address)
    visitor.open("evening_meeting", as_="head-1")
    yield visitor
    visitor.leave()


def line(head: Visitor, name: str) -> str:
    return next(one for one in head.page.evaluate(COUNTS) if one.strip().startswith(name))


def my_name(store: Store) -> str:
    with store.reading() as connection:
        return connection.execute(select(Manager.name).where(Manager.staff_no == ME)).scalar()


def sees_by_itself(head: Visitor, name: str, before: str) -> float:
    """Seconds until the head's open page shows another line for the manager, untouched."""
    begun = time.monotonic()
    head.page.wait_for_function(
        """([name, before]) => [...document.querySelectorAll('table.cx tr')].some(one => {
            const said = one.innerText.replaceAll(/\\s+/g, ' ');
            return said.trim().startsWith(name) && said !== before;
        })""",
        arg=[name, before],
        polling=20,
    )
    return time.monotonic() - begun


def at_hand(phone: Visitor) -> Locator:
    return phone.page.locator(".st-key-at-hand").get_by_role("button").first


def need(phone: Visitor) -> Locator:
    return (
        phone.page.get_by_role("button", name="有需求", exact=True)
        .or_(phone.page.get_by_role("radio", name="有需求", exact=True))
        .first
    )


def test_a_repeat_visit_takes_at_most_six_taps_and_the_head_sees_it(phone, head, store, record_property):
    rows, name, thumb = activity.rows(operator(store), FRIDAY, 1).height, my_name(store), Thumb(phone)
    before, page = line(head, name), phone.page
    thumb.tap(at_hand(phone))
    thumb.tap(need(phone))
    page.get_by_role("button", name="记录", exact=True).tap()
    thumb.taps += 1
    record_property("seconds until the head sees it", sees_by_itself(head, name, before))
    expect(page.get_by_test_id("stToast")).to_be_visible()
    stored = activity.rows(operator(store), FRIDAY, 1)
    assert stored.height == rows + 1 and stored["kind"][0] == "consultation"
    assert stored["method"][0] and stored["channel"][0] and stored["product"][0]
    assert thumb.taps <= 6, f"{thumb.taps} taps"


def test_a_repeat_visit_with_a_next_step_still_takes_at_most_six(phone, store):
    page, thumb = phone.page, Thumb(phone)
    thumb.tap(at_hand(phone))
    thumb.tap(need(phone))  # which opens the next step
    thumb.tap(page.get_by_role("combobox", name="下一步"))
    thumb.tap(page.get_by_role("option", name="电话回访"))
    thumb.tap(page.get_by_text("11月23日(周一)", exact=True))
    thumb.tap(page.get_by_role("button", name="记录", exact=True))
    assert thumb.taps <= 6, f"{thumb.taps} taps"
    stored = activity.rows(operator(store), FRIDAY, 1).row(0, named=True)
    held = {row["opportunity"]: row for row in open_needs.of_manager(operator(store), 1).to_dicts()}[
        stored["opportunity"]
    ]
    assert held["next_step"] == "call_again" and held["next_step_due"] > FRIDAY


def test_an_application_takes_at_most_eight_taps_and_the_head_sees_it(phone, head, store, record_property):
    name, thumb, page = my_name(store), Thumb(phone), phone.page
    before = line(head, name)
    thumb.tap(page.get_by_role("combobox", name="客户"))
    page.keyboard.type("鼎新机械厂")
    page.keyboard.press("Enter")
    phone.settled()
    thumb.tap(page.get_by_label("新客户手机号"))
    page.keyboard.type("13700001111")
    thumb.tap(page.get_by_role("radio", name="申请", exact=True))
    thumb.tap(page.get_by_role("combobox", name="产品"))
    thumb.tap(page.get_by_role("option", name="信用贷款"))
    thumb.tap(page.get_by_label("金额（万元）"))
    page.keyboard.type("30")
    page.get_by_role("button", name="记录", exact=True).tap()
    thumb.taps += 1
    record_property("seconds until the head sees it", sees_by_itself(head, name, before))
    stored = activity.rows(operator(store), FRIDAY, 1).row(0, named=True)
    assert (stored["kind"], stored["customer_name"], stored["amount_cents"]) == (
        "application",
        "鼎新机械厂",
        30_000_000,
    )
    assert thumb.taps <= 8, f"{thumb.taps} taps"
