"""Days off: the meetings show the last working day, offer the next one, and promise and close nothing by themselves."""

from datetime import datetime

import pytest

from db.meetings import days_off
from tests.support.builders import head
from tests.support.pages import bodies, everything_said, healthy, look

pytestmark = pytest.mark.slow

SATURDAY = datetime(2026, 11, 21, 9, 0)


@pytest.fixture
def saturday(configured, own_demo):
    configured.now = SATURDAY
    return own_demo


def labels(app) -> list[str]:
    return [one.label for one in app.button]


@pytest.mark.parametrize("page", ["morning_meeting", "evening_meeting", "weekly_meeting"])
def test_on_a_saturday_the_last_working_day_is_shown_and_the_next_one_offered(saturday, page):
    app = healthy(look(page, as_="head-1"))
    assert app.title[0].value.endswith("11月20日(周五)")
    (link,) = [body for body in bodies(app) if "准备 11月23日(周一) 早会" in body]
    assert "morning_meeting?" in link and "day=2026-11-23" in link


def test_the_next_working_day_is_prepared_in_the_morning_meeting_alone(saturday):
    app = healthy(look("morning_meeting", as_="head-1", day="2026-11-23"))
    assert app.title[0].value.endswith("11月23日(周一)") and "保存承诺" in labels(app)
    assert healthy(look("evening_meeting", as_="head-1", day="2026-11-23")).title[0].value.endswith("11月21日(周六)")


def test_on_a_day_off_nothing_is_promised_or_closed_until_the_branch_says_that_it_works(saturday):
    for page, wanted in (("morning_meeting", "保存承诺"), ("evening_meeting", "结束夕会并锁定当日")):
        app = healthy(look(page, as_="head-1", day="2026-11-21"))
        assert "本行当日上班" in labels(app) and wanted not in labels(app) and "今日休息" in everything_said(app)
    next(one for one in app.button if one.label == "本行当日上班").click().run()
    assert days_off.works(head(saturday, 1), 1, SATURDAY.date())
    assert "保存承诺" in labels(healthy(look("morning_meeting", as_="head-1", day="2026-11-21")))
    assert "保存承诺" not in labels(healthy(look("morning_meeting", as_="head-2", day="2026-11-21")))


def test_the_working_days_before_and_after_are_one_tap_away(demo):
    app = healthy(look("evening_meeting", as_="region-1", branch="2"))
    before = next(one for one in app.button if one.label == "‹ 上一工作日")
    assert next(one for one in app.button if one.label == "下一工作日 ›").disabled
    app = healthy(before.click().run())
    assert app.title[0].value.endswith("11月19日(周四)")
    app = healthy(next(one for one in app.button if one.label == "下一工作日 ›").click().run())
    assert app.title[0].value.endswith("11月20日(周五)") and "滨江支行" in app.title[0].value


@pytest.mark.parametrize("day", [15, 17, 22, 23])
def test_in_the_week_of_the_spring_festival_the_day_before_it_is_shown_and_the_day_after_it_offered(
    configured, own_demo, day
):
    configured.now = datetime(2026, 2, day, 9, 0)
    app = healthy(look("morning_meeting", as_="region-1"))
    assert app.title[0].value.endswith("2月14日(周六)")
    assert "准备 2月24日(周二) 早会" in "".join(bodies(app))
