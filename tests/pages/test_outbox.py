"""The outbox on a phone: what is entered without a network is stored once each, in order, or stays there with its
reason."""

import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from dashboard.shell.store import operator
from db.engine import Store
from db.log.entry import Entry
from db.models import Activity, Customer, Manager
from db.recording import recording
from metrics.definitions import interpret
from tests.conftest import FRIDAY
from tests.support.browsing import Visitor
from tests.support.servers import free_port, serving

pytestmark = pytest.mark.browser
MINE, OTHERS = "100001", "100002"
ID_NUMBER = "证件 110101199003078515"
HOSTILE = "<img src=x onerror=alert(1)>店"
NOW = "2026-11-20T16:31:00+08:00"


@pytest.fixture(scope="module")
def database(region_template, tmp_path_factory) -> str:
    return f"sqlite:///{shutil.copy(region_template, tmp_path_factory.mktemp('outbox') / 'region.db')}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="module")
def address(database, folder):
    with serving(database, folder) as address:
        yield address


@pytest.fixture
def store(database):
    store = Store(database, mark=interpret)
    yield store
    store.close()


@contextmanager
def a_phone(browser, address: str, **options):
    visitor = Visitor(browser, address, width=390, height=844, has_touch=True, **options)
    visitor.context.clock.set_fixed_time(NOW)
    visitor.wrong = []
    visitor.page.on("pageerror", lambda error: visitor.wrong.append(str(error)))
    visitor.page.on("console", lambda said: said.type == "error" and visitor.wrong.append(said.text))
    try:
        yield visitor
    finally:
        visitor.context.close()
    assert (visitor.outside, visitor.blocked) == ([], [])
    # what the browser itself says of an answer that is no 200, or does not come, is no error of the page
    assert [one for one in visitor.wrong if not one.startswith("Failed to load resource")] == []


@pytest.fixture
def phone(browser, address):
    with a_phone(browser, address) as visitor:
        visitor.sign_in(MINE)
        yield visitor


def opened(visitor: Visitor) -> Page:
    visitor.page.goto(f"{visitor.address}/outbox")
    expect(visitor.page.locator("#form")).to_be_visible()
    expect(visitor.page.locator("#net")).to_have_attribute("data-state", "online")
    return visitor.page


def fill(page: Page, customer: str, note: str = "", kind: str = "consultation") -> None:
    page.locator(f"input[value={kind}] + span").click()
    page.locator("#customer").fill(customer)
    if kind == "consultation" and customer:
        page.locator("input[name=has_need][value=yes] + span").click()
    page.locator("#note").fill(note)


def record(page: Page, customer: str, note: str = "", kind: str = "consultation") -> None:
    fill(page, customer, note, kind)
    page.locator("#record").click()
    expect(page.locator("#note")).to_have_value("")


def rows(page: Page, state: str):
    return page.locator(f"#entries li[data-state={state}]")


def stored(store: Store, like: str) -> list[tuple]:
    """Customer and note of the entries whose note begins so, in the order they were stored."""
    statement = select(Customer.name, Activity.note).outerjoin(Customer, Customer.id == Activity.customer_id)
    with store.reading() as connection:
        found = connection.execute(statement.where(Activity.note.startswith(like)).order_by(Activity.id))
        return [tuple(row) for row in found]


def sent_by(store: Store, note: str) -> set[str]:
    """The accounts that entries of this note came from."""
    with store.reading() as connection:
        return set(connection.scalars(select(Activity.recorded_by).where(Activity.note == note)))


