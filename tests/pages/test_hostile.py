"""Whatever stands in a name is only text: in Chromium, on every page, for everyone who sees it."""

import re
import shutil

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from dashboard.shell.store import operator
from db import identity
from db.engine import Store
from db.log.entry import Entry
from db.models import Account, Activity, Branch, Customer, Manager, Region, Territory
from db.recording import recording
from db.simulate.simulate import simulate
from metrics.definitions import interpret
from tests.conftest import FRIDAY
from tests.support.browsing import Visitor
from tests.support.hostile_names import HOSTILE, PEOPLE, PLACES
from tests.support.pages import AS, SEEN_BY
from tests.support.servers import serving
from tests.support.sweep import SWEEP, sampled

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CASES = [(role, page) for role, pages in SEEN_BY.items() for page in pages]
if not SWEEP:  # each page once, as one of those who see it
    CASES = list({page: (role, page) for role, page in CASES}.values())
# Elements that would do something of the names' own: what they are, and what they would do.
ALIVE = """() => {
    const bad = [];
    const goes = ['src', 'href', 'xlink:href', 'srcset', 'srcdoc', 'action', 'formaction', 'data', 'poster', 'ping', 'style'];
    const away = /127\\.0\\.0\\.1:9\\/|javascript:|data:text|^x$/;
    for (const one of document.querySelectorAll('*')) {
        for (const {name, value} of one.attributes)
            if (name.startsWith('on') || (goes.includes(name) && away.test(value))) bad.push(one.parentElement.outerHTML.slice(0, 300));
        if (one.closest('.js-plotly-plot') && one.tagName.toLowerCase() === 'a') bad.push(one.outerHTML.slice(0, 200));
    }
    if (document.querySelector('.katex')) bad.push('a formula');
    if (window.hx) bad.push('a script ran');
    return bad;
}"""


def spelt(text: str) -> str:
    """As a page shows it: white space and what shows nothing aside."""
    return re.sub(r"[\s\x00-\x1f\x7f\u200b\u2060\ufeff]+", "", text)


@pytest.fixture(scope="module")
def address(sqlite_template, tmp_path_factory):
    """A region of twelve branches and twenty-four managers in which every name is hostile."""
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("hostile") / "region.db")
    store = Store(f"sqlite:///{path}", mark=interpret)
    simulate(store, today=FRIDAY, now_hour=16.5, branches=len(PLACES), managers=len(PEOPLE), months=3)
    with store.writing("test") as write:
        run = write.session.execute
        run(update(Region).values(name=PLACES[0]))
        for place, name in enumerate(PLACES, 1):
            run(update(Branch).where(Branch.id == place).values(name=name))
            run(update(Account).where(Account.branch_id == place).values(name=name))
            run(update(Territory).where(Territory.branch_id == place, Territory.name.like("%1%")).values(name=name))
        for person, name in enumerate(PEOPLE, 1):
            run(update(Manager).where(Manager.id == person).values(name=name))
            run(update(Account).where(Account.manager_id == person).values(name=name))
    everyone = operator(store)
    for place in range(len(HOSTILE)):
        entry = Entry("consultation", FRIDAY, customer_name=f"客户{place}", note="备注")
        recording.record(everyone, 1, entry, f"hostile {place}", FRIDAY)
    with store.writing("test") as write:  # past the rules, which refuse some of these by now
        run = write.session.execute
        for place, name in enumerate(HOSTILE):
            noted = f"{place} {name}"
            run(update(Activity).where(Activity.reference == f"hostile {place}").values(note=noted))
            run(update(Customer).where(Customer.name == f"客户{place}").values(name=name, name_key=identity.key(name)))
    store.close()
    with serving(f"sqlite:///{path}", tmp_path_factory.mktemp("server")) as address:
        yield address


def only_text(visitor: Visitor) -> None:
    assert visitor.page.evaluate(ALIVE) == []
    visitor.healthy()


