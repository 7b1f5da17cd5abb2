"""What is half typed on a phone is never lost: not when the session runs out, nor on a reload; and it is one's own
alone."""

import re
import shutil
from contextlib import suppress
from datetime import timedelta

import pytest
from playwright.sync_api import Error, Page, expect
from sqlalchemy import select, update

from db.engine import Store, now
from db.models import Account, Activity, Draft, SignIn
from metrics.definitions import interpret
from tests.support.browsing import Visitor
from tests.support.servers import serving
from tests.support.sweep import sampled

pytestmark = pytest.mark.browser
MINE, OTHERS = "100001", "100002"


@pytest.fixture(scope="module")
def database(region_template, tmp_path_factory) -> str:
    return f"sqlite:///{shutil.copy(region_template, tmp_path_factory.mktemp('half') / 'region.db')}"


@pytest.fixture(scope="module")
def address(database, tmp_path_factory):
    with serving(database, tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture
def store(database):
    """With no draft in it, whatever went before."""
    store = Store(database, mark=interpret)
    with store.writing("test") as write:
        write.session.query(Draft).delete()
    yield store
    store.close()


@pytest.fixture
def phone(windows, address, store):
    visitor = Visitor(windows, address, width=390, height=844, has_touch=True)
    yield visitor
    visitor.leave()


def end_sessions(store: Store, login: str, **how) -> None:
    account = select(Account.id).where(Account.login == login).scalar_subquery()
    with store.writing("test") as write:
        write.session.execute(update(SignIn).where(SignIn.account_id == account).values(**how))


def run_out(store: Store, login: str) -> None:
    end_sessions(store, login, lasts_until=now() - timedelta(seconds=1))


def noted(store: Store, note: str) -> list[tuple]:
    columns = (Activity.kind, Activity.amount_cents, Activity.manager_id)
    with store.reading() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).where(Activity.note == note))]


def drafts(store: Store) -> list[str]:
    whose = select(Account.login).join(Draft, Draft.account_id == Account.id)
    with store.reading() as connection:
        return list(connection.scalars(whose))


def half_type(visitor: Visitor, name: str, note: str) -> Page:
    """An application for a new customer, and a note that the cursor still stands in."""
    page = visitor.page
    page.get_by_role("radio", name="申请", exact=True).click()
    visitor.settled()
    page.get_by_role("combobox", name="客户").first.fill(name)
    page.keyboard.press("Enter")
    visitor.settled()
    page.get_by_label("手机号").first.press_sequentially("13900001234", delay=30)
    amount = page.get_by_label("金额（万元）").first
    amount.click()
    amount.press_sequentially("25", delay=30)
    page.keyboard.press("Tab")
    visitor.settled()
    page.get_by_role("combobox", name="产品").first.fill("信用贷款")
    page.keyboard.press("Enter")
    visitor.settled()
    expander = page.get_by_test_id("stExpander").filter(has_text="备注")
    if not page.get_by_label("备注", exact=True).first.is_visible():
        expander.locator("summary").click()
    field = page.get_by_label("备注", exact=True).first
    field.click()
    field.press_sequentially(note, delay=30)
    return page


def stands_there(visitor: Visitor, name: str, note: str) -> None:
    page = visitor.page
    assert "/my_day" in page.url
    expect(page.get_by_role("radio", name="申请", exact=True)).to_be_checked()
    assert page.get_by_role("combobox", name="客户").first.input_value() == name
    assert page.get_by_label("手机号").first.input_value() == "13900001234"
    assert float(page.get_by_label("金额（万元）").first.input_value()) == 25
    note_field = page.get_by_label("备注", exact=True).first
    if not note_field.is_visible():
        page.get_by_test_id("stExpander").filter(has_text="备注").locator("summary").click()
    expect(note_field).to_have_value(note)


def tap(page: Page, button: str) -> None:
    """Taps a button that may go away meanwhile, because what was typed last has told the page that the session is
    over."""
    with suppress(Error):
        page.get_by_role("button", name=button, exact=True).click(timeout=3000)


