"""What people do, in a real browser on the real server."""

import re
import shutil
from datetime import timedelta
from urllib.parse import urlencode

import fastexcel
import polars as pl
import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from dashboard.stores import operator
from db import activity, meetings, opportunities, people, plans
from db.engine import Store
from db.entry import Entry
from db.models import Account, SignIn
from metrics.definitions import interpret
from metrics.periods import month
from tests.conftest import FRIDAY
from tests.pages.browsing import PATIENCE, Visitor, serving
from tests.pages.looking import AS, MEETINGS, SEEN_BY

pytestmark = pytest.mark.browser
CASES = [(role, page) for role, pages in SEEN_BY.items() for page in pages]
WITHOUT_CARDS = ("pipeline", "customers", "activity_log", "definitions", "data_import", "accounts", "audit_trail")


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


@pytest.fixture
def visit(browser, address):
    visitors = []

    def enter(**options) -> Visitor:
        visitors.append(Visitor(browser, address, **options))
        return visitors[-1]

    yield enter
    for one in visitors:
        one.context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("role", "page"), CASES)
def test_every_page_shows_numbers_on_a_desk_and_on_a_phone(visit, role, page, language):
    visitor = visit()
    visitor.open(page, as_=AS[role], lang=language)
    shown = visitor.healthy()
    if page not in WITHOUT_CARDS:
        assert any(character.isdigit() for character in shown.locator(".cx-card .v").first.inner_text())
    assert shown.locator("html").get_attribute("lang") == {"zh": "zh-CN", "en": "en"}[language]
    assert visitor.overflow() <= 0
    shown.set_viewport_size({"width": 390, "height": 844})
    visitor.settled()
    assert visitor.overflow() <= 0
    visitor.healthy()


@pytest.mark.parametrize("page", (*MEETINGS, "branch_comparison"))
def test_on_the_meeting_rooms_screen_there_is_nothing_to_click_and_all_is_larger(visit, page):
    visitor = visit(width=1920, height=1080)
    visitor.open(page, as_=AS["regional"], tv="1")
    shown = visitor.healthy()
    assert visitor.overflow() <= 0
    assert not shown.locator(".st-key-filters").is_visible()
    cell = shown.locator("table.cx td").first
    assert float(cell.evaluate("e => getComputedStyle(e).fontSize").strip("px")) > 20


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_are_both_readable(visit, scheme):
    visitor = visit(color_scheme=scheme)
    visitor.open("branch_comparison", as_=AS["regional"])
    shown = visitor.healthy()
    colours = "e => [getComputedStyle(e).color, getComputedStyle(document.querySelector('.stApp')).backgroundColor]"
    text, ground = shown.locator("table.cx td").first.evaluate(colours)
    brightness = [sum(int(one) for one in colour[4:-1].split(",")[:3]) for colour in (text, ground)]
    assert abs(brightness[0] - brightness[1]) > 400
    assert (brightness[1] < 200) == (scheme == "dark")


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
    page.get_by_role("button", name="记录", exact=True).click()
    expect(page.get_by_text("手机上的新客户").last).to_be_visible()
    phone.settled()
    phone.healthy()
    assert "手机上的新客户" in activity.rows(viewer, FRIDAY, manager)["customer_name"]
    expect(line).not_to_have_text(before, timeout=15_000)
    head.healthy()


def test_two_taps_store_one_row(visit, viewer):
    manager, number = people.managers(viewer, month(FRIDAY), 2).select("manager", "staff_no").row(1)
    before = activity.rows(viewer, FRIDAY, manager).height
    phone = visit(width=390, height=844)
    page = phone.open(as_=number)
    page.get_by_role("combobox", name="客户").first.fill("点了两次")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="记录", exact=True).dblclick()
    expect(page.locator("[class*=st-key-row]").filter(has_text="点了两次")).to_have_count(1)
    phone.settled()
    assert activity.rows(viewer, FRIDAY, manager).height == before + 1
    phone.healthy()