def test_entries_made_without_a_network_are_stored_in_order_each_once(browser, database, folder, store):
    port = free_port()
    with a_phone(browser, f"http://127.0.0.1:{port}") as phone:
        with serving(database, folder, port):
            phone.sign_in(MINE)
            page = opened(phone)
            page.wait_for_function("() => navigator.serviceWorker.controller")
            phone.context.set_offline(True)
        page.reload()
        expect(page.locator("#net")).to_have_attribute("data-state", "offline")
        for number in range(20):
            record(page, f"离线{number}", f"第{number:02}笔", ("consultation", "application", "deal")[number % 3])
            if number == 9:
                record(page, "", ID_NUMBER, "application")
                page.reload()  # a phone that was switched off
        expect(rows(page, "waiting")).to_have_count(21)
        fill(page, "打了一半")
        assert phone.overflow() <= 0
        with serving(database, folder, port):
            phone.context.set_offline(False)
            expect(rows(page, "sent")).to_have_count(20)
            assert stored(store, "第") == [(f"离线{number}", f"第{number:02}笔") for number in range(20)]
            reason = rows(page, "refused").locator(".why").inner_text()
            assert "客户" in reason or "证件" in reason
            page.reload()
            expect(rows(page, "refused").locator(".why")).to_have_text(reason)
            expect(page.locator("#customer")).to_have_value("打了一半")
            assert stored(store, "证件") == []


def test_a_refused_entry_is_mended_under_its_key_and_the_form_keeps_what_was_in_it(phone, store):
    page = opened(phone)
    record(page, HOSTILE, ID_NUMBER)
    expect(rows(page, "refused")).to_contain_text(HOSTILE)
    fill(page, "另一位", "还没写完")
    rows(page, "refused").get_by_role("button").first.click()
    expect(page.locator("#note")).to_have_value(ID_NUMBER)
    expect(page.locator("#reason")).to_be_visible()
    expect(rows(page, "draft")).to_contain_text("另一位")
    page.locator("#note").fill("改好了")
    page.locator("#record").click()
    expect(rows(page, "sent")).to_contain_text(HOSTILE)
    assert stored(store, "改好了") == [(HOSTILE, "改好了")]
    rows(page, "draft").get_by_role("button").first.click()
    expect(page.locator("#note")).to_have_value("还没写完")
    assert phone.dialogs == []


def test_a_double_tap_and_a_second_tab_store_one_entry(phone, store):
    page = opened(phone)
    fill(page, "双击", "点了两下")
    other = phone.context.new_page()
    other.goto(f"{phone.address}/outbox")
    expect(other.locator("#note")).to_have_value("点了两下")
    page.locator("#record").dblclick()
    other.locator("#record").click()
    expect(rows(page, "sent")).to_have_count(1)
    expect(rows(other, "sent")).to_have_count(1)
    assert stored(store, "点了两下") == [("双击", "点了两下")]


def test_an_answer_that_was_lost_on_the_way_does_not_store_it_twice(browser, address, store):
    with a_phone(browser, address) as visitor:
        visitor.context.add_init_script("delete Navigator.prototype.serviceWorker")  # as over plain http
        visitor.sign_in(MINE)
        page = opened(visitor)
        expect(page.locator("#unready")).to_be_visible()  # it cannot be opened offline, and says so
        lose = {"answers": 1}

        def take(route):
            if lose["answers"]:
                lose["answers"] -= 1
                route.fetch()
                route.abort()
            else:
                route.continue_()

        page.route("**/outbox/entries*", take)
        record(page, "断线", "答复丢了")
        expect(page.locator("#net")).to_have_attribute("data-state", "busy")
        expect(rows(page, "waiting")).to_have_count(1)
        assert len(stored(store, "答复丢了")) == 1
        assert rows(page, "waiting").get_by_role("button").count() == 0  # it may have arrived
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(rows(page, "sent")).to_have_count(1)
        assert stored(store, "答复丢了") == [("断线", "答复丢了")]


def test_why_the_bank_takes_no_entries_is_said_on_the_phone(phone, database, store, tmp_path):
    page, file = opened(phone), Path(database.removeprefix("sqlite:///"))
    elsewhere = file.with_name("elsewhere.db")
    file.rename(elsewhere)
    record(page, "停机", "文件不在时写的")
    expect(page.locator("#net")).to_contain_text("数据库文件被删除或改名")
    expect(page.locator("#net")).to_contain_text("记录先存在本机，稍后自动发送")
    page.screenshot(path=tmp_path / "why.png")
    elsewhere.rename(file)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#net")).to_have_attribute("data-state", "online")
    expect(rows(page, "sent")).to_have_count(1)
    expect(page.locator("#net")).not_to_contain_text("数据库")
    assert stored(store, "文件不在时") == [("停机", "文件不在时写的")]


