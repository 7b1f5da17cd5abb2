"""The manager profile: every section of one manager, whoever looks, whatever there is of them."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import polars as pl
import pytest

from dashboard.diagnosis import gather
from dashboard.shell.store import operator
from dashboard.standing.part import Part
from db.customers import stock
from db.people import people
from metrics import periods
from metrics.diagnosis import cohorts
from tests.conftest import FRIDAY
from tests.support.pages import bodies, cards, everything_said, healthy, look, signed_in, tables, visit
from tests.support.three_regions import NOBODY

pytestmark = pytest.mark.slow

ROWS = re.compile(r'<a class="cx-rows" href="([^"]*)"[^>]*>([^<]*)</a>')
SECTIONS = [
    "原因与对策",
    "绩效面谈",
    "漏斗：与计划、本人过往和本支行对照",
    "是真的变了，还是正常波动？",
    "所开商机的去向",
]
SECTIONS += ["商机停留在哪个环节", "客户与辖区", "承诺兑现"]


def table_headed(app, heading: str) -> list[list[str]]:
    return next(one for one in tables(app) if one[0][0] == heading)


def test_a_profile_has_every_section_and_its_numbers_are_those_behind_them(demo):
    session = signed_in(demo, "head-1")
    app = healthy(visit(session, "manager_profile", manager="3"))
    assert [one.value for one in app.subheader] == SECTIONS
    rates = table_headed(app, "比率")
    assert [line[0] for line in rates[1:]] == ["人均日咨询量", "申请转化率", "成交转化率", "转化率"]
    assert all(line[5] in ("在偶然波动内", "—") or "偶然波动" in line[5] for line in rates[1:])
    assert [line[0] for line in table_headed(app, "结果")[1:]] == ["申请", "成交", "拒贷", "放弃"]
    assert "观察期未满的既不算成功也不算失败" in everything_said(app)
    assert table_headed(app, "环节")[1][0] == "咨询"
    for link, number in led(app)[1:3]:  # applications and deals; of consultations a second one of a day counts once
        log = healthy(visit(session, "activity_log", **link))
        assert len(tables(log)[0]) - 1 == number > 0


def led(app) -> list[tuple[dict[str, str], int]]:
    """The cards' links to the entries behind them, and the number shown."""
    found = [one for body in bodies(app) for one in ROWS.findall(body)]
    links = [{name: one[0] for name, one in parse_qs(urlsplit(unescape(href)).query).items()} for href, _text in found]
    numbers = [(link, text.replace(",", "")) for link, (_href, text) in zip(links, found, strict=True)]
    return [(link, int(text)) for link, text in numbers if text.isdigit()]


def test_by_working_day_there_are_other_points(demo):
    app = healthy(look("manager_profile", as_="head-1", manager="3", grain="day", lang="en"))
    assert len(app.get("plotly_chart")) == 7
    assert "noise" in everything_said(app)


@pytest.mark.parametrize("manager", ["2", str(NOBODY), "x"])
def test_whom_the_link_may_not_name_is_not_told_from_nobody(demo, manager):
    session = signed_in(demo, "head-1")
    usual = everything_said(healthy(visit(session, "manager_profile")))
    assert everything_said(healthy(visit(session, "manager_profile", manager=manager))) == usual


def test_a_colleagues_profile_is_the_managers_own(demo):
    own = healthy(look("manager_profile", as_="100002"))
    assert everything_said(healthy(look("manager_profile", as_="100002", manager="4"))) == everything_said(own)


def test_on_a_day_before_the_log_there_is_little_to_say_and_no_failure(demo):
    app = healthy(look("manager_profile", as_="head-1", manager="3", through="2025-03-03"))
    assert "还没有完整的一周" in everything_said(app)


def test_the_cohort_of_one_is_theirs_in_the_cohort_of_all(demo):
    viewer, month = operator(demo), periods.month(FRIDAY.replace(month=10))
    everybody = gather.cohort(viewer, month, FRIDAY)
    for manager in people.names(viewer)["manager"].head(3):
        mine = gather.cohort(viewer, month, FRIDAY, Part(manager=manager)).sort("opportunity")
        assert mine.equals(everybody.filter(pl.col("manager") == manager).sort("opportunity"))
        assert cohorts.maturity(mine, 20)["started"].item() == mine.height


def test_it_says_how_many_customers_they_look_after(demo):
    app = healthy(look("manager_profile", as_="head-1", manager="3"))
    theirs = stock.customers(operator(demo), 1).filter(manager=3).height
    count, having = cards(app)["客户"]
    assert (count, theirs > 10) == (f"{theirs:,}", True) and having.startswith("有产品")