def test_what_is_promised_in_the_morning_is_there_in_the_evening(visit, viewer):
    head = visit()
    page = head.open("morning_meeting", as_="head-1")
    page.get_by_role("button", name="按日均需完成填入").click()
    expect(page.get_by_text("已保存").first).to_be_visible()
    head.settled()
    head.healthy()
    said = meetings.promises(viewer, FRIDAY).filter(pl.col("branch") == 1, pl.col("measure") == "consultations")
    assert said.height > 1
    page.get_by_role("link", name="夕会").first.click()
    head.settled()
    expect(page.locator("h1")).to_contain_text("夕会")
    target = said.filter(pl.col("target") > 0).row(0, named=True)
    (name,) = people.managers(viewer, month(FRIDAY), 1).filter(pl.col("manager") == target["manager"])["manager_name"]
    expect(page.locator("table.cx tr", has_text=name)).to_contain_text(f"/ {target['target']}")
    head.healthy()


def test_a_promise_typed_into_the_table_is_saved(visit, viewer):
    head = visit()
    page = head.open("morning_meeting", as_="head-2", day="2026-11-18")
    grid = page.locator("[data-testid=stDataFrame] canvas").first
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.2, box["y"] + 36 * 1.5)  # the first manager's consultations
    page.keyboard.type("77", delay=200)  # as fast as a hand: the first key opens the cell
    page.wait_for_timeout(300)
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    head.settled()
    page.get_by_role("button", name="保存承诺").click()
    expect(page.get_by_text("已保存").first).to_be_visible()
    assert 77 in meetings.promises(viewer, FRIDAY - timedelta(2))["target"].to_list()
    head.healthy()


def test_a_plan_typed_into_the_table_is_summed_at_once_and_saved(visit, viewer):
    head = visit()
    page = head.open("plans", as_="head-2", month="2026-12-01")
    grid = page.locator("[data-testid=stDataFrame] canvas").first
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    page.mouse.click(box["x"] + 170 + (box["width"] - 170) * 0.3, box["y"] + 36 * 1.5)  # the first one's consultations
    page.keyboard.type("9876", delay=200)
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


def test_regional_staff_find_the_branch_furthest_behind_its_people_and_the_file(visit, viewer, tmp_path):
    visitor = visit()
    page = visitor.open("branch_comparison", as_=AS["regional"], measure="deals")
    first = page.locator("table.cx").first.locator("tbody tr").first
    place = first.locator("a").inner_text().removesuffix(" ›")
    first.locator("a").click()
    visitor.settled()
    (branch,) = people.branches(viewer).filter(pl.col("branch_name") == place)["branch"]
    expect(page.locator("h3", has_text=place)).to_be_visible()
    shown = page.locator("table.cx").nth(1).locator("tbody tr td:first-child").all_inner_texts()
    assert set(shown[:-1]) == set(people.managers(viewer, month(FRIDAY), branch)["manager_name"])
    assert f"branch={branch}" in page.url
    with page.expect_download() as download:
        page.get_by_role("button", name="导出 Excel").click()
    download.value.save_as(tmp_path / "region.xlsx")
    book = fastexcel.read_excel(tmp_path / "region.xlsx")
    found = pl.DataFrame(book.load_sheet("支行"))
    assert set(book.sheet_names) == {"支行", "客户经理", "说明"}
    assert set(found["支行"]) == {*people.branches(viewer)["branch_name"], "合计"}
    visitor.healthy()


def test_a_link_shows_another_person_the_same_in_his_language(visit):
    mine, others = visit(), visit(locale="en-US")
    page = mine.open("weekly_meeting", as_=AS["regional"], branch="2", measure="applications", day="2026-11-17")
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_contain_text("Weekly")
    mine.settled()
    for part in ("branch=2", "measure=applications", "day=2026-11-17", "lang=en"):
        assert part in page.url
    others.sign_in(AS["regional"])
    others.page.goto(page.url)
    copy = others.settled()
    assert copy.locator("h1").inner_text() == page.locator("h1").inner_text()
    assert copy.locator("table.cx").first.inner_text() == page.locator("table.cx").first.inner_text()
    mine.healthy(), others.healthy()


