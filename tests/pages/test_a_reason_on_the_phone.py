"""A reason typed on the phone while the evening meeting runs: on the head's screen, in the minutes and in the report."""

import shutil

import pytest
from docx import Document
from playwright.sync_api import expect

from dashboard.meetings import report
from dashboard.meetings.content.asked import Asked
from dashboard.shell.store import operator
from dashboard.standing.book import open_book
from dashboard.standing.part import Part
from db.engine import Store
from db.meetings import promises
from metrics.definitions import interpret
from tests.conftest import FRIDAY
from tests.support.servers import serving

pytestmark = pytest.mark.browser

PAGE = "our_meeting"
REASON = "两户老板都在外地，改到周一上午"


@pytest.fixture(scope="module")
def database(region_template, tmp_path_factory) -> str:
    return f"sqlite:///{shutil.copy(region_template, tmp_path_factory.mktemp('own') / 'region.db')}"


@pytest.fixture(scope="module")
def address(database, tmp_path_factory):
    with serving(database, tmp_path_factory.mktemp("server")) as address:
        yield address


def test_a_reason_typed_on_the_phone_stands_on_the_heads_screen_in_the_minutes_and_in_the_report(visit, database):
    store = Store(database, mark=interpret)
    promises.set_promises(operator(store), FRIDAY, {1: {"consultations": 99}})
    chair, phone = visit(width=1366, height=768), visit(width=390, height=844)
    page = chair.open("evening_meeting", as_="head-1")
    page.get_by_role("button", name="开始夕会").click()
    chair.settled()
    own = phone.open(PAGE, as_="100001")
    expect(own.locator(".cx-run")).to_contain_text("承诺与完成")
    own.get_by_role("textbox", name="本人说明未兑现原因").click()
    own.keyboard.type(REASON)
    page.get_by_role("radio", name="未兑现：原因").click()
    chair.settled()
    expect(page.get_by_role("cell", name=REASON)).to_be_visible()
    expect(own.locator(".cx-agenda .cx-now")).to_contain_text("未兑现")
    assert own.get_by_role("textbox", name="本人说明未兑现原因").input_value() == REASON
    assert phone.overflow() <= 0
    page.get_by_role("button", name="结束夕会并锁定当日").click()
    chair.settled()
    page.get_by_text("夕会纪要").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Word").click()
    word = Document(download.value.path())
    assert REASON in {cell.text for table in word.tables for line in table.rows for cell in line.cells}
    expect(own.get_by_text("会议已结束，所写内容不再变动")).to_be_visible()
    asked = Asked(open_book(operator(store), FRIDAY, Part(branch=1)), "evening")
    found = {one["staff_no"]: one["reason"] for one in report.as_report(asked)["promises"]}
    assert found["100001"] == REASON and set(found.values()) == {REASON, None}
    store.close()
    for one in (chair, phone):
        one.healthy()
