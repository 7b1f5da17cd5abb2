"""Why somebody is behind, on every screen alike: in the table, on the profile, in the report."""

import json
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.pages.test_one_version import COLD, COLD_MORNING, WARM_MORNING, statements
from tests.support.command_line import call
from tests.support.pages import bodies, everything_said, healthy, look, plain, signed_in, tables, visit

pytestmark = pytest.mark.slow

CELL = re.compile(r'<a class="cx-why" href="([^"]*)" target="_self" title="([^"]*)">(.*?) ›</a>')
NOVEMBER = ("--from", "2026-11-01", "--to", "2026-11-30", "--by", "manager", "--json")


def reasons(app) -> list[tuple[dict[str, str], str, str]]:
    """What each link beside somebody behind says: its link, the whole sentence, the few words."""
    found = [one for body in bodies(app) for one in CELL.findall(body)]
    links = [{name: one[0] for name, one in parse_qs(urlsplit(unescape(href)).query).items()} for href, *_said in found]
    return [(link, unescape(whole), plain(text)) for link, (_href, whole, text) in zip(links, found, strict=True)]


@pytest.mark.parametrize("measure", ["deals", "consultations"])
def test_table_profile_and_report_say_the_same(hard, configured, capsys, measure):
    session = signed_in(hard, "head-2")
    morning = healthy(visit(session, "morning_meeting", measure=measure))
    said = reasons(morning)
    behind = [line for line in tables(morning)[0][1:-1] if "落后" in line[1]]
    assert len(said) == len(behind) > 1
    weekly = reasons(healthy(visit(session, "weekly_meeting", measure=measure)))  # who was behind may not be any more
    assert {(link["manager"], whole) for link, whole, _text in weekly} <= {
        (link["manager"], whole) for link, whole, _text in said
    }
    assert weekly
    _code, printed, _wrong = call(capsys, "report", "why", *NOVEMBER, "--measure", measure, "--branch", branch_of(hard))
    reported = {row["because"] for row in json.loads(printed)["rows"]}
    assert {whole for _link, whole, _text in said} <= reported
    link, whole, _text = said[0]
    assert whole in everything_said(healthy(visit(session, "manager_profile", **link)))


def test_a_past_mornings_reason_is_on_the_profile_as_that_morning_knew_it(hard):
    session = signed_in(hard, "head-2")
    link, whole, _text = reasons(healthy(visit(session, "morning_meeting", day="2026-11-12")))[0]
    assert link["through"] == "2026-11-11"
    assert whole in everything_said(healthy(visit(session, "manager_profile", **link)))


def branch_of(store) -> str:
    with store.engine.connect() as connection:
        return connection.exec_driver_sql("SELECT name FROM branch WHERE id = 2").scalar_one()


def test_the_parts_on_the_profile_add_up_to_the_gap(hard):
    app = healthy(look("manager_profile", as_="head-2", manager="8"))
    table = next(one for one in tables(app) if one[0][0] == "因素")
    *parts, total = [float(line[1].replace("−", "-")) for line in table[1:]]
    assert sum(parts) == pytest.approx(total) and total < 0
    for line in table[1:-1]:
        assert line[4] or line[0] == "出勤工作日"


def test_against_each_reference_there_is_an_answer(hard):
    session = signed_in(hard, "head-2")
    said = [everything_said(healthy(visit(session, "manager_profile", manager="8", against=one))) for one in AGAINST]
    for words, text in zip(AGAINST.values(), said, strict=True):
        assert words in text


AGAINST = {"plan": "截至目前的计划为", "peers": "同级其他人的水平为", "before": "此前同样天数为"}


def test_a_manager_reads_the_reason_of_their_own_gap_and_nothing_of_the_others(hard):
    app = healthy(look("manager_profile", as_="100002", manager="8"))
    assert not app.selectbox and "同级其他人的水平" not in everything_said(app)
    heads = healthy(look("manager_profile", as_="head-2", manager="2"))
    assert heads.title[0].value == app.title[0].value
    own = next(one for one in map(plain, bodies(app)) if "截至目前的计划为" in one)
    assert own in everything_said(heads)


def test_on_a_wall_a_reason_is_words_and_no_link(hard):
    app = healthy(look("morning_meeting", as_="screen-2"))
    assert not reasons(app) and "落后原因" in everything_said(app)


@pytest.mark.parametrize(
    ("page", "cold_limit", "warm_limit"),
    [
        ("morning_meeting", COLD_MORNING, WARM_MORNING),
        ("weekly_meeting", COLD, WARM_MORNING),
        ("manager_profile", COLD, WARM_MORNING),
    ],
)
def test_pages_with_reasons_ask_the_store_for_little(hard, page, cold_limit, warm_limit):
    session = signed_in(hard, "head-2")
    with statements(hard) as cold:
        app = healthy(visit(session, page))
    with statements(hard) as warm:
        healthy(app.run())
    assert len(cold) <= cold_limit, "\n".join(cold)
    assert len(warm) <= warm_limit, "\n".join(warm)