def test_a_filter_chosen_on_one_page_holds_on_the_next(visit):
    visitor = visit()
    page = visitor.open("weekly_meeting", as_=AS["regional"], lang="zh")
    page.locator(".st-key-filters").get_by_text("申请量").click()
    visitor.settled()
    assert "measure=applications" in page.url
    page.get_by_role("link", name="早会").first.click()
    visitor.settled()
    expect(page.locator("h1")).to_contain_text("早会")
    assert "measure=applications" in page.url


@pytest.mark.parametrize(
    "name", ["<img src=x onerror=alert(1)>", "![x](http://127.0.0.1:9/x)", "[x](javascript:alert(1))"]
)
def test_a_hostile_customers_name_is_only_text(visit, viewer, name):
    entry = Entry("consultation", FRIDAY, customer_name=name, note=name)
    activity.record(viewer, 1, entry, f"hostile {name}", FRIDAY)
    visitor = visit()
    page = visitor.open(as_=AS["manager"])
    expect(page.get_by_text(name).first).to_be_visible()
    page.get_by_role("combobox", name="客户").first.click()
    page.wait_for_timeout(500)
    visitor.healthy()
    assert page.locator("img[src=x]").count() == 0


def test_a_page_that_is_not_ones_own_does_not_open(visit):
    visitor = visit()
    page = visitor.open("branch_comparison", as_=AS["manager"])
    expect(page.locator("h1").first).to_contain_text("我的一天")
    assert page.get_by_role("link", name="支行对比").count() == 0


# -- signing in and out ----------------------------------------------------------------------------------------------

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


@pytest.mark.parametrize("role", AS)
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


@pytest.mark.parametrize("role", AS)
def test_who_signs_out_in_one_tab_is_out_in_the_other_at_its_next_rerun(visit, role):
    visitor = visit()
    page = visitor.open(as_=AS[role])
    other = visitor.context.new_page()
    other.goto(visitor.link(LANDS_ON[role][0], lang="zh"))
    expect(other.locator("h1").first).to_contain_text(LANDS_ON[role][1])
    page.get_by_role("button", name="退出", exact=True).click()
    on_sign_in_page(page)
    if role == "manager":  # nobody is interrupted while he types: out at the next click
        other.get_by_role("button", name="English").click()
    on_sign_in_page(other)  # the others' pages run again by themselves, a second later
    page.goto(visitor.link(LANDS_ON[role][0]))
    on_sign_in_page(page)


@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize(("locale", "language"), [("zh-CN", "zh"), ("en-US", "en")])
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


@pytest.mark.parametrize("next_", ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example"])
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


def test_the_open_page_of_an_ended_session_comes_back_to_where_it_was(visit, database):
    visitor = visit()
    page = visitor.open("weekly_meeting", as_="head-2", measure="applications", lang="zh")
    url = page.url
    store = Store(database, mark=interpret)
    with store.noting("test") as write:
        head = select(Account.id).where(Account.login == "head-2").scalar_subquery()
        write.session.execute(update(SignIn).where(SignIn.account_id == head).values(lasts_until=write.now))
    store.close()
    on_sign_in_page(page)
    assert "weekly_meeting" in page.url  # where he will be led back to
    tap(page, "head-2")
    visitor.settled()
    assert page.url == url
    expect(page.locator("h1").first).to_contain_text("周例会")
    visitor.healthy()


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
    expect(cards.nth(0).get_by_text(step.replace("→", "✓"))).to_be_visible()
    phone.settled()
    now = [cards.nth(place).bounding_box() for place in range(cards.count())]
    moved = [abs(one["y"] - other["y"]) for one, other in zip(now, places, strict=True)]
    assert max(moved) < 40  # pixels; less than a button is high: no other card comes under the thumb
    assert opportunities.steps(viewer, [int(identity)]).height == before + 1
    cards.nth(0).get_by_test_id("stPopoverButton").click()
    page.get_by_text(re.compile("^Take back")).click()
    expect(cards.nth(0).get_by_text(step)).to_be_visible()
    assert opportunities.steps(viewer, [int(identity)]).height == before
    phone.healthy()
