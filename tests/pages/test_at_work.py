"""What people do, in a real browser on the real server: what is entered on one screen is seen on the others."""

import re
import shutil
from contextlib import suppress
from datetime import timedelta

import polars as pl
import pytest
from playwright.sync_api import Page, TimeoutError, expect

from dashboard.shell.store import operator
from db.engine import Store
from db.log import activity
from db.log.entry import Entry
from db.meetings import promises
from db.people import people
from db.pipeline import opportunities
from db.plans import plans
from db.recording import recording
from metrics.definitions import interpret
from metrics.periods import month
from tests.conftest import FRIDAY
from tests.support.pages import AS
from tests.support.servers import serving
from tests.support.sweep import sampled

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def database(region_template, tmp_path_factory) -> str:
    path = shutil.copy(region_template, tmp_path_factory.mktemp("browser") / "region.db")
    return f"sqlite:///{path}"


@pytest.fixture(scope="module")
def address(database, tmp_path_factory):
    with serving(database, tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture(scope="module")
def viewer(database):
    store = Store(database, mark=interpret)
    yield operator(store)
    store.close()


def test_a_visit_recorded_on_a_phone_is_seen_on_the_open_evening_page(visit, viewer):
    head = visit()
    evening = head.open("evening_meeting", as_="head-2")
    staff = people.managers(viewer, month(FRIDAY), 2)
    number, name, manager = staff.select("staff_no", "manager_name", "manager").row(0)
    line = evening.locator("table.cx tr", has_text=name)
    before = line.inner_text()

    phone = visit(width=390, height=844, has_touch=True)
    page = phone.open(as_=number)
    page.get_by_role("combobox", name="客户").first.fill("手机上的新客户")
    page.keyboard.press("Enter")
    page.get_by_text("有需求", exact=True).first.click()
    page.get_by_role("button", name="记录", exact=True).click()
    expect(page.get_by_text("手机上的新客户").last).to_be_visible()
    phone.settled()
    phone.healthy()
    assert "手机上的新客户" in activity.rows(viewer, FRIDAY, manager)["customer_name"]
    expect(line).not_to_have_text(before)
    head.healthy()


def test_two_taps_store_one_row(visit, viewer):
    manager, number = people.managers(viewer, month(FRIDAY), 2).select("manager", "staff_no").row(1)
    before = activity.rows(viewer, FRIDAY, manager).height
    phone = visit(width=390, height=844)
    page = phone.open(as_=number)
    page.get_by_role("combobox", name="客户").first.fill("点了两次")
    page.keyboard.press("Enter")
    page.get_by_text("有需求", exact=True).first.click()
    page.get_by_role("button", name="记录", exact=True).dblclick()
    expect(page.locator("[class*=st-key-row]").filter(has_text="点了两次")).to_have_count(1)
    phone.settled()
    assert activity.rows(viewer, FRIDAY, manager).height == before + 1
    phone.healthy()


def test_what_is_promised_in_the_morning_is_there_in_the_evening(visit, viewer):
    head = visit()
    page = head.open("morning_meeting", as_="head-1")
    page.get_by_role("button", name="按建议填入").click()
    head.settled()
    page.get_by_role("button", name="保存承诺").click()
    expect(page.get_by_text("已保存").first).to_be_visible()
    head.settled()
    head.healthy()
    said = promises.read(viewer, FRIDAY).filter(pl.col("branch") == 1, pl.col("measure") == "consultations")
    assert said.height > 1
    head.turn_to("会议与对比", "夕会")
    expect(page.locator("h1")).to_contain_text("夕会")
    target = said.filter(pl.col("target") > 0).row(0, named=True)
    (name,) = people.managers(viewer, month(FRIDAY), 1).filter(pl.col("manager") == target["manager"])["manager_name"]
    expect(page.locator("table.cx tr", has_text=name)).to_contain_text(f"/ {target['target']}")
    head.healthy()


def type_into_cell(page: Page, x: float, y: float, text: str) -> None:
    """As a hand does: the first key opens the cell that was picked, and it is picked again where nothing opens."""
    editor = page.locator("#portal :is(input, textarea)").first
    for _attempt in range(4):
        page.mouse.click(x, y)
        page.keyboard.press(text[0])
        with suppress(TimeoutError):
            editor.wait_for(timeout=15_000)
            break
    expect(editor).to_have_value(text[0])
    page.keyboard.type(text[1:], delay=200)


def test_a_promise_typed_into_the_table_is_saved(visit, viewer):
    head = visit()
    page = head.open("morning_meeting", as_="head-2", day="2026-11-18")
    grid = page.locator("[data-testid=stDataFrame] canvas").first
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    type_into_cell(page, box["x"] + box["width"] * 0.2, box["y"] + 36 * 1.5, "77")  # the first one's consultations
    page.wait_for_timeout(300)
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    head.settled()
    page.get_by_role("button", name="保存承诺").click()
    expect(page.get_by_text("已保存").first).to_be_visible()
    assert 77 in promises.read(viewer, FRIDAY - timedelta(2))["target"].to_list()
    head.healthy()


def test_a_plan_typed_into_the_table_is_summed_at_once_and_saved(visit, viewer):
    head = visit()
    page = head.open("plans", as_="head-2", month="2026-12-01")
    grid = page.locator("[data-testid=stDataFrame] canvas").first
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    across = box["x"] + 170 + (box["width"] - 170) * 0.3
    type_into_cell(page, across, box["y"] + 36 * 1.5, "9876")  # the first one's consultations
    page.wait_for_timeout(300)
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    head.settled()
    expect(page.locator(".cx-card", has_text="咨询量").first).to_contain_text("超分解")
    december = month(FRIDAY + timedelta(20))
    assert 9876 not in plans.read(viewer, december)["target"].to_list(), "typed is not stored"
    page.get_by_role("button", name="保存计划").click()
    expect(page.get_by_text("已保存").first).to_be_visible()
    assert 9876 in plans.read(viewer, december)["target"].to_list()
    head.healthy()


@pytest.mark.parametrize(
    "name", sampled(["<img src=x onerror=alert(1)>", "![x](http://127.0.0.1:9/x)", "[x](javascript:alert(1))"], 3)
)
def test_a_hostile_customers_name_is_only_text(visit, viewer, name):
    entry = Entry("consultation", FRIDAY, customer_name=name, note=name)
    recording.record(viewer, 1, entry, f"hostile {name}", FRIDAY)
    visitor = visit()
    page = visitor.open(as_=AS["manager"])
    expect(page.get_by_text(name).first).to_be_visible()
    page.get_by_role("combobox", name="客户").first.click()
    page.wait_for_timeout(500)
    visitor.healthy()
    assert page.locator("img[src=x]").count() == 0


def test_a_tap_in_the_pipeline_moves_one_opportunity_and_nothing_on_the_screen(visit, viewer):
    phone = visit(width=390, height=844)
    page = phone.open("pipeline", as_="100002", lang="en")
    cards = page.locator("[class*='st-key-need-overdue']")
    places = [cards.nth(place).bounding_box() for place in range(cards.count())]
    button = cards.nth(0).locator("[data-testid=stBaseButton-primary]")
    step, identity = (
        button.inner_text(),
        re.search(r"st-key-need-overdue-(\d+)", cards.nth(0).get_attribute("class"))[1],
    )
    before = opportunities.steps(viewer, [int(identity)]).height
    button.dblclick()  # a thumb that trembles
    expect(cards.nth(0).get_by_text(step.replace("→", "√"))).to_be_visible()
    phone.settled()
    now = [cards.nth(place).bounding_box() for place in range(cards.count())]
    moved = [abs(one["y"] - other["y"]) for one, other in zip(now, places, strict=True)]
    assert max(moved) < 40  # pixels; less than a button is high: no other card comes under the thumb
    assert opportunities.steps(viewer, [int(identity)]).height == before + 1
    take_back = page.get_by_text(re.compile("^Take back"))
    for _again in range(3):  # a rerun that ends just then closes the popover
        cards.nth(0).get_by_test_id("stPopoverButton").click()
        with suppress(AssertionError):
            expect(take_back).to_be_visible(timeout=3000)
            break
    take_back.click()
    expect(cards.nth(0).get_by_text(step)).to_be_visible()
    assert opportunities.steps(viewer, [int(identity)]).height == before
    phone.healthy()


def test_a_manager_confirms_their_promise_with_one_tap_and_changes_it_with_three(visit, viewer):
    said = promises.read(viewer, FRIDAY).filter(pl.col("branch") == 2, pl.col("measure") == "consultations")
    manager, target = said.sort("manager").select("manager", "target").row(-1)
    staff = people.managers(viewer, month(FRIDAY), 2).filter(pl.col("manager") == manager)
    phone = visit(width=390, height=844, has_touch=True)
    page = phone.open(as_=staff["staff_no"][0])
    page.get_by_role("button", name="确认", exact=True).tap()
    expect(page.get_by_text("（已确认）")).to_be_visible()
    phone.settled()
    assert manager in promises.confirmed(viewer, FRIDAY)
    page.locator(".st-key-own-day-promise").get_by_test_id("stPopoverButton").tap()
    page.get_by_test_id("stNumberInputStepUp").first.tap()
    page.get_by_role("button", name="保存并确认").tap()
    expect(page.get_by_text(f"咨询量 {target + 1}").first).to_be_visible()
    phone.settled()
    now = promises.read(viewer, FRIDAY).filter(pl.col("manager") == manager, pl.col("measure") == "consultations")
    assert now["target"].item() == target + 1 and manager in promises.confirmed(viewer, FRIDAY)
    page.keyboard.press("Escape")  # the panel stays open for another change
    phone.healthy()