def open_everything(visitor: Visitor) -> None:
    """Opens the tabs and select boxes there are, and goes over the charts with the mouse."""
    page = visitor.page
    for tab in page.get_by_role("tab").all() or [None]:
        if tab is not None:
            tab.click()
            visitor.settled()
        for box in page.locator("[data-testid=stSelectbox] input:visible").all()[:8]:
            box.click()
            page.wait_for_timeout(200)
            only_text(visitor)
            page.keyboard.press("Escape")
    for chart in page.locator(".js-plotly-plot").all():
        chart.scroll_into_view_if_needed()
        box = chart.bounding_box()
        for place in range(1, 12):
            page.mouse.move(box["x"] + box["width"] * place / 12, box["y"] + box["height"] * place / 12)
            page.wait_for_timeout(40)
        only_text(visitor)


def test_there_are_enough_of_them():
    assert len(set(HOSTILE)) == len(HOSTILE) >= 100 and len(set(PEOPLE)) == len(PEOPLE) == 24


@pytest.mark.parametrize(("role", "page"), sampled(CASES, 11))
def test_on_every_page_names_are_only_text(visit, role, page):
    visitor = visit()
    visitor.page.set_default_timeout(60_000)
    part = {} if page == "branch_comparison" else {"branch": "1"}
    visitor.open(page, as_=AS[role], **({"tv": "1"} if role == "screen" else part))
    only_text(visitor)
    said = spelt(visitor.page.locator("body").text_content())
    if role in ("regional", "auditor") and page == "branch_comparison":
        assert [one for one in PLACES if spelt(one) not in said] == []
    if page.endswith("meeting"):
        assert spelt(PLACES[0]) in said and sum(spelt(one) in said for one in PEOPLE) >= 2
    open_everything(visitor)


def test_every_hostile_name_and_note_stands_on_its_managers_day_as_it_was_written(visit):
    visitor = visit()
    visitor.page.set_default_timeout(60_000)
    shown = visitor.open("my_day", as_=AS["manager"])
    rows = [spelt(one) for one in shown.locator("[class*=st-key-row]").all_text_contents()]
    lost = [name for name in HOSTILE if not any(f"{spelt(name)}·" in row for row in rows)]
    assert lost == [] and len(rows) >= len(HOSTILE)
    shown.get_by_test_id("stPopover").get_by_role("button").first.click()
    shown.wait_for_timeout(500)
    assert shown.evaluate(ALIVE) == []
    shown.keyboard.press("Escape")
    only_text(visitor)


@pytest.mark.parametrize("name", sampled([HOSTILE[11], "![t](http://127.0.0.1:9/toast.png) :red[t] $t^2$ <b>t</b>"], 2))
def test_a_name_typed_now_is_only_text_in_what_the_page_answers(visit, name):
    visitor = visit()
    visitor.page.set_default_timeout(60_000)
    page = visitor.open("my_day", as_="100002")
    page.get_by_role("combobox", name="客户").first.fill(name)
    page.keyboard.press("Enter")
    page.get_by_text("有需求", exact=True).first.click()
    visitor.settled()  # a new name brings more fields, which push the button down
    page.get_by_role("button", name="记录", exact=True).click()
    expect(page.get_by_test_id("stToast")).to_be_visible()
    assert spelt(name) in spelt(page.get_by_test_id("stToast").text_content())
    only_text(visitor)


@pytest.mark.parametrize("role", sampled(["manager", "branch_head"], 2))
def test_a_search_for_a_hostile_name_finds_it_as_text(visit, role):
    visitor = visit()
    page = visitor.open("customers", as_=AS[role])
    for name in (HOSTILE[0], HOSTILE[57], "$x^2$", "{{7*7}}", "' OR 1=1 --"):
        page.get_by_role("textbox", name="客户姓名").or_(page.locator("[data-testid=stTextInput] input")).first.fill(
            name
        )
        page.keyboard.press("Enter")
        visitor.settled()
        assert spelt(name) in spelt(page.locator("table.cx").first.text_content())
        only_text(visitor)
