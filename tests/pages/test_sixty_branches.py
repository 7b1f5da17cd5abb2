"""Sixty branches on the screen of a desk: no label covers another, and the way to who is behind is short."""

import shutil

import pytest
from sqlalchemy import select, update

from db.engine import Store
from db.models import Plan, Posting
from db.simulate.simulate import simulate
from metrics.definitions import interpret
from metrics.periods import month
from tests.conftest import FRIDAY
from tests.support.servers import serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LATE = (7, 33, 60)  # branches whose plans are five times what they were
COVERED = """(selector) => {
    const boxes = [...document.querySelectorAll(selector)].map((one) => one.getBoundingClientRect()).filter((one) => one.width);
    const covered = (one, other) => one.left < other.right - 1 && other.left < one.right - 1
        && one.top < other.bottom - 1 && other.top < one.bottom - 1;
    return [boxes.length, boxes.filter((one, nth) => boxes.some((other, place) => place > nth && covered(one, other))).length];
}"""


@pytest.fixture(scope="module")
def address(sqlite_template, tmp_path_factory):
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("sixty") / "region.db")
    store = Store(f"sqlite:///{path}", mark=interpret)
    simulate(store, today=FRIDAY, now_hour=16.5, branches=60, managers=120, months=1)
    with store.writing("test") as write:
        team = select(Posting.manager_id).where(Posting.branch_id.in_(LATE))
        theirs = Plan.branch_id.in_(LATE) | Plan.manager_id.in_(team)
        more = update(Plan).where(theirs, Plan.month == month(FRIDAY).first).values(target=Plan.target * 5)
        write.session.execute(more.execution_options(synchronize_session=False))
        write.touch(branches=LATE)
    store.close()
    with serving(f"sqlite:///{path}", tmp_path_factory.mktemp("server")) as address:
        yield address


def test_no_label_covers_another_and_three_clicks_lead_to_who_is_behind(visit):
    visitor = visit(width=1366, height=768)
    page = visitor.open(as_="region-1", lang="zh")  # the page that opens by itself
    assert page.evaluate(COVERED, ".cx-columns span") == [60, 0]
    assert "确实落后的支行" in page.locator(".cx-line").first.inner_text()
    first = page.locator(".cx-behind > div").first
    assert "截至目前的计划" in first.inner_text(), "why, before anything is clicked"
    place = first.locator(".cx-name").inner_text().removesuffix(" ›")
    first.locator(".cx-name").click()  # once: who in it
    visitor.settled()
    assert page.locator("h1").inner_text().endswith(place)
    late = page.locator("table.cx").first.locator("tbody tr").first
    assert "落后" in late.inner_text() or "关注" in late.inner_text()
    late.locator("a.cx-name").click()  # twice: this one
    visitor.settled()
    assert "manager_profile" in page.url
    visitor.open("branch_comparison", section="rates", lang="zh")
    named = page.locator(".annotation a .bg").first
    assert page.evaluate(COVERED, ".annotation-text, .xtick text, .ytick text")[1] == 0
    assert visitor.overflow() <= 0
    named.evaluate("one => one.scrollIntoView({block: 'center'})")
    named.click()
    visitor.settled()
    assert "branch=" in page.url
    visitor.healthy()
