"""The State Council's notices, read as they are worded: equal to the stored calendar day by day, and slips are
refused."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.calendar import notice
from db.codes import FESTIVALS
from db.errors import Refused
from db.seed import FIRST_YEAR, LAST_YEAR, calendar_day, days

NOTICES = {
    2022: """国务院办公厅关于2022年
部分节假日安排的通知
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
经国务院批准，现将2022年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
一、元旦：2022年1月1日至3日放假，共3天。
二、春节：1月31日至2月6日放假调休，共7天。1月29日（星期六）、1月30日（星期日）上班。
三、清明节：4月3日至5日放假调休，共3天。4月2日（星期六）上班。
四、劳动节：4月30日至5月4日放假调休，共5天。4月24日（星期日）、5月7日（星期六）上班。
五、端午节：6月3日至5日放假，共3天。
六、中秋节：9月10日至12日放假，共3天。
七、国庆节：10月1日至7日放假调休，共7天。10月8日（星期六）、10月9日（星期日）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作。
国务院办公厅
2021年10月25日""",
    2023: """国务院办公厅关于2023年部分节假日安排的通知
经国务院批准，现将2023年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
一、元旦：2022年12月31日至2023年1月2日放假调休，共3天。
二、春节：1月21日至27日放假调休，共7天。1月28日（星期六）、1月29日（星期日）上班。
三、清明节：4月5日放假，共1天。
四、劳动节：4月29日至5月3日放假调休，共5天。4月23日（星期日）、5月6日（星期六）上班。
五、端午节：6月22日至24日放假调休，共3天。6月25日（星期日）上班。
六、中秋节、国庆节：9月29日至10月6日放假调休，共8天。10月7日（星期六）、10月8日（星期日）上班。
国务院办公厅 2022年12月8日""",
    2024: """国务院办公厅关于2024年部分节假日安排的通知
国办发明电〔2023〕7号
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
经国务院批准，现将2024年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
一、元旦：1月1日放假，与周末连休。
二、春节：2月10日至17日放假调休，共8天。2月4日（星期日）、2月18日（星期日）上班。鼓励各单位结合带薪年休假等制度落实，\
安排职工在除夕（2月9日）休息。
三、清明节：4月4日至6日放假调休，共3天。4月7日（星期日）上班。
四、劳动节：5月1日至5日放假调休，共5天。4月28日（星期日）、5月11日（星期六）上班。
五、端午节：6月10日放假，与周末连休。
六、中秋节：9月15日至17日放假调休，共3天。9月14日（星期六）上班。
七、国庆节：10月1日至7日放假调休，共7天。9月29日（星期日）、10月12日（星期六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作，遇有重大突发事件，要按规定及时报告并妥善处置。
国务院办公厅
2023年10月25日
（此件公开发布）""",
    2025: """国务院办公厅关于2025年部分节假日安排的通知
根据国务院《关于修改〈全国年节及纪念日放假办法〉的决定》，现将2025年元旦、春节、清明节、劳动节、端午节、国庆节和中秋节
放假调休日期的具体安排通知如下。
一、元旦：1月1日（周三）放假1天，不调休。
二、春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。1月26日（周日）、2月8日（周六）上班。
三、清明节：4月4日（周五）至6日（周日）放假，共3天。
四、劳动节：5月1日（周四）至5日（周一）放假调休，共5天。4月27日（周日）上班。
五、端午节：5月31日（周六）至6月2日（周一）放假，共3天。
六、国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。9月28日（周日）、10月11日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫等工作。
国务院办公厅
2024年11月12日""",
    2026: """国务院办公厅关于2026年部分节假日安排的通知
