"""Every page in a real browser: on a desk, on a phone, on the meeting room's screen, for whoever looks."""

import fastexcel
import polars as pl
import pytest
from playwright.sync_api import expect

from dashboard.shell.store import operator
from db.engine import Store
from db.people import people
from metrics.definitions import interpret
from metrics.periods import month
from tests.conftest import FRIDAY
from tests.support.pages import AS, MEETINGS, PAGES, SEEN_BY
from tests.support.sweep import SWEEP, sampled

pytestmark = pytest.mark.browser
CASES = [(role, page) for role, pages in SEEN_BY.items() for page in pages]
LANGUAGES = ("zh", "en")
WITHOUT_CARDS = (
    "visiting_day",
    "shelf",
    "our_meeting",
    "wall",
    "monthly_meeting",
    "quarterly_meeting",
    "agenda",
    "pipeline",
    "dormant",
    "customers",
    "customer",
    "activity_log",
    "definitions",
    "data_import",
    "accounts",
    "territories",
    "messages",
    "audit_trail",
    "retention",
)


def looked_at() -> list[tuple[str, str, str]]:
    """Each page as each role in each language in the sweep; else as each role in one of them, and in both at least
    once."""
    if SWEEP:
        return [(role, page, language) for role, page in CASES for language in LANGUAGES]
    cases = []
    for page in PAGES:
        roles = [role for role, pages in SEEN_BY.items() if page in pages]
        roles = roles if len(roles) > 1 else roles * 2
        cases += [(role, page, LANGUAGES[nth % 2]) for nth, role in enumerate(roles)]
    return cases


@pytest.fixture(scope="module")
def viewer(served):
    store = Store(served.url, mark=interpret)
    yield operator(store)
    store.close()


@pytest.mark.parametrize(("role", "page", "language"), sampled(looked_at(), 15))
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


@pytest.mark.parametrize("page", sampled((*MEETINGS, "branch_comparison"), 2))
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


def test_regional_staff_find_the_branch_furthest_behind_its_people_and_the_file(visit, viewer, tmp_path):
    visitor = visit()
    page = visitor.open("branch_comparison", as_=AS["regional"], measure="deals")
    first = page.locator("table.cx").first.locator("tbody tr").first
    place = first.locator("a").first.inner_text().removesuffix(" ›")
    first.locator("a").first.click()
    visitor.settled()
    (branch,) = people.branches(viewer).filter(pl.col("branch_name") == place)["branch"]
    expect(page.locator("h1", has_text=place)).to_be_visible()
    shown = page.locator("table.cx").first.locator("tbody tr td:first-child").all_inner_texts()
    assert set(shown[:-1]) == set(people.managers(viewer, month(FRIDAY), branch)["manager_name"])
    assert f"branch={branch}" in page.url
    with page.expect_download() as download:
        page.get_by_role("button", name="导出 Excel").click()
    assert download.value.suggested_filename == "支行对比 2026-11-01 至 2026-11-30.xlsx"
    download.value.save_as(tmp_path / "region.xlsx")
    book = fastexcel.read_excel(tmp_path / "region.xlsx")
    found = pl.DataFrame(book.load_sheet("支行"))
    assert {"支行", "客户经理", "各项转化率", "两期对比", "绩效面谈", "说明"} <= set(book.sheet_names)
    assert set(found["支行"]) == {place, "合计"}, "what is taken away is what is shown"
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
    visitor.turn_to("会议与对比", "早会")
    expect(page.locator("h1")).to_contain_text("早会")
    assert "measure=applications" in page.url


def test_a_page_that_is_not_ones_own_does_not_open(visit):
    visitor = visit()
    page = visitor.open("branch_comparison", as_=AS["manager"])
    expect(page.get_by_text("您没有此页面的权限").first).to_be_visible()
    assert page.locator("table").count() == 0
