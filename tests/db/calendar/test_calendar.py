"""The working-day calendar: the State Council's notices, a second source beside them, and what the bank says
instead."""

from datetime import date

import holidays
import polars as pl
import pytest

from dashboard.shell.store import operator
from db import spans
from db.access import Viewer
from db.calendar import calendar, notice
from db.errors import NotAllowed, Refused
from db.models import Audit, CalendarDay
from db.seed import FIRST_YEAR, LAST_YEAR
from metrics.periods import Period
from metrics.workdays import working_days
from tests.db.calendar.test_notice import NOTICES
from tests.support.builders import bank, head, manager, regional
from tests.support.sheets import counts, file, held_values, numbers, trail

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
NEXT = Period(date(2027, 1, 1), date(2027, 12, 31))
NEXT_NOTICE = """关于2027年部分节假日安排的通知
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（周五）至11日（周四）放假调休，共7天。1月30日（周六）、2月20日（周六）上班。
三、清明节：4月3日（周六）至5日（周一）放假，共3天。
四、劳动节：5月1日至5日放假调休，共5天。5月8日（周六）上班。
五、端午节：6月9日放假，共1天。
六、中秋节：9月15日放假，共1天。
七、国庆节：10月1日至7日放假调休，共7天。9月26日（周日）、10月9日（周六）上班。"""


def administrator(store) -> Viewer:
    return Viewer(store, "admin", "administrator")


def of_calendar(store) -> list[tuple]:
    rows = trail(store, Audit.account, Audit.entity, Audit.entity_id, Audit.before, Audit.after)
    return [(account, *rest) for account, entity, *rest in rows if entity == "calendar_day"]


# -- the table --------------------------------------------------------------------------------------------------------


def test_a_second_library_agrees_with_the_stored_table_day_by_day(store, viewer):
    """`holidays` has its days off and its worked weekends from the notices too; in no year does a day differ."""
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    other = holidays.country_holidays("CN", years=years)
    stored = calendar.read(viewer, spans.Stretch(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)))
    assert stored["known"].all() and stored.height == len(years) * 365 + 4
    worked = pl.Series(
        [(day.weekday() < 5 and day not in other) or day in other.weekend_workdays for day in stored["day"]]
    )
    assert stored["day"].filter(stored["is_workday"] != worked).to_list() == []
    weekends = stored.filter("is_workday", pl.col("day").dt.weekday() > 5)
    assert set(weekends["day"]) == {day for day in other.weekend_workdays if day.year in years}


def test_the_table_holds_every_year_from_the_first_to_the_last(store, viewer):
    assert calendar.years(viewer) == list(range(2010, 2027))


def test_2026_has_248_working_days_and_six_worked_weekends(store, viewer):
    days = calendar.read(viewer, YEAR)
    assert days.height == 365 and days["known"].all()
    worked = days.filter("is_workday")
    assert worked.height == 248
    weekends = [day for day in worked["day"] if day.weekday() >= 5]
    assert weekends == [date(2026, *day) for day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))]


def test_a_year_without_notice_counts_weekdays_and_says_so(store, viewer):
    days = calendar.read(viewer, Period(date(2031, 1, 1), date(2031, 1, 5)))
    assert days["is_workday"].to_list() == [True, True, True, False, False]
    assert not days["known"].any()


# -- a notice ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", [2024, 2026])
def test_a_notice_that_is_stored_already_changes_nothing(store, year):
    found = notice.read(NOTICES[year])
    held = held_values(store, CalendarDay.day, CalendarDay.is_workday, CalendarDay.name, CalendarDay.source)
    assert calendar.changes(administrator(store), found).is_empty()
    assert calendar.load_notice(administrator(store), found) == 0
    assert held == held_values(store, CalendarDay.day, CalendarDay.is_workday, CalendarDay.name, CalendarDay.source)


@pytest.mark.both_engines
def test_the_next_years_notice_makes_the_whole_year_known(store):
    found, by = notice.read(NEXT_NOTICE), administrator(store)
    assert not calendar.read(by, NEXT)["known"].any()
    assert calendar.changes(by, found).height == 365
    assert calendar.load_notice(by, found) == 365
    days = calendar.named(by, NEXT)
    assert days["known"].all() and working_days(days, NEXT) == 261 - 17 + 5
    named = {row["day"]: row for row in days.to_dicts()}
    assert named[date(2027, 2, 20)]["is_workday"] and named[date(2027, 2, 20)]["name"] == "Spring Festival"
    assert named[date(2027, 2, 20)]["source"] == "国务院办公厅关于2027年部分节假日安排的通知"
    assert named[date(2027, 3, 1)] == {
        "day": date(2027, 3, 1),
        "is_workday": True,
        "known": True,
        "name": None,
        "source": "weekday",
    }
    assert calendar.years(by)[-1] == 2027 and calendar.changes(by, found).is_empty()


def test_what_a_notice_changes_is_in_the_trail_old_and_new(store):
    by = administrator(store)
    calendar.load_notice(by, notice.read(NEXT_NOTICE))
    later = NEXT_NOTICE.replace("、2月20日（周六）", "").replace("至11日（周四）放假调休，共7天", "至10日放假，共6天")
    assert calendar.load_notice(by, notice.read(later)) == 2
    account, year, before, after = of_calendar(store)[-1]
    assert (account, year) == ("admin", 2027)
    assert before == {"2027-02-11": "free Spring Festival", "2027-02-20": "works Spring Festival"}
    source = "国务院办公厅关于2027年部分节假日安排的通知"
    assert after == {"source": source, "2027-02-11": "works", "2027-02-20": "free"}


