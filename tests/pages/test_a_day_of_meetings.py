"""A new branch head's day in the browser: the morning meeting from sign-in to minutes, two managers confirming on their
phones, the wall beside it; the evening's promises; the next morning's commitments."""

import shutil
import time
from datetime import timedelta

import polars as pl
import pytest
from playwright.sync_api import Locator, expect

from db.engine import Store
from db.meetings import held, promises
from db.people import people
from metrics.definitions import interpret
from metrics.periods import day
from tests.conftest import FRIDAY
from tests.support.browsing import Visitor
from tests.support.builders import head
from tests.support.servers import free_port, serving

pytestmark = pytest.mark.browser
MOST_CLICKS = 25
NOTE = "监管新规：小微贷款利率"


class Hand:
    """Clicks, and counts them."""

    def __init__(self, visitor: Visitor):
        self.visitor, self.clicks = visitor, 0

    def click(self, place: Locator) -> None:
        place.click()
        self.clicks += 1
        self.visitor.settled()


@pytest.fixture(scope="module")
def database(region_template, tmp_path_factory) -> str:
    return f"sqlite:///{shutil.copy(region_template, tmp_path_factory.mktemp('meetings') / 'region.db')}"


@pytest.fixture(scope="module")
def address(database, tmp_path_factory):
    with serving(database, tmp_path_factory.mktemp("server")) as address:
        yield address


def meeting(database: str, kind: str) -> held.Held | None:
    store = Store(database, mark=interpret)
    try:
        return held.read(head(store, 1), 1, kind, FRIDAY)
    finally:
        store.close()


def promising(database: str) -> list[str]:
    """Staff numbers of two of the branch for whom something is promised today."""
    store = Store(database, mark=interpret)
    try:
        said = promises.read(head(store, 1), FRIDAY)["manager"].unique().sort()
        team = people.managers(head(store, 1), day(FRIDAY), 1)
        return team.filter(pl.col("manager").is_in(said.implode()))["staff_no"].to_list()[:2]
    finally:
        store.close()


def test_a_morning_meeting_an_evening_and_the_next_morning(visit, database):
    chair, wall = visit(width=1366, height=768), visit(width=1920, height=1080)
    phones = [visit(width=390, height=844) for _manager in range(2)]
    hand = Hand(chair)
    page = chair.open(as_="head-1")
    shown = wall.open(as_="screen-1", tv="1")
    hand.click(page.get_by_role("button", name="开始早会"))
    expect(shown.locator(".cx-run")).to_contain_text("时事与监管")
    hand.click(page.get_by_role("button", name="全员出席"))
    page.locator("textarea").click()
    hand.clicks += 1
    page.keyboard.type(NOTE)
    page.keyboard.press("Control+Enter")  # half typed: it is kept, and the meeting goes on
    began = time.monotonic()
    expect(shown.locator(".cx-agenda .cx-now")).to_have_text("本行最新政策")
    print(f"the wall followed after {time.monotonic() - began:.2f} s")
    chair.settled()
    page.reload()  # another device, or the same one again: the meeting goes on where it was
    chair.settled()
    expect(page.locator(".cx-run")).to_contain_text("本行最新政策")
    for _item in range(4):
        hand.click(page.get_by_role("button", name="下一项"))
    expect(page.locator(".cx-run")).to_contain_text("今日重点")
    page.get_by_role("textbox", name="事项").fill("带教走访三户")
    hand.clicks += 1
    hand.click(page.get_by_role("button", name="确定"))
    hand.click(page.get_by_role("button", name="下一项"))
    hand.click(page.get_by_role("button", name="按建议填入"))
    hand.click(page.get_by_role("button", name="保存承诺"))
    for login, phone in zip(promising(database), phones, strict=True):
        own = phone.open("my_day", as_=login)
        confirm = own.get_by_role("button", name="确认", exact=True)
        confirm.click()
        expect(own.get_by_text("（已确认）")).to_be_visible()
    expect(page.get_by_role("cell", name="√")).to_have_count(2)
    hand.click(page.get_by_role("button", name="结束会议"))
    hand.click(page.get_by_text("早会纪要").first)
    with page.expect_download() as download:
        page.get_by_role("button", name="Word").click()
    hand.clicks += 1
    assert download.value.suggested_filename.endswith(".docx")
    assert hand.clicks <= MOST_CLICKS
    found = meeting(database, "morning")
    assert not found.running and all(one.reached for one in found.items)
    evening = chair.open("evening_meeting")
    hand.click(evening.get_by_role("button", name="开始夕会"))
    expect(evening.locator("table.cx").first).to_contain_text("/")
    hand.click(evening.get_by_role("button", name="结束夕会并锁定当日"))
    expect(evening.get_by_text("夕会纪要").first).to_be_visible()
    following = chair.open("morning_meeting", day=str(FRIDAY + timedelta(3)))
    assert "开始早会" not in following.content(), "a day to come is prepared, not begun"
    for one in (chair, wall, *phones):
        one.healthy()


def test_a_note_outlives_a_reload_before_it_was_sent(visit, database):
    chair = visit(width=1366, height=768)
    page = chair.open("weekly_meeting", as_="head-1")
    page.get_by_role("button", name="开始周例会").click()
    chair.settled()
    page.locator("textarea").click()
    page.keyboard.type("还没有保存")
    page.reload()
    chair.settled()
    expect(page.locator("textarea")).to_have_value("还没有保存")
    page.wait_for_timeout(1_500)
    other = visit(width=1366, height=768)
    shown = other.open("weekly_meeting", as_="head-1")
    expect(shown.locator("textarea")).to_have_value("还没有保存")


@pytest.mark.sweep
def test_a_server_that_is_killed_in_mid_meeting_loses_no_note(browser, region_template, tmp_path):
    url, port = f"sqlite:///{shutil.copy(region_template, tmp_path / 'region.db')}", free_port()
    with serving(url, tmp_path, port) as address:
        chair = Visitor(browser, address, 1366, 768)
        page = chair.open("weekly_meeting", as_="head-1")
        page.get_by_role("button", name="开始周例会").click()
        chair.settled()
        page.locator("textarea").click()
        page.keyboard.type("先写的")
        page.wait_for_timeout(1_500)
    page.keyboard.type("，停机后写的")  # nobody hears it
    page.wait_for_timeout(1_000)
    with serving(url, tmp_path, port):
        page.reload()
        chair.settled()
        expect(page.locator("textarea")).to_have_value("先写的，停机后写的")
        page.wait_for_timeout(1_500)
        other = Visitor(browser, address, 1366, 768)
        expect(other.open("weekly_meeting", as_="head-1").locator("textarea")).to_have_value("先写的，停机后写的")
        for one in (chair, other):
            one.context.close()
