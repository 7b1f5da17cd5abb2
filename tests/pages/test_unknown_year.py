"""A year the bank's calendar does not know: every page that counts working days says so, once, and no other year
does."""

import shutil
from datetime import date, datetime

import pytest

from dashboard.shell.language import _, speak
from dashboard.shell.store import shared
from db.engine import Store
from db.simulate.simulate import simulate
from metrics.definitions import interpret
from tests.support.command_line import call
from tests.support.pages import AS, SEEN_BY, everything_said, healthy, look
from tests.support.sweep import sampled

pytestmark = pytest.mark.slow

FRIDAY = date(2031, 11, 21)
NOTE = "工作日历尚未覆盖此期间：暂按周一至周五计算工作日。"
COUNTING = (
    "my_day",
    "morning_meeting",
    "evening_meeting",
    "weekly_meeting",
    "branch_comparison",
    "pipeline",
    "plans",
    "working_days",
)
CASES = [(role, page) for role, pages in SEEN_BY.items() for page in pages if page in COUNTING]


@pytest.fixture(scope="module")
def far_off(sqlite_template, tmp_path_factory) -> str:
    """A small region in November 2031."""
    path = tmp_path_factory.mktemp("later") / "region.db"
    shutil.copy(sqlite_template, path)
    store = Store(f"sqlite:///{path}", mark=interpret)
    simulate(store, today=FRIDAY, now_hour=16.5, branches=2, managers=12, months=2)
    store.close()
    return f"sqlite:///{path}"


@pytest.fixture
def later(configured, far_off):
    configured.database_url, configured.demo, configured.now = far_off, True, datetime(2031, 11, 21, 16, 30)
    return shared(far_off)


def times_said(app) -> int:
    return everything_said(healthy(app)).count(NOTE)


def test_every_page_that_counts_working_days_is_walked():
    assert {page for _role, page in CASES} == set(COUNTING)


@pytest.mark.parametrize(("role", "page"), sampled(CASES, 19))
def test_a_page_says_once_that_weekdays_were_counted(later, role, page):
    assert times_said(look(page, as_=AS[role])) == 1


@pytest.mark.parametrize(("role", "page"), sampled(CASES, 13))
def test_in_a_year_the_calendar_knows_nothing_is_said(demo, role, page):
    assert times_said(look(page, as_=AS[role])) == 0


@pytest.mark.parametrize("page", sorted(set(SEEN_BY["regional"]) - set(COUNTING)))
def test_a_page_that_counts_no_working_days_says_nothing(later, page):
    assert times_said(look(page, as_=AS["regional"])) == 0


def test_a_day_of_a_known_year_is_as_good_as_ever_when_today_is_not(later):
    assert times_said(look("evening_meeting", as_=AS["branch_head"], day="2026-11-20")) == 0
    assert times_said(look("my_day", as_=AS["manager"], day="2026-11-20")) == 0


def test_next_steps_offered_in_the_new_year_are_told_to_be_weekdays(demo, configured):
    configured.now = datetime(2026, 12, 23, 9, 0)
    assert times_said(look("my_day", as_=AS["manager"])) == 0
    configured.now = datetime(2026, 12, 30, 9, 0)
    assert times_said(look("my_day", as_=AS["manager"])) == 1
    assert times_said(look("my_day", as_=AS["manager"], day="2026-12-29")) == 0


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("year", "said"), [(2031, True), (2026, False)])
def test_the_summary_says_it_below_the_table_and_in_the_workbook(
    later, far_off, capsys, tmp_path, language, year, said
):
    import fastexcel

    speak(language)
    note = _("The bank's calendar does not cover this period: weekdays were counted as working days.")
    asked = ("report", "summary", "--from", f"{year}-11-01", "--to", f"{year}-11-30", "--by", "branch")
    code, table, _wrong = call(capsys, "--lang", language, *asked, "--database", far_off)
    assert code == 0 and (note in " ".join(table.split())) == said
    target = tmp_path / "summary.xlsx"
    call(capsys, "--lang", language, *asked, "--xlsx", str(target), "--database", far_off)
    speak(language)
    about = fastexcel.read_excel(target.read_bytes()).load_sheet(_("About"), header_row=None).to_polars()
    assert (note in str(about.rows())) == said


def test_the_excel_file_of_the_branches_says_it(later):
    from dashboard.standing import summary_table
    from metrics.definitions import Definitions
    from metrics.periods import Period

    speak("zh")
    month = Period(date(2031, 11, 1), date(2031, 11, 30))
    assert NOTE in summary_table.about(Definitions(), month, calendar_known=False)[:, 1].to_list()
    assert NOTE not in summary_table.about(Definitions(), month, calendar_known=True)[:, 1].to_list()