def sign_in_again(visitor: Visitor, login: str) -> None:
    """One tap on the sign-in page, which has come by itself."""
    page = visitor.page
    page.wait_for_url("**/account/sign-in?**")
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    page.locator(f'button[value="{login}"]').click()
    page.wait_for_url(re.compile(r"/my_day(\?|$)"))
    visitor.settled()


def record(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="记录", exact=True).click()
    expect(visitor.page.get_by_test_id("stToast")).to_be_visible()
    visitor.settled()


@pytest.mark.parametrize("clicked", sampled(["记录", "English", "备注"], 3))
def test_a_session_that_runs_out_interrupts_and_loses_nothing(phone, store, clicked):
    name, note = f"跑到一半{clicked}", f"想要二十五万，下周{clicked}"
    phone.open("my_day", as_=MINE)
    page = half_type(phone, name, note)
    run_out(store, MINE)
    if clicked == "备注":  # they go on typing
        page.keyboard.type("再谈")
        note += "再谈"
        page.keyboard.press("Tab")
    else:
        tap(page, clicked)
    sign_in_again(phone, MINE)
    if clicked == "English":
        phone.open("my_day", lang="zh")
    stands_there(phone, name, note)
    assert noted(store, note) == []
    record(phone)
    assert noted(store, note) == [("application", 25_000_000, 1)]
    phone.healthy()


def test_a_reload_loses_nothing(phone, store):
    phone.open("my_day", as_=MINE)
    page = half_type(phone, "重新打开", "刷新之前写的")
    page.wait_for_timeout(1500)
    page.reload()
    phone.settled()
    stands_there(phone, "重新打开", "刷新之前写的")
    record(phone)
    assert noted(store, "刷新之前写的") == [("application", 25_000_000, 1)]


def test_who_was_signed_out_elsewhere_finds_what_he_had_typed(phone, store):
    phone.open("my_day", as_=MINE)
    page = half_type(phone, "别处退出", "退出之前写的")
    page.wait_for_timeout(1500)
    end_sessions(store, MINE, ended_at=now())
    tap(page, "记录")
    sign_in_again(phone, MINE)
    stands_there(phone, "别处退出", "退出之前写的")
    assert noted(store, "退出之前写的") == []


def test_what_one_has_typed_nobody_else_sees_even_in_the_same_browser(phone, store):
    phone.open("my_day", as_=MINE)
    page = half_type(phone, "只给我看", "别人看不到")
    run_out(store, MINE)
    tap(page, "记录")
    sign_in_again(phone, OTHERS)
    shown = page.locator("body").inner_text() + "".join(
        page.locator("input").evaluate_all("all => all.map(o => o.value)")
    )
    assert "只给我看" not in shown and "别人看不到" not in shown and "13900001234" not in shown
    page.get_by_role("combobox", name="客户").first.click()
    page.wait_for_timeout(500)
    assert page.get_by_text("只给我看").count() == 0
    page.keyboard.press("Escape")
    assert drafts(store) == [MINE]
    page.get_by_role("button", name="退出", exact=True).click()
    sign_in_again(phone, MINE)
    stands_there(phone, "只给我看", "别人看不到")


def test_a_form_that_was_sent_leaves_no_draft(phone, store):
    phone.open("my_day", as_=MINE)
    page = half_type(phone, "已经发送", "发送的备注")
    page.wait_for_timeout(1500)
    assert drafts(store) == [MINE]
    record(phone)
    assert drafts(store) == [] and noted(store, "发送的备注") == [("application", 25_000_000, 1)]
    page.reload()
    phone.settled()
    assert page.get_by_role("combobox", name="客户").first.input_value() == ""
    assert drafts(store) == []


def test_who_signs_in_again_is_back_on_the_page_and_the_filters_he_was_on(phone, store):
    """Not on the first page of their role."""
    page = phone.open("weekly_meeting", as_="head-1", day="2026-11-17", measure="deals")
    run_out(store, "head-1")
    page.wait_for_url("**/account/sign-in?**")
    page.locator('button[value="head-1"]').click()
    page.wait_for_url(lambda url: "/account/" not in url)
    phone.settled()
    assert "/weekly_meeting?" in page.url and "day=2026-11-17" in page.url and "measure=deals" in page.url
    expect(page.locator("h1")).to_contain_text("周例会")
