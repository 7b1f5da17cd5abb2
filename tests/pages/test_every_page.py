"""Every page opens for everyone who may see it, in both languages, with and without data, whatever the link says; and
for nobody else."""

import re

import pytest
from sqlalchemy import insert, update

from db.accounts import sign_in
from db.models import Account, Branch, Region, SignIn
from tests.conftest import FRIDAY
from tests.support.pages import (
    AS,
    MEETINGS,
    PAGES,
    SEEN_BY,
    cards,
    everything_said,
    healthy,
    look,
    signed_in,
    tables,
    unfolded,
    visit,
)
from tests.support.sweep import sampled

CASES = [(role, page) for role, pages in SEEN_BY.items() for page in pages]
OF_THE_BANK = ("administrator", "auditor")  # hold for the whole bank: they exist before any branch does
NUMBERS = (*MEETINGS, "branch_comparison")
CHINESE = re.compile("[\u4e00-\u9fff]")
FIRST = {
    "manager": "我的一天",
    "branch_head": "早会",
    "regional": "支行对比",
    "screen": "会议室大屏",
    "administrator": "账号",
    "auditor": "审计",
}


def account(login: str, role: str, **place: int) -> dict:
    nowhere = {"region_id": None, "branch_id": None, "manager_id": None}
    return nowhere | place | {"login": login, "name": login, "role": role, "must_change": False}


def add_accounts(store, *rows: dict) -> None:
    with store.writing("test") as write:
        write.session.execute(insert(Account), list(rows))


@pytest.mark.parametrize(("role", "page"), sampled(CASES, 7))
def test_every_page_opens_on_the_demo_in_english(demo, role, page):  # in Chinese: test_chinese.py
    app = unfolded(healthy(look(page, as_=AS[role], lang="en")))
    assert not CHINESE.search(app.title[0].value.split(" · ")[0])
    assert not app.info or page not in NUMBERS or page == "evening_meeting"


@pytest.mark.parametrize(("role", "page"), [case for case in CASES if case[0] in OF_THE_BANK])
def test_every_page_opens_on_an_empty_database_and_says_what_to_do(configured, sqlite_store, role, page):
    add_accounts(sqlite_store, account(AS[role], role))
    configured.database_url = sqlite_store.url
    app = unfolded(healthy(look(page, as_=AS[role], lang="en")))
    assert page not in NUMBERS or "python -m dashboard import people" in app.info[0].value


@pytest.mark.parametrize(
    ("role", "page", "language"),
    sampled([(role, page, lang) for role, page in CASES if role != "manager" for lang in ("zh", "en")], 11),
)
@pytest.mark.slow
def test_every_page_opens_for_a_branch_nobody_is_posted_to(configured, sqlite_store, role, page, language):
    with sqlite_store.writing("test") as write:
        write.session.execute(insert(Region), [{"id": 1, "name": "江城分行"}])
        write.session.execute(insert(Branch), [{"id": 1, "region_id": 1, "name": "东湖支行"}])
    place = {"branch_head": {"branch_id": 1}, "screen": {"branch_id": 1}, "regional": {"region_id": 1}}.get(role, {})
    add_accounts(sqlite_store, account(AS[role], role, **place))
    configured.database_url = sqlite_store.url
    app = healthy(look(page, as_=AS[role], lang=language))
    assert page not in NUMBERS or "import people" in app.info[0].value


@pytest.mark.parametrize("role", AS)
def test_everyone_begins_on_his_own_page(demo, role):
    assert healthy(look(as_=AS[role])).title[0].value.startswith(FIRST[role])


@pytest.mark.parametrize(
    ("role", "page"),
    sampled([(role, page) for role in AS for page in (*PAGES, "start", "admin") if page not in SEEN_BY[role]], 8),
)
@pytest.mark.slow
def test_a_link_to_a_page_of_another_role_says_so_and_shows_nothing_else(demo, role, page):
    session = signed_in(demo, AS[role])
    app, own = healthy(visit(session, page)), visit(session)
    if page in PAGES:
        assert [one.value for one in app.info] == ["您没有此页面的权限。"] and not tables(app) and not cards(app)
    else:
        assert everything_said(app) == everything_said(own)


@pytest.mark.parametrize("role", AS)
def test_nobody_can_go_on_to_a_page_that_is_not_his(demo, role):
    app = look(as_=AS[role])
    for page in set(PAGES) - set(SEEN_BY[role]):
        with pytest.raises(ValueError, match="navigation"):
            app.switch_page(f"../pages/{page}.py")


# -- without a session -----------------------------------------------------------------------------------------------


def is_signed_out(app) -> bool:
    healthy(app)
    return app.title[0].value == "晨夕" and "您已退出。" in everything_said(app) and not app.button


@pytest.mark.parametrize(
    ("page", "session"),
    sampled([(page, session) for page in [None, *PAGES] for session in (None, "0", "-1", "999999", "")], 10),
)
@pytest.mark.slow
def test_who_is_in_no_session_sees_that_he_is_signed_out_and_nothing_else(demo, session, page):
    assert is_signed_out(visit(session, page))


@pytest.mark.parametrize("role", AS)
def test_a_session_that_was_ended_elsewhere_is_out_at_the_next_rerun(demo, role):
    session = signed_in(demo, AS[role])
    first, second = visit(session), visit(session)
    assert healthy(first).title[0].value.startswith(FIRST[role])
    sign_in.end(sign_in.viewer(demo, session, FRIDAY))
    for app in (first, second):
        assert is_signed_out(app.run())


