"""Every page opens for everyone who may see it, in both languages, with and without data, whatever the link says."""

import re

import pytest
from sqlalchemy import insert

from db.models import Branch, Region
from tests.pages.looking import AS, SEEN_BY, everything_said, healthy, look

CASES = [(role, page) for role, pages in SEEN_BY.items() for page in pages]
CHINESE = re.compile("[\u4e00-\u9fff]")
DEMO_CASES = [(role, page) for role, page in CASES if role in AS]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("role", "page"), DEMO_CASES)
def test_every_page_opens_on_the_demo(demo, role, page, language):
    app = healthy(look(page, as_=AS[role], lang=language))
    assert bool(CHINESE.search(app.title[0].value.split(" · ")[0])) == (language == "zh")
    assert not app.info or page == "evening_meeting"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", SEEN_BY["operator"])
def test_every_page_opens_for_the_holder_of_the_database(demo, configured, page, language):
    configured.demo = False
    healthy(look(page, lang=language))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", SEEN_BY["operator"])
def test_every_page_opens_on_an_empty_database_and_says_what_to_do(configured, sqlite_url, page, language):
    configured.database_url = sqlite_url
    app = healthy(look(page, lang=language))
    assert "python -m dashboard import people" in app.info[0].value


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("role", "page"), [case for case in DEMO_CASES if case[0] != "manager"])
def test_every_page_opens_for_a_branch_nobody_is_posted_to(configured, sqlite_store, role, page, language):
    with sqlite_store.writing("test") as write:
        write.session.execute(insert(Region), [{"id": 1, "name": "江城分行"}])
        write.session.execute(insert(Branch), [{"id": 1, "region_id": 1, "name": "东湖支行"}])
    configured.database_url, configured.demo = sqlite_store.url, True
    assert "import people" in healthy(look(page, as_=AS[role], lang=language)).info[0].value


def test_an_empty_demo_says_what_to_do(configured, sqlite_url):
    configured.database_url, configured.demo = sqlite_url, True
    assert "import people" in healthy(look()).info[0].value


@pytest.mark.parametrize(
    ("role", "first"), [("manager", "我的一天"), ("branch_head", "早会"), ("regional", "支行对比")]
)
def test_everyone_begins_on_his_own_page(demo, role, first):
    assert healthy(look(as_=AS[role])).title[0].value.startswith(first)


@pytest.mark.parametrize("role", AS)
def test_nobody_can_open_a_page_that_is_not_his(demo, role):
    for page in set(SEEN_BY["operator"]) - set(SEEN_BY[role]):
        with pytest.raises(ValueError, match="navigation"):
            look(page, as_=AS[role])


def test_in_the_demo_one_enters_as_somebody(demo):
    app = healthy(look())
    app.button(key="enter head-1").click().run()
    assert healthy(app).title[0].value.startswith("早会")
    assert app.query_params["as"] in ("head-1", ["head-1"])
    next(one for one in app.button if one.label == "退出").click().run()
    assert "as" not in app.query_params and healthy(app).title[0].value == "晨夕"


@pytest.mark.parametrize(
    "who", ["head-999", "head-", "manager-0", "region-2", "../../x", "'; DROP TABLE", "operator", "头"]
)
def test_a_link_that_names_nobody_leads_to_the_front_door(demo, who):
    assert healthy(look(as_=who)).title[0].value == "晨夕"


def test_outside_the_demo_a_link_makes_nobody_else_of_the_viewer(demo, configured):
    configured.demo = False
    app = healthy(look("branch_comparison", as_="manager-100001"))
    assert not [one for one in app.caption if "客户经理" in one.value]
    assert "退出" not in [one.label for one in app.button]


BAD = (
    {"branch": "999", "day": "garbage", "month": "9999-99-99", "measure": "x", "manager": "abc", "lang": "xx"},
    {"branch": "-1", "day": "9999-12-31", "month": "2026-13", "measure": "contacts", "manager": "999", "tv": "x"},
    {"branch": "abc", "day": "0001-01-01", "month": "0001-01-01", "measure": "deals'", "manager": "-1", "region": "9"},
    {"branch": "1; DROP", "day": "1999-12-31", "month": "1999-01-01", "measure": "deal_rate", "manager": "1.0"},
    {"branch": "２", "day": "2026-02-30", "month": "2030-01-01", "measure": "<b>", "manager": "１", "lang": "<b>"},
    {"branch": "1.0", "day": "2026-11-21", "month": "x", "measure": "Deals", "manager": " ", "lang": "ZH"},
)


@pytest.mark.parametrize("link", BAD, ids=lambda link: " ".join(link.values()))
@pytest.mark.parametrize("page", SEEN_BY["operator"])
def test_nonsense_in_the_link_shows_something_sensible(demo, configured, page, link):
    configured.demo = False
    app = healthy(look(page, **link))
    assert "nan" not in everything_said(app) and "None" not in everything_said(app)


@pytest.mark.parametrize("page", ["morning_meeting", "weekly_meeting", "branch_comparison"])
def test_the_definitions_stand_below_the_numbers(demo, page):
    app = look(page, as_=AS["regional"])
    (note,) = app.expander
    assert "v1" in note.label
    assert "Wilson" in everything_said(app) and "成交量 ÷ 咨询量" in everything_said(app)


@pytest.mark.parametrize("page", SEEN_BY["regional"])
def test_a_screen_in_the_meeting_room_shows_no_menu(demo, page):
    app = healthy(look(page, as_=AS["regional"], tv="1"))
    assert not app.button or page == "morning_meeting"
    assert "退出" not in [one.label for one in app.button]


@pytest.mark.parametrize("page", SEEN_BY["regional"])
def test_the_language_can_be_changed_and_filters_stay(demo, page):
    app = look(page, as_=AS["regional"], branch="2", measure="applications", day="2026-11-17")
    before = app.title[0].value
    next(one for one in app.button if one.label == "English").click().run()
    assert healthy(app).title[0].value != before
    link = {name: value[0] if isinstance(value, list) else value for name, value in app.query_params.items()}
    assert link | {"branch": "2", "measure": "applications", "day": "2026-11-17", "lang": "en"} == link
