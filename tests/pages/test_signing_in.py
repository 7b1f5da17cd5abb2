"""Signing in and out in a real browser: one tap, the way back, and nothing without a session."""

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from db.engine import Store
from db.models import Account, SignIn
from metrics.definitions import interpret
from tests.support.browsing import PATIENCE
from tests.support.pages import AS
from tests.support.sweep import sampled

pytestmark = pytest.mark.browser

LANDS_ON = {
    "manager": ("my_day", "我的一天"),
    "branch_head": ("morning_meeting", "早会"),
    "regional": ("branch_comparison", "支行对比"),
    "screen": ("morning_meeting", "早会"),
    "administrator": ("accounts", "账号"),
    "auditor": ("audit_trail", "审计"),
}


def tap(page, login: str) -> None:
    """The one button of the sign-in page that enters as somebody."""
    button = page.locator(f"button[name=person][value='{login}']")
    if not button.is_visible():  # a manager of a branch further down
        page.locator("details", has=button).locator("summary").click()
    button.click()


def on_sign_in_page(page) -> None:
    expect(page).to_have_url(re.compile("/account/sign-in"), timeout=PATIENCE)
    expect(page.locator("form[action='/account/sign-in']").first).to_be_visible()


@pytest.mark.parametrize("role", sampled(list(AS), 3))
def test_one_tap_on_the_sign_in_page_leads_to_the_page_the_role_needs_first(visit, role):
    visitor = visit(width=390, height=844)
    visitor.page.goto(visitor.address)
    on_sign_in_page(visitor.page)
    tap(visitor.page, AS[role])
    page = visitor.settled()
    path, title = LANDS_ON[role]
    expect(page.locator("h1").first).to_contain_text(title)
    expect(page).to_have_url(re.compile(f"/{path}"))
    visitor.healthy()


@pytest.mark.parametrize("role", ["manager", *sampled([role for role in AS if role != "manager"], 5)])
def test_who_signs_out_in_one_tab_is_out_in_the_other_at_its_next_rerun(visit, role):
    visitor = visit()
    page = visitor.open(as_=AS[role])
    other = visitor.context.new_page()
    other.goto(visitor.link(LANDS_ON[role][0], lang="zh"))
    expect(other.locator("h1").first).to_contain_text(LANDS_ON[role][1])
    page.get_by_role("button", name="退出", exact=True).click()
    on_sign_in_page(page)
    if role == "manager":  # nobody is interrupted while they type: out at the next click
        other.get_by_role("button", name="English").click()
    on_sign_in_page(other)  # the others' pages run again by themselves, a second later
    page.goto(visitor.link(LANDS_ON[role][0]))
    on_sign_in_page(page)


@pytest.mark.parametrize(
    ("locale", "language", "width"),
    sampled([("zh-CN", "zh", 390), ("zh-CN", "zh", 1400), ("en-US", "en", 1400), ("en-US", "en", 390)], 2),
)
def test_the_sign_in_page_speaks_the_browsers_language_and_fits_a_phone(visit, locale, language, width):
    visitor = visit(locale=locale, width=width, height=844)
    page = visitor.page
    page.goto(visitor.address)
    on_sign_in_page(page)
    said = {"zh": "这是演示环境", "en": "This is the demo"}
    assert page.locator("html").get_attribute("lang") == {"zh": "zh-CN", "en": "en"}[language]
    expect(page.get_by_text(said[language])).to_be_visible()
    assert visitor.overflow() <= 0
    for closed in page.locator("details:not([open]) summary").all():
        closed.click()
    assert visitor.overflow() <= 0
    page.get_by_role("link", name={"zh": "English", "en": "中文"}[language]).click()
    other = {"zh": "en", "en": "zh"}[language]
    expect(page.get_by_text(said[other])).to_be_visible()
    assert visitor.overflow() <= 0
    tap(page, AS["branch_head"])
    visitor.settled()
    expect(page.locator("h1").first).to_contain_text({"zh": "早会", "en": "Morning meeting"}[other])
    visitor.healthy()


@pytest.mark.parametrize("change", ["zh", "en"])
def test_a_stranger_with_a_link_signs_in_and_is_where_the_link_leads(visit, change):
    visitor = visit()
    link = visitor.link("weekly_meeting", branch="2", measure="applications", day="2026-11-17", lang="zh")
    visitor.page.goto(link)
    on_sign_in_page(visitor.page)
    assert "支行" not in visitor.page.title()
    if change == "en":  # the link is kept over a change of language
        visitor.page.get_by_role("link", name="English").click()
    tap(visitor.page, AS["regional"])
    page = visitor.settled()
    assert page.url == link
    expect(page.locator("h1").first).to_contain_text("周例会")
    visitor.healthy()


@pytest.mark.parametrize(
    "next_", sampled(["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example"], 3)
)
def test_a_link_to_another_server_leads_nowhere_but_to_ones_own_page(visit, next_):
    visitor = visit()
    visitor.page.goto(f"{visitor.address}/account/sign-in?{urlencode({'next': next_})}")
    tap(visitor.page, AS["branch_head"])
    page = visitor.settled()
    expect(page.locator("h1").first).to_contain_text("早会")
    visitor.healthy()


def test_without_a_session_neither_socket_nor_file_nor_program_answers(visit):
    visitor = visit()
    page = visitor.open("branch_comparison", as_=AS["regional"])
    with page.expect_download() as download:
        page.get_by_role("button", name="导出 Excel").click()
    media = download.value.url
    assert "/media/" in media and download.value.path().stat().st_size > 1000
    stranger = visit()
    for path in ("/_stcore/stream", "/_stcore/host-config", "/_stcore/upload_file/x/y", "/component/x", "/", "/my_day"):
        answer = stranger.context.request.get(f"{visitor.address}{path}", max_redirects=0)
        assert answer.status == 401, path
        assert "region" not in answer.text()
    assert stranger.context.request.get(media, max_redirects=0).status == 401
    stranger.page.goto(f"{visitor.address}/account/sign-in")
    assert opened(stranger.page) == "refused"
    stranger.sign_in(AS["screen"])
    assert opened(stranger.page) == "open"


def opened(page) -> str:
    """Whether the server lets this browser open the socket a page lives by."""
    return page.evaluate(
        """() => new Promise(answer => {
            const socket = new WebSocket(`ws://${location.host}/_stcore/stream`, ['streamlit'])
            socket.onopen = () => { socket.close(); answer('open') }
            socket.onclose = socket.onerror = () => answer('refused')
        })"""
    )


def test_the_open_page_of_an_ended_session_comes_back_to_where_it_was(visit, served):
    visitor = visit()
    page = visitor.open("weekly_meeting", as_="head-2", measure="applications", lang="zh")
    url = page.url
    store = Store(served.url, mark=interpret)
    with store.noting("test") as write:
        head = select(Account.id).where(Account.login == "head-2").scalar_subquery()
        write.session.execute(update(SignIn).where(SignIn.account_id == head).values(lasts_until=write.now))
    store.close()
    on_sign_in_page(page)
    assert "weekly_meeting" in page.url  # where they will be led back to
    tap(page, "head-2")
    visitor.settled()
    assert page.url == url
    expect(page.locator("h1").first).to_contain_text("周例会")
    visitor.healthy()
