"""A phone in one hand, 390 × 844: what is tapped is large enough, the entry stands on the first screen, a refusal beside
the button that was tapped, and the menu closes."""

import shutil

import pytest
from playwright.sync_api import Locator, expect

from dashboard.shell.store import operator
from db.engine import Store
from db.meetings import closing
from metrics.definitions import interpret
from tests.conftest import FRIDAY
from tests.support.browsing import Visitor
from tests.support.servers import serving
from tests.support.sweep import sampled

pytestmark = pytest.mark.browser
ME, HEAD = "100001", "head-1"
HEIGHT = 844
TOO_SMALL = """() => {
    const tapped = 'a[href], button, input, textarea, summary, label:has(> input), [role=button], [role=tab], [role=radio],'
        + ' [role=option], [role=menuitem], [role=spinbutton], [role=combobox]';
    const found = [];
    for (const one of document.querySelectorAll(tapped)) {
        if (one.disabled || one.closest('[aria-hidden=true]') || one.matches('label input')) continue;
        if (!one.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
        const { width, height, right, bottom } = one.getBoundingClientRect();
        if (width <= 1 || right <= 0 || bottom + scrollY <= 0) continue;  // for those who read with their ears
        if (width < 44 || height < 44) found.push([one.tagName, one.innerText || one.ariaLabel, width, height].join(' '));
    }
    return found;
}"""


@pytest.fixture(scope="module")
def database(region_template, tmp_path_factory) -> str:
    return f"sqlite:///{shutil.copy(region_template, tmp_path_factory.mktemp('phone') / 'region.db')}"


@pytest.fixture(scope="module")
def address(database, tmp_path_factory):
    with serving(database, tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture
def phone(visit) -> Visitor:
    return visit(width=390, height=HEIGHT, has_touch=True, is_mobile=True)


@pytest.fixture
def everything(database):
    store = Store(database, mark=interpret)
    yield operator(store)
    store.close()


def large_enough(phone: Visitor) -> None:
    assert phone.page.evaluate(TOO_SMALL) == []
    assert phone.overflow() <= 0


def in_view(place: Locator) -> bool:
    """Whole, without scrolling."""
    box = place.bounding_box()
    return box is not None and box["y"] >= 0 and box["y"] + box["height"] <= HEIGHT


@pytest.mark.parametrize(
    ("who", "page"),
    [
        (ME, "my_day"),
        *sampled([(who, page) for who in (ME, HEAD, "region-1") for page in ("pipeline", "activity_log")], 3),
    ],
)
def test_everything_to_be_tapped_is_44_pixels_each_way(phone, who, page):
    phone.open(page, as_=who)
    large_enough(phone)


def test_what_opens_on_my_day_is_large_enough_too(phone):
    page = phone.open("my_day", as_=ME)
    page.locator(".st-key-at-hand button").first.tap()
    phone.settled()
    while (folded := page.locator("details:not([open]) > summary")).count():
        folded.first.tap()
        phone.settled()
    large_enough(phone)
    for opens in (
        page.locator("[class*=st-key-row-]").get_by_test_id("stPopoverButton"),
        page.get_by_test_id("stDateInputCalendarButton"),
    ):
        opens.first.tap()
        phone.settled()
        large_enough(phone)
        page.keyboard.press("Escape")
    page.get_by_role("tab", name="沿街批量登记").tap()
    phone.settled()
    large_enough(phone)


def test_what_else_can_be_done_with_an_opportunity_is_large_enough_too(phone):
    page = phone.open("pipeline", as_=ME)
    page.get_by_role("button", name="更多").first.tap()
    phone.settled()
    large_enough(phone)


def test_the_entry_stands_on_the_first_screen_and_the_cards_unfold(phone):
    page = phone.open("my_day", as_=ME)
    form = (
        page.locator(".st-key-at-hand"),
        page.get_by_role("combobox", name="客户"),
        page.get_by_role("radiogroup", name="活动类型"),
        page.get_by_role("combobox", name="产品"),
        page.get_by_role("button", name="记录", exact=True),
    )
    assert [in_view(one) for one in form] == [True] * len(form)
    fold, cards = page.locator(".cx-fold"), page.locator(".cx-fold + .cx-cards")
    expect(cards).to_be_hidden()
    assert "咨询量" in fold.inner_text() and "成交量" in fold.inner_text()
    fold.tap()
    expect(cards).to_be_visible()


def test_on_a_desk_the_cards_are_not_folded(visit):
    page = visit().open("my_day", as_=ME)
    expect(page.locator(".cx-fold")).to_be_hidden()
    expect(page.locator(".cx-fold + .cx-cards")).to_be_visible()


def test_a_refused_entry_says_so_beside_the_button(phone):
    page = phone.open("my_day", as_=ME)
    page.locator(".st-key-at-hand button").first.tap()
    phone.settled()
    button = page.get_by_role("button", name="记录", exact=True)
    button.tap()
    phone.settled()
    assert in_view(page.get_by_role("alert").filter(has_text="有需求")) and in_view(button)
    page.get_by_role("radio", name="无需求").tap()
    phone.settled()
    page.locator("summary").filter(has_text="方式").tap()
    page.get_by_label("备注").fill("身份证 11010519491231002X")
    button.tap()
    phone.settled()
    assert in_view(page.get_by_role("alert").filter(has_text="身份证")) and in_view(button)


def test_a_refused_step_says_so_on_its_card(phone, everything):
    page = phone.open("pipeline", as_=ME)
    card = page.locator("[class*=st-key-need-overdue]").nth(1)
    closing.close_day(everything, 1, FRIDAY, FRIDAY)
    try:
        card.get_by_role("button", name="→").tap()
        phone.settled()
        assert in_view(page.get_by_role("alert").filter(has_text="已在夕会后锁定"))
    finally:
        closing.reopen_day(everything, 1, FRIDAY)


def test_the_menu_closes_by_its_button_by_a_page_and_by_a_tap_beside_it(phone):
    page = phone.open("my_day", as_=ME)
    menu, opens = page.get_by_test_id("stSidebar"), page.get_by_test_id("stExpandSidebarButton")
    closed, opened = "true", "false"

    def tap_and_expect(place: Locator, state: str, **options) -> None:
        place.tap(**options)
        expect(menu).to_have_attribute("data-collapsed", state)
        page.wait_for_timeout(500)  # it slides

    tap_and_expect(opens, opened)
    large_enough(phone)
    tap_and_expect(page.get_by_test_id("stSidebarCollapseButton").get_by_role("button"), closed)
    tap_and_expect(opens, opened)
    tap_and_expect(page.get_by_test_id("stMain"), closed, position={"x": 370, "y": 500})
    tap_and_expect(opens, opened)
    tap_and_expect(page.get_by_test_id("stSidebarNavLink").filter(has_text="商机进度"), closed)
    phone.settled()
    expect(page.locator("h1")).to_have_text("商机进度")


def test_the_log_is_cards_of_customer_product_amount_and_need(phone):
    page = phone.open("activity_log", as_=ME)
    card = page.locator(".cx-list tbody tr").first
    assert page.evaluate("getComputedStyle(document.querySelector('.cx-list tbody tr')).display") == "grid"
    shown = [one.get_attribute("data-heading") for one in card.locator("td").all()]
    assert {"客户", "产品", "金额", "需求"} <= set(shown)
    assert in_view(card)
    card.locator("[data-heading='客户'] a.cx-name").tap()
    phone.settled()
    assert "/customer?" in page.url
    expect(page.locator("a[href^='tel:']").first).to_be_visible()