def test_days_before_new_year_belong_to_the_notice_of_the_year_that_begins(store):
    """The notice of 2023 freed Saturday 31 December 2022; that of 2022, loaded again, leaves it as it is."""
    by, last = administrator(store), Period(date(2022, 12, 31), date(2022, 12, 31))
    assert calendar.named(by, last)["name"].item() == "New Year's Day"
    assert calendar.load_notice(by, notice.read(NOTICES[2022])) == 0
    early = NEXT_NOTICE.replace("1月1日（周五）至3日（周日）放假，共3天", "12月31日至1月2日放假，共3天。12月27日上班")
    calendar.load_notice(by, notice.read(early))
    calendar.load_notice(by, notice.read(NOTICES[2026]))
    december = calendar.named(by, Period(date(2026, 12, 27), date(2026, 12, 31)))
    assert december["is_workday"].to_list() == [True, True, True, True, False]


# -- a single day -----------------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_the_bank_corrects_a_day_and_it_shows_at_once(store, viewer):
    bank(store)
    friday = Period(date(2026, 11, 20), date(2026, 11, 20))
    assert calendar.read(viewer, friday)["is_workday"].item()
    file(operator(store), "calendar", "日期,是否工作日,说明\n2026-11-20,否,行庆")
    assert not calendar.read(viewer, friday)["is_workday"].item()
    calendar.set_day(administrator(store), date(2026, 11, 20), True)
    assert calendar.read(viewer, friday)["is_workday"].item()
    assert of_calendar(store)[-1] == ("admin", None, {"2026-11-20": "free 行庆"}, {"2026-11-20": "works"})


def test_a_festival_is_stored_by_its_code_however_it_is_written(store):
    by, day = administrator(store), date(2027, 2, 8)
    calendar.set_day(by, day, False, " 春节 ")
    assert calendar.named(by, Period(day, day)).row(0) == (day, False, True, "Spring Festival", "admin")
    assert of_calendar(store)[-1] == ("admin", None, {"2027-02-08": None}, {"2027-02-08": "free Spring Festival"})
    assert not calendar.read(by, Period(date(2027, 2, 9), date(2027, 2, 9)))["known"].item()


@pytest.mark.parametrize(
    ("day", "works", "name", "said"),
    [
        (date(2026, 11, 20), True, "", "2026-11-20 is already set like that"),
        (date(1999, 12, 31), False, "", "is outside this calendar"),
        (date(2026, 11, 20), False, "行庆\0", "cannot be stored"),
        (date(2026, 11, 20), False, "行" * 101, "Too long"),
        (date(2026, 11, 20), False, "110101199003070011", "ID or bank card number"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(store, day, works, name, said):
    before = counts(store)
    with pytest.raises(Refused, match=said):
        calendar.set_day(administrator(store), day, works, name)
    assert counts(store) == before


@pytest.mark.parametrize("role", [manager, head, regional, lambda store: Viewer(store, "auditor", "auditor")])
def test_only_the_administrator_changes_the_calendar(store, role):
    for act in (calendar.set_day, calendar.load_notice):
        given = (date(2026, 11, 20), False) if act is calendar.set_day else (notice.read(NEXT_NOTICE),)
        with pytest.raises(NotAllowed):
            act(role(store), *given)
        assert trail(store)[-1][1:] == ("refuse", "manage_calendar")


# -- a file -----------------------------------------------------------------------------------------------------------

FEW = "day,is_workday,name\n2027-01-01,no,元旦\n2027-02-08,no,春节\n2027-02-20,yes,春节\n"


def test_a_file_with_the_public_holidays_of_a_year_makes_it_known(store, viewer):
    """11 days off, the 2nd of January, the 2nd and 3rd of October, the 6th and 7th of February on a weekend anyway."""
    free = ["01-02", "02-05", "02-06", "02-07", "04-05", "05-03", "10-02", "10-03"]
    whole = FEW + "2027-10-01,no,国庆节\n" + "".join(f"2027-{day},no,\n" for day in free)
    assert numbers(file(viewer, "calendar", whole)) == (12, 12, 0, 0)
    days = calendar.named(viewer, NEXT)
    assert days["known"].all()
    assert working_days(days, NEXT) == 261 - 6 + 1
    assert set(days["source"]) == {"import", "weekday"}
    assert numbers(file(viewer, "calendar", whole)) == (12, 0, 12, 0)
    assert counts(store)["calendar_day"] == 17 * 365 + 4 + 365


@pytest.mark.parametrize(
    "last", ["", "2027-10-02,no,国庆节\n", "2027-10-01,yes,\n", "2028-10-01,no,国庆节\n", "2027-10-01,no,国庆节\n"]
)
def test_a_file_with_single_days_changes_those_alone(store, viewer, last):
    file(viewer, "calendar", FEW + last)
    assert calendar.read(viewer, NEXT)["known"].sum() == 3 + ("2027" in last)


def test_of_a_year_that_is_known_the_file_changes_the_days_it_names(store, viewer):
    file(viewer, "calendar", "day,is_workday,name\n2026-01-01,no,元旦\n2026-10-01,no,国庆节\n2026-11-20,no,行庆")
    assert working_days(calendar.read(viewer, YEAR), YEAR) == 247
