"""Every name is a link: a customer's to their page, a manager's to their profile, and none that leads nowhere."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import polars as pl
import pytest

from db.customers import customers
from db.people import people
from metrics import periods
from tests.conftest import FRIDAY
from tests.support.builders import EAST, account, bank
from tests.support.pages import AS, MEETINGS, bodies, cards, everything_said, healthy, links, look, tables

pytestmark = pytest.mark.slow

WITH_MANAGERS = ("morning_meeting", "evening_meeting", "weekly_meeting", "activity_log", "customers")
WITH_CUSTOMERS = ("pipeline", "activity_log", "customers")


def led_to(href: str) -> tuple[str, dict[str, str]]:
    found = urlsplit(href)
    return found.path, {name: one[0] for name, one in parse_qs(found.query).items()}


@pytest.fixture
def known(everything):
    found = customers.search(everything, "", 500)
    return found.filter(pl.col("branch") == 1, pl.col("manager") == 1).row(0, named=True)


@pytest.mark.parametrize("page", WITH_MANAGERS)
def test_a_managers_name_leads_to_their_profile(demo, everything, page):
    team = dict(people.managers(everything, periods.day(FRIDAY), 1).select("manager_name", "manager").iter_rows())
    found = links(healthy(look(page, as_="head-1", day=str(FRIDAY))))
    name = next(name for name in found if name in team)
    there, link = led_to(found[name])
    assert (there, link["manager"]) == ("manager_profile", str(team[name]))
    assert name in healthy(look(there, as_="head-1", **link)).title[0].value


@pytest.mark.parametrize("page", WITH_CUSTOMERS)
@pytest.mark.parametrize("role", ["manager", "branch_head", "regional", "auditor"])
def test_a_customers_name_leads_to_their_page(demo, page, role):
    found = links(healthy(look(page, as_=AS[role])))
    name, href = next((name, one) for name, one in found.items() if one.startswith("customer?"))
    there, link = led_to(href)
    assert healthy(look(there, as_=AS[role], **link)).title[0].value.replace("\\", "") == name


def test_a_manager_reads_names_of_colleagues_without_a_link_to_a_page_that_is_not_theirs(demo):
    found = links(healthy(look("customers", as_=AS["manager"])))
    assert {led_to(one)[0] for one in found.values()} == {"customer", "manager_profile"}
    assert {led_to(one)[1]["manager"] for one in found.values() if one.startswith("manager_profile")} == {"1"}


def test_on_a_wall_no_customer_is_a_link(demo):
    for page in ("morning_meeting", "evening_meeting", "weekly_meeting"):
        assert not [one for one in links(look(page, as_="screen-1")).values() if one.startswith("customer")]


def test_the_page_of_a_customer_says_whose_they_are_what_they_need_and_what_was_done(demo, known):
    app = healthy(look("customer", as_=AS["manager"], customer=str(known["customer"])))
    said = cards(app)
    assert app.title[0].value == known["customer_name"] and known["phone"] in said["手机号"][0]
    assert said["客户经理"] == (known["manager_name"], known["branch_name"])
    assert "往来记录" in everything_said(app) and any("商机" in one.value for one in app.subheader)
    assert any("咨询" in line for table in tables(app) for row in table for line in row)


def test_who_may_not_see_the_customer_whole_finds_the_way_to_see_them_there(demo, known):
    app = healthy(look("customer", as_=AS["regional"], customer=str(known["customer"])))
    assert app.title[0].value.replace("\\", "") == f"{known['customer_name'][0]}*"
    assert known["phone"] not in everything_said(app) and "tel:" not in everything_said(app)
    app.text_input[0].set_value("回访客户的投诉")
    next(one for one in app.button if one.label == "查看").click().run()
    assert known["customer_name"] in everything_said(app)


@pytest.mark.parametrize("customer", ["999999999", "0", "-1", "９", "x", "99999999999999999999"])
def test_there_is_no_page_of_a_customer_who_is_not_there(demo, customer):
    app = healthy(look("customer", as_=AS["branch_head"], customer=customer))
    assert len(app.info) == 1 and not tables(app)


def test_the_forgotten_entry_is_where_the_evening_meeting_says_with_manager_and_day_filled_in(demo, everything):
    body = "".join(bodies(look("evening_meeting", as_="head-1", day="2026-11-18")))
    href = next(one for one in re.findall(r'href="(activity_log[^"]*)"', unescape(body)) if "since=" not in one)
    there, link = led_to(href)
    app = healthy(look(there, as_="head-1", **link))
    assert link["day"] == "2026-11-18" and "修改当日记录" in [one.value for one in app.subheader]
    assert {str(one.value) for one in app.date_input if not one.is_range} == {"2026-11-18"}
    assert "记录" in [one.label for one in app.button]


def test_the_promises_stand_in_the_order_of_the_table_above_them(demo, everything):
    app = healthy(look("morning_meeting", as_="head-1"))
    names = [line[0] for line in tables(app)[0][1:-1]]
    promised = app.data_editor[0].value["manager_name"].to_list()
    assert promised == [name for name in names if name in promised]


def test_with_people_and_no_log_nobody_is_judged(configured, sqlite_store):
    bank(sqlite_store)
    account(sqlite_store, "head", "branch_head", EAST)
    configured.database_url = sqlite_store.url
    for page in MEETINGS:
        app = healthy(look(page, as_="head"))
        assert any("还没有活动数据" in one.value for one in app.info)
        assert "落后" not in everything_said(app) and "未兑现" not in "".join(map(str, tables(app)))