def test_a_conflict_is_shown_and_goes_only_when_somebody_says_so(phone, store):
    page = opened(phone)
    with store.reading() as connection:
        manager = connection.execute(select(Manager.id).where(Manager.staff_no == MINE)).scalar()
    for number in range(2):
        fill(page, "冲突", f"第二次的{number}")
        key = page.evaluate("draft.key")
        entry = Entry("consultation", FRIDAY, customer_name="冲突", note=f"第一次的{number}")
        recording.record(operator(store), manager, entry, key, FRIDAY)
        page.locator("#record").click()
        expect(rows(page, "conflict")).to_have_count(number + 1)
    page.reload()
    expect(rows(page, "conflict")).to_have_count(2)
    rows(page, "conflict").first.get_by_role("button").first.click()
    expect(rows(page, "sent")).to_have_count(1)
    assert stored(store, "第二次") == [("冲突", "第二次的0")] and len(stored(store, "第一次")) == 2
    rows(page, "conflict").get_by_role("button").last.click()
    page.evaluate("draw()")  # as it is whenever something was sent
    expect(rows(page, "conflict").locator("button.bad")).to_have_count(1)
    rows(page, "conflict").get_by_role("button").last.click()  # no: keep it
    expect(rows(page, "conflict").locator("button.bad")).to_have_count(0)
    expect(rows(page, "conflict")).to_have_count(1)
    rows(page, "conflict").get_by_role("button").last.click()
    rows(page, "conflict").locator("button.bad").click()
    expect(rows(page, "conflict")).to_have_count(0)


def test_what_one_person_left_is_neither_shown_nor_sent_under_another(phone, store):
    page = opened(phone)
    phone.context.set_offline(True)
    record(page, "头一位的客户", "我的记录")
    fill(page, "半句话", "我的草稿")
    expect(page.locator("#customers option")).not_to_have_count(0)
    page.goto("about:blank")
    phone.context.set_offline(False)
    page.goto(f"{phone.address}/account/me")
    page.locator("button[name=leave][value=here]").click()
    page.wait_for_url("**/account/sign-in*")
    page.wait_for_function("() => recall('customers').then((held) => held === undefined)")
    phone.sign_in(OTHERS)
    page = opened(phone)
    expect(page.locator("#others")).to_be_visible()
    for text in ("头一位的客户", "半句话", "我的草稿"):
        assert text not in page.content() and page.locator("#customer").input_value() != text
    record(page, "第二位的客户", "他的记录")
    expect(rows(page, "sent")).to_have_count(1)
    assert sent_by(store, "我的记录") <= {MINE}  # a worker may find a network that the page has not, while they are in
    phone.sign_in(MINE)
    page = opened(phone)
    expect(page.locator("#customer")).to_have_value("半句话")
    expect(page.locator("#others")).to_be_hidden()
    expect(rows(page, "sent")).to_have_count(1)
    assert stored(store, "我的记录") == [("头一位的客户", "我的记录")]


def test_a_session_that_has_ended_keeps_entries_until_one_signs_in_again(phone, store):
    page = opened(phone)
    phone.context.clear_cookies()
    record(page, "会话结束", "等登录")
    expect(page.locator("#notice a")).to_be_visible()
    assert stored(store, "等登录") == [] and "会话结束" not in page.locator("#entries").inner_text()
    phone.sign_in(MINE)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(rows(page, "sent")).to_have_count(1)
    assert stored(store, "等登录") == [("会话结束", "等登录")]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_is_in_ones_language_and_large_enough_for_a_thumb(phone, language):
    opened(phone)
    phone.page.goto(f"{phone.address}/outbox?lang={language}")
    page = phone.page
    expect(page.locator("#form")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == {"zh": "zh-CN", "en": "en"}[language]
    fill(page, "大小")
    for one in page.locator(
        "form :is(input:not([type=radio], [type=checkbox]), select, textarea, button, .tick, .segments span)"
    ).all():
        if one.is_visible():
            assert one.bounding_box()["height"] >= 44, one.evaluate("e => e.outerHTML")
    assert phone.overflow() <= 0