@pytest.mark.parametrize("role", AS)
def test_who_signs_out_is_out_in_his_other_tabs_too(demo, role):
    session = signed_in(demo, AS[role])
    first, second = visit(session), visit(session)
    next(one for one in first.button if one.label == "退出").click().run()
    assert is_signed_out(first) and is_signed_out(second.run())


def test_who_signs_out_here_stays_signed_in_elsewhere(demo):
    here, elsewhere = look(as_=AS["regional"]), look(as_=AS["regional"])
    next(one for one in here.button if one.label == "退出").click().run()
    assert is_signed_out(here) and healthy(elsewhere.run()).title[0].value.startswith("支行对比")


@pytest.mark.parametrize("page", sampled(SEEN_BY["branch_head"], 3))
def test_a_session_that_has_run_out_shows_nothing_more(own_demo, page):
    session = signed_in(own_demo, AS["branch_head"])
    app = healthy(visit(session, page))
    with own_demo.noting("test") as write:
        write.session.execute(update(SignIn).where(SignIn.id == session).values(lasts_until=write.now))
    assert is_signed_out(app.run())


@pytest.mark.parametrize("change", [{"role": "screen"}, {"branch_id": 2}])
def test_a_changed_role_or_place_is_what_counts_from_the_next_rerun_on(own_demo, change):
    app = healthy(look("morning_meeting", as_="head-1"))
    before = app.title[0].value
    with own_demo.writing("test") as write:
        write.session.execute(update(Account).where(Account.login == "head-1").values(**change))
    app.run()
    assert healthy(app).data_editor if "branch_id" in change else not healthy(app).data_editor
    assert (app.title[0].value == before) == ("role" in change)


def test_a_disabled_account_is_out_at_the_next_rerun(own_demo):
    app = healthy(look("morning_meeting", as_="head-1"))
    with own_demo.writing("test") as write:
        write.session.execute(update(Account).where(Account.login == "head-1").values(disabled_at=write.now))
    assert is_signed_out(app.run())


@pytest.mark.parametrize("who", sampled(["head-2", "region-1", "manager-100001", "operator", "1"], 2))
def test_a_link_makes_nobody_else_of_the_viewer(demo, who):
    app = look("morning_meeting", as_="head-1", **{"as": who, "sign_in": who, "user": who, "role": "regional"})
    assert everything_said(healthy(app)) == everything_said(look("morning_meeting", as_="head-1"))


# -- what else the link says -----------------------------------------------------------------------------------------

BAD = (
    {"branch": "999", "day": "garbage", "month": "9999-99-99", "measure": "x", "manager": "abc", "lang": "xx"},
    {"branch": "-1", "day": "9999-12-31", "month": "2026-13", "measure": "contacts", "manager": "999", "tv": "x"},
    {"branch": "abc", "day": "0001-01-01", "month": "0001-01-01", "measure": "deals'", "manager": "-1", "region": "9"},
    {"branch": "1; DROP", "day": "1999-12-31", "month": "1999-01-01", "measure": "deal_rate", "manager": "1.0"},
    {"branch": "２", "day": "2026-02-30", "month": "2030-01-01", "measure": "<b>", "manager": "１", "lang": "<b>"},
    {"branch": "1.0", "day": "2026-11-21", "month": "x", "measure": "Deals", "manager": " ", "lang": "ZH"},
)


FOLLOWED = [(role, page) for role, page in CASES if role in ("manager", "regional", *OF_THE_BANK)]


@pytest.mark.parametrize(("role", "page", "link"), sampled([(*case, link) for case in FOLLOWED for link in BAD], 12))
def test_nonsense_in_the_link_shows_something_sensible(demo, role, page, link):
    app = healthy(look(page, as_=AS[role], **link))
    assert "nan" not in everything_said(app)
    assert "None" not in everything_said(app)


@pytest.mark.parametrize("page", ["morning_meeting", "weekly_meeting", "branch_comparison"])
def test_the_definitions_stand_below_the_numbers(demo, page):
    app = look(page, as_=AS["regional"])
    (note,) = [one for one in app.expander if "口径" in one.label]
    assert "v1" in note.label
    assert "Wilson" in everything_said(app) and "成交量 ÷ 咨询量" in everything_said(app)


@pytest.mark.parametrize("role", ["regional", "screen"])
@pytest.mark.parametrize("page", MEETINGS)
def test_a_screen_in_the_meeting_room_shows_no_menu(demo, role, page):
    app = healthy(look(page, as_=AS[role], tv="1"))
    assert not app.button
    assert not app.data_editor


@pytest.mark.parametrize("page", sampled(SEEN_BY["regional"], 3))
def test_the_language_can_be_changed_and_filters_stay(demo, page):
    app = look(page, as_=AS["regional"], branch="2", measure="applications", day="2026-11-17")
    before = app.title[0].value
    next(one for one in app.button if one.label == "English").click().run()
    assert healthy(app).title[0].value != before
    link = {name: value[0] if isinstance(value, list) else value for name, value in app.query_params.items()}
    assert link | {"branch": "2", "measure": "applications", "day": "2026-11-17", "lang": "en"} == link