经国务院批准，现将2026年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
国务院办公厅
2025年11月4日""",
}
TEXT = NOTICES[2026]
JOINED = {date(2023, 9, 29): 8, date(2025, 10, 1): 8}  # two festivals in one breath: the stored table tells them apart
OF_THE_NEXT = {date(2022, 12, 31), date(2023, 12, 30), date(2023, 12, 31)}  # days off that the next year's notice names


@pytest.mark.parametrize("year", NOTICES)
def test_a_notice_is_the_stored_calendar_day_by_day(year):
    found = notice.read(NOTICES[year])
    assert found.year == year
    joined = {first + timedelta(n) for first, length in JOINED.items() for n in range(length)}
    for day in days(year, year):
        stored = calendar_day(day)
        works, name = found.days.get(day, (day.weekday() < 5, None))
        assert works == stored["is_workday"], day
        if day not in OF_THE_NEXT and (day not in joined or works):
            assert stored["name"] in (name or "None").split("、") or name == stored["name"], day
    assert {day for day in found.days if day.year != year} == ({date(2022, 12, 31)} if year == 2023 else set())


def test_2026_has_248_working_days_and_six_worked_weekends():
    found = notice.read(TEXT)
    worked = [day for day in days(2026, 2026) if found.days.get(day, (day.weekday() < 5, ""))[0]]
    assert len(worked) == 248
    assert list(found.worked) == [date(2026, *day) for day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))]
    assert found.free[date(2026, 2, 17)] == found.worked[date(2026, 2, 28)] == "Spring Festival"


def test_days_before_new_year_are_of_the_year_before_also_without_saying_so():
    text = TEXT.replace(
        "1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班", "12月31日至1月2日放假，12月27日上班"
    )
    with pytest.raises(Refused, match="2025-12-26 is not on a weekend"):
        notice.read(text.replace("12月27日", "12月26日"))
    found = notice.read(text)
    assert [day for day in found.days if day.year == 2025] == [date(2025, 12, 27), date(2025, 12, 31)]


NEW_YEAR = "New Year's Day"


@pytest.mark.parametrize("year", range(FIRST_YEAR, LAST_YEAR + 1))
def test_a_notice_written_from_the_table_reads_as_the_table(year):
    """Every year of the table as the notices would word it, each festival with the weekdays of its days."""
    table = {day: calendar_day(day) for day in days(year, year)}
    rows = [row for row in table.values() if row["name"] and (row["day"].month < 12 or row["name"] != NEW_YEAR)]
    called = {row["name"]: FESTIVALS.get(row["name"], "抗战胜利纪念日") for row in rows}
    if "Mid-autumn Festival" not in called:  # the table has the two by one name where they fell together
        called["National Day"] = "国庆节、中秋节"
    lines = []
    for name in called:
        free = [row["day"] for row in rows if row["name"] == name and not row["is_workday"]]
        worked = [row["day"] for row in rows if row["name"] == name and row["is_workday"]]
        ends = [day for day in free if day + timedelta(1) not in free]
        spans = zip((day for day in free if day - timedelta(1) not in free), ends, strict=True)
        said = "、".join(f"{written(first)}至{written(last)}" for first, last in spans)
        lines.append(f"一、{called[name]}：{said}放假。")
        lines += [f"{'、'.join(map(written, worked))}上班。"] if worked else []
    found = notice.read(f"关于{year}年部分节假日安排的通知\n" + "\n".join(lines))
    of_the_next = {day for day, row in table.items() if day.month == 12 and row["name"] == NEW_YEAR}
    for day in table.keys() - of_the_next:
        assert found.days.get(day, (day.weekday() < 5, None))[0] == table[day]["is_workday"], day


def written(day: date) -> str:
    return f"{day.month}月{day.day}日（周{'一二三四五六日'[day.weekday()]}）"


def full(text: str) -> str:
    """In full-width digits, as some write them."""
    return text.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})


def half(text: str) -> str:
    return text.translate(str.maketrans("（），：", "(),:"))


@pytest.mark.parametrize("year", NOTICES)
@pytest.mark.parametrize(
    "spelt",
    [full, half, lambda text: " ".join(text), lambda text: "\r\n".join(text), lambda text: "　".join(full(half(text)))],
)
def test_width_spaces_and_line_breaks_do_not_matter(year, spelt):
    assert notice.read(spelt(NOTICES[year])) == notice.read(NOTICES[year])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("周日", "星期日"),
        ("周日", "星期天"),
        ("至", "到"),
        ("至", "—"),
        ("至", "～"),
        ("共", "总共"),
        ("一、", ""),
        ("：", ""),
        ("、10月10日（周六）上班", "、10月10日上班"),
        ("10月1日（周四）", "10月01日（周四）"),
        ("2月14日（周六）、2月28日（周六）上班", "2月14日（周六）、28日（周六）照常上班"),
        ("清明节", "清明"),
        ("现将2026年", "现将"),
        ("关于2026年", "关于"),
    ],
)
def test_it_is_read_however_it_is_worded(before, after):
    assert before in TEXT
    assert notice.read(TEXT.replace(before, after)) == notice.read(TEXT)


def test_a_day_off_with_a_name_of_its_own_is_taken_by_that_name():
    text = TEXT.replace("国务院办公厅\n2025", "八、抗战胜利纪念日：9月3日（周四）放假1天。\n国务院办公厅\n2025")
    assert notice.read(text).free[date(2026, 9, 3)] == "抗战胜利纪念日"


WRONG = {  # what was written instead of what, and what is said
    "2月15日（农历腊月二十八、周日）": ("2月16日（农历腊月二十八、周日）", "2026-02-16 is a 周一, the text says 周日"),
    "23日（农历正月初七、周一）": ("22日（农历正月初七）", "from 2026-02-15 to 2026-02-22 as 9, but they are 8"),
    "4月4日（周六）至6日（周一）": ("4月6日（周一）至4日（周六）", "2026-04-06 to 2026-04-04 is in the wrong order"),
    "5日（周二）放假调休，共5天": ("15日放假调休", "2026-05-01 to 2026-05-15 would be 15 days"),
    "5月9日（周六）上班": ("5月8日上班", "2026-05-08 is not on a weekend"),
    "6月19日（周五）": ("6月31日", "There is no 6月31日 in 2026"),
    "7日（周三）放假调休，共7天": ("7日（周三）放假调休，共8天", "as 8, but they are 7"),
    "9月20日（周日）、": ("10月3日（周六）、", "2026-10-03 is named twice"),
    "9月25日（周五）至27日（周日）放假，共3天": ("具体安排另行通知", "No day off was found for 中秋节"),
    "10月10日（周六）上班": ("10月10日（周六）上斑", "says neither 放假 nor 上班"),
    "1月4日（周日）上班": ("1月4日（周日）公休日调至1月2日（周五）", "says neither"),
    "9月25日": ("2025年9月25日", "2025 does not belong in the notice for 2026"),
    "4月4日（周六）至": ("4月99999999999999999999日至", "names a day without its month"),
    "9月25日（周五）": ("25日", "names a day without its month"),
    "六、中秋节：9月25日（周五）至27日（周日）放假，共3天。": ("", "The notice lacks 中秋节"),
}


@pytest.mark.parametrize(("right", "wrong", "said"), [(right, *rest) for right, rest in WRONG.items()])
def test_a_slip_is_refused_and_named(right, wrong, said):
    assert right in TEXT
    with pytest.raises(Refused, match=said):
        notice.read(TEXT.replace(right, wrong, 1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "No festival was found"),
        ("今天天气很好", "No festival was found"),
        (TEXT.replace("2026年", "").replace("2025年", ""), "No year was found"),
        (TEXT + NOTICES[2025], "names several years"),
        (TEXT.replace("关于2026年", "关于1026年").replace("现将2026年", "现将"), "1026 is not a year"),
        (TEXT[: TEXT.index("三、")], "The notice lacks 清明节、劳动节、端午节、中秋节、国庆节"),
    ],
)
def test_what_is_no_notice_is_refused(text, said):
    with pytest.raises(Refused, match=said):
        notice.read(text)


@given(st.sampled_from(sorted(NOTICES)), st.data())
def test_a_text_with_a_character_lost_or_changed_is_read_or_refused_but_never_breaks(year, data):
    text = NOTICES[year]
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("0123456789月日年至、。（）上班放假共天周一六 "))
    for changed in (text[:place] + text[place + 1 :], text[:place] + other + text[place + 1 :]):
        with suppress(Refused):
            assert 1 <= len(notice.read(changed).worked) + len(notice.read(changed).free) < 60
