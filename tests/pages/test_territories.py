"""Territories on screen: who owns what; given and taken back by the branch head, looked at by everybody else."""

from dataclasses import replace
from datetime import date

import pytest

from dashboard.penetration.tables import Penetration
from dashboard.shell.store import operator, shared
from dashboard.standing.part import Part
from dashboard.widgets import formats
from db.people import territories
from tests.support.builders import EAST, LI, WANG, account, bank
from tests.support.pages import cards, everything_said, healthy, look, tables, unfold
from tests.support.sheets import bring, file, row

pytestmark = pytest.mark.slow

FRIDAY = date(2026, 11, 20)
ROWS = """支行,辖区,类型,登记日期,潜在客户数,来源,工号,份额
东湖支行,东湖社区,社区,2026-01-01,1200,工商登记,1001,60%
东湖支行,北街,商圈,2026-12-01,99,工商登记,,
南山支行,南山市场,市场,2026-01-01,8,普查,,"""


@pytest.fixture
def branch(configured, sqlite_store):
    configured.database_url = bank(sqlite_store).url
    account(sqlite_store, "wang", "manager", WANG)
    account(sqlite_store, "head", "branch_head", EAST)
    account(sqlite_store, "admin", "administrator")
    return sqlite_store


def page(as_: str, **link: str):
    return healthy(look("territories", as_=as_, **link))


def widget(found, label: str):
    return next(one for one in found if one.label == label)


def labels(app) -> list[str]:
    return [one.label for one in app.button if one.label not in ("退出", "English", "Sign out", "中文")]


def test_a_head_gives_a_territory_and_takes_it_back(branch):
    file(operator(branch), "territories", ROWS)
    app = page("head")
    (table,) = tables(app)
    assert [row[:3] for row in table[1:]] == [
        ["东湖社区 社区", "1,200 2026-01-01 · 工商登记", "王芳 60.0%、未分配 40.0%"],
        ["北街 商圈", "无底数", "未分配"],
    ]
    widget(app.button, "分配").click().run()
    assert "请先选择辖区和客户经理。" in [one.value for one in app.warning]
    (place,) = territories.owners(operator(branch))["territory"]
    widget(app.selectbox, "辖区").set_value(place)
    widget(app.selectbox, "客户经理").set_value(LI)
    widget(app.number_input, "份额（%）").set_value(50)
    widget(app.button, "分配").click().run()
    assert any("超过 100%" in one.value for one in (*app.warning, *app.error))
    widget(app.number_input, "份额（%）").set_value(40)
    widget(app.button, "分配").click().run()
    assert tables(app)[0][1][2] == "王芳 60.0%、李强 40.0%"
    (owner,) = territories.owners(operator(branch)).filter(manager=LI)["owner"]
    widget(app.selectbox, "负责人").set_value(owner).run()
    widget(app.button, "结束").click().run()
    assert territories.owners(operator(branch)).filter(manager=LI)["to_day"].to_list() == [FRIDAY]


def test_others_look_and_the_administrator_sees_no_numbers_of_the_log(branch):
    file(operator(branch), "territories", ROWS)
    own = page("wang")
    assert len(tables(own)[0]) == 3 and labels(own) == [] and "市场渗透率" not in tables(own)[0][0]
    everywhere = page("admin", lang="en")
    assert len(tables(everywhere)[0]) == 4 and "Market penetration" not in tables(everywhere)[0][0]
    assert labels(everywhere) == ["Give the territory", "End it"]


def test_without_territories_the_page_says_what_to_do(branch):
    app = page("head")
    assert "尚无辖区" in everything_said(app) and not tables(app)


def test_a_manager_puts_a_customer_on_file(branch):
    file(operator(branch), "territories", ROWS)
    bring(operator(branch), row(customer="甲店", phone="13800000001"))
    app = healthy(look("customer", as_="wang", customer="1"))
    assert "尚未归入辖区：未建档。" in everything_said(app)
    app = unfold(app, "filing 1")
    (place,) = territories.owners(operator(branch))["territory"]
    widget(app.selectbox, "类型").set_value("startup")
    widget(app.selectbox, "辖区").set_value(place)
    widget(app.button, "保存").click().run()
    assert "辖区：东湖社区" in everything_said(healthy(app))


def test_the_weekly_page_and_the_profile_show_what_the_report_says(configured, region_url):
    configured.database_url = region_url
    viewer = replace(operator(shared(region_url)), role="branch_head", region=1, branch=1)
    found = Penetration(viewer, FRIDAY, FRIDAY.replace(day=1))
    weekly = healthy(look("weekly_meeting", as_="head-1"))
    table = next(one for one in tables(weekly) if "走访→建档→授信→用信" in one[0])
    shares = {row["manager_name"] or "未分配": row["market_penetration"] for row in found.table(["manager"]).to_dicts()}
    shares["合计"] = found.total()["market_penetration"]
    place = table[0].index("市场渗透率")
    assert {row[0]: row[place] for row in table[1:]} == {name: formats.share(one) for name, one in shares.items()}
    profile = healthy(look("manager_profile", as_="100001"))
    own = replace(found, part=Part(manager=1)).total()
    assert cards(profile)["市场渗透率"][0] == formats.share(own["market_penetration"])


def test_a_register_that_is_out_of_date_is_named_where_the_territories_stand(configured, region_url):
    configured.database_url = region_url
    (said,) = [one.value for one in page("region-1").warning]
    assert said.startswith("超过 100%") and "已过时" in said
